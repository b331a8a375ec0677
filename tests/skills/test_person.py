"""What somebody told of themselves over a week, and what is asked about it."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voiceos.config.settings import Config
from voiceos.core import Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.skills.grammar import Grammar
from voiceos.skills.person.told import Told
from voiceos.skills.registry import skills
from voiceos.skills.skill import Asked, Intent, Pass, Workshop
from voiceos.store.database import open_database

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Europe/London"))


def lines(name: str) -> list[str]:
    text = Path(__file__).with_name(name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def fits(said: str, wanted: str) -> bool:
    """Whether all patterns are in what was said; those after "!" nowhere."""
    return all((re.search(one.removeprefix("!"), said) is None) == one.startswith("!") for one in wanted.split(" && "))


class Somebody:
    """All skills, with a memory."""

    def __init__(self, folder: Path) -> None:
        self.memory = Memory(folder, now=lambda: NOW)
        self.db = open_database(self.memory.path, derived=self.memory.derived)
        made = skills(Workshop(Config(), self.db, now=lambda: NOW))
        self.grammar = Grammar(made)
        self.intents: dict[str, Intent] = {intent.name: intent for skill in made for intent in skill.intents}

    def tell(self, number: int, words: str, at: datetime) -> None:
        self.memory.remember(turn(words, f"t{number}"), at)

    async def ask(self, question: str) -> tuple[str, Turn]:
        """What is said, and the turn; empty: the skill of persons leaves it to others."""
        asked = turn(question, "q")
        match = self.grammar.match(question, NOW)
        if not match or not match.intent.startswith("person."):
            return "", asked
        try:
            said = await self.intents[match.intent].handle(Asked(match.intent, question, NOW, asked, match.slots))
        except Pass:
            return "", asked
        return said.text, asked


def turn(words: str, id: str) -> Turn:
    return Turn(id, "c", transcript=Transcript(words))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def peter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Somebody]:
    somebody = Somebody(tmp_path_factory.mktemp("peter"))
    for number, line in enumerate(lines("person_facts.txt")):
        day, _, words = line.partition(" ")
        somebody.tell(number, words, NOW.replace(day=int(day), minute=number))
    yield somebody
    somebody.db.close()
    somebody.memory.close()


@pytest.mark.parametrize(("question", "answer"), [line.split("\t") for line in lines("person_questions.tsv")])
async def test_a_question_about_a_person(peter: Somebody, question: str, answer: str) -> None:
    said, _ = await peter.ask(question)
    assert (said == "") if answer == "-" else fits(said, answer), said


async def test_the_turn_keeps_what_the_answer_is_from(peter: Somebody) -> None:
    _, asked = await peter.ask("Where do I live?")
    assert [memory.text for memory in asked.recalled] == ["We moved to Lyon last week"]


async def test_yes_or_no_is_said_with_the_words_that_tell_it(peter: Somebody) -> None:
    workshop = Workshop(Config(), peter.db, memory=peter.memory, now=lambda: NOW)
    intents = {intent.name: intent for intent in Told(workshop).intents}
    for question, begins in (("Is my sister living in Porto?", "Yes. On 21 "), ("Do I live in Leeds?", "No. On ")):
        asked = turn(question, "q")
        said = await intents["person.asked"].handle(Asked("person.asked", question, NOW, asked))
        assert said.text.startswith(begins)
        assert len(asked.recalled) == 1
