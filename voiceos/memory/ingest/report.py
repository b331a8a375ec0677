"""What taking in files came to: how far it is, and what was read, left out and forgotten."""

from dataclasses import dataclass, field
from pathlib import Path

from voiceos.memory.ingest.reading import Skipped

_PARTS = {"mail": "mail", "calendar": "event", "contacts": "person", "chat": "message", "table": "row"}
"""What files of a kind hold."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    path: Path
    files: int
    files_done: int
    bytes: int
    bytes_done: int


@dataclass(slots=True)
class Report:
    """The result."""

    files: int = 0
    read: int = 0
    unchanged: int = 0
    renamed: int = 0
    new: int = 0
    """Records."""
    changed: int = 0
    passages: int = 0
    vanished: int = 0
    """Records that were forgotten because a changed file no longer has them."""
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    """What was left out (`lost`), and notes."""
    removed: list[str] = field(default_factory=list[str])
    """Files that no longer exist."""
    forgotten: int = 0
    """How many removed files were forgotten."""

    def skip(self, path: Path, reason: str, *, lost: bool = True) -> None:
        self.skipped.append(Skipped(path, reason, lost=lost))


def nothing(kind: str) -> str:
    return f"it was read, but it contains no {_PARTS.get(kind, 'text')}"
