"""Several requests in one breath: all are done, and what nobody understood is said."""

from pathlib import Path
from typing import Any

import pytest

from voiceos.core import Transcript, Turn
from voiceos.store import lists
from voiceos.store.database import Connection
from voiceos.store.schedule import entries

pytestmark = pytest.mark.anyio
ROWS = [
    tuple(f"{line}\t".split("\t")[:2])
    for line in Path(__file__).with_name("breath.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_which_requests_a_breath_has(talk: Any) -> None:
    wrong = list[str]()
    for sentence, intents in ROWS:
        turn = Turn("t", "c", transcript=Transcript(sentence))
        asked = talk.router.asked(turn) or next(iter(talk.router.judged(turn)), [])
        if (found := " ".join(one.intent or "+" for one in asked)) != intents:
            wrong.append(f"{sentence}: {found}")
    assert "\n".join(wrong) == ""


async def test_what_nobody_understood_is_said_and_the_rest_is_done(talk: Any, db: Connection) -> None:
    said = await talk("Set a timer for ten minutes and book a table for two.")
    assert said == "Timer set for 10 minutes. I left this out: book a table for two. Ask me for it by itself."
    assert [one.length for one in entries(db)] == [600]


async def test_two_timers_one_for_five_minutes_and_one_for_ten(talk: Any, db: Connection) -> None:
    for text in ("set two timers, one for five minutes and one for ten", "set timers for 5 and 10 minutes"):
        assert await talk(text) == "Timers set for 5 minutes and 10 minutes."
    assert [one.length for one in entries(db)] == [300, 600] * 2


async def test_a_verb_or_unit_that_is_said_once_counts_for_both(talk: Any) -> None:
    said = await talk("Set an egg timer for six minutes and a toast timer for two.")
    assert said == "Egg timer set for 6 minutes. Toast timer set for 2 minutes."


async def test_that_is_what_was_done_last(talk: Any, db: Connection) -> None:
    await talk("set a pasta timer for ten minutes")
    await talk("add eggs to the shopping list")
    assert await talk("no, cancel that") == "I've taken that back: eggs."
    await talk("set a tea timer for four minutes")
    assert await talk("cancel that") == "I've cancelled your tea timer."
    assert await talk("cancel the pasta timer") == "I've cancelled your pasta timer."
    await talk("add eggs to the shopping list")
    assert await talk("cancel that") == "I've taken that back: eggs."


async def test_what_was_done_in_one_breath_is_taken_back_together(talk: Any, db: Connection) -> None:
    await talk("Set a timer for ten minutes, add eggs to the shopping list and wake me at seven.")
    assert await talk("undo that") == (
        "I've cancelled your alarm for 7:00 AM again. I've taken that back: eggs."
        " I've cancelled your timer for 10 minutes again."
    )
    assert (entries(db), lists.listings(db)) == ([], [])
    await talk("Set a timer for ten minutes and add eggs to the shopping list.")
    for _ in range(2):
        await talk("what time is it")
    assert await talk("undo that") == (
        "The last thing I did here was at 12:00 PM: Timer set for 10 minutes."
        " I've started your shopping list with eggs. Shall I take that back?"
    )


async def test_of_two_the_one_that_asks_is_answered(talk: Any, db: Connection) -> None:
    assert await talk("Set a timer and add eggs to the shopping list.") == (
        "For how long? I've started your shopping list with eggs."
    )
    assert await talk("ten minutes") == "Timer set for 10 minutes."


def test_what_is_dictated_is_kept_however_long_it_is(talk: Any) -> None:
    story = "the loft was insulated by Mr Hughes in the spring, and it cost less than he said it would, " * 6
    (asked,) = talk.router.asked(Turn("t", "c", transcript=Transcript(f"Remember that {story}so he is a good man.")))
    assert (asked.intent, asked.slots["words"]) == ("notes.remember", f"{story}so he is a good man")
    assert talk.router.asked(Turn("t", "c", transcript=Transcript(f"Set a timer for {story}"))) == []
