"""Chats: who said what when."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from voiceos.memory.ingest.reading import Reading, Unreadable
from voiceos.store.records import OWNER

Read = Callable[..., Any]


def node(id: str, parent: str | None, role: str, text: str) -> dict[str, Any]:
    said = {"author": {"role": role}, "create_time": 1714723200.5, "content": {"parts": [text]}}
    return {id: {"id": id, "parent": parent, "message": said}}


def test_chatgpt_follows_the_branch_that_was_shown(read: Read) -> None:
    mapping = node("a", None, "user", "Hi?") | node("b", "a", "assistant", "Old") | node("c", "a", "assistant", "New")
    talks = [{"id": "t", "title": "Greeting", "current_node": "c", "mapping": mapping}, {"id": "u", "mapping": {}}, 3]
    records, _ = read("conversations.json", json.dumps(talks))
    assert [(record.author, record.text) for record in records] == [(OWNER, "Hi?"), ("ChatGPT", "New")]
    assert records[0].thread == "chatgpt:t"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Paris \ue200cite\ue202turn0search1\ue201.", "Paris."),
        ('See \ue200entity\ue202["city","Paris"]\ue201 now', "See Paris now"),
        ('See \ue200entity["city","Paris"]\ue201 now', "See Paris now"),
        ("See \ue200url\ue202The map\ue202https://example.org\ue201", "See The map"),
        ("As it says【12:0†notes.pdf】.", "As it says."),
        ("It breaks off \ue200cite\ue202turn0", "It breaks off"),
    ],
)
def test_chatgpt_without_its_citation_marks(read: Read, written: str, kept: str) -> None:
    records, _ = read("conversations.json", json.dumps([{"id": "t", "mapping": node("a", None, "assistant", written)}]))
    assert [record.text for record in records] == [kept]


def test_telegram(read: Read) -> None:
    def message(id: int, text: Any) -> dict[str, Any]:
        return {
            "id": id,
            "type": "message",
            "date_unixtime": "1714723200",
            "from": "Ana",
            "from_id": "user5",
            "text": text,
        }

    chats = [
        {"name": "Ana", "id": 1, "messages": [message(1, ["a ", {"type": "bold", "text": "b"}]), message(2, "")]},
        {"name": "Club", "id": 2, "messages": [message(1, "c")]},
    ]
    records, _ = read("result.json", json.dumps({"chats": {"list": chats}}))
    assert [(record.title, record.text, record.author) for record in records] == [
        ("Ana", "a b", "Ana"),
        ("Club", "c", "Ana"),
    ]


def test_signal_of_several_tools(read: Read) -> None:
    one = '{"date":"2024-05-03T10:00:00","sender":"Me","body":"hello"}'
    lines = f"{one}\nbroken\n{one.replace('Me', 'Ana').replace('hello', 'hey')}\n"
    records, reading = read("Ana/data.json", lines)
    assert [(record.author, record.text, record.title) for record in records] == [
        (OWNER, "hello", "Ana"),
        ("Ana", "hey", "Ana"),
    ]
    assert reading.problems[0].part == "line 2"
    array = [
        {"id": "1", "type": "outgoing", "body": "x", "sent_at": 1714723200000, "source": "+1", "conversationId": "c"}
    ]
    records, _ = read("m.json", json.dumps(array))
    assert (records[0].author, records[0].at.year) == (OWNER, 2024)


def test_json_that_breaks_off_keeps_what_came_before(read: Read, folder: Any) -> None:
    from voiceos.memory.ingest import telegram

    path = folder / "result.json"
    path.write_text('{"name":"A","id":1,"messages":[{"id":1,"type":"message","from_id":"u","text":"kept"},{"id":2,')
    records = telegram.read(Reading(path))
    assert next(records).text == "kept"
    with pytest.raises(Unreadable, match="incomplete"):
        next(records)
