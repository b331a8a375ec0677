"""Sound cards that are known by their ALSA names: what they can do, and which of those that are here to use."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from voiceos.audio.portaudio import Device

CARDS = Path("/proc/asound/cards")
FOLDER = Path(__file__).parents[2] / "device" / "boards"
"""Where an installation, like a checkout, has them; their order is the order of preference."""
_LINE = re.compile(r"^\s*(\d+)\s+\[(.+?)\s*\]:\s*(\S+) - (.+)$")


@dataclass(frozen=True, slots=True)
class Card:
    """A sound card as ALSA lists it."""

    index: int
    id: str
    driver: str
    name: str
    """What PortAudio's names of its devices begin with."""


@dataclass(frozen=True, slots=True)
class Board:
    """A kind of sound card."""

    name: str
    cards: tuple[str, ...] = ()
    """Patterns of names or ids of cards, without regard to case."""
    drivers: tuple[str, ...] = ()
    rate: int = 48_000
    """The rate in Hz that it works at by itself."""
    microphone: bool = True
    speaker: bool = True
    cancels_echo: bool = False
    """Whether it removes its own echo, so that `audio.echo` should be off."""
    channel: int | None = None
    """The channel in, from 0, that it has cleaned of echo and noise; None: all are alike, and their mean is used."""
    light_pin: int = 0
    lights: int = 0
    lights_power_pin: int = 0
    button_pin: int = 0
    """As in the settings of `panel`."""
    mixer: dict[str, str] = field(default_factory=dict[str, str])
    """Mixer controls and what they should be set to, for `amixer`."""

    def fits(self, card: Card) -> bool:
        names = (card.name.lower(), card.id.lower())
        known = any(fnmatchcase(name, pattern.lower()) for name in names for pattern in self.cards)
        return known or card.driver in self.drivers


UNKNOWN = Board("unknown sound card")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cards to use; None where there is none for that."""

    microphone: tuple[Card, Board] | None
    speaker: tuple[Card, Board] | None


@cache
def boards(folder: Path = FOLDER) -> tuple[Board, ...]:
    """Every known kind, the best first; none where they are not installed."""
    return tuple(_board(tomllib.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.toml")))


def _board(values: dict[str, object]) -> Board:
    from pydantic import TypeAdapter

    return TypeAdapter(Board).validate_python(values)


def cards(listing: Path = CARDS) -> list[Card]:
    """The sound cards of this machine; none where there is no ALSA."""
    try:
        text = listing.read_text("utf-8", "replace")
    except OSError:
        return []
    found = (_LINE.match(line) for line in text.splitlines())
    return [Card(int(one[1]), one[2], one[3], one[4].strip()) for one in found if one]


def known(card: Card, kinds: Sequence[Board] | None = None) -> Board:
    """Its kind: the first that fits."""
    return next((one for one in (boards() if kinds is None else kinds) if one.fits(card)), UNKNOWN)


def at_its_own(device: Device, listing: Path = CARDS) -> Device:
    """A device that is a sound card itself, with the rate and the channel of its kind; any other as it is."""
    for card in cards(listing):
        if device.name.startswith(card.name) and (kind := known(card)) is not UNKNOWN:
            return replace(device, rate=kind.rate, channel=kind.channel)
    return device


def choose(found: Sequence[Card], kinds: Sequence[Board] | None = None) -> Choice:
    """The best microphone and the best speaker; one card for both where it is as good, so that it can cancel echo.

    An unknown card, which may be a HAT that somebody bought for this, comes after USB and before jack and HDMI.
    """
    kinds = boards() if kinds is None else kinds
    order = [*(one for one in kinds if one.microphone), UNKNOWN, *(one for one in kinds if not one.microphone)]
    ranked = sorted(((card, known(card, kinds)) for card in found), key=lambda pair: order.index(pair[1]))
    return Choice(
        next((pair for pair in ranked if pair[1].microphone), None),
        next((pair for pair in ranked if pair[1].speaker), None),
    )
