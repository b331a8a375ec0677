"""Operations that read the memory: search, facts, one item, a timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from anyio import to_thread
from pydantic import BaseModel, Field

from voiceos.api.desk import Desk
from voiceos.api.operations import Count, Text, operation
from voiceos.api.shapes import Fact, Record, fact_shape, record_shape
from voiceos.clock import local_time
from voiceos.core import Recalled
from voiceos.errors import UsageError
from voiceos.memory.facts.lookup import disagreements, facts_about, get, history, of_records
from voiceos.memory.recall.periods import periods
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger

Limit = Annotated[int, Field(ge=1, le=100)]
HIT = 0.005
"""The lowest score of a passage that counts as found; less would show as 0.00."""


@operation("memory.search")
async def search(
    desk: Desk, text: Text, limit: Limit = 10, begin: datetime | None = None, end: datetime | None = None
) -> list[Recalled]:
    """Finds passages by words and by meaning, best first; only those from `begin` on and before `end`."""
    memory, now = desk.host.memory, local_time()

    def find() -> list[Recalled]:
        memory.catch_up_words()
        found = memory.search(text, now, limit=limit, begin=begin, end=end)
        return [one for one in found if one.score >= HIT]

    return await to_thread.run_sync(find)


@operation("memory.recall")
async def recall(desk: Desk, text: Text) -> list[Recalled]:
    """The memories for a question, with the reason if one would be left out."""
    memory = desk.host.memory
    found = await to_thread.run_sync(lambda: memory.recall(text, local_time(), closely=True))
    return list(found.memories)


@operation("memory.facts")
async def facts(desk: Desk, topic: tuple[str, ...] = (), history: bool = False, limit: Count = 50) -> list[Fact]:
    """Known facts, each with the words it came from. `history`: also what no longer holds, or is wrong."""
    at = None if history else local_time()
    known = await desk.reading(lambda db: facts_about(db, topic, at=at, historic=history, limit=limit))
    return [fact_shape(fact) for fact in known]


class Told(BaseModel):
    """A period, and what was said and written in it, oldest first."""

    begin: datetime
    end: datetime
    records: list[Record]
    more: bool
    """Whether there is more."""
    other_years: list[int]
    """Where no year was said: others in which there is something at that time."""


@operation("memory.timeline")
async def timeline(desk: Desk, when: str = "today", limit: Count = 200) -> Told:
    """Tells a day or a longer time in order; `when` says it in words: last week, May 2024, 2024-05-03. Without a year
    it is the nearest in which there is something."""
    meant = _meant(when)
    kept = await desk.reading(lambda db: [Ledger(db).between(*one, count=limit + 1) for one in meant])
    chosen = next((place for place, found in enumerate(kept) if found), 0)
    (begin, end), found = meant[chosen], kept[chosen]
    records = [record_shape(one) for one in found[:limit]]
    others = sorted(one[0].year for place, one in enumerate(meant) if kept[place] and place != chosen)
    return Told(begin=begin, end=end, records=records, more=len(found) > limit, other_years=others)


def _meant(when: str) -> list[tuple[datetime, datetime]]:
    """The time that is said; without a year, that of each year which may be meant, the nearest first."""
    now = local_time()
    spoken = periods(when, now)[0] or periods(f"in {when}", now)[0]
    if not spoken:
        raise UsageError(f"I don't understand the time '{when}'. Try 2024-05-03, last week or May 2024.")
    years = [spoken[0], *(one for one in spoken[1:] if one.weight < 1)]
    years.sort(key=lambda one: max(one.start - now.timestamp(), now.timestamp() - one.end, 0))
    return [
        (datetime.fromtimestamp(one.start, now.tzinfo), datetime.fromtimestamp(one.end, now.tzinfo)) for one in years
    ]


@operation("memory.show")
async def show(desk: Desk, id: str) -> dict[str, Any]:
    """passage:12, record:7 or fact:3 in full, with its source; or a turn, by its id, with what came to mind in it."""
    item = await desk.reading(lambda db: _item(db, id))
    if item is None:
        raise UsageError(f"There is no '{id}' in the memory: `voiceos memory search` and `voiceos turns` show ids.")
    return item


def _item(db: Connection, id: str) -> dict[str, Any] | None:
    kind, _, digits = id.partition(":")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        return _turn(db, id)
    number = int(digits)
    match kind:
        case "passage" if excerpt := Ledger(db).passages([number]).get(number):
            return {"passage": excerpt.text} | _with_source(db, excerpt.kept.id)
        case "record" if found := _with_source(db, number):
            return found | {"facts": _shapes(of_records(db, [number]))}
        case "fact" if fact := get(db, number):
            others = {"history": _shapes(history(db, fact)), "others say": _shapes(disagreements(db, fact))}
            return fact_shape(fact).model_dump() | _with_source(db, fact.record_id) | {"id": id} | others
        case _:
            return None


def _turn(db: Connection, id: str) -> dict[str, Any] | None:
    rows = db.execute("SELECT * FROM turn WHERE substr(id, 1, ?) = ? LIMIT 2", (len(id), id)).fetchall()
    if len(rows) != 1 or not id:
        return None
    (turn,) = rows
    query = (
        "SELECT c.memory AS id, round(c.score, 2) AS score, c.left_out, r.text FROM recollection c"
        " JOIN record r ON r.id = c.record_id WHERE c.turn_id = ? ORDER BY c.place"
    )
    came = [dict(row) for row in db.execute(query, (turn["id"],))]
    return {
        "turn": turn["id"],
        "at": turn["started_at"],
        "transcript": turn["transcript"],
        "said": turn["said"],
        "outcome": turn["outcome"],
        "error": turn["error"],
        "rests on": [one for one in came if not one["left_out"]],
        "left out": [one for one in came if one["left_out"]],
    }


def _with_source(db: Connection, record_id: int) -> dict[str, Any]:
    kept = Ledger(db).get(record_id)
    if kept is None:
        return {}
    source = db.execute("SELECT uri FROM source WHERE id = ?", (kept.source_id,)).fetchone()
    return record_shape(kept).model_dump() | {"source": source["uri"] if source else "", "learnt_at": kept.learnt_at}


def _shapes(facts: Sequence[Any]) -> list[dict[str, Any]]:
    return [fact_shape(fact).model_dump() for fact in facts]
