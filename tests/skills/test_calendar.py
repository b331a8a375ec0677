"""A month's calendar: what is asked about it, and orders for a calendar of one's own."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voiceos.config.settings import Config
from voiceos.core import Transcript, Turn
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.registered import derived
from voiceos.skills.grammar import Grammar
from voiceos.skills.registry import skills
from voiceos.skills.skill import Asked, Intent, Pass, Workshop
from voiceos.store.database import open_database

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Europe/London"))


def rows(name: str) -> list[list[str]]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def fits(said: str, wanted: str) -> bool:
    """Whether the patterns are in what was said, one after the other; those after "!" nowhere."""
    at = 0
    for pattern in wanted.split(" && "):
        if pattern.startswith("!"):
            if re.search(pattern[1:], said):
                return False
        elif found := re.compile(pattern).search(said, at):
            at = found.end()
        else:
            return False
    return True


class Household:
    """All skills, with a store."""

    def __init__(self, folder: Path) -> None:
        self.db = open_database(folder / "memory.db", derived=derived())
        self.workshop = Workshop(Config(), self.db, now=lambda: NOW)
        made = skills(self.workshop)
        self.grammar = Grammar(made)
        self.intents: dict[str, Intent] = {intent.name: intent for skill in made for intent in skill.intents}

    async def say(self, sentence: str) -> tuple[str, str]:
        """The intent, and what is said; "-": none."""
        match = self.grammar.match(sentence, NOW)
        if not match:
            return "-", ""
        asked = Asked(match.intent, sentence, NOW, Turn("t", "c", transcript=Transcript(sentence)), match.slots)
        try:
            return match.intent, (await self.intents[match.intent].handle(asked)).text
        except Pass:
            return "-", ""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """A household with a calendar from another program."""
    household = Household(tmp_path_factory.mktemp("family"))
    Intake(household.db, now=lambda: NOW).add([Path(__file__).with_name("calendar_month.ics")])
    yield household
    household.db.close()


@pytest.mark.parametrize(("question", "answer"), rows("calendar_questions.tsv"))
async def test_a_question_about_the_month(family: Household, question: str, answer: str) -> None:
    intent, said = await family.say(question)
    assert (intent == "-") if answer == "-" else fits(said, answer), (intent, said)
