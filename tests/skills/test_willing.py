"""What is named in a sentence but not wanted is not done: an order denied, asked about, told of or taken back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from voiceos.core import Transcript, Turn
from voiceos.mind.router import Router
from voiceos.skills.registry import skills
from voiceos.store import lists
from voiceos.store.database import Connection
from voiceos.store.schedule import entries

ROWS = [
    tuple(f"{line}\t".split("\t")[:2])
    for line in Path(__file__).with_name("willing.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
NAMED = {
    "alarm": "alarms.set",
    "timer": "timers.set",
    "list": "lists.add",
    "light": "home.control",
    "volume": "volume.louder",
}


def careless(text: str) -> Sequence[str]:
    """A judge that takes whatever is named for an order."""
    return [intent for name, intent in NAMED.items() if name in text][:1]


def test_what_is_wanted_of_what_is_named(talk: Any) -> None:
    router, wrong = Router(skills(talk.workshop), talk.workshop, judge=careless), list[str]()
    for sentence, intents in ROWS:
        turn = Turn("t", "c", transcript=Transcript(sentence))
        asked = router.asked(turn) or next(iter(router.judged(turn)), [])
        if (found := " ".join(one.intent or "+" for one in asked)) != intents:
            wrong.append(f"{sentence}: {found}")
    assert "\n".join(wrong) == ""


@pytest.mark.anyio
async def test_nothing_is_done_of_it(talk: Any, db: Connection) -> None:
    for sentence in ("Don't set a timer for ten minutes.", "Wake me in 20 minutes, no wait, don't."):
        assert await talk(sentence) == "All right."
    assert entries(db) == []
    await talk("Add limes to the shopping list.")
    assert await talk("Take the limes off the shopping list and put on six figs.") == (
        "I've taken limes off your shopping list. I've added 6 figs to your shopping list."
    )
    assert await talk("Add eggs to the shopping list. Actually, don't.") == "All right."
    (shopping,) = lists.listings(db)
    assert [one.item.name for one in lists.entries(db, shopping.id)] == ["figs"]
