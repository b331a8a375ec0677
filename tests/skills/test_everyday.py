"""Everyday sentences: which skill takes each, and what it says. `everyday.tsv`: sentence, intent, reply (a pattern)."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voiceos.config.settings import Config, LocaleSettings
from voiceos.core import Exchange, Transcript, Turn
from voiceos.skills import chance, conversation, emergency, itself, spelling, sums, units, volume, world_clock
from voiceos.skills.grammar import Grammar
from voiceos.skills.skill import Asked, Intent, Workshop

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 29, 23, 40, tzinfo=ZoneInfo("Europe/London"))
HISTORY = (Exchange("Is tea a drink?", "Yes, tea is a drink."), Exchange("What do fish eat?", "Mostly smaller fish."))
ROWS = [
    tuple(f"{line}\t\t".split("\t")[:3])
    for line in Path(__file__).with_name("everyday.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@cache
def everything() -> tuple[Grammar, dict[str, Intent]]:
    rooms = (chance, conversation, emergency, itself, spelling, sums, units, volume, world_clock)
    skills = [room.make(Workshop(Config(locale=LocaleSettings(country="GB")))) for room in rooms]
    return Grammar(skills), {intent.name: intent for skill in skills for intent in skill.intents}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(("sentence", "intent", "reply"), ROWS, ids=[row[0] for row in ROWS])
async def test_an_everyday_sentence(sentence: str, intent: str, reply: str) -> None:
    grammar, intents = everything()
    match = grammar.match(sentence, NOW)
    assert (match.intent if match else "-") == intent
    if match:
        turn = Turn("t", "c", history=HISTORY, transcript=Transcript(sentence))
        said = await intents[match.intent].handle(Asked(match.intent, sentence, NOW, turn, match.slots))
        assert re.fullmatch(reply, said.text), said.text


@pytest.mark.parametrize(
    ("sentence", "is_one"), [("so which weekday have we got today", True), ("what day is the party on", False)]
)
def test_a_weekday_is_told_only_of_a_day_that_was_understood(sentence: str, is_one: bool) -> None:
    """What the judge takes for it has no slots."""
    _, intents = everything()
    asked = Asked("world_clock.weekday", sentence, NOW, Turn("t", "c", transcript=Transcript(sentence)))
    assert intents["world_clock.weekday"].mine(asked) is is_one
