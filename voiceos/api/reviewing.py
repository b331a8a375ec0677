"""Operations on past turns."""

from collections.abc import AsyncIterator
from datetime import datetime

from pydantic import BaseModel, Field

from voiceos.api.desk import Desk
from voiceos.api.operations import Nothing, Request, operation
from voiceos.api.shapes import TurnShape, turn_shape
from voiceos.errors import UsageError
from voiceos.host import in_thread
from voiceos.store.turns import TurnRecord, TurnStore

PAGE = 100


class Turns(Request):
    count: int = Field(20, ge=1, le=10_000)


@operation("turns.list")
async def turns(desk: Desk, asked: Turns) -> list[TurnShape]:
    """The last turns, newest first."""
    found = await in_thread(lambda: desk.host.with_turns(lambda store: store.recent(asked.count)))
    return [turn_shape(one) for one in found]


class OneTurn(Request):
    turn: str
    """Its id, the beginning of its id, or `last`."""


@operation("turns.show")
async def show(desk: Desk, asked: OneTurn) -> TurnShape:
    """One turn: its words, and when each stage was reached."""

    def look(store: TurnStore) -> TurnShape:
        found = _find(store, asked.turn)
        return turn_shape(found, str(store.audio(found.id) or ""))

    return await in_thread(lambda: desk.host.with_turns(look))


def _find(store: TurnStore, turn: str) -> TurnRecord:
    found = next(iter(store.recent(1)), None) if turn == "last" else store.get(turn)
    if found is None:
        raise UsageError(f"There is no turn '{turn}', or several begin so: `voiceos turns` lists them.")
    return found


@operation("turns.export")
async def export(desk: Desk, _: Nothing) -> AsyncIterator[TurnShape]:
    """Every turn, oldest first."""
    after = 0
    while True:
        page = await in_thread(lambda after=after: desk.host.with_turns(lambda store: store.page(after, PAGE)))
        for _number, turn in page:
            yield turn_shape(turn)
        after = page[-1][0] if page else after
        if len(page) < PAGE:
            return


class Erase(Request):
    """One of these."""

    turn: str = ""
    before: datetime | None = None
    everything: bool = False


class Erased(BaseModel):
    turns: int


@operation("turns.erase")
async def erase(desk: Desk, asked: Erase) -> Erased:
    """Erases turns for good: words, times and sound, from the disk too."""
    if [bool(asked.turn), asked.before is not None, asked.everything].count(True) != 1:
        raise UsageError("Say what to erase: a turn, a date, or everything.")

    def gone(store: TurnStore) -> int:
        turn = _find(store, asked.turn).id if asked.turn else None
        return store.erase(turn, before=asked.before, everything=asked.everything)

    count = await in_thread(lambda: desk.host.with_turns(gone))
    desk.host.forget()
    return Erased(turns=count)
