"""Telegram's JSON export: one chat, or all of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import of_seconds, of_value
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.memory.ingest.stream import is_json, named, number
from voiceos.store.records import Kind, Record

_MESSAGES = ("messages.item", "chats.list.item.messages.item", "left_chats.list.item.messages.item")
_MARKS = (b'"date_unixtime"', b'"from_id"', b'"personal_information"')
_NAMES = (
    "name",
    "id",
    "chats.list.item.name",
    "chats.list.item.id",
    "left_chats.list.item.name",
    "left_chats.list.item.id",
)


def read(reading: Reading) -> Iterator[Record]:
    """Every message with words in it. Raises Unreadable."""
    for told, message in named(reading, _MESSAGES, _NAMES):
        if not isinstance(message, dict) or message.get("type") != "message":
            continue
        text = _text(message.get("text")) or _text(message.get("caption"))
        if not text:
            continue
        chat = clean(str(next((told[name] for name in reversed(_NAMES) if name in told and name.endswith("name")), "")))
        chat_id = str(next((told[name] for name in reversed(_NAMES) if name in told and name.endswith("id")), chat))
        author = reading.author(clean(str(message.get("from") or "")), str(message.get("from_id") or ""))
        seconds = number(message.get("date_unixtime"))
        at = of_seconds(seconds) if seconds is not None else of_value(message.get("date"))
        key = f"{chat_id}/{message.get('id')}"
        extra: Mapping[str, Any] = (
            {"forwarded_from": message["forwarded_from"]} if message.get("forwarded_from") else {}
        )
        title = chat or reading.path.parent.name
        yield Record(
            Kind.MESSAGE, key, text, title=title, author=author, at=at, thread=f"telegram:{chat_id}", extra=extra
        )


def _text(value: Any) -> str:
    """Text, or pieces of it, some with a style."""
    if isinstance(value, str):
        return clean(value).strip()
    if not isinstance(value, list):
        return ""
    pieces = [one if isinstance(one, str) else one.get("text", "") if isinstance(one, dict) else "" for one in value]
    return clean("".join(piece for piece in pieces if isinstance(piece, str))).strip()


def _recognises(reading: Reading, head: bytes) -> bool:
    if not is_json(reading) or b'"mapping"' in head:
        return False
    return (b'"messages"' in head and any(name in head for name in _MARKS)) or (
        b'"chats"' in head and b'"list"' in head
    )


TELEGRAM = Format("chat", read, recognises=_recognises)
