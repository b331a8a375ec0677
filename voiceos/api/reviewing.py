"""Operations on past turns."""

from collections.abc import AsyncIterator
from datetime import datetime

from pydantic import BaseModel, Field

from voiceos.api.desk import Desk
from voiceos.api.operations import Nothing, Request, one_of, operation
from voiceos.api.shapes import PastTurn, past_turn
from voiceos.errors import UsageError
from voiceos.store.turns import TurnRecord, TurnStore

PAGE = 100


class Turns(Request):
    count: int = Field(20, ge=1, le=10_000)


@operation("turns.list")
async def turns(desk: Desk, asked: Turns) -> list[PastTurn]:
    """The last turns, newest first."""
    return [past_turn(one) for one in await desk.host.turns(lambda store: store.recent(asked.count))]


class OneTurn(Request):
    turn: str
    """Its id, the beginning of its id, or `last`."""


@operation("turns.show")
async def show(desk: Desk, asked: OneTurn) -> PastTurn:
    """One turn: its words, and when each stage was reached."""

    def look(store: TurnStore) -> PastTurn:
        found = _find(store, asked.turn)
        return past_turn(found, str(store.audio(found.id) or ""))

    return await desk.host.turns(look)


def _find(store: TurnStore, turn: str) -> TurnRecord:
    found = next(iter(store.recent(1)), None) if turn == "last" else store.get(turn)
    if found is None:
        raise UsageError(f"There is no turn '{turn}', or several begin so: `voiceos turns` lists them.")
    return found


@operation("turns.export")
async def export(desk: Desk, _: Nothing) -> AsyncIterator[PastTurn]:
    """Every turn, oldest first."""
    after = 0
    while page := await desk.host.turns(lambda store, after=after: store.page(after, PAGE)):
        for _number, turn in page:
            yield past_turn(turn)
        after = page[-1][0]


class Erase(Request):
    """One of these."""

    turn: str = ""
    before: datetime | None = None
    everything: bool = False


class ErasedTurns(BaseModel):
    turns: int
    undated: int = 0
    """Turns that stay, since the clock was not set then and no date chooses them."""


@operation("turns.erase")
async def erase(desk: Desk, asked: Erase) -> ErasedTurns:
    """Erases turns for good: words, times and sound, from the disk too."""
    one_of(asked, "Say what to erase: a turn, a date, or everything.")

    def gone(store: TurnStore) -> ErasedTurns:
        turn = _find(store, asked.turn).id if asked.turn else None
        count = store.erase(turn, before=asked.before, everything=asked.everything)
        return ErasedTurns(turns=count, undated=store.undated() if asked.before else 0)

    erased = await desk.host.turns(gone)
    desk.host.forget()
    return erased
