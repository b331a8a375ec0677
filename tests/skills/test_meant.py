"""Sentences that were once mistaken: what each is taken for now. `meant.tsv`: sentence, intent."""

import re
from pathlib import Path

import pytest

from tests.skills.conftest import MODEL, Talk
from voiceos.core import Transcript, Turn
from voiceos.mind.router import Router
from voiceos.skills.registry import skills

pytestmark = pytest.mark.anyio
ROWS = [
    tuple(f"{line}\t".split("\t")[:2])
    for line in Path(__file__).with_name("meant.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("sentence", "intent"), ROWS, ids=[row[0] for row in ROWS])
async def test_a_sentence_is_taken_for_what_it_is(talk: Talk, sentence: str, intent: str) -> None:
    await talk("set a timer for ten minutes")
    asked = talk.router.asked(Turn("t", "c", transcript=Transcript(sentence)))
    assert [one.intent for one in asked] == [intent] * bool(intent)


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ("wake me at seven tomorrow", "get rid of the five pm alarm", "none at that time"),
        ("wake me at seven tomorrow", "cancel all my alarms for friday", "none at that time"),
        ("wake me at seven tomorrow", "turn off my alarm now", "cancelled your alarm for 7:00 AM"),
        ("wake me at seven tomorrow", "what alarms do I have right now", "tomorrow at 7:00 AM"),
        ("put a meeting with Paul in my calendar tomorrow at 11", "remove my event at one pm today", "changed nothing"),
        ("put a meeting with Paul in my calendar tomorrow at 11", "cancel my meetings tomorrow", "Should I remove it"),
        ("set a timer for ten minutes", "make it nine minutes instead", "now has 9 minutes left"),
    ],
)
async def test_only_what_is_meant_is_changed(talk: Talk, first: str, then: str, said: str) -> None:
    await talk(first)
    assert said in await talk(then)


@pytest.mark.parametrize(
    ("text", "intent", "said"),
    [
        ("dollar rupees exchange rate", "units.money", r"About [\d.]+ rupees, .*"),
        ("if i have five usd how much is that in aud", "units.money", r"About [\d.]+ Australian dollars, .*"),
        ("how many teaspoons make up in 1 tablespoon", "units.convert", r"3 teaspoons\."),
        ("what is the correct amount of ounces in a pound", "units.convert", r"16 ounces\."),
        ("could you work out six times seven for my son", "sums.calculate", r"42\."),
        ("multiply six by nine and three on top", "sums.calculate", re.escape(MODEL)),
        ("help me with my maths homework", "sums.calculate", re.escape(MODEL)),
        ("the rate of inr", "units.money", re.escape(MODEL)),
        ("where is the egg timer", "timers.left", re.escape(MODEL)),
        ("how long is the timer on the sprinkler set for", "timers.left", re.escape(MODEL)),
        ("what do I press when the shop alarm will not stop", "alarms.list", re.escape(MODEL)),
        ("how many days till we fly to Gran for Easter", "world_clock.until", re.escape(MODEL)),
        ("days remaining until Easter", "world_clock.until", r"\d+ days\. .*"),
        ("are there timers at all", "timers.left", r"You have no timers\."),
        ("tell me which alarms are on tomorrow", "alarms.list", r"You have no alarms\."),
    ],
)
async def test_what_the_judge_took_is_found_in_the_sentence(talk: Talk, text: str, intent: str, said: str) -> None:
    made = skills(talk.workshop)
    judged = Talk(Router(made, talk.workshop, judge=lambda _: [intent]), talk.workshop, talk.clock)
    assert re.fullmatch(said, await judged(text))
