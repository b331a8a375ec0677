"""WhatsApp's exports: every locale's dates, and only what somebody wrote."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voiceos.memory.ingest import whatsapp
from voiceos.memory.ingest.reading import Reading
from voiceos.store.records import OWNER, Kind

Read = Callable[..., Any]


@pytest.mark.parametrize(
    "head",
    [
        "31/10/2024, 15:50 - Ana: ",
        "31.10.24, 15:50 - Ana: ",
        "31/10/2024 15:50 - Ana: ",
        "31/10/2024 à 15:50 - Ana: ",
        "31-10-2024 15:50 - Ana: ",
        "31.10.2024 15.50 - Ana: ",
        "31.10.2024 klo 15.50 - Ana: ",
        "31.10.2024 г., 15:50 - Ana: ",
        "31. 10. 2024 15:50 - Ana: ",
        "31. 10. 2024. 15:50 - Ana: ",
        "31/10/24 15.50 - Ana: ",
        "31/10/24, 15.50 - Ana: ",
        "2024-10-31 15:50 - Ana: ",
        "2024-10-31, 3:50\u202fp.m. - Ana: ",
        "2024-10-31 15 h 50 - Ana: ",
        "2024/10/31 15:50 - Ana: ",
        "24/10/31 15:50 - Ana: ",
        "2024. 10. 31. 15:50 - Ana: ",
        "2024. 10. 31. du. 3:50 - Ana: ",
        "2024/10/31 下午3:50 - Ana: ",
        "2024年10月31日 下午3:50 - Ana: ",
        "2024. 10. 31. 오후 3:50, Ana : ",
        "2024년 10월 31일 오후 3:50, Ana: ",
        "15:50, 31/10/2024 - Ana: ",
        "31/10/2567 15:50 - Ana: ",
        "31/10/67 15:50 - Ana: ",
        "۲۰۲۴/۱۰/۳۱، ۱۵:۵۰ - Ana: ",
        "۱۴۰۳/۸/۱۰،\u200f ۱۵:۵۰ - Ana: ",
        "\u200f٣١\u200f/١٠\u200f/٢٠٢٤، ٣:٥٠ م - Ana: ",
        "\u200f31\u200f/10\u200f/2024، 3:50 م - Ana: ",
        "३१/१०/२४, ३:५० अपराह्न - Ana: ",
        "31/10/2024, 3:50 μ.μ. - Ana: ",
        "31.10.2024 ÖS 3:50 - Ana: ",
        "31/10/2024, 3:50 PTG - Ana: ",
        "31/10/2024 3:50 p. m. - Ana: ",
        "10/31/24, 3:50 PM - Ana: ",
        "Oct 31, 2024, 3:50 PM - Ana: ",
        "31 oct. 2024 15:50 - Ana: ",
        "31/10/2024, 15:50: Ana: ",
        "\ufeff[31/10/24, 3:50:00\u202fPM] Ana: ",
        "\u200e[31.10.24, 15:50:00] ~\u202fAna: ",
        "[31.10.2024 klo 15.50.00] Ana: ",
        "[2024/10/31 下午3:50:00] Ana: ",
        "[2024. 10. 31. 오후 3:50:00] Ana: ",
        "[31/10/2567 15:50:00] Ana: ",
    ],
)
def test_heads_of_every_locale(read: Read, head: str) -> None:
    [record], _ = read("WhatsApp Chat with Ana.txt", f"{head}Hi: you\nand more: yes\n")
    assert (record.kind, record.author, record.text) == (Kind.MESSAGE, "Ana", "Hi: you\nand more: yes")
    assert f"{record.at:%Y-%m-%d %H:%M}" == "2024-10-31 15:50"
    assert (record.title, record.thread) == ("Ana", "whatsapp:Ana")


def test_the_order_of_dates_is_the_one_that_time_has(read: Read) -> None:
    records, _ = read("chat.txt", "5/3/24, 2:05 PM - Jo Kim: Hi\n5/28/24, 2:06 PM - Ana: Ho\n", "jo kim")
    assert [(record.author, record.at.day) for record in records] == [(OWNER, 3), ("Ana", 28)]
    records, _ = read("a.txt", "3/5/24, 2:05 pm - Ana: Hi\n4/5/24, 2:06 pm - Ana: Ho\n")
    assert [(record.at.month, record.at.day) for record in records] == [(5, 3), (5, 4)]
    records, _ = read("b.txt", "11/5/24, 2:05 - Ana: Hi\n1/6/24, 2:06 - Ana: Ho\n")
    assert [(record.at.month, record.at.day) for record in records] == [(5, 11), (6, 1)]


@pytest.mark.parametrize("date", ["10/31/24", "31.10.24", "24/10/31", "31/10/67", "10/31/2067", "31/10/2067"])
def test_a_chat_that_is_read_before_the_clock_is_set(folder: Path, date: str) -> None:
    (folder / "chat.txt").write_text(f"{date}, 15:50 - Ana: Hi\n")
    [record] = whatsapp.read(Reading(folder / "chat.txt", now=datetime(1970, 1, 1, tzinfo=UTC)))
    assert f"{record.at:%m-%d %H:%M}" == "10-31 15:50"
    assert f"{record.at:%Y}" == ("2067" if "2067" in date else "2024")


def test_an_exported_folder_names_the_chat(read: Read) -> None:
    [record], _ = read("WhatsApp Chat - Ana/_chat.txt", "[31.10.24, 15:50:00] Raj: hi\n")
    assert record.title == "Ana"


def test_messages_of_one_minute_are_all_kept(read: Read) -> None:
    said = ["Ana: When?", "Jo: On Sunday", "Ana: Which station?", "Jo: Oriente", "Ana: I bring the van"]
    records, _ = read("chat.txt", "".join(f"12/30/23, 9:15\u202fPM - {one}\n" for one in said))
    assert [f"{record.author}: {record.text}" for record in records] == said
    assert len({record.key for record in records}) == 5


def test_a_line_that_looks_like_another_programs_head_is_part_of_the_message(read: Read) -> None:
    [record], _ = read("chat.txt", "30.12.23, 21:15 - Ana: the log says\n2023-12-30 15:50: it failed\n")
    assert record.text == "the log says\n2023-12-30 15:50: it failed"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<Media omitted>", ""),
        ("<Без медиафайлов>", ""),
        ("<사진 읽지 않음>", ""),
        ("Media omitted", ""),
        ("\u200eBild weggelassen", ""),
        ("\u200eMensajes y llamadas cifrados", ""),
        ("Look here \u200e<attached: 01-PHOTO.jpg>", "Look here"),
        ("hello <This message was edited>", "hello"),
        ("hola <Se editó este mensaje.>", "hola"),
        ("see <https://example.org/a-long-path>", "see <https://example.org/a-long-path>"),
        ("This message was deleted", ""),
        ("Diese Nachricht wurde gelöscht.", ""),
        ("Eliminaste este mensaje", ""),
        ("تم حذف هذه الرسالة", ""),
        ("null", ""),
        ("Missed voice call", ""),
        ("Verpasster Sprachanruf", ""),
        ("IMG-20241031-WA0001.jpg (archivo adjunto)", ""),
        ("Plan.pdf (file attached)\nThe plan", "The plan"),
        ("<Media omitted>\nThe plan", "The plan"),
        ("Use <your name here>", "Use <your name here>"),
        ("Missed voice call at 15:50", ""),
        ("Waiting for this message", ""),
        ("a <3 b> c", "a <3 b> c"),
        ("POLL:\nWhere?\nOPTION: Pizza (2 votes)", "POLL:\nWhere?\nOPTION: Pizza (2 votes)"),
        ("\u200ePOLL:\nWhere?\n\u200eOPTION: Pizza (\u200e2 votes)", "POLL:\nWhere?\nOPTION: Pizza (2 votes)"),
    ],
)
def test_what_the_program_wrote_is_no_message(read: Read, said: str, kept: str) -> None:
    records, _ = read("_chat.txt", f"[31.10.24, 15:50:00] Raj: {said}\n[31.10.24, 15:51:00] Raj: bye\n")
    assert [record.text for record in records] == [*([kept] if kept else []), "bye"]


@pytest.mark.parametrize(
    "notice",
    [
        'Tom hat die Gruppe erstellt: "Test: x"',
        'Ana changed the subject from "A: b" to "C: d"',
        'Ana created group "Trip: Rome"',
        "Ana changed the group description: see below",
        "You added Tom",
        "Ana создал(-а) группу «Поездка: Рим»",
        "Ana創建了群組「旅行: 羅馬」",
        "Anaがグループ「旅行: ローマ」を作成しました",
        "Messages and calls are end-to-end encrypted. Tap to learn more.",
    ],
)
def test_a_notice_of_the_group_has_no_author(read: Read, notice: str) -> None:
    records, _ = read("chat.txt", f"03.08.21, 12:30 - Tom: hi\n03.08.21, 12:31 - {notice}\n")
    assert [(record.author, record.text) for record in records] == [("Tom", "hi")]


def test_a_long_message_is_kept_whole(read: Read) -> None:
    said = "\n".join(f"line {number}" for number in range(700))
    records, _ = read("chat.txt", f"31/10/2024, 15:50 - Ana: {said}\n31/10/2024, 15:51 - Tom: Yes\n")
    assert [record.text for record in records] == [said, "Yes"]


def test_no_message_is_older_than_whatsapp(read: Read) -> None:
    records, _ = read("chat.txt", "24/5/4, 15:50 - Ana: Hi\n24/5/18, 15:51 - Tom: Yes\n")
    assert [f"{record.at:%Y-%m-%d}" for record in records] == ["2024-05-04", "2024-05-18"]


@pytest.mark.parametrize(
    "name", ["WhatsApp Chat with Ana (1)", "Ana ile WhatsApp Sohbeti", "与Ana的WhatsApp聊天记录", "Чат WhatsApp з Ana"]
)
def test_a_chat_has_its_name_from_its_file(read: Read, name: str) -> None:
    [record], _ = read(f"{name}.txt", "31/10/2024, 15:50 - Ana: Hi\n")
    assert record.title == "Ana"


def exports() -> list[tuple[str, str, str]]:
    text = (Path(__file__).parent / "chats.txt").read_text(encoding="utf-8")
    found: list[tuple[str, str, str]] = []
    for block in text.split("\n=== ")[1:]:
        name, _, rest = block.partition("\n")
        export, _, expected = rest.replace("␍\n", "\r\n").partition("---\n")
        found.append((name, export, expected))
    return found


@pytest.mark.parametrize(("export", "expected"), [one[1:] for one in exports()], ids=[one[0] for one in exports()])
def test_exports_of_many_languages(read: Read, export: str, expected: str) -> None:
    records, _ = read("WhatsApp Chat with Anna.txt", export)
    kept = [f"{record.at:%Y-%m-%dT%H:%M:%S} | {record.author} | {record.text}" for record in records]
    assert [one.replace("\n", "⏎") for one in kept] == expected.splitlines()


@pytest.mark.parametrize("said", ["Video call, tomorrow at six?", "Null", "This message", "Llamada, por favor"])
def test_words_that_only_resemble_what_the_program_writes(read: Read, said: str) -> None:
    [record], _ = read("chat.txt", f"13/11/2026, 10:14 - Anna: {said}\n")
    assert record.text == said
