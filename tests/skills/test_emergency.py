"""Danger to life is heard in many words, and nothing else is taken for it. `emergency.tsv`: sentence, kind or "-"."""

from pathlib import Path
from typing import Any

import pytest

from voiceos.config.settings import Config, LocaleSettings
from voiceos.core import Transcript, Turn
from voiceos.skills.emergency import heeds, make
from voiceos.skills.skill import Asked, Workshop

pytestmark = pytest.mark.anyio
ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("emergency.tsv").read_text(encoding="utf-8").splitlines()
    if line
]


@pytest.mark.parametrize(("sentence", "kind"), ROWS, ids=[row[0] for row in ROWS])
def test_what_is_an_emergency(sentence: str, kind: str) -> None:
    assert heeds(sentence) == ("" if kind == "-" else f"emergency.{kind}")


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("he's not breathing", "Call 999 now."),
        ("I want to die", "Samaritans at 116 123"),
        ("my friend wants to kill herself", "don't leave them alone"),
        ("my father is hitting me", "call 999"),
        ("I'm so scared", "I'm here."),
        ("Help!", "What's wrong?"),
        ("I burned my hand on the stove", "cool running water"),
        ("the cat ate a lily", "Call a vet now"),
    ],
)
async def test_what_is_said(talk: Any, sentence: str, told: str) -> None:
    skill = make(Workshop(Config(locale=LocaleSettings(country="GB"))))
    name = heeds(sentence)
    (intent,) = [one for one in skill.intents if one.name == name]
    said = await intent.handle(Asked(name, sentence, talk.clock[0], Turn("t", "c", transcript=Transcript(sentence))))
    assert told in said.text


async def test_it_is_no_answer_to_a_question_that_waits(talk: Any) -> None:
    assert await talk("set a timer") == "For how long?"
    assert "Call" in await talk("help, my husband isn't breathing")
