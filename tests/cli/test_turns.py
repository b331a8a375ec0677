"""`voiceos turns` and the waterfall."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rich.console import Console

from voiceos.cli.waterfall import bar, waterfall
from voiceos.core import Outcome, Speech, Stage, Transcript, Turn
from voiceos.store.turns import TurnRecord, TurnStore

Run = Callable[..., Any]
MARKS = {
    Stage.WAKE: 9.0,
    Stage.SPEECH_START: 10.0,
    Stage.SPEECH_END: 12.0,
    Stage.PAUSE: 12.1,
    Stage.TURN_END: 12.4,
    Stage.TRANSCRIPT: 12.8,
    Stage.FIRST_TOKEN: 13.2,
    Stage.FIRST_CLAUSE: 13.4,
    Stage.FIRST_SOUND: 13.5,
    Stage.END: 17.0,
}
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def kept(home: Path) -> Path:
    with TurnStore(home / "data") as store:
        for number, words in enumerate(("What time is it?", "And tomorrow?")):
            turn = Turn(f"{number}abcdefghij", "c", Speech(b"\0\0" * 99, 10, 12), transcript=Transcript(words, "en"))
            turn.reply, turn.said, turn.outcome, turn.marks = (
                "It is noon. Really.",
                "It is noon.",
                Outcome.INTERRUPTED,
                MARKS,
            )
            turn.engines = {"stt": "faster-whisper 1.2.1 whisper-base"}
            store.save(turn, START + timedelta(days=number), keep_audio=True)
    return home


def drawn(record: TurnRecord, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(waterfall(record.marks))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_last_turns(run: Run, kept: Path) -> None:
    said = run("turns")
    assert "And tomorrow?" in said.out
    assert "interrupted" in said.out
    assert "1.50" in said.out
    assert run("turns", "-n", "1", "--json").out.count('"id"') == 1
    assert json.loads(run("turns", "--json").out)[0]["transcript"] == "And tomorrow?"


def test_words_that_are_not_kept_are_shown_as_that(run: Run, kept: Path) -> None:
    with TurnStore(kept / "data") as store:
        turn = Turn("ffff0000", "c", transcript=Transcript("Forget the hospital."), off_record=True)
        turn.said, turn.outcome = "Forgotten.", Outcome.ANSWERED
        store.save(turn, START + timedelta(days=9))
        unheard = Turn("eeee0000", "c", outcome=Outcome.NOTHING_HEARD)
        store.save(unheard, START + timedelta(days=8))
    not_kept = "(not kept: it named what to forget)"
    assert run("turns").out.count(not_kept) == 1
    for command in (["turns", "show", "ffff"], ["memory", "show", "ffff"]):
        assert not_kept in run(*command).out
    assert run("turns", "erase", "ffff", "--yes").code == 0


def test_no_turns_yet(run: Run) -> None:
    assert "voiceos talk" in run("turns").err
    assert json.loads(run("turns", "--json").out) == []
    assert "voiceos talk" in run("turns", "show").err


def test_show_draws_where_the_time_went(run: Run, kept: Path) -> None:
    said = run("turns", "show", "last")
    assert "heard  And tomorrow?" in said.out
    assert "not heard  Really." in said.out
    assert "stt  faster-whisper" in said.out
    assert "voice to voice 1.50 s" in said.out
    assert [line.split()[-2] for line in said.out.splitlines() if line.startswith("recognition")] == ["0.40"]


def test_show_by_the_beginning_of_the_id(run: Run, kept: Path) -> None:
    found = json.loads(run("turns", "show", "0a", "--json").out)
    assert found["transcript"] == "What time is it?"
    assert found["voice_to_voice_seconds"] == 1.5
    assert found["audio"].endswith("0abcdefghij.wav")
    assert "No single turn matches 'zz'" in run("turns", "show", "zz").err


def test_export(run: Run, kept: Path) -> None:
    lines = [json.loads(line) for line in run("turns", "export").out.splitlines()]
    assert [line["transcript"] for line in lines] == ["What time is it?", "And tomorrow?"]


def test_erase_asks_first(typed: Run, run: Run, kept: Path) -> None:
    said = typed("turns", "erase", "--all", keys="n\n")
    assert said.code == 1
    assert "Permanently erase every turn?" in said.err
    assert "Nothing was erased." in said.err
    assert len(json.loads(run("turns", "--json").out)) == 2
    assert typed("turns", "erase", "last", keys="y\n").code == 0
    assert len(json.loads(run("turns", "--json").out)) == 1


@pytest.mark.parametrize(
    ("arguments", "left"),
    [(["--all"], 0), (["--before", "2026-03-02"], 1), (["0abc"], 1), (["--before", "2020-01-01"], 2)],
)
def test_erase(run: Run, kept: Path, arguments: list[str], left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("turns", "erase", *arguments, "--yes")
    assert said.code == 0
    assert said.err.startswith(f"Erased {2 - left} turn")
    assert len(json.loads(run("turns", "--json").out)) == left
    assert len(list((kept / "data" / "audio").iterdir())) == left


@pytest.mark.parametrize("command", [("turns", "erase"), ("memory", "forget")])
def test_what_has_no_time_is_not_erased_by_date(run: Run, kept: Path, command: tuple[str, str]) -> None:
    with TurnStore(kept / "data") as store:
        store.save(Turn("1970", "c"), datetime(1970, 1, 1, tzinfo=UTC))
    said = run(*command, "--before", "2026-03-02", "--yes")
    assert "1 turn stays: the clock was not set then, so its time is unknown." in said.err
    assert len(json.loads(run("turns", "--json").out)) == 2


@pytest.mark.parametrize("arguments", [[], ["last", "--all"], ["zz"]])
def test_erase_of_what(run: Run, kept: Path, arguments: list[str]) -> None:
    assert run("turns", "erase", *arguments).code == 64


def record(**marks: float) -> TurnRecord:
    return TurnRecord("t", "c", START, "owner", "", marks={name.replace("_", " "): at for name, at in marks.items()})


def test_stages_come_in_the_order_in_which_they_happened() -> None:
    speculated = record(speech_end=2.0, transcript=2.2, turn_end=2.4, first_token=2.3)
    told = drawn(speculated).splitlines()
    assert [line.split("  ")[0] for line in told[:3]] == ["recognition", "language model", "end of turn"]


def test_speech_and_reply_are_cut_around_the_wait() -> None:
    told = drawn(record(speech_start=0, speech_end=60, transcript=60.5, first_sound=61, end=99)).splitlines()
    assert told[0].startswith("speech       ◂")
    assert "▸" in told[-2]
    assert told[1].count("█") == told[2].count("█") > 10
    assert told[-1].startswith("voice to voice 1.00 s")


@pytest.mark.parametrize("marks", [{}, {"wake": 1.0}, {"speech_end": 1.0, "first_sound": 1.0}])
def test_little_to_draw(marks: dict[str, float]) -> None:
    assert drawn(record(**marks))


@hypothesis_settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.sampled_from(list(Stage)), st.floats(-1e6, 1e6), max_size=10), st.integers(20, 120))
def test_any_times_are_drawn_in_their_width(marks: dict[str, float], width: int) -> None:
    for line in drawn(TurnRecord("t", "c", START, "owner", "", marks=marks), width).splitlines():
        assert len(line) <= width


@hypothesis_settings(deadline=None)
@given(st.floats(-9, 9), st.floats(0, 9), st.floats(-9, 9), st.floats(0.01, 9))
def test_a_bar_is_as_wide_as_it_should(start: float, seconds: float, first: float, window: float) -> None:
    assert len(bar(start, start + seconds, (first, first + window), 44)) == 44
