"""ChatGPT's `conversations.json`: of each conversation's tree of messages the branch that was shown last."""

from collections.abc import Iterator

from voiceos.language.citations import without_citations
from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import of_value
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.memory.ingest.stream import Object, inner, is_json, items, text_of
from voiceos.store.records import OWNER, Kind, Record

AUTHORS = {"user": OWNER, "assistant": "ChatGPT"}


def read(reading: Reading) -> Iterator[Record]:
    """What the owner and the model wrote, a conversation at a time. Raises Unreadable."""
    for number, (_, talk) in enumerate(items(reading, ("item", "conversations.item")), 1):
        if isinstance(talk.get("mapping"), dict):
            yield from _conversation(talk, number)
        else:
            reading.problem("it is not a conversation", f"conversation {number}")


def _conversation(talk: Object, number: int) -> Iterator[Record]:
    name = str(talk.get("id") or talk.get("conversation_id") or f"number {number}")
    title = clean(str(talk.get("title") or ""))
    for id, message in _branch(talk):
        author = AUTHORS.get(inner(message, "author").get("role", ""))
        hidden = inner(message, "metadata").get("is_visually_hidden_from_conversation")
        content = inner(message, "content")
        parts = content.get("parts")
        text = without_citations(text_of(parts if isinstance(parts, list) else content.get("text"), "\n\n")).strip()
        if author and text and not hidden and message.get("recipient", "all") == "all":
            at = of_value(message.get("create_time")) or of_value(talk.get("create_time"))
            yield Record(Kind.MESSAGE, f"{name}/{id}", text, title, author, at=at, thread=f"chatgpt:{name}")


def _branch(talk: Object) -> list[tuple[str, Object]]:
    """The messages from the root to the node that was current, or to the last leaf if none is named."""
    nodes = {id: node for id, node in talk["mapping"].items() if isinstance(node, dict)}
    id = talk.get("current_node")
    if id not in nodes:
        id = next((id for id in reversed(nodes) if not nodes[id].get("children")), next(reversed(nodes), None))
    path: dict[str, Object] = {}
    while isinstance(id, str) and id in nodes and id not in path:
        path[id] = inner(nodes[id], "message")
        id = nodes[id].get("parent")
    return list(path.items())[::-1]


def _recognises(reading: Reading, head: bytes) -> bool:
    return is_json(reading) and b'"mapping"' in head and (b'"current_node"' in head or b'"message"' in head)


CHATGPT = Format("chat", read, recognises=_recognises)
