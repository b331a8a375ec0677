"""How far apart two things were, which was first, and how old somebody was then."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.skills.household import MODEL, NOW, Household
from voiceos.store.appointments import Appointment, put

pytestmark = pytest.mark.anyio
TOLD = [
    "Juno was born on 9 March 2012.",
    "We moved into the cottage on 14 June 2018.",
    "The boiler was serviced in June 2020.",
    "We bought the caravan in March 2014.",
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_two_times_are_compared(tmp_path: Path) -> None:
    house = Household(tmp_path)
    for line in TOLD:
        house.tell(line, NOW - timedelta(days=40))
    for title, day in (("Wedding rehearsal", 14), ("Zosia's wedding", 15), ("Hen party", 1)):
        at = datetime(2027, 5, day, 10, tzinfo=NOW.tzinfo)
        put(house.db, [Appointment(title, at, at + timedelta(hours=2))], NOW)
    asked = {
        "How old was Juno when we moved into the cottage?": "Juno was 6.",
        "How old was Juno when we bought the caravan?": MODEL,  # in the month of her birthday
        "How long after the rehearsal is the wedding?": "One day.",
        "How long before the wedding is the hen party?": "2 weeks.",
        "How many days are there between the hen party and the wedding?": "14 days.",
        "Is the hen party before or after the wedding?": "Before.",
        "Is the wedding before the hen party?": "No.",
        "Which is first, the wedding or the hen party?": "The hen party.",
        "How long before the wedding is the picnic?": MODEL,
    }
    said = {question: await house(question) for question in asked}
    house.close()
    assert [question for question, answer in asked.items() if not said[question].startswith(answer)] == [], said
