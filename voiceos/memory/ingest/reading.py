"""What a reader gets and reports: the file, its owner, its progress, and what was left out."""

import io
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import BinaryIO

from voiceos.clock import local_time
from voiceos.store.records import OWNER, Record

MOST_PROBLEMS = 20
"""Reasons that are kept for one file; beyond these they are counted."""
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
"""A date beyond these is a mistake in the file, and counts as none."""


class Unreadable(Exception):
    """A file that cannot be read. Its message completes "was skipped: …"."""

    def __init__(self, reason: str, *, lost: bool = True) -> None:
        """`lost`: something in it was lost."""
        super().__init__(reason)
        self.lost = lost


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was left out or changed, and why."""

    path: Path
    reason: str
    part: str = ""
    """The part of the file: a mail, a page, a row; empty: all of it."""
    lost: bool = True
    """Whether somebody wrote it, and it is not remembered; else this is only good to know."""

    def __str__(self) -> str:
        return f"{self.path}{', ' if self.part else ''}{self.part}: {self.reason}"


@dataclass(slots=True)
class Reading:
    """One file while it is read."""

    path: Path
    me: frozenset[str] = frozenset()
    """Names and addresses of the owner, as `known_as` writes them."""
    now: datetime = field(default_factory=local_time)
    data: bytes | None = None
    """The content, if it is an attachment and not a file."""
    position: int = 0
    """Bytes that are dealt with once the last record is kept; a reader that can begins here."""
    problems: list[Skipped] = field(default_factory=list[Skipped])
    left_out: int = 0
    """How many problems there were."""
    ends: list[Record] = field(default_factory=list[Record])
    """What ends events, which other files may tell."""

    def problem(self, reason: str, part: str = "", *, lost: bool = True) -> None:
        """Reports that something in the file was left out."""
        self.left_out += lost
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Skipped(self.path, reason, part, lost))

    def note(self, reason: str, part: str = "") -> None:
        """Notes something; nothing was left out."""
        self.problem(reason, part, lost=False)

    def author(self, *names: str) -> str:
        """The first name that there is; `OWNER` if one of them is the owner's."""
        if any(known_as(name) in self.me for name in names if name):
            return OWNER
        return next((name.strip() for name in names if name.strip()), "")

    def open(self) -> BinaryIO:
        """The content. Raises Unreadable, also if it is not a file. Never waits for a pipe."""
        return open_file(self.path) if self.data is None else io.BytesIO(self.data)

    def head(self, size: int = 65_536) -> bytes:
        """How the content begins; nothing for a folder."""
        if self.data is None and self.path.is_dir():
            return b""
        with self.open() as file:
            return file.read(size)

    def whole(self, most: int) -> bytes:
        """All of it. Raises Unreadable if that is more than `most` bytes."""
        content = self.head(most + 1)
        if len(content) > most:
            raise Unreadable(f"it is larger than {most // 1_000_000} MB, the limit for its kind")
        self.position = len(content)
        return content


Reader = Callable[[Reading], Iterator[Record]]
"""Reads a file's records, one by one. Raises Unreadable when it can go no further; what came before it stays."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file, and its reader: what an entry point of the group `voiceos.readers` names."""

    kind: str
    """As in `Source.kind`."""
    read: Reader
    suffixes: tuple[str, ...] = ()
    """Extensions of files: ".md"."""
    types: tuple[str, ...] = ()
    """MIME types of attachments."""
    recognises: Callable[[Reading, bytes], bool] | None = None
    """Whether a file is of this kind whatever its name, from how it begins (64 KB)."""
    grows: bool = False
    """Whether it is only ever written at its end, so that reading may go on where it ended."""


def numbered(read: Reader) -> Reader:
    """The reader, with a number behind each key that it repeats."""

    @wraps(read)
    def numbering(reading: Reading) -> Iterator[Record]:
        return unique(read(reading))

    return numbering


def unique(records: Iterable[Record]) -> Iterator[Record]:
    """The records, with a number behind each key that is repeated."""
    seen = Counter[int]()
    for record in records:
        name = hash(record.key)  # a table has a million
        seen[name] += 1
        yield record if seen[name] == 1 else replace(record, key=f"{record.key} #{seen[name]}")


def begins(*marks: bytes) -> Callable[[Reading, bytes], bool]:
    """For `Format.recognises`: whether a file begins with one of these marks, in capitals or not."""
    return lambda _, head: head.lstrip(b"\xef\xbb\xbf \r\n\t")[:20].upper().startswith(marks)


def open_file(path: Path) -> BinaryIO:
    """A regular file, opened without waiting. Raises Unreadable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except FileNotFoundError:
        raise Unreadable("it disappeared while it was being read") from None
    except PermissionError:
        raise Unreadable("voiceos has no permission to read it") from None
    except (OSError, ValueError) as error:
        raise Unreadable(f"it cannot be opened ({getattr(error, 'strerror', None) or error})") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("it is not a regular file")
    return os.fdopen(descriptor, "rb")


def known_as(name: str) -> str:
    """A name or address in the one spelling that is compared; of a telephone number the digits."""
    plain = " ".join(name.split()).casefold().removeprefix("mailto:")
    digits = "".join(letter for letter in plain if letter.isdigit())
    return digits if len(digits) >= 7 and not any(letter.isalpha() for letter in plain) else plain


def sane(at: datetime | None) -> datetime | None:
    """A time with a zone (this machine's if it had none), or None if it is implausible."""
    if at is None or not EARLIEST_YEAR <= at.year < LATEST_YEAR:
        return None
    try:
        at = at.astimezone() if at.utcoffset() is None else at
        at.astimezone(UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return at
