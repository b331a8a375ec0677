"""Signal chats as JSON, as signal-export, sigtop and signal-cli write them: an array, or an object a line."""

from collections.abc import Iterator

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import of_value
from voiceos.memory.ingest.reading import Format, Reading, numbered
from voiceos.memory.ingest.stream import Object, inner, is_json, items, objects
from voiceos.memory.ingest.tables import wordlist
from voiceos.store.records import OWNER, Kind, Record

_AUTHOR = ("sender", "sourceName", "from", "author", "source", "sourceNumber")
_TEXT = ("body", "message", "text")
_TIME = ("sent_at", "sentAt", "date_sent", "dateSent", "timestamp", "date", "received_at")
_MARKS = (b'"body"', b'"sent_at"', b'"sender"', b'"conversationId"', b'"envelope"', b'"source"')


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """Every message with words in it. Raises Unreadable."""
    head = reading.head(4_096).lstrip(b"\xef\xbb\xbf \r\n\t")
    one_a_line = head.startswith(b"{") and b'"messages"' not in head.split(b"\n")[0]
    found = objects(reading) if one_a_line else (item for _, item in items(reading, ("item", "messages.item")))
    chat = reading.path.stem if reading.path.stem not in ("data", "messages", "index") else reading.path.parent.name
    for message in map(_unwrapped, found):
        text = clean(next((text for name in _TEXT if isinstance(text := message.get(name), str)), "")).strip()
        if not text:
            continue
        author = _author(reading, message)
        at = next((at for name in _TIME if (at := of_value(message.get(name)))), None)
        thread = f"signal:{message.get('conversationId') or message.get('group') or chat}"
        key = str(message.get("id") or "") or (f"{at:%Y%m%dT%H%M%S} {author}" if at else author)
        yield Record(Kind.MESSAGE, key, text, chat, author, at=at, thread=thread)


def _unwrapped(message: Object) -> Object:
    """What signal-cli wraps in an envelope, flat."""
    envelope = inner(message, "envelope")
    sent = inner(inner(envelope, "syncMessage"), "sentMessage")
    return {**message, **envelope, **(sent or inner(envelope, "dataMessage")), **({"type": "outgoing"} if sent else {})}


def _author(reading: Reading, message: Object) -> str:
    names = [clean(str(message[name])) for name in _AUTHOR if isinstance(message.get(name), str | int)]
    if message.get("type") == "outgoing" or (names and names[0].casefold() in wordlist("labels")["me"]):
        return OWNER
    return reading.author(*names)


def _recognises(reading: Reading, head: bytes) -> bool:
    if not is_json(reading) or b'"mapping"' in head or b'"date_unixtime"' in head:
        return False
    return sum(name in head for name in _MARKS) >= 2 or b'"envelope"' in head


SIGNAL = Format("chat", read, recognises=_recognises)
