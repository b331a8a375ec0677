"""One mail to records: its new words, and the attachments that have words."""

import email.utils
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import PurePath

from voiceos.memory.ingest.marked import text_of
from voiceos.memory.ingest.reading import Reading, Unreadable, sane
from voiceos.memory.ingest.replies import new_words
from voiceos.memory.ingest.words import clean, decode, tidy
from voiceos.store.records import Kind, Record

MOST_BYTES = 16_000_000
"""Of a mail; its end is left out if it is larger."""
MOST_TEXT = 200_000
"""Characters of a mail's words."""
MOST_ATTACHMENTS = 20
MOST_ATTACHMENT_BYTES = 10_000_000
MOST_PARTS = 200
MOST_HEADER = 10_000
"""Characters of a header."""
_READABLE = frozenset(".txt .md .markdown .html .htm .pdf .docx .epub .csv .ics .vcf".split())


def records(reading: Reading, content: bytes) -> Iterator[Record]:
    """The mail, then its attachments; what cannot be read of it becomes a problem."""
    message = BytesParser(policy=compat32).parsebytes(content)
    mail = _mail(reading, message, content)
    parts = list(_leaves(message))
    text, cut = _words(reading, parts, mail.title)
    if mail.title or text:
        yield _with(mail, text, {"cut_characters": cut} if cut else {})
    yield from _attachments(reading, mail, parts)


def _mail(reading: Reading, message: Message, content: bytes) -> Record:
    sender = _people(message, "From")
    name, address = sender[0] if sender else ("", "")
    key = _words_of(message, "Message-ID").strip("<> ") or hashlib.blake2b(content, digest_size=16).hexdigest()
    earlier = (_words_of(message, "References") or _words_of(message, "In-Reply-To")).split()
    subject = " ".join(_words_of(message, "Subject").split())
    return Record(
        Kind.MAIL,
        key,
        "",
        title=subject,
        author=reading.author(name, address),
        addressees=tuple(reading.author(*one) for one in [*_people(message, "To"), *_people(message, "Cc")][:50]),
        at=_date(_words_of(message, "Date")),
        thread=earlier[0].strip("<>") if earlier else key,
        extra={"from": address} if address else {},
    )


def _with(mail: Record, text: str, extra: dict[str, object]) -> Record:
    return replace(mail, text=text, extra={**mail.extra, **extra})


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, the outer ones first."""
    pending, count = [message], 0
    while pending and count < MOST_PARTS:
        part = pending.pop(0)
        count += 1
        payload = part.get_payload()
        if isinstance(payload, list):
            pending.extend(inner for inner in payload if isinstance(inner, Message))
        else:
            yield part


def _words(reading: Reading, parts: list[Message], subject: str) -> tuple[str, int]:
    """The mail's new words, and how many characters of quotation and signature were cut away."""
    if any(part.get_content_type() in ("application/pkcs7-mime", "application/pgp-encrypted") for part in parts):
        reading.problem("it is encrypted", f"mail '{subject}'")
        return "", 0
    bodies = [part for part in parts if not _file_name(part) and part.get_content_disposition() != "attachment"]
    plain = [part for part in bodies if part.get_content_type() == "text/plain"]
    marked = [part for part in bodies if part.get_content_type() == "text/html"]
    text = "\n\n".join(_text(part) for part in plain)
    if not text.strip():
        text = "\n\n".join(text_of(_text(part)) for part in marked)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_TEXT:
        reading.problem(f"it is very long; its first {MOST_TEXT} characters were kept", f"mail '{subject}'")
        text = text[:MOST_TEXT]
    new = tidy(new_words(text))
    return new, max(0, len(tidy(text)) - len(new))


def _attachments(reading: Reading, mail: Record, parts: list[Message]) -> Iterator[Record]:
    from voiceos.memory.ingest.formats import recognise

    seen = 0
    for part in parts:
        name = PurePath(_file_name(part)).name
        if not name or PurePath(name).suffix.lower() not in _READABLE:
            continue
        seen += 1
        data = _bytes(part)
        if seen > MOST_ATTACHMENTS or len(data) > MOST_ATTACHMENT_BYTES:
            why = "it is larger than 10 MB" if seen <= MOST_ATTACHMENTS else f"it has more than {MOST_ATTACHMENTS}"
            reading.problem(f"an attachment was left out: {why}", f"{name} in mail '{mail.title}'")
            continue
        inner = reading.within(name, data)
        try:
            for record in recognise(inner).read(inner):
                title = " > ".join(one for one in (mail.title, record.title or name) if one)
                yield replace(
                    record,
                    key=f"{mail.key}/{name}/{record.key}",
                    title=title,
                    author=record.author or mail.author,
                    at=record.at or mail.at,
                    thread=mail.thread,
                )
        except Unreadable as problem:
            reading.problem(str(problem), f"{name} in mail '{mail.title}'")


def _bytes(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    return decode(_bytes(part), _param(part, "charset"))


def _param(part: Message, name: str) -> str:
    try:
        value = part.get_param(name)
    except (ValueError, LookupError, TypeError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value or "").strip("'\" ")


def _file_name(part: Message) -> str:
    try:
        return _decoded(part.get_filename() or "").replace("\0", "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _words_of(message: Message, header: str) -> str:
    """A header's words; empty if there is none."""
    value = message.get(header)
    return "" if value is None else _decoded(str(value)[:MOST_HEADER])


def _decoded(value: str | Header) -> str:
    try:
        text = str(make_header(decode_header(value))) if isinstance(value, Header) or "=?" in value else value
    except (HeaderParseError, LookupError, ValueError, TypeError, AssertionError):
        text = str(value)
    if any("\udc80" <= letter <= "\udcff" for letter in text):  # bytes that no header may hold, and many do
        text = decode(text.encode("utf-8", "surrogateescape"))
    return clean(text)


def _people(message: Message, header: str) -> list[tuple[str, str]]:
    raw = [str(value)[:MOST_HEADER] for value in message.get_all(header, [])]
    try:
        pairs = email.utils.getaddresses(raw[:10])
    except (ValueError, TypeError, IndexError):
        return []
    return [(_decoded(name).strip(" '\""), clean(address)) for name, address in pairs if name or address]


def _date(text: str) -> datetime | None:
    try:
        return sane(email.utils.parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
