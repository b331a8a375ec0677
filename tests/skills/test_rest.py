"""What was not asked to be forgotten stays, though it was said in the same breath."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.skills.household import Household
from voiceos.language.terms import Analyzer
from voiceos.memory.recall.rest import rest_of

ANALYZE = Analyzer("en")


@pytest.mark.parametrize(
    ("text", "topic", "rest"),
    [
        ("Anna is allergic to nuts and Ben to eggs.", "Anna is allergic to nuts", "Ben is allergic to eggs."),
        ("Anna is allergic to nuts and Ben to eggs.", "Ben is allergic to eggs", "Anna is allergic to nuts."),
        ("Anna is allergic to nuts and eggs.", "Anna is allergic to nuts", "Anna is allergic to eggs."),
        ("My sister works at Bosch and my brother at Aldi.", "my sister works at Bosch", "My brother works at Aldi."),
        ("I like tea and Paul lives in Rome.", "Paul lives in Rome", "I like tea."),
        ("I hate Mondays. My PIN is 4444.", "my PIN", "I hate Mondays."),
        ("The code is 1234 and it opens the shed, too.", "the code", ""),
        ("Bread and butter are in the pantry.", "bread", ""),
        ("Anna is allergic to nuts.", "Anna is allergic to nuts", ""),
        ("Anna is allergic to nuts and Ben to eggs.", "allergic", ""),
    ],
)
def test_the_rest_of_a_sentence(text: str, topic: str, rest: str) -> None:
    assert rest_of(text, set(ANALYZE(topic)) - {"my", "the", "is", "to"}, ANALYZE) == rest


@pytest.mark.anyio
async def test_only_what_was_asked_for_is_forgotten(tmp_path: Path) -> None:
    house = Household(tmp_path)
    house.tell("Anna is allergic to nuts and Ben to eggs.", house.now - timedelta(days=7))
    assert "I'd keep the rest: Ben is allergic to eggs." in await house("Forget that Anna is allergic to nuts.")
    assert "erased" in await house("Yes.")
    assert not any("nuts" in text or "Anna" in text for text in house.texts())
    assert (await house("What is Ben allergic to?")) == "Ben is allergic to eggs. You told me on 3 March."
    house.close()
