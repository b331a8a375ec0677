"""Operations on past turns."""

from collections.abc import AsyncIterator
from datetime import datetime

from pydantic import BaseModel

from voiceos.api.desk import Desk
from voiceos.api.operations import Count, one_of, operation
from voiceos.api.shapes import PastTurn, past_turn
from voiceos.errors import UsageError
from voiceos.store.turns import TurnRecord, TurnStore

PAGE = 100


@operation("turns.list")
async def turns(desk: Desk, count: Count = 20) -> list[PastTurn]:
    """The last turns, newest first."""
    return [past_turn(one) for one in await desk.host.turns(lambda store: store.recent(count))]


@operation("turns.show")
async def show(desk: Desk, turn: str) -> PastTurn:
    """One turn: its text, and when each stage was reached. `turn`: its id, the beginning of it, or `last`."""

    def look(store: TurnStore) -> PastTurn:
        found = _find(store, turn)
        return past_turn(found, str(store.audio(found.id) or ""))

    return await desk.host.turns(look)


def _find(store: TurnStore, turn: str) -> TurnRecord:
    found = next(iter(store.recent(1)), None) if turn == "last" else store.get(turn)
    if found is None:
        raise no_turn(turn)
    return found


def no_turn(turn: str) -> UsageError:
    """The error for an id that names no turn, or several."""
    if turn == "last":
        return UsageError("No turns yet. Start a conversation with `voiceos talk`.")
    return UsageError(f"No single turn matches '{turn}'. `voiceos turns` lists them.")


@operation("turns.export")
async def export(desk: Desk) -> AsyncIterator[PastTurn]:
    """Every turn, oldest first."""
    after = 0
    while page := await desk.host.turns(lambda store, after=after: store.page(after, PAGE)):
        for _number, turn in page:
            yield past_turn(turn)
        after = page[-1][0]


class ErasedTurns(BaseModel):
    turns: int
    undated: int = 0
    """Turns that stay, since the clock was not set then and no date chooses them."""


@operation("turns.erase")
async def erase(desk: Desk, turn: str = "", before: datetime | None = None, everything: bool = False) -> ErasedTurns:
    """Permanently erases turns: text, timings and sound."""
    one_of("Say what to erase: a turn, a date, or everything.", turn, before, everything)

    def gone(store: TurnStore) -> ErasedTurns:
        id = _find(store, turn).id if turn else None
        count = store.erase(id, before=before, everything=everything)
        return ErasedTurns(turns=count, undated=store.undated() if before else 0)

    erased = await desk.host.turns(gone)
    desk.host.forget()
    return erased
