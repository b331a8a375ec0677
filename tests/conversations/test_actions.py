"""Actions: what a reply does is done once, after the turn has ended, and what it says of it is true."""

from collections.abc import AsyncGenerator
from typing import Any

import anyio
import pytest

from voiceos.core import Action, Outcome, Part, Turn
from voiceos.dialogue.manners import Manners
from voiceos.errors import StoreError

pytestmark = pytest.mark.anyio

OPEN = Manners(always_open=True)


class Doer:
    """A mind that acts on whatever it is told."""

    name = "doer"

    def __init__(self, failure: Exception | None = None) -> None:
        self.done: list[tuple[float, str]] = []
        self.asked = 0
        self._failure = failure

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        text = turn.words
        self.asked += 1

        async def do() -> str:
            if self._failure:
                raise self._failure
            self.done.append((anyio.current_time(), text))
            return "I'll remember that."

        yield Action(do)


async def test_what_was_prepared_in_a_pause_and_thrown_away_was_never_done(hold: Any) -> None:
    doer = Doer()
    scene = await hold({1.0: "remember that the key", 2.9: "is under the pot."}, manners=OPEN, mind=doer)
    assert doer.asked > 1
    ((at, words),) = doer.done
    assert words == "remember that the key is under the pot."
    assert at - scene.began > 2.9
    assert scene.sounded == "I'll remember that."


async def test_what_could_not_be_done_is_never_called_done(hold: Any) -> None:
    full = StoreError("The disk is full.", spoken="I can't remember that right now: the disk is full.")
    scene = await hold({1.0: "remember that."}, manners=OPEN, mind=Doer(full))
    assert scene.sounded == "I can't remember that right now: the disk is full."
    assert scene.outcome(0) is Outcome.FAILED
    assert "disk is full" in scene.turns[0].error
