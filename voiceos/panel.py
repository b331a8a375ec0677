"""The light and the button of a box without a screen: the light shows what happens, the button is push-to-talk."""

import asyncio
import logging
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from voiceos.config.settings import PanelSettings
from voiceos.core import Notice, NoticeKind, Observer

log = logging.getLogger(__name__)

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
"""Where Raspberry Pi OS has gpiozero and lgpio, which speaks to the kernel."""
DARK, LIT = (0.0, 1.0), (1.0, 0.0)
STATES = {
    "asleep": DARK,
    "listening": LIT,
    "hearing": LIT,
    "thinking": (0.15, 0.15),
    "speaking": (0.8, 0.2),
}
"""Seconds that the light is on and off, for each state of the conversation."""
DUE, FAULT = (0.4, 0.4), (0.05, 1.5)
"""While something rings, and after something went wrong, until the state changes."""


@contextmanager
def panel(settings: PanelSettings, press: Callable[[], None]) -> Generator[list[Observer]]:
    """Gives the observers to be told. `press` is called in the loop of whoever enters this.

    What cannot be had is logged, and the assistant works without it.
    """
    with ExitStack() as parts:
        observers: list[Observer] = []
        if settings.light_pin or settings.button_pin:
            try:
                gpiozero = _gpiozero()
                if settings.light_pin:
                    observers.append(Light(parts.enter_context(gpiozero.LED(settings.light_pin))))
                if settings.button_pin:
                    loop = asyncio.get_running_loop()
                    button = parts.enter_context(gpiozero.Button(settings.button_pin, bounce_time=0.03))
                    button.when_pressed = lambda: loop.call_soon_threadsafe(press)  # it comes in a thread of gpiozero
            except Exception as error:  # gpiozero has no common ancestor for what a board may lack
                log.error("No light or button: %s. Look at `panel.light_pin` and `panel.button_pin`.", error)
        yield observers


def _gpiozero() -> Any:
    """Raises ImportError, with what to do."""
    try:
        import gpiozero
    except ImportError:
        if SYSTEM_PACKAGES not in sys.path:
            sys.path.append(SYSTEM_PACKAGES)  # last, so that nothing else comes from there
        try:
            import gpiozero
        except ImportError:
            raise ImportError("gpiozero is missing: sudo apt-get install python3-gpiozero python3-lgpio") from None
    return gpiozero


class Light:
    """An observer that shows what happens."""

    def __init__(self, led: Any) -> None:
        self._led = led
        self._shown = DARK

    def __call__(self, notice: Notice) -> None:
        match notice.kind:
            case NoticeKind.STATE:
                self._show(STATES.get(notice.text, LIT))
            case NoticeKind.DUE:
                self._show(DUE)
            case NoticeKind.PROBLEM:
                self._show(FAULT)
            case _:
                pass

    def _show(self, pattern: tuple[float, float]) -> None:
        if pattern == self._shown:
            return
        self._shown = pattern
        if pattern == DARK:
            self._led.off()
        elif pattern == LIT:
            self._led.on()
        else:
            self._led.blink(*pattern)
