"""The lights and the button of a box without a screen: lights show what happens; the button talks, held it mutes."""

import asyncio
import logging
import sys
import warnings
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, Protocol

from voiceos.audio.switch import Switch
from voiceos.config.settings import PanelSettings
from voiceos.core import Notice, NoticeKind, Observer

log = logging.getLogger(__name__)

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
"""Where Raspberry Pi OS has gpiozero and lgpio, which speaks to the kernel."""
GREEN, BLUE, AMBER, RED, WHITE = (0, 40, 0), (0, 0, 60), (50, 25, 0), (60, 0, 0), (40, 40, 40)


class Look(NamedTuple):
    """How lights look in a state."""

    on: float
    """Seconds that they are on, and off, in turn; 0 seconds on: always dark, 0 seconds off: always lit."""
    off: float
    colour: tuple[int, int, int] = WHITE
    """Red, green and blue, 0 to 255, where lights have colours."""


DARK, LIT = Look(0.0, 1.0), Look(1.0, 0.0, BLUE)
STATES = {
    "asleep": DARK,
    "listening": LIT,
    "hearing": LIT,
    "thinking": Look(0.15, 0.15, BLUE),
    "speaking": Look(0.8, 0.2, GREEN),
}
DUE, FAULT = Look(0.4, 0.4, AMBER), Look(0.05, 0.2, RED)
"""While something rings, and after something went wrong, until the state changes."""
MUTED = Look(0.05, 0.95, RED)
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
        if settings.light_pin or settings.lights or settings.button_pin:
            try:
                gpiozero = _gpiozero()
                shown: list[Shown] = []
                if settings.light_pin:
                    shown.append(Single(parts.enter_context(gpiozero.LED(settings.light_pin))))
                if settings.lights:
                    if settings.lights_power_pin:
                        parts.enter_context(gpiozero.LED(settings.lights_power_pin, initial_value=True))
                    shown.append(row := Row(parts.enter_context(_spi(gpiozero)), settings.lights))
                    parts.callback(row.show, DARK)
                for one in shown:
                    light = Light(one, switch)
                    switch.observers.append(light.show)
                    parts.callback(switch.observers.remove, light.show)
                    observers.append(light)
                if settings.button_pin:
                    button = gpiozero.Button(settings.button_pin, bounce_time=0.03, hold_time=HOLD_SECONDS)
                    _heed(parts.enter_context(button), press, mute)
            except Exception as error:  # gpiozero has no common ancestor for what a board may lack
                log.error("No light or button: %s. Look at the settings of `panel`.", error)
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


def _spi(gpiozero: Any) -> Any:
    """The pins on which rows of lights hang. Raises OSError, with what to do, where only this process would drive them:
    bit by bit, which takes as long as a few frames of sound.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", gpiozero.SPISoftwareFallback)
        try:
            return gpiozero.SPIDevice(port=0, device=1)
        except gpiozero.SPISoftwareFallback:
            raise OSError("SPI is off or closed to voiceos: see docs/device.md") from None


class Shown(Protocol):
    """Something with one light or several."""

    def show(self, look: Look) -> None: ...


class Single:
    """An LED on a pin."""

    def __init__(self, led: Any) -> None:
        self._led = led

    def show(self, look: Look) -> None:
        if not look.on:
            self._led.off()
        elif not look.off:
            self._led.on()
        else:
            self._led.blink(look.on, look.off)


class Row:
    """Coloured lights on SPI, all alike: APA102, as on ReSpeaker's HATs.

    They take four bytes of zeros, four bytes for each light (five bits of brightness after three ones; blue, green,
    red), and one more clock for every two lights, for what each has held back (APA102C's data sheet).
    """

    def __init__(self, device: Any, count: int) -> None:
        self._device, self._count = device, count
        self._loop = asyncio.get_running_loop()
        self._next: asyncio.TimerHandle | None = None

    def show(self, look: Look) -> None:
        if self._next:
            self._next.cancel()
            self._next = None
        self._turn(look, lit=look.on > 0)

    def _turn(self, look: Look, *, lit: bool) -> None:
        blue_green_red = look.colour[::-1] if lit else (0, 0, 0)
        tail = [0] * (4 + self._count // 16)
        self._device._spi.transfer([0, 0, 0, 0, *(0xFF, *blue_green_red) * self._count, *tail])
        if look.on and look.off:
            self._next = self._loop.call_later(look.on if lit else look.off, lambda: self._turn(look, lit=not lit))


class Light:
    """An observer that shows what happens."""

    def __init__(self, lights: Shown, switch: Switch) -> None:
        self._lights, self._switch = lights, switch
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
        """Where lights would be dark, they show that the microphone is off."""
        look = MUTED if self._wanted == DARK and not self._switch.is_on else self._wanted
        if look == self._shown:
            return
        self._shown = look
        self._lights.show(look)
