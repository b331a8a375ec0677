"""Mail as it is kept: mbox (streamed, and taken up again where it ended), Maildir, single files."""

from collections.abc import Iterator
from pathlib import Path

from voiceos.memory.ingest import mail
from voiceos.memory.ingest.reading import Reading, Unreadable
from voiceos.store.records import Record

FOLDERS = ("cur", "new")


def read_mbox(reading: Reading) -> Iterator[Record]:
    """All mails from `reading.position` on, one in memory at a time. Raises Unreadable."""
    with reading.open() as file:
        file.seek(reading.position)
        start, size, number = reading.position, 0, 0
        kept: list[bytes] = []
        blank = True
        for line in iter(lambda: file.readline(65_536), b""):
            if blank and line.startswith(b"From ") and (size or kept):
                yield from _mail(reading, kept, size, number)
                reading.position = start = start + size
                kept, size, number = [], 0, number + 1
            if size < mail.MOST_BYTES:
                kept.append(line[1:] if line.startswith(b">From ") else line)
            size += len(line)
            blank = line in (b"\n", b"\r\n")
        if size:
            yield from _mail(reading, kept, size, number)
        reading.position = start + size


def read_eml(reading: Reading) -> Iterator[Record]:
    """One mail. Raises Unreadable."""
    with reading.open() as file:
        content = file.read(mail.MOST_BYTES)
        if file.read(1):
            reading.problem(_TOO_LARGE)
    yield from mail.records(reading, content)


def read_maildir(reading: Reading) -> Iterator[Record]:
    """Every mail of a Maildir: the path is the folder that holds `cur` and `new`."""
    for path in maildir_files(reading.path):
        try:
            yield from read_eml(Reading(path, reading.me, reading.now, problems=reading.problems))
        except Unreadable as problem:
            reading.problem(str(problem), path.name)


def is_maildir(path: Path) -> bool:
    return all((path / name).is_dir() for name in FOLDERS)


def maildir_files(path: Path) -> list[Path]:
    """The mails in order of their names, which begin with the time of arrival."""
    found: list[Path] = []
    for name in FOLDERS:
        try:
            found += [file for file in (path / name).iterdir() if not file.name.startswith(".")]
        except OSError:
            continue
    return sorted(found, key=lambda file: file.name)


def _mail(reading: Reading, lines: list[bytes], size: int, number: int) -> Iterator[Record]:
    if size > mail.MOST_BYTES:
        reading.problem(_TOO_LARGE, f"mail {number + 1}")
    if lines and lines[0].startswith(b"From "):
        lines = lines[1:]
    if lines:
        yield from mail.records(reading, b"".join(lines))


_TOO_LARGE = f"it is larger than {mail.MOST_BYTES // 1_000_000} MB; its end was left out"
