"""ChatGPT's `conversations.json`: of each conversation's tree of messages the branch that was shown last."""

from collections.abc import Iterator, Mapping
from typing import Any

from voiceos.language.citations import without_citations
from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import of_value
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.memory.ingest.stream import is_json, items
from voiceos.store.records import OWNER, Kind, Record

AUTHOR = "ChatGPT"
MOST_MESSAGES = 20_000
"""Of a conversation."""


def read(reading: Reading) -> Iterator[Record]:
    """What the owner and the model wrote, a conversation at a time. Raises Unreadable."""
    for number, talk in enumerate(items(reading, ("item", "conversations.item")), 1):
        if isinstance(talk, dict) and isinstance(talk.get("mapping"), dict):
            yield from _conversation(talk, number)
        else:
            reading.problem("it is no conversation", f"conversation {number}")


def _conversation(talk: Mapping[str, Any], number: int) -> Iterator[Record]:
    name = str(talk.get("id") or talk.get("conversation_id") or f"number {number}")
    title = clean(str(talk.get("title") or ""))
    for id, node in _branch(talk):
        message = node.get("message")
        if not isinstance(message, dict):
            continue
        role = (message.get("author") or {}).get("role") if isinstance(message.get("author"), dict) else ""
        hidden = isinstance(message.get("metadata"), dict) and message["metadata"].get(
            "is_visually_hidden_from_conversation"
        )
        text = _text(message.get("content"))
        if role not in ("user", "assistant") or hidden or not text or message.get("recipient", "all") != "all":
            continue
        author = OWNER if role == "user" else AUTHOR
        at = of_value(message.get("create_time")) or of_value(talk.get("create_time"))
        yield Record(Kind.MESSAGE, f"{name}/{id}", text, title=title, author=author, at=at, thread=f"chatgpt:{name}")


def _branch(talk: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """From the root to the node that was current; to the last leaf if none is named."""
    nodes: dict[str, Any] = {id: node for id, node in talk["mapping"].items() if isinstance(node, dict)}
    id = talk.get("current_node")
    if id not in nodes:
        id = next((id for id in reversed(nodes) if not nodes[id].get("children")), next(reversed(nodes), None))
    path: list[tuple[str, Mapping[str, Any]]] = []
    seen: set[str] = set()
    while isinstance(id, str) and id in nodes and id not in seen and len(path) < MOST_MESSAGES:
        seen.add(id)
        path.append((id, nodes[id]))
        id = nodes[id].get("parent")
    return path[::-1]


def _text(content: Any) -> str:
    if not isinstance(content, dict):
        return ""
    found = content.get("parts") if isinstance(content.get("parts"), list) else [content.get("text")]
    texts = [one if isinstance(one, str) else one.get("text") if isinstance(one, dict) else "" for one in found or []]
    return without_citations(clean("\n\n".join(text for text in texts if isinstance(text, str) and text))).strip()


def _recognises(reading: Reading, head: bytes) -> bool:
    return is_json(reading) and b'"mapping"' in head and (b'"current_node"' in head or b'"message"' in head)


CHATGPT = Format("chat", read, recognises=_recognises)
