"""The light and the button, on gpiozero's own mock pins."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from voiceos.config.settings import PanelSettings
from voiceos.core import Notice, NoticeKind
from voiceos.panel import panel

pytestmark = pytest.mark.anyio
LIGHT, BUTTON = 25, 23


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def pins() -> Iterator[Any]:
    Device.pin_factory = factory = MockFactory()
    yield factory
    factory.reset()
    Device.pin_factory = None


async def test_the_light_shows_the_state(pins: Any) -> None:
    with panel(PanelSettings(light_pin=LIGHT), lambda: None) as observers:
        pin = pins.pin(LIGHT)

        def shown(kind: NoticeKind, text: str = "") -> bool:
            for observer in observers:
                observer(Notice(kind, 0.0, text=text))
            return pin.state

        assert not pin.state
        assert shown(NoticeKind.STATE, "listening")
        assert shown(NoticeKind.TURN)
        assert not shown(NoticeKind.STATE, "asleep")
        changed = threading.Event()

        def note(ticks: int, state: int) -> None:
            changed.set()

        for kind, text in ((NoticeKind.STATE, "thinking"), (NoticeKind.PROBLEM, "x"), (NoticeKind.DUE, "tea")):
            changed.clear()
            pin.when_changed = note
            shown(kind, text)
            assert pin.state or changed.wait(5), text
        assert not shown(NoticeKind.STATE, "asleep")
    assert pins.pin(LIGHT).function == "input", "the pin is given back"


async def test_the_button_presses_in_the_loop(pins: Any) -> None:
    pressed = anyio.Event()
    with panel(PanelSettings(button_pin=BUTTON), pressed.set) as observers:
        assert observers == []
        pins.pin(BUTTON).drive_low()
        with anyio.fail_after(5):
            await pressed.wait()


async def test_without_pins_the_assistant_goes_on(pins: Any, caplog: pytest.LogCaptureFixture) -> None:
    with panel(PanelSettings(), lambda: None) as observers:
        assert observers == []
    with caplog.at_level(logging.ERROR), panel(PanelSettings(light_pin=53), lambda: None) as observers:
        assert observers == []
    assert "No light or button" in caplog.text
