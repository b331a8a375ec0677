"""Signal chats as JSON, as signal-export, sigtop and signal-cli write them: an array, or an object a line."""

from collections.abc import Iterator, Mapping
from typing import Any

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import of_seconds, of_value
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.memory.ingest.stream import is_json, items, number, objects
from voiceos.memory.ingest.words import wordlist
from voiceos.store.records import OWNER, Kind, Record

_AUTHOR = ("sender", "sourceName", "from", "author", "source", "sourceNumber")
_TEXT = ("body", "message", "text")
_TIME = ("sent_at", "sentAt", "date_sent", "dateSent", "timestamp", "date", "received_at")
_MARKS = (b'"body"', b'"sent_at"', b'"sender"', b'"conversationId"', b'"envelope"', b'"source"')


def read(reading: Reading) -> Iterator[Record]:
    """Every message with words in it. Raises Unreadable."""
    head = reading.head(4_096).lstrip(b"\xef\xbb\xbf \r\n\t")
    one_a_line = head.startswith(b"{") and b'"messages"' not in head.split(b"\n")[0]
    found = objects(reading) if one_a_line else items(reading, ("item", "messages.item"))
    chat = reading.path.stem if reading.path.stem not in ("data", "messages", "index") else reading.path.parent.name
    seen: dict[str, int] = {}
    for raw in found:
        if not isinstance(raw, dict):
            continue
        message = _unwrapped(raw)
        text = clean(str(next((message[name] for name in _TEXT if isinstance(message.get(name), str)), ""))).strip()
        if not text:
            continue
        author = _author(reading, message)
        at = next((at for name in _TIME if (at := _time(message.get(name)))), None)
        talk = str(message.get("conversationId") or message.get("group") or chat)
        key = str(message.get("id") or "") or f"{at:%Y%m%dT%H%M%S} {author}" if at else author
        seen[key] = seen.get(key, 0) + 1
        numbered = f"{key} #{seen[key]}" if seen[key] > 1 else key
        yield Record(Kind.MESSAGE, numbered, text, title=chat, author=author, at=at, thread=f"signal:{talk}")


def _unwrapped(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What signal-cli wraps in an envelope, flat."""
    envelope = raw.get("envelope")
    if not isinstance(envelope, dict):
        return dict(raw)
    sent = (
        (envelope.get("syncMessage") or {}).get("sentMessage")
        if isinstance(envelope.get("syncMessage"), dict)
        else None
    )
    inner = sent or envelope.get("dataMessage") or {}
    flat: dict[str, Any] = {**envelope, **(inner if isinstance(inner, dict) else {})}
    if sent:
        flat["type"] = "outgoing"
    return flat


def _author(reading: Reading, message: Mapping[str, Any]) -> str:
    names = [clean(str(message[name])) for name in _AUTHOR if isinstance(message.get(name), str | int)]
    if message.get("type") == "outgoing" or (names and names[0].casefold() in wordlist("labels")["me"]):
        return OWNER
    return OWNER if OWNER in [reading.author(name) for name in names] else reading.author(*names)


def _time(value: Any) -> Any:
    seconds = number(value)
    return of_seconds(seconds) if seconds is not None else of_value(value)


def _recognises(reading: Reading, head: bytes) -> bool:
    if not is_json(reading) or b'"mapping"' in head or b'"date_unixtime"' in head:
        return False
    return sum(name in head for name in _MARKS) >= 2 or b'"envelope"' in head


SIGNAL = Format("chat", read, recognises=_recognises)
