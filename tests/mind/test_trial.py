"""Trying a language model: what counts as right, and which one is recommended."""

from dataclasses import replace
from pathlib import Path

import pytest

from voiceos.language.data import table
from voiceos.mind.trial import is_right
from voiceos.models.tried import FILE, Trial, keep, recommended, tried

GOOD = Trial("good", "2026-11-30T10:00:00+00:00", 0.5, 12.0, 1200, 20, 22, 7, 8)


@pytest.mark.parametrize(
    ("reply", "right"),
    [("That is a mile.", True), ("A kilometre is longer than a mile.", False), ("Neither.", False)],
)
def test_a_reply_must_have_what_is_right_and_not_what_is_wrong(reply: str, right: bool) -> None:
    question = next(one for one in table("en", "trial")["questions"] if "wrong" in one)
    assert is_right(reply, question) is right


def test_thirty_questions_and_calls() -> None:
    data = table("en", "trial")
    assert len(data["questions"]) + len(data["calls"]) == 30
    names = {tool["name"] for tool in data["tools"]}
    assert {call["tool"] for call in data["calls"] if "tool" in call} == names


def test_trials_are_kept_and_the_best_quick_one_is_recommended(tmp_path: Path) -> None:
    better_but_slow = replace(GOOD, model="slow", first_token=4.0, right=22)
    quick_but_wrong = replace(GOOD, model="wrong", first_token=0.1, right=3, called=0)
    for trial in (GOOD, better_but_slow, quick_but_wrong):
        keep(tmp_path, trial)
    assert tried(tmp_path) == {"good": GOOD, "slow": better_but_slow, "wrong": quick_but_wrong}
    assert recommended(tried(tmp_path)) == GOOD
    assert recommended({"slow": better_but_slow, "wrong": quick_but_wrong}) == better_but_slow
    assert recommended({"wrong": quick_but_wrong}) is None
    assert "20 of 22 answers and 7 of 8 calls right (30 November 2026)" in GOOD.words


@pytest.mark.parametrize("text", ["", "[]", '{"good": {"model": 1}, "other": []}', "\x00"])
def test_a_damaged_note_of_trials_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert tried(tmp_path) == {}
