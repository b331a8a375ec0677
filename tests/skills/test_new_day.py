"""An appointment that was moved in talk, and not in the calendar of another program."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.skills.household import NOW, Household
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.shelf import Shelf
from voiceos.store.records import Kind, Record, Source

pytestmark = pytest.mark.anyio
QUESTION = "When is my hand operation?"


@pytest.fixture(params=["by words", pytest.param("by meaning", marks=pytest.mark.engines)])
def home(
    tmp_path: Path, request: pytest.FixtureRequest, models: Callable[[Sequence[str]], Path]
) -> Iterator[Household]:
    meaning = None
    if request.param == "by meaning":
        shelf = Shelf(models((MEMORY, READER)))
        meaning = SemanticIndex(shelf.path(MEMORY), shelf.path(READER))
    home = Household(tmp_path, meaning=meaning)
    at = datetime(2027, 4, 15, 8, tzinfo=NOW.tzinfo)
    event = Record(Kind.EVENT, "1", "Hand operation", title="Hand operation", at=at, until=at + timedelta(hours=2))
    home.memory.ledger.add(Source("/calendar.ics", "calendar", "calendar"), [event])
    home.memory.catch_up()
    yield home
    home.close()


async def test_the_new_day_is_told_with_what_the_calendar_has(home: Household) -> None:
    home.tell("I moved the hand operation. My hand operation is on the 19th of May now.", NOW - timedelta(days=9))
    reply = await home(QUESTION)
    assert "19th of May" in reply
    assert "Your calendar still has Hand operation on Thursday, 15 April" in reply


@pytest.mark.parametrize(
    "told",
    [
        "My hand operation is on the 15th of April now.",  # the calendar knows it
        "My hand operation was on the 2nd of March, but they moved it.",  # over
        "My hand operation is on the 19th of May.",  # nobody said that it was moved
        "My foot operation is on the 19th of May now.",
    ],
)
async def test_else_the_calendar_answers(home: Household, told: str) -> None:
    home.tell(told, NOW - timedelta(days=9))
    reply = await home(QUESTION)
    assert reply.startswith("Hand operation is on Thursday, 15 April")
    assert "still" not in reply
