"""What nobody should ask for, and what goes wrong: each time one sensible sentence, and nothing is done twice."""

from datetime import timedelta
from typing import Any

import pytest

from voiceos.config.settings import Config
from voiceos.mind.router import Router
from voiceos.skills.registry import skills
from voiceos.skills.skill import Workshop
from voiceos.store import lists
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.schedule import entries

pytestmark = pytest.mark.anyio
MODEL = "(the model answers)"


@pytest.mark.parametrize(("said", "told"), [("fifteen", "15"), ("fifty", "50"), ("15", "15"), ("50", "50")])
async def test_it_reads_back_what_it_may_have_misheard(talk: Any, said: str, told: str) -> None:
    assert await talk(f"set a timer for {said} minutes") == f"Timer set for {told} minutes."
    assert await talk(f"add {said} eggs to the shopping list") == f"I've started your shopping list with {told} eggs."


async def test_a_timer_with_the_name_of_a_list(talk: Any, db: Connection) -> None:
    await talk("add milk to the shopping list")
    assert await talk("set a shopping timer for ten minutes") == "Shopping timer set for 10 minutes."
    assert await talk("what's on the shopping list?") == "You have one thing on your shopping list: milk."
    assert await talk("how long on the shopping timer?") == "10 minutes left on your shopping timer."
    assert await talk("cancel the shopping timer") == "I've cancelled your shopping timer."
    assert (len(lists.listings(db)), entries(db)) == (1, [])


@pytest.mark.parametrize(
    "answer", ["yes we have no bananas", "yes and what's the weather like", "she said yes", "maybe"]
)
async def test_a_yes_in_another_sentence_is_no_answer(talk: Any, db: Connection, answer: str) -> None:
    await talk("add milk and eggs to the shopping list")
    assert await talk("clear the shopping list") == "Should I clear all 2 things off your shopping list?"
    await talk(answer)
    await talk("yes")
    assert lists.listings(db)[0].count == 2


async def test_an_answer_that_comes_too_late(talk: Any, db: Connection) -> None:
    await talk("set a timer")
    talk.clock[0] += timedelta(minutes=2)
    assert await talk("ten minutes") == MODEL
    assert entries(db) == []


async def test_an_answer_to_another_question(talk: Any, db: Connection) -> None:
    assert await talk("set a timer") == "For how long?"
    assert await talk("remind me to call Clara") == "When shall I remind you?"
    assert await talk("in ten minutes") == "Okay, today at 12:10 PM: call Clara."
    assert [one.kind for one in entries(db)] == ["reminder"]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("list_item", "add milk to the shopping list"),
        ("schedule", "set a timer for ten minutes"),
        ("schedule", "wake me at seven"),
        ("schedule", "remind me in an hour to call Clara"),
        ("record", "put the dentist in my calendar for tomorrow at three"),
    ],
)
async def test_a_store_that_is_full(talk: Any, db: Connection, table: str, text: str) -> None:
    db.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
    said = await talk(text)
    assert "storage" in said
    assert [receipt.done for receipt in receipts(db)] == [False]
    db.execute("DROP TRIGGER full")
    assert "storage" not in await talk(text)
    assert [receipt.done for receipt in receipts(db)] == [True, False]


@pytest.mark.parametrize("text", ["can I have a coffee with a bit of sugar?", "tell me a story about a dragon"])
async def test_without_a_store_the_model_still_answers(talk: Any, text: str) -> None:
    workshop = Workshop(Config())
    talk.router = Router(skills(workshop), workshop)
    assert await talk(text) == MODEL
