"""`voiceos memory`: searching, telling, forgetting, exporting and keeping up, on a real store."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voiceos.core import Outcome, Recalled, Transcript, Turn
from voiceos.memory.index.lexical import HELD
from voiceos.memory.memory import Memory
from voiceos.memory.registered import derived
from voiceos.store.turns import TurnStore

Run = Callable[..., Any]
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def life(home: Path) -> Path:
    """Two notes and a turn."""
    with Memory(home / "data") as memory, TurnStore(home / "data", None, memory.derived) as turns:
        first = Turn(
            "aaaa1111", "c", transcript=Transcript("We moved to Lyon in May, my sister is called Maren.", "en")
        )
        first.reply = first.said = "Good to know."
        first.outcome = Outcome.ANSWERED
        turns.save(first, MONDAY)
        memory.catch_up()
        second = Turn("bbbb2222", "c", transcript=Transcript("Where did we move?", "en"))
        second.recalled = [
            Recalled("passage:1", "", 1, score=0.9),
            Recalled("record:1", "", 1, score=0.1, left_out="unlikely"),
        ]
        second.reply = second.said = "To Lyon."
        second.outcome = Outcome.ANSWERED
        turns.save(second, MONDAY.replace(day=3))
        memory.catch_up()
    return home


@pytest.fixture
def notes(life: Path, run: Run) -> Path:
    (life / "notes").mkdir()
    (life / "notes" / "boiler.md").write_text("# Boiler\nThe boiler loses pressure every winter.\n")
    assert run("memory", "add", str(life / "notes")).code == 0
    return life


def test_search(run: Run, notes: Path) -> None:
    said = run("memory", "search", "boiler", "pressure")
    assert said.code == 0
    assert "loses pressure every winter" in said.out
    assert "your note Boiler" in said.out
    found = json.loads(run("memory", "search", "Lyon", "--json").out)
    assert found[0]["id"].startswith("passage:")
    assert found[0]["at"].startswith("2026-03-02")
    assert json.loads(run("memory", "search", "Lyon", "--from", "2026-03-04", "--to", "2026-03-05", "--json").out) == []
    assert json.loads(run("memory", "search", "Lyon", "--to", "2026-03-03", "--json").out)


@pytest.mark.parametrize(
    "question",
    [
        "wärme " * 5000,
        "🙂🙂🙂",
        "ボイラーはどこですか",
        "кто звонил",
        '"boiler" AND NEAR(a b) OR *',
        "'; DROP TABLE record; --",
        "boiler\x01\udcff",
        "%_\\",
    ],
)
def test_any_question_has_an_answer(run: Run, notes: Path, question: str) -> None:
    for command in ("search", "facts"):
        said = run("memory", command, question)
        assert (said.code, said.err) == (0, "")
        assert said.out
    assert run("memory", "show", question).code == 64
    assert run("memory", "forget", "--about", question, "--yes").code == 0
    assert "DROP" in question or run("memory", "verify").code == 0


def test_ask_without_a_mind_tells_what_it_found(run: Run, notes: Path) -> None:
    said = run("memory", "ask", "Why would the boiler lose pressure in winter?", "--json")
    assert said.code == 0
    answer = json.loads(said.out)
    assert any("pressure" in one["text"] for one in answer["rests_on"])
    assert "This is what I found" in said.err


def test_facts_with_their_words(run: Run, notes: Path) -> None:
    said = run("memory", "facts", "sister")
    assert "Maren" in said.out
    assert 'You told me on 2 March 2026: "' in said.out
    (fact, *_) = json.loads(run("memory", "facts", "sister", "--history", "--json").out)
    assert fact["state"] == "current"
    shown = json.loads(run("memory", "show", fact["id"], "--json").out)
    assert shown["source"] == "voiceos:conversations"


def test_show_tells_why_a_turn_was_answered_so(run: Run, life: Path) -> None:
    shown = json.loads(run("memory", "show", "bbbb", "--json").out)
    assert shown["rests on"][0]["score"] == 0.9
    assert shown["left out"][0]["left_out"] == "unlikely"
    assert "unlikely" in run("memory", "show", "bbbb").out
    assert "Lyon" in run("memory", "show", "passage:1").out
    assert run("memory", "show", "passage:99999999999999999999999").code == 64


def test_timeline(run: Run, life: Path) -> None:
    said = run("memory", "timeline", "2026-03-02")
    assert "We moved to Lyon" in said.out
    assert "Where did we move?" not in said.out
    assert len(json.loads(run("memory", "timeline", "March", "2026", "--json").out)["records"]) == 4
    assert run("memory", "timeline", "gibberish").code == 64


@pytest.fixture
def chat(home: Path, run: Run) -> Path:
    """A chat of last Christmas, a dinner of the coming one, and a note with a fact."""
    (home / "in").mkdir()
    (home / "in" / "WhatsApp Chat with Anna.txt").write_text(
        "24/12/2025, 14:05 - Anna: Are you coming tonight?\n24/12/2025, 14:06 - Sam: Yes, at six.\n"
    )
    (home / "in" / "jo.ics").write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Dinner\nDTSTART:20261224T180000Z\nDTEND:20261224T210000Z\n"
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    (home / "in" / "move.md").write_text("---\ndate: 2025-12-20\n---\nWe moved to Lyon in May.\n")
    assert run("memory", "add", str(home / "in"), "--me", "Sam").code == 0
    assert run("memory", "reindex").code == 0
    return home


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    def now() -> datetime:
        return datetime(2026, 11, 29, 12).astimezone()

    monkeypatch.setattr("voiceos.api.searching.local_time", now)


def test_timeline_tells_who_wrote_what(run: Run, chat: Path) -> None:
    said = run("memory", "timeline", "2025-12-24").out
    assert said.splitlines()[0] == "2025-12-24"
    assert "message by Anna  record:" in said
    assert "message by you in “Anna”  record:" in said
    assert "\n  Yes, at six.\n" in said


@pytest.mark.usefixtures("november")
def test_timeline_of_a_date_without_a_year_is_of_the_nearest_and_says_which(run: Run, chat: Path) -> None:
    said = run("memory", "timeline", "24", "december")
    assert said.out.splitlines()[0] == "2026-12-24"
    assert "Dinner" in said.out
    assert "Also in 2025: voiceos memory timeline 24 december 2025" in said.err
    assert run("memory", "timeline", "24", "december", "2025").err == ""
    assert run("memory", "timeline", "20 december").out.splitlines()[0] == "2025-12-20"  # where there is something
    assert "Nothing from 2026-11-30." in run("memory", "timeline", "30 november").out


def test_show_in_plain_words_and_local_time(run: Run, chat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (learnt,) = json.loads(run("memory", "facts", "--json").out)
    fact = learnt["id"]
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        told = {id: run("memory", "show", id).out for id in ("record:1", "record:2", "record:3", fact)}
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "2026-12-24 13:00 – 2026-12-24 16:00" in "".join(told.values())
    assert "you: lives in Lyon" in told[fact]
    assert "since 2025-0" in told[fact]
    everything = "".join(told.values())
    for internal in ("owner", "learnt_at", "valid_from", "confidence", "T00:00", "+00:00", "Z\n"):
        assert internal not in everything


def test_forget_asks_once(run: Run, typed: Run, notes: Path) -> None:
    assert typed("memory", "forget", "--about", "boiler", keys="n\n").code == 1
    assert "loses pressure" in run("memory", "search", "boiler").out
    assert run("memory", "forget", "--about", "boiler", "--yes").out.startswith("Erased 1 record")
    assert run("memory", "search", "boiler", "pressure").out.count("pressure") == 0
    assert run("memory", "forget", "aaaa", "--yes").code == 0
    files = [file for file in (notes / "data").rglob("*") if file.is_file()]
    assert not any(b"Maren" in file.read_bytes() for file in files)


def test_who_does_not_agree_ends_the_command_quietly(run: Run, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*_: object, **__: object) -> bool:
        return False

    monkeypatch.setattr("click.confirm", no)
    said = run("memory", "forget", "--everything")
    assert (said.code, said.out) == (1, "")
    assert said.err.endswith("\nNothing was erased.\n")


def test_forget_by_source_time_and_all(run: Run, notes: Path) -> None:
    assert run("memory", "forget").code == 64
    assert run("memory", "forget", "--about", " ", "--yes").code == 64
    assert "Erased 1 record" in run("memory", "forget", "--source", str(notes / "notes"), "--yes").out
    assert "1 turn" in run("memory", "forget", "--before", "2026-03-03", "--yes").out
    assert run("memory", "forget", "--everything", "--yes").code == 0
    assert json.loads(run("memory", "stats", "--json").out)["records"] == {}


@pytest.mark.parametrize("how", [("--about", "Zebracanary"), ("--source",), ("--everything",)])
def test_the_name_of_a_file_that_could_not_be_read_is_forgotten(run: Run, home: Path, how: tuple[str, ...]) -> None:
    (home / "files").mkdir()
    (home / "files" / "Zebracanary.pdf").write_bytes(b"%PDF-1.4 broken")
    (home / "files" / "other.md").write_text("Something else.\n")
    run("memory", "add", str(home / "files"))
    if how == ("--source",):
        how = ("--source", str(home / "files" / "Zebracanary.pdf"))
    assert "1 file name" in run("memory", "forget", *how, "--yes").out
    if how != ("--everything",):
        run("memory", "add", str(home / "files"))
    files = [file for file in (home / "data").rglob("*") if file.is_file()]
    assert not any(b"Zebracanary" in file.read_bytes() for file in files)


def test_export_and_import(run: Run, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = notes / "all.jsonl"
    assert run("memory", "export", str(file)).code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(run("memory", "export").out.splitlines()[0])["is"] == "memory"
    assert run("memory", "export", "--pam", str(notes / "pam.json")).code == 0
    before = json.loads(run("memory", "stats", "--json").out)
    monkeypatch.setenv("VOICEOS_STORE_FOLDER", str(notes / "elsewhere"))
    assert run("memory", "import", str(file)).code == 0
    after = json.loads(run("memory", "stats", "--json").out)
    for name in ("records", "passages", "facts", "turns", "indexed_by_words"):
        assert after[name] == before[name]
    monkeypatch.setenv("VOICEOS_STORE_FOLDER", str(notes / "third"))
    assert run("memory", "import", str(notes / "pam.json")).code == 0
    assert "loses pressure" in run("memory", "search", "boiler").out
    (notes / "no.jsonl").write_text("no export\n")
    (notes / "cut.jsonl").write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    (notes / "sound.wav").write_bytes(b"RIFF\xff\xfe")
    (notes / "other.json").write_text('{"schema": "portable-ai-memory", "schema_version": "9"}')
    for bad in ("no.jsonl", "cut.jsonl", "sound.wav", "other.json", "missing", "notes"):
        said = run("memory", "import", str(notes / bad))
        assert (bad, said.code, said.err.count("\n")) == (bad, 65, 1)


def test_upkeep(run: Run, notes: Path) -> None:
    assert "on disk" in run("memory", "stats").out
    assert run("memory", "verify").out == "No problems found.\n"
    assert "passages by words" in run("memory", "reindex").out
    assert run("memory", "reindex", "--continue").code == 0
    assert run("memory", "verify").code == 0
    assert "loses pressure" in run("memory", "search", "boiler").out


def test_verify_tells_what_is_not_indexed_yet(run: Run, life: Path) -> None:
    with Memory(life / "data") as memory, TurnStore(life / "data", None, memory.derived) as turns:
        for number in range(HELD + 1):
            turns.save(Turn(f"cccc{number}", "c", transcript=Transcript(f"Boiler {number} is grey.")), MONDAY)
    said = run("memory", "verify")
    assert (said.code, said.out.splitlines()[0]) == (0, "No problems found.")
    assert re.search(r"Not found yet: 3\d passages by words\.", said.out)
    assert "voiceos memory reindex --continue" in said.out
    assert run("memory", "reindex", "--continue").code == 0
    assert run("memory", "verify").out == "No problems found.\n"


def test_stats_leave_out_what_cannot_be_a_date(run: Run, life: Path) -> None:
    notes = life / "notes"
    notes.mkdir()
    for name, date in (("zero", "1970-01-01"), ("far", "2190-05-05"), ("old", "1995-06-02")):
        (notes / f"{name}.md").write_text(f"---\ndate: {date}\n---\nThe boiler of {name}.\n")
    (notes / "none.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    assert run("memory", "add", str(notes)).code == 0
    counts = json.loads(run("memory", "stats", "--json").out)
    assert (counts["first"][:10], counts["last"][:10], counts["undated"]) == ("1995-06-02", "2026-03-03", 2)
    assert "2 records" in run("memory", "stats").out


def test_verify_names_what_is_wrong(run: Run, notes: Path) -> None:
    from voiceos.store.database import open_database

    db = open_database(notes / "data" / "memory.db", None, derived())
    db.execute("UPDATE record SET text = 'Changed words.' WHERE id = 1")
    db.close()
    said = run("memory", "verify")
    assert said.code == 1
    assert "The text of record 1 has changed." in said.out


def test_encrypt_and_decrypt(run: Run, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = notes / "key"
    assert run("memory", "decrypt").code == 64
    said = run("memory", "encrypt", "--key-file", str(key))
    assert (said.code, f"memory.key_file {key}" in said.out) == (0, True)
    assert b"pressure" not in (notes / "data" / "memory.db").read_bytes()
    assert run("memory", "search", "boiler").code == 74
    monkeypatch.setenv("VOICEOS_MEMORY_KEY_FILE", str(key))
    assert "loses pressure" in run("memory", "search", "boiler").out
    assert run("memory", "decrypt").code == 0
    monkeypatch.delenv("VOICEOS_MEMORY_KEY_FILE")
    assert "loses pressure" in run("memory", "search", "boiler").out


@pytest.mark.parametrize("command", ["search x", "facts", "timeline", "stats", "verify", "reindex", "export", "ask x"])
def test_no_memory_yet(run: Run, home: Path, command: str) -> None:
    said = run("memory", *command.split())
    assert said.code == 0
    assert "There is no memory yet" in said.err
    assert not (home / "data" / "memory.db").exists()


def test_forget_is_honest_about_what_another_process_keeps(
    run: Run, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> bool:
        return False

    monkeypatch.setattr("voiceos.store.scrub.scrub", busy)
    said = run("memory", "forget", "--about", "boiler", "--yes")
    assert said.code == 0
    assert "The last traces will be gone after a restart" in said.err
