"""Looking at fewer templates finds the same as looking at all."""

from dataclasses import replace
from pathlib import Path

import pytest
from hassil import Intents, recognize_all
from hassil.intents import Intent, IntentData

from voiceos.config.settings import Config
from voiceos.skills.grammar import Grammar
from voiceos.skills.registry import skills
from voiceos.skills.skill import Workshop
from voiceos.skills.templates import Templates

TABLES = sorted(Path(__file__).parent.glob("*.tsv"))
SAID = [
    line.split("\t")[0] for file in TABLES for line in file.read_text("utf-8").splitlines() if line and line[0] != "#"
]
HARD = [
    "",
    "?",
    "-",
    "wake-me up at seven",
    "Wake  me _up_ at seven!",
    "what’s the time",
    "WHAT TİME IS IT",
    "ſet a timer for ten minutes",
    "remind me to walk the dog - the big one - at 7 p.m.",
    "weiß",
    "\x00 set",
    "a.b.c. ",
]


def found(text: str, intents: Intents) -> list[tuple[str, str, list[tuple[str, str]]]]:
    return sorted(
        (one.intent.name, one.intent_sentence.text or "", [(slot.name, slot.text) for slot in one.entities_list])
        for one in recognize_all(text, intents)
        if one.intent_sentence
    )


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Grammar(skills(Workshop(Config()))).templates


@pytest.fixture(scope="module")
def together(templates: Templates) -> Intents:
    """All at once, the templates of an intent in one heap: that is quicker."""
    sentences = {
        name: [text for data in intent.data for text in data.sentence_texts]
        for name, intent in templates.intents.intents.items()
    }
    return replace(templates.intents, intents={name: Intent(name, [IntentData(s)]) for name, s in sentences.items()})


@pytest.mark.parametrize("texts", [SAID[::12], HARD], ids=["tables", "hard"])
def test_what_is_left_out_does_not_fit(templates: Templates, together: Intents, texts: list[str]) -> None:
    for text in texts:
        assert found(text, templates.for_text(text)) == found(text, together), text
