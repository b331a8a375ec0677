"""`voiceos memory facts`, `show` and `timeline`: what is known, where it is from, and when it was."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from voiceos.cli import State, examples
from voiceos.cli.memory_view import database, date, iso, plain, print_json, require_store
from voiceos.errors import UsageError

if TYPE_CHECKING:
    from voiceos.memory.facts.fact import Fact
    from voiceos.store.database import Connection
    from voiceos.store.rows import Kept

Table = dict[str, Any]


@click.command(epilog=examples("voiceos memory facts", "voiceos memory facts Lyon --history"))
@click.argument("topic", nargs=-1, metavar="[TOPIC]")
@click.option("--history", is_flag=True, help="Also what no longer holds, or turned out wrong.")
@click.option("-n", "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def facts(state: State, topic: tuple[str, ...], history: bool, limit: int, as_json: bool) -> None:
    """List what is known, each with the words that it came from."""
    from voiceos.clock import local_time
    from voiceos.memory.facts.lookup import facts_about

    require_store(state, nothing=[] if as_json else None)
    with database(state) as db:
        known = facts_about(
            db, [plain(word) for word in topic], at=None if history else local_time(), historic=history, limit=limit
        )
    if as_json:
        print_json([_fact_as_json(fact) for fact in known])
    for fact in () if as_json else known:
        _print_fact(fact)
    if not known and not as_json:
        click.echo(f"I know nothing about {' '.join(topic)}." if topic else "I know no facts yet.")


@click.command(
    epilog=examples("voiceos memory show passage:12", "voiceos memory show 3f9a    why a turn was answered so")
)
@click.argument("id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def show(state: State, id: str, as_json: bool) -> None:
    """Show passage:12, record:7 or fact:3 in full, with its source; or a turn, with what came to mind in it."""
    require_store(state)
    with database(state) as db:
        table = _shown(db, plain(id))
    if table is None:
        raise UsageError(
            f"There is no '{plain(id)}' in the memory; `voiceos memory search` and `voiceos turns` show ids."
        )
    if as_json:
        print_json(table)
        return
    for name, value in table.items():
        if isinstance(value, list):
            click.echo(f"{name}:")
            for one in value:  # pyright: ignore[reportUnknownVariableType]
                click.echo("  " + "  ".join(f"{part}" for part in one.values() if part not in ("", None)))  # pyright: ignore
        elif value not in ("", None):
            click.echo(f"{name}: {value}")


@click.command(
    epilog=examples(
        "voiceos memory timeline", "voiceos memory timeline last monday", "voiceos memory timeline May 2024"
    )
)
@click.argument("when", nargs=-1, metavar="[WHEN]")
@click.option("-n", "--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def timeline(state: State, when: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Tell a day or a longer time in order, by default today: what was said, written, and in the calendar."""
    from voiceos.store.ledger import Ledger

    begin, end = _period(plain(" ".join(when)) or "today")
    require_store(state, nothing=[] if as_json else None)
    with database(state) as db:
        kept = Ledger(db).between(begin, end, count=limit + 1)
    more, kept = len(kept) > limit, kept[:limit]
    if as_json:
        print_json([_record_as_json(one) for one in kept])
        return
    for one in kept:
        record = one.record
        title = f"{record.title}: " if record.title and record.title not in record.text else ""
        words = " ".join(record.text.split())
        click.echo(click.style(f"{date(record.at)}  {record.kind}  record:{one.id}  {record.author}", dim=True))
        click.echo(f"  {title}{words[:300]}{' …' if len(words) > 300 else ''}")
    if more:
        click.echo(f"There is more; --limit {limit * 2} shows it.", err=True)
    if not kept:
        click.echo(f"Nothing from {begin:%Y-%m-%d} to {end:%Y-%m-%d}.")


def _period(when: str) -> tuple[datetime, datetime]:
    from voiceos.clock import local_time
    from voiceos.memory.recall.periods import periods

    now = local_time()
    spoken = periods(when, now)[0] or periods(f"in {when}", now)[0]
    if not spoken:
        raise UsageError(
            f"'{when}' is no time that I know; say a day or a time such as 2024-05-03, last week, May 2024."
        )
    return datetime.fromtimestamp(spoken[0].start, now.tzinfo), datetime.fromtimestamp(spoken[0].end, now.tzinfo)


def _shown(db: "Connection", id: str) -> Table | None:
    kind, _, number = id.partition(":")
    if kind in ("passage", "record", "fact") and number.isascii() and number.isdecimal() and len(number) < 19:
        return {"passage": _passage, "record": _record, "fact": _fact}[kind](db, int(number))
    return _turn(db, id)


def _passage(db: "Connection", id: int) -> Table | None:
    from voiceos.store.ledger import Ledger

    excerpt = Ledger(db).passages([id]).get(id)
    return {"passage": excerpt.text} | _with_source(db, excerpt.kept) if excerpt else None


def _record(db: "Connection", id: int) -> Table | None:
    from voiceos.memory.facts.lookup import of_records
    from voiceos.store.ledger import Ledger

    kept = Ledger(db).get(id)
    return _with_source(db, kept) | {"facts": _facts_as_json(of_records(db, [id]))} if kept else None


def _fact(db: "Connection", id: int) -> Table | None:
    from voiceos.memory.facts.lookup import disagreements, get, history
    from voiceos.store.ledger import Ledger

    fact = get(db, id)
    if fact is None:
        return None
    kept = Ledger(db).get(fact.record_id)
    others = {
        "history": _facts_as_json(history(db, fact)),
        "others say": _facts_as_json(disagreements(db, fact)),
    }
    return _fact_as_json(fact) | (_with_source(db, kept) if kept else {}) | {"id": f"fact:{id}"} | others


def _turn(db: "Connection", id: str) -> Table | None:
    rows = db.execute("SELECT * FROM turn WHERE substr(id, 1, ?) = ? LIMIT 2", (len(id), id)).fetchall()
    if len(rows) != 1 or not id:
        return None
    (turn,) = rows
    came = db.execute(
        "SELECT c.memory AS id, round(c.score, 2) AS score, c.left_out, r.text FROM recollection c"
        " JOIN record r ON r.id = c.record_id WHERE c.turn_id = ? ORDER BY c.place",
        (turn["id"],),
    )
    came = [dict(row) for row in came]
    return {
        "turn": turn["id"],
        "at": turn["started_at"],
        "heard": turn["transcript"],
        "said": turn["said"],
        "rests on": [one for one in came if not one["left_out"]],
        "left out": [one for one in came if one["left_out"]],
    }


def _with_source(db: "Connection", kept: "Kept") -> Table:
    source = db.execute("SELECT uri FROM source WHERE id = ?", (kept.source_id,)).fetchone()
    return _record_as_json(kept) | {"source": source["uri"] if source else "", "learnt_at": iso(kept.learnt_at)}


def _record_as_json(kept: "Kept") -> Table:
    record = kept.record
    return {
        "id": f"record:{kept.id}",
        "kind": str(record.kind),
        "at": iso(record.at),
        "until": iso(record.until),
        "author": record.author,
        "title": record.title,
        "place": record.place,
        "text": record.text,
    }


def _facts_as_json(facts: "Sequence[Fact]") -> list[Table]:
    return [_fact_as_json(fact) for fact in facts]


def _fact_as_json(fact: "Fact") -> Table:
    return {
        "id": f"fact:{fact.id}",
        "subject": fact.subject,
        "predicate": fact.predicate if fact.positive else f"not {fact.predicate}",
        "object": fact.object,
        "state": _state(fact),
        "valid_from": iso(fact.valid_from),
        "valid_to": iso(fact.valid_to),
        "learnt_at": iso(fact.learnt_at),
        "quote": fact.quote,
        "said_by": fact.said_by,
        "said_at": iso(fact.said_at),
        "record": fact.record_id,
        "confidence": round(fact.confidence, 3),
    }


def _state(fact: "Fact") -> str:
    if fact.retracted_at:
        return "wrong"
    return "superseded" if fact.superseded_by else "current"


def _print_fact(fact: "Fact") -> None:
    from voiceos.memory.facts.fact import as_sentence

    state = _state(fact)
    no = "" if fact.positive else "not "
    span = " ".join(
        part
        for part in (
            fact.valid_from and f"from {fact.valid_from:%Y-%m-%d}",
            fact.valid_to and f"to {fact.valid_to:%Y-%m-%d}",
        )
        if part
    )
    note = ", ".join(part for part in (state if state != "current" else "", span) if part)
    click.echo(f"fact:{fact.id}  {fact.subject} {no}{fact.predicate} {fact.object}" + (f"  ({note})" if note else ""))
    click.echo(click.style(f"  {as_sentence(fact)}", dim=True))
