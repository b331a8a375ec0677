"""Telegram's JSON export: one chat, or all of them."""

from collections.abc import Iterator

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import of_value
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.memory.ingest.stream import Object, is_json, items, text_of
from voiceos.store.records import Kind, Record

_CHATS = ("left_chats.list.item.", "chats.list.item.", "")
_MARKS = (b'"date_unixtime"', b'"from_id"', b'"personal_information"')


def read(reading: Reading) -> Iterator[Record]:
    """Every message with words in it. Raises Unreadable."""
    names = [f"{chat}{name}" for chat in _CHATS for name in ("name", "id")]
    for told, message in items(reading, tuple(f"{chat}messages.item" for chat in _CHATS), tuple(names)):
        text = text_of(message.get("text")) or text_of(message.get("caption"))
        if message.get("type") != "message" or not text:
            continue
        chat = clean(_told(told, "name"))
        number = _told(told, "id") or chat
        yield Record(
            Kind.MESSAGE,
            f"{number}/{message.get('id')}",
            text,
            title=chat or reading.path.parent.name,
            author=reading.author(clean(str(message.get("from") or "")), str(message.get("from_id") or "")),
            at=of_value(message.get("date_unixtime")) or of_value(message.get("date")),
            thread=f"telegram:{number}",
        )


def _told(told: Object, name: str) -> str:
    """What was told of the innermost chat."""
    return str(next((told[f"{chat}{name}"] for chat in _CHATS if f"{chat}{name}" in told), ""))


def _recognises(reading: Reading, head: bytes) -> bool:
    if not is_json(reading) or b'"mapping"' in head:
        return False
    return (b'"messages"' in head and any(name in head for name in _MARKS)) or (
        b'"chats"' in head and b'"list"' in head
    )


TELEGRAM = Format("chat", read, recognises=_recognises)
