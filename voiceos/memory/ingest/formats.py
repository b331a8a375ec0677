"""Which reader for which file: by its name and its content; binary that poses as text is recognised."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from voiceos.memory.ingest import (
    calendar,
    chatgpt,
    contacts,
    docx,
    epub,
    html,
    mailboxes,
    markdown,
    pdf,
    plain,
    signal,
    table,
    telegram,
    whatsapp,
)
from voiceos.memory.ingest.reading import Reader, Reading, Unreadable, owner
from voiceos.memory.ingest.words import HEAD_BYTES, decode, is_binary
from voiceos.memory.ingest.zips import opened
from voiceos.store.records import Record


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    kind: str
    """As in `Source.kind`."""
    read: Reader
    grows: bool = False
    """Whether it is only ever written at its end, so that reading may go on where it ended."""


TEXT = Format("text", plain.read)
MARKDOWN = Format("markdown", markdown.read)
PDF = Format("pdf", pdf.read)
EPUB = Format("epub", epub.read)
HTML = Format("html", html.read)
DOCX = Format("docx", docx.read)
MBOX = Format("mail", mailboxes.read_mbox, grows=True)
EML = Format("mail", mailboxes.read_eml)
MAILDIR = Format("mail", mailboxes.read_maildir)
CALENDAR = Format("calendar", calendar.read)
CONTACTS = Format("contacts", contacts.read)
TABLE = Format("table", table.read)
WHATSAPP = Format("chat", whatsapp.read)
CHATGPT = Format("chat", chatgpt.read)
TELEGRAM = Format("chat", telegram.read)
SIGNAL = Format("chat", signal.read)

BY_EXTENSION = {
    **dict.fromkeys((".txt", ".text", ".org", ".rst", ".adoc"), TEXT),
    **dict.fromkeys((".md", ".markdown", ".mdown"), MARKDOWN),
    **dict.fromkeys((".html", ".htm", ".xhtml"), HTML),
    **dict.fromkeys((".ics", ".ical", ".ifb", ".icalendar"), CALENDAR),
    **dict.fromkeys((".vcf", ".vcard"), CONTACTS),
    **dict.fromkeys((".csv", ".tsv"), TABLE),
    **dict.fromkeys((".mbox", ".mbx"), MBOX),
    ".eml": EML,
    ".pdf": PDF,
    ".epub": EPUB,
    ".docx": DOCX,
}
_SIGNAL = (b'"body"', b'"sent_at"', b'"sender"', b'"conversationId"', b'"envelope"', b'"source"')
_TELEGRAM = (b'"date_unixtime"', b'"from_id"', b'"personal_information"')
_ARCHIVE = "an archive: unpack it first, and add the folder"
_BINARIES = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"SQLite format 3": "a database",
    b"\x1f\x8b": _ARCHIVE,
    b"Rar!": _ARCHIVE,
    b"7z\xbc\xaf": _ARCHIVE,
    b"BZh": _ARCHIVE,
    b"\xfd7zXZ": _ARCHIVE,
    b"\xd0\xcf\x11\xe0": "an old or encrypted Office file: save it as DOCX",
    b"OggS": "sound",
    b"ID3": "sound",
    b"fLaC": "sound",
    b"RIFF": "sound or a film",
}


def read(path: Path, *, me: tuple[str, ...] = ()) -> Iterator[Record]:
    """The records of one file. Raises Unreadable."""
    reading = Reading(path, owner(me))
    return recognise(reading, asked=True).read(reading)


def recognise(reading: Reading, asked: bool = False) -> Format:
    """The format of a file; with `asked` text of any extension counts. Raises Unreadable, with what the file is."""
    if reading.data is None and reading.path.is_dir() and mailboxes.is_maildir(reading.path):
        return MAILDIR
    head = reading.head(HEAD_BYTES)
    if not head.strip(b"\0 \r\n\t"):
        raise Unreadable("it is empty")
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zipped(reading)
    suffix = reading.path.suffix.lower()
    if is_binary(head):
        what = next((what for magic, what in _BINARIES.items() if head.startswith(magic)), "binary, not text")
        raise Unreadable(f"it is {what}")
    if suffix in (".pdf", ".epub", ".docx"):
        raise Unreadable(f"it is damaged: no {suffix[1:].upper()} can be made out in it")
    return _of_text(reading, head, suffix, asked)


def _of_text(reading: Reading, head: bytes, suffix: str, asked: bool) -> Format:
    begins = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if begins[:15].upper() == b"BEGIN:VCALENDAR":
        return CALENDAR
    if begins[:11].upper() == b"BEGIN:VCARD":
        return CONTACTS
    if suffix in (".json", ".jsonl", ".ndjson"):
        return _of_json(head)
    if suffix in ("", ".mbox", ".mbx", ".txt") and _is_mbox(head):
        return MBOX
    if suffix == ".txt" and whatsapp.is_whatsapp(decode(head), reading.path):
        return WHATSAPP
    if begins[:9].lower() == b"<!doctype" and suffix not in (".md", ".markdown"):
        return HTML
    if found := BY_EXTENSION.get(suffix):
        return found
    if asked or (not suffix and not reading.path.name.startswith(".")):
        return TEXT
    raise Unreadable(f"nobody here reads {suffix} files")


def _of_json(head: bytes) -> Format:
    if b'"mapping"' in head and (b'"current_node"' in head or b'"message"' in head):
        return CHATGPT
    if b'"messages"' in head and any(name in head for name in _TELEGRAM):
        return TELEGRAM
    if b'"chats"' in head and b'"list"' in head:
        return TELEGRAM
    known = sum(name in head for name in _SIGNAL)
    if known >= 2 or b'"envelope"' in head:
        return SIGNAL
    raise Unreadable("it is JSON, but no export of a chat that is known")


def _is_mbox(head: bytes) -> bool:
    if not head.startswith(b"From "):
        return False
    lines = head.split(b"\n")[1:12]
    return sum(1 for line in lines if b": " in line and not line.startswith(b" ")) >= 2


def _zipped(reading: Reading) -> Format:
    with opened(reading) as archive:
        names = set(archive.names)
    if docx.DOCUMENT in names:
        return DOCX
    if "META-INF/container.xml" in names:
        return EPUB
    raise Unreadable(f"it is {_ARCHIVE}")
