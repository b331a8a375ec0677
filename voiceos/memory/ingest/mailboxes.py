"""Mail as it is kept: mbox (streamed, and taken up again where it ended), Maildir, single files."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from voiceos.memory.ingest import mail
from voiceos.memory.ingest.reading import Format, Reading, Unreadable
from voiceos.store.records import Record

FOLDERS = ("cur", "new")
_ENVELOPE = re.compile(rb"From (?:-|MAILER-DAEMON|[^\s@]*@\S*) .*\d:\d\d")
_HEADER = re.compile(
    rb"(?:>From |(?:From|To|Cc|Bcc|Subject|Date|Received|Return-Path|Message-ID|Mime-Version|Delivered-To|Reply-To"
    rb"|Content-[\w-]+|Sender|Status|References|In-Reply-To|Delivery-Date|Envelope-To|Newsgroups|Path|Organization|User-Agent"
    rb"|X-[\w-]+|DKIM-Signature|ARC-[\w-]+|Authentication-Results|List-[\w-]+|Resent-[\w-]+|Return-Receipt-To):)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(rb">+From ")
_TOO_LARGE = f"it is larger than {mail.MOST_BYTES // 1_000_000} MB, so its end was left out"


def read_mbox(reading: Reading) -> Iterator[Record]:
    """All mails from `reading.position` on, one in memory at a time. Raises Unreadable."""
    with reading.open() as file:
        file.seek(reading.position)
        for number, (lines, size) in enumerate(_mails(file), 1):
            if size > mail.MOST_BYTES:
                reading.problem(_TOO_LARGE, f"mail {number}")
            arrived = ""
            if lines[0].startswith(b"From "):
                arrived = lines.pop(0).decode("ascii", "replace").strip().split(" ", 2)[-1]
            if lines:
                yield from mail.records(reading, b"".join(lines), arrived)
            reading.position += size


def _mails(file: BinaryIO) -> Iterator[tuple[list[bytes], int]]:
    """The lines of each mail up to the most bytes of one, and how many bytes it has."""
    kept: list[bytes] = []
    size = 0
    blank = True
    line = file.readline(65_536)
    while line:
        following = file.readline(65_536)
        if size and _begins(line, following, blank):
            yield kept, size
            kept, size = [], 0
        if size < mail.MOST_BYTES:
            kept.append(line[1:] if _ESCAPED.match(line) else line)
        size += len(line)
        blank = line in (b"\n", b"\r\n")
        line = following
    if size:
        yield kept, size


def _begins(line: bytes, following: bytes, blank: bool) -> bool:
    """Whether a mail begins here, and no sentence: there is a time, or a header follows; both if no line is `blank`."""
    return line.startswith(b"From ") and bool(_ENVELOPE.match(line)) + bool(_HEADER.match(following)) > (not blank)


def read_eml(reading: Reading) -> Iterator[Record]:
    """One mail. Raises Unreadable."""
    yield from _one(reading, "")


def read_maildir(reading: Reading) -> Iterator[Record]:
    """Every mail of a Maildir: the path is the folder that holds `cur` and `new`."""
    for path in maildir_files(reading.path):
        seconds = path.name.partition(".")[0]  # the second in which it came
        arrived = ""
        if re.fullmatch(r"\d{9,10}", seconds):
            arrived = datetime.fromtimestamp(int(seconds), UTC).isoformat()
        try:
            yield from _one(replace(reading, path=path), arrived)
        except Unreadable as problem:
            reading.problem(str(problem), path.name, lost=problem.lost)


def _one(reading: Reading, arrived: str) -> Iterator[Record]:
    content = reading.head(mail.MOST_BYTES + 1)
    if len(content) > mail.MOST_BYTES:
        reading.problem(_TOO_LARGE)
    yield from mail.records(reading, content[: mail.MOST_BYTES], arrived)


def is_maildir(path: Path) -> bool:
    return all((path / name).is_dir() for name in FOLDERS)


def maildir_files(path: Path) -> list[Path]:
    """The mails in order of their names, which begin with the time of arrival."""
    found: list[Path] = []
    for name in FOLDERS:
        with suppress(OSError):
            found += [file for file in (path / name).iterdir() if not file.name.startswith(".")]
    return sorted(found, key=lambda file: file.name)


def _is_mbox(reading: Reading, head: bytes) -> bool:
    if not head.startswith(b"From ") or reading.path.suffix.lower() not in ("", ".mbox", ".mbx", ".txt"):
        return False
    lines = head.split(b"\n")[1:12]
    return sum(1 for line in lines if b": " in line and not line.startswith(b" ")) >= 2


def _is_maildir(reading: Reading, _: bytes) -> bool:
    return is_maildir(reading.path)


MBOX = Format("mail", read_mbox, (".mbox", ".mbx"), ("application/mbox",), _is_mbox, grows=True)
EML = Format("mail", read_eml, (".eml",), ("message/rfc822",))
MAILDIR = Format("mail", read_maildir, recognises=_is_maildir)
