"""Lights and the button, on gpiozero's own mock pins."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockSPIDevice

from voiceos.audio.switch import Switch
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
    with panel(PanelSettings(light_pin=LIGHT), lambda: None, lambda: None, switch := Switch()) as observers:
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
        changed.clear()
        switch.toggle()
        assert pin.state or changed.wait(5), "muted"
        switch.toggle()
        assert not pin.state
    assert switch.observers == []
    assert pins.pin(LIGHT).function == "input", "the pin is given back"


async def test_coloured_lights_show_the_state(pins: Any) -> None:
    power, off = pins.pin(5), [0xFF, 0, 0, 0]
    with (
        MockSPIDevice(11, 10, select_pin=7) as lights,
        panel(PanelSettings(lights=3, lights_power_pin=5), lambda: None, lambda: None, switch := Switch()) as observers,
    ):

        def lit() -> list[list[int]]:
            """What each of them took: brightness, blue, green, red."""
            sent = lights.rx_word().to_bytes(len(lights.rx_buf) // 8)
            assert sent[:4] == sent[16:] == b"\0\0\0\0"
            return [[*sent[at : at + 4]] for at in (4, 8, 12)]

        def tell(kind: NoticeKind, text: str = "") -> None:
            for observer in observers:
                observer(Notice(kind, 0.0, text=text))

        async def becomes(wanted: list[int]) -> None:
            with anyio.fail_after(5):
                while lit() != [wanted] * 3:
                    await anyio.lowlevel.checkpoint()

        assert power.state
        tell(NoticeKind.STATE, "listening")
        assert lit() == [[0xFF, 60, 0, 0]] * 3
        tell(NoticeKind.PROBLEM)
        for wanted in ([0xFF, 0, 0, 60], off, [0xFF, 0, 0, 60]):
            await becomes(wanted)
        tell(NoticeKind.STATE, "asleep")
        assert lit() == [off] * 3
        switch.toggle()
        assert lit() == [[0xFF, 0, 0, 60]] * 3, "muted"
    assert lit() == [off] * 3
    assert power.function == "input"


async def test_lights_are_not_driven_bit_by_bit(
    pins: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def without_hardware(shared: bool, hardware: bool) -> Any:
        raise OSError("/dev/spidev0.1 is not there")

    monkeypatch.setattr(pins, "_get_spi_class", without_hardware)
    with panel(PanelSettings(lights=3), lambda: None, lambda: None, Switch()) as observers:
        assert observers == []
    assert "SPI is off or closed to voiceos" in caplog.text


async def test_the_button_talks_and_held_it_mutes(pins: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voiceos.panel.HOLD_SECONDS", 0.05)
    pressed, switched, switch = anyio.Event(), anyio.Event(), Switch()
    switch.observers.append(switched.set)
    with panel(PanelSettings(button_pin=BUTTON), pressed.set, switch.toggle, switch) as observers:
        assert observers == []
        pin = pins.pin(BUTTON)
        pin.drive_low()
        with anyio.fail_after(5):
            await switched.wait()
        pin.drive_high()
        assert not switch.is_on
        assert not pressed.is_set()
        monkeypatch.undo()
    with panel(PanelSettings(button_pin=BUTTON), pressed.set, switch.toggle, switch):
        pin = pins.pin(BUTTON)
        pin.drive_low()
        pin.drive_high()
        with anyio.fail_after(5):
            await pressed.wait()
        assert not switch.is_on


async def test_without_pins_the_assistant_goes_on(pins: Any, caplog: pytest.LogCaptureFixture) -> None:
    with panel(PanelSettings(), lambda: None, lambda: None, Switch()) as observers:
        assert observers == []
    with (
        caplog.at_level(logging.ERROR),
        panel(PanelSettings(light_pin=53), lambda: None, lambda: None, Switch()) as observers,
    ):
        assert observers == []
    assert "No light or button" in caplog.text
