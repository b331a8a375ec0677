"""Mail and chats: who said what when, and nothing that somebody else said before."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from voiceos.memory.ingest.reading import Reading, Unreadable, owner
from voiceos.memory.ingest.replies import new_words
from voiceos.store.records import OWNER, Kind

Read = Callable[..., Any]

MAIL = (
    "From: Ana <ana@example.org>\nTo: Jo <me@example.org>\nSubject: =?utf-8?q?Br=C3=BCcke?=\n"
    "Date: Fri, 3 May 2024 10:00:00 +0200\nMessage-ID: <1@x>\n\nIt broke.\n\nOn Fri, Bob wrote:\n> did it?\n\n"
    "-- \nAna\n"
)
REPLY = "From: me@example.org\nSubject: Re: it\nReferences: <1@x> <2@x>\nMessage-ID: <3@x>\n\nFixed.\n"


def test_a_mail_is_its_new_words(read: Read) -> None:
    [record], _ = read("one.eml", MAIL, "me@example.org")
    assert (record.kind, record.key, record.title, record.text) == (Kind.MAIL, "1@x", "Brücke", "It broke.")
    assert (record.author, record.addressees) == ("Ana", (OWNER,))
    assert record.at.isoformat() == "2024-05-03T10:00:00+02:00"


def test_an_mbox_has_threads(read: Read) -> None:
    records, _ = read("all.mbox", f"From a Mon\n{MAIL}\nFrom b Mon\n{REPLY}", "me@example.org")
    assert [record.author for record in records] == ["Ana", OWNER]
    assert {record.thread for record in records} == {"1@x"}


def test_an_mbox_goes_on_where_it_was(read: Read) -> None:
    content = f"From a Mon\n{MAIL}\nFrom b Mon\n{REPLY}"
    _, whole = read("all.mbox", content)
    reading = Reading(whole.path, owner(()), whole.now, position=content.index("From b"))
    from voiceos.memory.ingest.mailboxes import read_mbox

    assert [record.key for record in read_mbox(reading)] == ["3@x"]
    assert reading.position == whole.position == len(content.encode())


def test_html_mail_and_attachments(read: Read, pdf: Callable[..., bytes]) -> None:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Message-ID"] = "Plan", "Ana <ana@example.org>", "<9@x>"
    mail.set_content("<p>See <b>attached</b>.</p>", subtype="html")
    mail.add_attachment(pdf("The plan"), maintype="application", subtype="pdf", filename="plan.pdf")
    mail.add_attachment(b"\x89PNG" + bytes(100), maintype="image", subtype="png", filename="a.png")
    records, _ = read("m.eml", bytes(mail))
    assert [record.text for record in records] == ["See attached.", "The plan"]
    assert records[1].title == "Plan > plan"
    assert records[1].thread == "9@x"


def test_a_mail_of_fifty_megabytes_is_bounded(read: Read) -> None:
    [record], reading = read(
        "big.eml", MAIL.replace("It broke.", "It broke.\n" + "x" * 1000 + "\n" + "y\n" * 20_000_000)
    )
    assert len(record.text) <= 200_000
    assert "its end was left out" in reading.problems[0].reason


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Yes.\n\nAm 3. Mai schrieb Bob:\n> old", "Yes."),
        ("Yes.\n-----Original Message-----\nFrom: x\nold", "Yes."),
        ("Yes.\n\nFrom: Bob\nSent: Monday\nTo: me\nSubject: x\nold", "Yes."),
        ("> old\nYes.", "Yes."),
        ("> only quoted", "> only quoted"),
        ("Yes.\nSent from my phone", "Yes."),
    ],
)
def test_quotes_and_signatures_are_cut_away(text: str, new: str) -> None:
    assert new_words(text) == new


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
    with pytest.raises(Unreadable, match="breaks off"):
        next(records)
