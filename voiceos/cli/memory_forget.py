"""`voiceos memory forget`: erases for good what was remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceos.cli import State, examples
from voiceos.cli.memory_view import DATE, database, opened, plain, require_store
from voiceos.errors import UsageError

if TYPE_CHECKING:
    from voiceos.store.database import Connection


@dataclass
class Doomed:
    """What is to be erased."""

    records: Sequence[int] = ()
    turns: Sequence[str] = ()
    sources: Sequence[str] = ()
    where: Sequence[str] = field(default_factory=list[str])


@click.command(
    epilog=examples(
        "voiceos memory forget passage:12 fact:3",
        "voiceos memory forget --about 'the hospital'",
        "voiceos memory forget --source ~/Mail/old.mbox --yes",
        "voiceos memory forget --before 2020-01-01",
    )
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--about", metavar="TOPIC", help="All that holds every word of this.")
@click.option("--source", type=click.Path(path_type=Path), help="All that came from this file or folder.")
@click.option("--before", type=DATE, help="All that is from before this local time.")
@click.option("--everything", is_flag=True, help="All.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def forget(
    state: State,
    ids: tuple[str, ...],
    about: str | None,
    source: Path | None,
    before: datetime | None,
    everything: bool,
    yes: bool,
) -> None:
    """Erase for good: words, and all that was derived from them, from the disk too. Says what, and asks once.

    An ID is passage:12, record:7, fact:3 (the words that they are from are erased), or a turn's.
    """
    if [bool(ids), about is not None, source is not None, before is not None, everything].count(True) != 1:
        raise UsageError("Say one thing to forget: ids, --about TOPIC, --source PATH, --before DATE, or --everything.")
    require_store(state)
    if about is not None:
        doomed = _about(state, about)
    else:
        with database(state) as db:
            doomed = _of(db, ids, source, before)
    _erase(state, doomed, yes)


def _erase(state: State, doomed: Doomed, yes: bool) -> None:
    from voiceos.memory.recall.mentions import places
    from voiceos.store.forgetting import forget as erase

    if not (doomed.records or doomed.turns or doomed.sources):
        click.echo("There is nothing of that to forget.")
        return
    with database(state) as db:
        where = places(db, doomed.records)
    what = _many(len(doomed.records), "record")
    if doomed.turns:
        what += f" and {_many(len(doomed.turns), 'turn')}"
    place = f", from {', '.join(where[:5])}{' and elsewhere' if len(where) > 5 else ''}" if where else ""
    click.echo(f"This erases {what}{place}, and all that was derived from it.", err=True)
    if not yes and not click.confirm("Erase it for good?", err=True):
        click.echo("Nothing was erased.", err=True)
        raise click.exceptions.Exit(1)
    with database(state) as db:
        gone = erase(db, records=doomed.records, turns=doomed.turns, sources=doomed.sources)
    click.echo(f"Erased {_many(gone.records, 'record')}, {_many(gone.turns, 'turn')}.")
    if gone.replies:
        click.echo(f"{_many(len(gone.replies), 'other reply', 'other replies')} rested on it and went too.")
    if not gone.finished:
        click.echo("Another process is reading the memory: the last traces go when voiceos next starts.", err=True)


def _about(state: State, topic: str) -> Doomed:
    from voiceos.clock import local_time

    if not topic.strip():
        raise UsageError("Say what to forget, or --everything.")
    with opened(state) as memory:
        return Doomed(memory.mentions(plain(topic), local_time())[0])


def _of(db: "Connection", ids: Sequence[str], source: Path | None, before: datetime | None) -> Doomed:
    from voiceos.store.forgetting import chosen

    if ids:
        return _named(db, ids)
    if source is not None:
        return _from(db, source)
    if before is not None:
        stamp = before.astimezone(UTC).isoformat(timespec="microseconds")
        turns = [row[0] for row in db.execute("SELECT id FROM turn WHERE started_at < ?", (stamp,))]
        return Doomed(chosen(db, end=before.astimezone()), turns)
    return Doomed(
        *(
            [row[0] for row in db.execute(f"SELECT {what}")]
            for what in ("id FROM record", "id FROM turn", "uri FROM source")
        )
    )


def _from(db: "Connection", source: Path) -> Doomed:
    path = str(source.expanduser().absolute())
    known = [row[0] for row in db.execute("SELECT uri FROM source")]
    names = {path, str(source.expanduser().resolve()), str(source)}
    uris = [uri for uri in known if any(uri == name or uri.startswith(f"{name.rstrip('/')}/") for name in names)]
    query = "SELECT r.id FROM record r JOIN source s ON s.id = r.source_id WHERE s.uri = ?"
    return Doomed([row[0] for uri in uris for row in db.execute(query, (uri,))], sources=uris)


def _named(db: "Connection", ids: Sequence[str]) -> Doomed:
    queries = {
        "passage": "SELECT record_id FROM passage WHERE id = ?",
        "fact": "SELECT record_id FROM fact WHERE id = ?",
        "record": "SELECT id FROM record WHERE id = ?",
    }
    records, turns = set[int](), set[str]()
    for id in map(plain, ids):
        kind, _, number = id.partition(":")
        if kind in queries and number.isascii() and number.isdecimal() and len(number) < 19:
            found = [row[0] for row in db.execute(queries[kind], (int(number),))]
            records.update(found)
        else:
            query = "SELECT id FROM turn WHERE substr(id, 1, ?) = ? LIMIT 2"
            found = [row[0] for row in db.execute(query, (len(id), id))] if id else []
            turns.update(found)
        if len(found) != 1:
            raise UsageError(f"There is no '{id}' in the memory, or several begin so; nothing was erased.")
    return Doomed(sorted(records), sorted(turns))


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
