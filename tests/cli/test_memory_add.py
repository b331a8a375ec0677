"""`voiceos memory add`, as a person and as a script uses it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.memory.made_up import MadeUp
from voiceos import app

Run = Callable[..., Any]


def test_add_tells_what_came_of_it(run: Run, home: Path) -> None:
    (home / "notes").mkdir()
    (home / "notes" / "a.md").write_text("# One\nwords\n# Two\nmore\n")
    said = run("memory", "add", str(home / "notes"))
    assert (said.code, said.out) == (0, "1 file: 1 read, 0 unchanged. Records: 2 new.\n")
    said = run("memory", "add", str(home / "notes"))
    assert said.out == "1 file: 0 read, 1 unchanged. Records: none new.\n"


def test_add_for_scripts(run: Run, home: Path) -> None:
    (home / "notes").mkdir()
    (home / "notes" / "chat.txt").write_text("03/05/2024, 14:05 - Jo: Hi\n")
    (home / "notes" / "b.txt").write_bytes(bytes(range(30)) * 10)
    said = run("memory", "add", str(home / "notes"), "--me", "Jo", "--json")
    report = json.loads(said.out)
    assert said.code == 65
    assert (report["read"], report["new"]) == (1, 1)
    assert report["skipped"][0]["reason"] == "it is binary, not text"
    (home / "notes" / "chat.txt").unlink()
    report = json.loads(run("memory", "add", str(home / "notes"), "--forget-removed", "--json").out)
    assert report["forgotten"] == 1


def test_an_empty_file_of_a_folder_is_told_and_is_no_failure(run: Run, home: Path) -> None:
    (home / "notes").mkdir()
    (home / "notes" / "a.md").write_text("words")
    (home / "notes" / "empty.md").write_text("")
    (home / "notes" / "none.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    said = run("memory", "add", str(home / "notes"))
    assert said.code == 0
    assert f"Note: {home}/notes/empty.md: it is empty" in said.err
    assert "none.ics: it was read, but it contains no event" in said.err
    (home / "notes" / "b.txt").write_bytes(bytes(range(30)) * 10)
    said = run("memory", "add", str(home / "notes"))
    assert said.code == 65
    assert f"Skipped {home}/notes/b.txt" in said.err


def test_add_of_nothing(run: Run, home: Path) -> None:
    assert run("memory", "add").code == 64
    said = run("memory", "add", str(home / "nowhere"))
    assert said.code == 65
    assert "it does not exist" in said.err
    (home / "notes").mkdir()
    said = run("memory", "add", str(home / "notes"))
    assert (said.code, said.out) == (0, "There are no files to add there.\n")
    assert run("memory", "add", str(home / "notes"), str(home / "nowhere")).code == 65


def test_a_name_that_is_not_utf8_is_shown_escaped_taken_in_and_forgotten(run: Run, home: Path) -> None:
    notes = home / "notes"
    notes.mkdir()
    bad, empty = (notes / os.fsdecode(name) for name in (b"bad\xff.txt", b"empty\xfe.txt"))
    bad.write_text("The boiler is grey.")
    empty.write_text("")
    (notes / "good.txt").write_text("The door is red.")
    said = run("memory", "add", str(notes), "--json")
    assert said.code == 0
    report = json.loads(said.out)
    assert (report["read"], report["new"]) == (2, 2)
    assert [one["path"] for one in report["skipped"]] == [f"{notes}/empty\\xfe.txt"]
    assert "0 read, 2 unchanged" in run("memory", "add", str(notes)).out
    assert "0 read, 1 unchanged" in run("memory", "add", str(bad)).out
    assert run("memory", "forget", "--source", str(bad), "--yes").out == "Erased 1 record, 0 turns.\n"


def test_what_has_gone_and_was_not_utf8_is_forgotten_by_its_shown_name(run: Run, home: Path) -> None:
    bad = home / os.fsdecode(b"bad\xff.txt")
    bad.write_text("The boiler is grey.")
    run("memory", "add", str(bad))
    bad.unlink()
    assert run("memory", "forget", "--source", f"{home}/bad\\xff.txt", "--yes").out == "Erased 1 record, 0 turns.\n"


def test_what_is_not_utf8_and_does_not_exist_is_told(run: Run, home: Path) -> None:
    said = run("memory", "add", str(home / os.fsdecode(b"nope\xff")))
    assert said.code == 65
    assert f"Skipped {home}/nope\\xff: it does not exist" in said.err


def test_what_the_installed_assistant_cannot_see_is_told(run: Run, home: Path) -> None:
    for command in ("add", "import"):
        said = run("--system", "memory", command, "/home/jo/notes")
        assert said.code == 64
        assert "systemd hides home and temporary folders from it. Copy it" in said.err


@pytest.fixture
def with_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_meaning", lambda shelf: MadeUp())  # pyright: ignore[reportUnknownLambdaType]


@pytest.mark.usefixtures("with_meaning")
def test_what_is_added_is_read_too(run: Run, home: Path) -> None:
    (home / "a.md").write_text("".join(f"# Part {n}\nThe boiler of house {n} is grey.\n" for n in range(30)))
    said = run("memory", "add", str(home / "a.md"))
    assert (said.code, said.out) == (0, "1 file: 1 read, 0 unchanged. Records: 30 new.\n")
    assert "Reading 30 passages" in said.err
    assert "30 by words, 30 by meaning\n" in run("memory", "stats").out
    (home / "b.md").write_text("The door is red.")
    report = json.loads(run("memory", "add", str(home / "b.md"), "--json").out)
    assert report["not_yet_by_meaning"] == 0


@pytest.mark.usefixtures("with_meaning")
def test_an_interrupted_reading_goes_on_with_the_next_add(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "a.md").write_text("".join(f"# Part {n}\nThe boiler of house {n} is grey.\n" for n in range(30)))

    def interrupted(steps: Any, **_: bool) -> None:
        next(steps)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("voiceos.cli.reading.result_of", interrupted)
        said = run("memory", "add", str(home / "a.md"))
    assert said.code == 130
    assert "Stopped. The next `voiceos memory add`" in said.err
    told = json.loads(run("memory", "stats", "--json").out)
    assert 0 < told["not_yet_by_meaning"] == 30 - told["indexed_by_meaning"]
    said = run("memory", "add", str(home / "a.md"))
    assert said.out == "1 file: 0 read, 1 unchanged. Records: none new.\n"
    assert json.loads(run("memory", "stats", "--json").out)["not_yet_by_meaning"] == 0


@pytest.mark.usefixtures("with_meaning")
def test_whoever_only_gives_commands_has_what_they_told_read(run: Run) -> None:
    assert run("ask", "Remember that the spare key is under the blue pot.").code == 0
    told = json.loads(run("memory", "stats", "--json").out)
    assert told["indexed_by_meaning"] == told["passages"] > 0
