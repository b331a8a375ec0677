"""Turns one mail into records: its new words, forwarded mails, and readable attachments."""

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email.message import Message

from voiceos.memory.ingest import bodies, formats, headers
from voiceos.memory.ingest.charsets import decode
from voiceos.memory.ingest.reading import Reading, Unreadable, unique
from voiceos.memory.ingest.replies import Passed, parted
from voiceos.memory.ingest.words import tidy
from voiceos.store.records import Kind, Record

MOST_BYTES = 16_000_000
"""Largest mail; the end of a larger one is left out."""
MOST_TEXT = 200_000
"""Characters of a mail's text."""
MOST_ATTACHMENTS = 20
MOST_ATTACHMENT_BYTES = 10_000_000
MOST_PARTS = 200
DEEPEST = 4
"""Mails within mails."""
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_UUENCODED = re.compile(r"^begin [0-7]{3} .+\n(?:[!-`][ -`]{0,60}\n)+`?\n?end$", re.MULTILINE)


def records(reading: Reading, content: bytes, arrived: str = "") -> Iterator[Record]:
    """The mail, then what is in it; what cannot be read of it becomes a problem. `arrived`: as the mailbox tells."""
    message = headers.parsed(content)
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    yield from unique(_records(reading, message, _mail(reading, message, digest, arrived), 0))


def _records(reading: Reading, message: Message, mail: Record, depth: int) -> Iterator[Record]:
    parts = list(_parts(message))
    new, passed = _words(reading, message, parts, mail.title)
    if mail.title or new:
        yield replace(mail, text=new)
    for number, one in enumerate(passed, 1):
        sender, to, subject = (one.headers.get(name, "") for name in ("from", "to", "subject"))
        inner = _made(reading, f"{mail.key}/passed on {number}", headers.persons(sender), headers.persons(to))
        at = headers.told(one.headers.get("sent", "")) or mail.at
        yield replace(inner, text=tidy(one.text), title=subject or mail.title, at=at, thread=mail.thread)
    yield from _attachments(reading, mail, parts)
    for number, part in enumerate((part for part in parts if part.get_content_maintype() == "message"), 1):
        if (within := _inner(part)) and depth < DEEPEST:
            inner = _mail(reading, within, f"mail {number}")
            inner = replace(inner, key=f"{mail.key}/{inner.key}", thread=mail.thread)
            yield from _records(reading, within, inner, depth + 1)


def _mail(reading: Reading, message: Message, otherwise: str, arrived: str = "") -> Record:
    """A mail without its words; `otherwise` is its key if it has no id."""
    key = headers.words(message, "Message-ID").strip("<> ") or otherwise
    earlier = (headers.words(message, "References") or headers.words(message, "In-Reply-To")).split()
    sender = headers.people(message, "From") or headers.people(message, "Sender")
    made = _made(reading, key, sender, headers.people(message, "To") + headers.people(message, "Cc"))
    title = " ".join(headers.words(message, "Subject").split())
    thread = earlier[0].strip("<>") if earlier else key
    return replace(made, title=title, at=headers.date(message, arrived), thread=thread)


def _made(reading: Reading, key: str, sender: list[headers.Person], to: list[headers.Person]) -> Record:
    author = next((reading.author(*one) for one in sender), "")
    return Record(Kind.MAIL, key, "", author=author, addressees=tuple(reading.author(*one) for one in to[:50]))


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, the outer ones first; a mail within this one is not opened."""
    pending, count = [message], 0
    while pending and count < MOST_PARTS:
        part = pending.pop(0)
        count += 1
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() != "message":
            pending.extend(inner for inner in payload if isinstance(inner, Message))
        else:
            yield part


def _inner(part: Message) -> Message | None:
    """The mail that is a part of another one."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if part.get_content_type() not in ("message/rfc822", "message/global") or not isinstance(inner, Message):
        return None
    if bodies.is_base64(part):
        with suppress(ValueError):
            return headers.parsed(b64decode(str(inner.get_payload())))
    return headers.guessing(inner)


def _words(reading: Reading, message: Message, parts: list[Message], subject: str) -> tuple[str, list[Passed]]:
    """The mail's new words, and the mails that it passes on."""
    where = f"mail '{subject}'"
    text = bodies.body(message)
    if why := bodies.why_closed(parts) or ("it is encrypted" if "-----BEGIN PGP MESSAGE-----" in text else ""):
        reading.problem(why, where)
        return "", []
    if any(part.get_content_type() in _TNEF or headers.file_name(part).lower() == "winmail.dat" for part in parts):
        reading.problem("its winmail.dat cannot be read", where)
    if _UUENCODED.search(text):
        reading.problem("it contains a uuencoded file, which cannot be read", where)
        text = _UUENCODED.sub("", text)
    if len(text) > MOST_TEXT:
        reading.problem(f"it is very long, so only its first {MOST_TEXT} characters were kept", where)
        text = text[:MOST_TEXT]
    answers = bool(headers.words(message, "In-Reply-To") or headers.words(message, "References"))
    new, passed = parted(text, subject, answers=answers)
    return tidy(new.replace(bodies.NO_QUOTATION, "")), passed


def _attachments(reading: Reading, mail: Record, parts: list[Message]) -> Iterator[Record]:
    seen: set[bytes] = set()
    for part in parts:
        name = headers.file_name(part)
        kind, is_file = part.get_content_type(), name or part.get_content_disposition() == "attachment"
        suffix = formats.suffix_of(name, kind)
        if not suffix or kind.startswith("message/") or (not is_file and bodies.has_words(part)):
            continue
        name = name or f"part{suffix}"
        data = bodies.content(part)
        if kind.startswith("text/") and suffix not in (".html", ".htm"):
            data = decode(data, headers.parameter(part, "charset")).encode()
        digest = hashlib.blake2b(data).digest()
        if digest in seen:  # an invitation is often there twice
            continue
        seen.add(digest)
        if len(seen) > MOST_ATTACHMENTS or len(data) > MOST_ATTACHMENT_BYTES:
            why = "it is larger than 10 MB" if len(seen) <= MOST_ATTACHMENTS else f"it has more than {MOST_ATTACHMENTS}"
            reading.problem(f"an attachment was left out: {why}", f"{name} in mail '{mail.title}'")
            continue
        yield from _attachment(reading, mail, name, data)


def _attachment(reading: Reading, mail: Record, name: str, data: bytes) -> Iterator[Record]:
    try:
        inner = replace(reading, path=reading.path / name, data=data, position=0)  # its problems are this one's
        for record in formats.recognise(inner).read(inner):
            title = record.title if record.kind is Kind.MAIL else ""
            yield replace(
                record,
                key=f"{mail.key}/{name}/{record.key}",
                title=title or " > ".join(one for one in (mail.title, record.title or name) if one),
                author=mail.author if record.kind is Kind.NOTE else record.author or mail.author,
                at=record.at or mail.at,
                thread=mail.thread,
            )
    except Unreadable as problem:
        reading.problem(str(problem), f"{name} in mail '{mail.title}'", lost=problem.lost)
