"""What a download reports while it runs, and why a source failed."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Doing(StrEnum):
    """What a fetch is doing."""

    FETCHING = "fetching"
    CHECKING = "checking"
    WAITING = "waiting"
    """Another process is fetching the same model."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the download of one file is."""

    model: str
    file: str
    doing: Doing
    done: int = 0
    """Bytes of this file that are here, those of earlier attempts included."""
    total: int = 0
    """Bytes of the whole file; 0 where that is not known."""
    source: str = ""


Tell = Callable[[Progress], None]
Count = Callable[[int], None]
"""Gets how many bytes of the file are here."""


def quiet(_: Progress) -> None:
    """Reports nothing."""


class SourceFailed(Exception):
    """This source cannot give the file; the next one may. The message completes "hub xyz: …"."""
