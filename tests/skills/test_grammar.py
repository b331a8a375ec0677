"""Sentences to intents: whole sentences only, slots checked, politeness aside."""

from datetime import datetime
from pathlib import Path

import pytest

from voiceos.config.settings import Config
from voiceos.skills.grammar import Grammar
from voiceos.skills.registry import abilities
from voiceos.skills.skill import Asked, Intent, Said, Skill

NOW = datetime(2026, 11, 29, 12)


async def _never(asked: Asked) -> Said:
    raise NotImplementedError


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return Grammar([Skill("world_clock", [Intent("world_clock.time", _never)])])


@pytest.mark.parametrize(
    "text",
    [
        "What time is it?",
        "what's the time",
        "Hey, please could you tell me the time, please?",
        "What time is it now, thanks.",
        "I was wondering, as the bus leaves in a while, whether you could tell me what time it is",
    ],
)
def test_a_sentence_is_taken_whole(grammar: Grammar, text: str) -> None:
    match = grammar.match(text, NOW)
    assert match
    assert match.intent == "world_clock.time"


@pytest.mark.parametrize(
    "text", ["", "?", "please", "What time is it in the story?", "I asked what time is it", "x" * 5000]
)
def test_anything_else_is_not(grammar: Grammar, text: str) -> None:
    assert grammar.match(text, NOW) is None


def test_the_skills_say_what_they_can_do() -> None:
    assert {"spell words", "do sums"} <= set(abilities(Config()))


def test_another_package_brings_its_own_sentences(tmp_path: Path) -> None:
    file = tmp_path / "en" / "skills" / "kettle.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[sentences]\nboil = ["boil [the] water"]\n')
    match = Grammar([Skill("kettle", [Intent("kettle.boil", _never)], languages=tmp_path)]).match(
        "Boil the water!", NOW
    )
    assert match
    assert match.intent == "kettle.boil"
