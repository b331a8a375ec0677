"""The light and the button of a box without a screen: the light shows what happens; the button talks, held it mutes."""

import asyncio
import logging
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from voiceos.audio.switch import Switch
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
DUE, FAULT = (0.4, 0.4), (0.05, 0.2)
"""While something rings, and after something went wrong, until the state changes."""
MUTED = (0.05, 0.95)
HOLD_SECONDS = 1.5


@contextmanager
def panel(
    settings: PanelSettings, press: Callable[[], None], mute: Callable[[], None], switch: Switch
) -> Generator[list[Observer]]:
    """Gives the observers to be told. `press` and, when the button is held, `mute` are called in the loop of whoever
    enters this; the light shows how `switch` is.

    What cannot be had is logged, and the assistant works without it.
    """
    with ExitStack() as parts:
        observers: list[Observer] = []
        if settings.light_pin or settings.button_pin:
            try:
                gpiozero = _gpiozero()
                if settings.light_pin:
                    light = Light(parts.enter_context(gpiozero.LED(settings.light_pin)), switch)
                    switch.observers.append(light.show)
                    parts.callback(switch.observers.remove, light.show)
                    observers.append(light)
                if settings.button_pin:
                    button = gpiozero.Button(settings.button_pin, bounce_time=0.03, hold_time=HOLD_SECONDS)
                    _heed(parts.enter_context(button), press, mute)
            except Exception as error:  # gpiozero has no common ancestor for what a board may lack
                log.error("No light or button: %s. Look at `panel.light_pin` and `panel.button_pin`.", error)
        yield observers


def _heed(button: Any, press: Callable[[], None], mute: Callable[[], None]) -> None:
    """It talks when it is let go, unless it was held. gpiozero calls in threads of its own."""
    loop, held = asyncio.get_running_loop(), False

    def hold() -> None:
        nonlocal held
        held = True
        loop.call_soon_threadsafe(mute)

    def release() -> None:
        nonlocal held
        if not held:
            loop.call_soon_threadsafe(press)
        held = False

    button.when_held, button.when_released = hold, release


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

    def __init__(self, led: Any, switch: Switch) -> None:
        self._led, self._switch = led, switch
        self._wanted = self._shown = DARK

    def __call__(self, notice: Notice) -> None:
        match notice.kind:
            case NoticeKind.STATE:
                self._wanted = STATES.get(notice.text, LIT)
            case NoticeKind.DUE:
                self._wanted = DUE
            case NoticeKind.PROBLEM:
                self._wanted = FAULT
            case _:
                return
        self.show()

    def show(self) -> None:
        """Where the light would be dark, it shows that the microphone is off."""
        pattern = MUTED if self._wanted == DARK and not self._switch.is_on else self._wanted
        if pattern == self._shown:
            return
        self._shown = pattern
        if pattern == DARK:
            self._led.off()
        elif pattern == LIT:
            self._led.on()
        else:
            self._led.blink(*pattern)
