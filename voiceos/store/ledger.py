"""The ledger: sources, the records that came from them word for word, and their passages."""

import json
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from voiceos.clock import local_time
from voiceos.store.driver import Connection, transaction
from voiceos.store.passages import cut
from voiceos.store.records import Kind, Passage, Record, Source, index_text
from voiceos.store.rows import (
    BATCH,
    INSERT,
    UPDATE,
    Kept,
    clean,
    columns_of,
    digest_of,
    in_pages,
    kept_of,
    seconds,
    sequence,
)

NOT_INDEXED = frozenset({Kind.REPLY, Kind.REPLACED})


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage with the record that it is part of."""

    passage: Passage
    kept: Kept

    @property
    def text(self) -> str:
        """Its words, verbatim."""
        return self.kept.record.text[self.passage.start : self.passage.end]

    @property
    def index_text(self) -> str:
        """Its words as the indexes see them."""
        return index_text(self.kept.record, self.text)


@dataclass(slots=True)
class Added:
    """The result of adding a source."""

    source_id: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    passages: int = 0
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    """The records' ids, in the order in which they came."""
    fresh: "array[int]" = field(default_factory=lambda: array("q"))
    """New and changed ones."""


class Ledger:
    """All records. Every method is blocking, and works in the connection's transaction if there is one."""

    def __init__(self, db: Connection, now: Callable[[], datetime] = local_time) -> None:
        self._db = db
        self._now = now

    def add(self, source: Source, records: Iterable[Record], *, each: Callable[[Added], None] | None = None) -> Added:
        """Adds a source's records. Unchanged ones stay, changed ones are replaced in place.

        In transactions of a thousand records: what came before an exception stays. `each` is called after each.
        A key names one record of the source: of two with the same key the later one stays.
        """
        added = Added()
        arriving = iter(records)
        while True:
            batch = list(islice(arriving, BATCH))
            if batch or not added.source_id:
                with transaction(self._db):
                    added.source_id = self.source_id(source)
                    self._add(added, batch)
                if each:
                    each(added)
            if len(batch) < BATCH:
                return added

    def source_id(self, source: Source) -> int:
        """The id of a source, which is made known if it was not."""
        found = self._db.execute("SELECT id, kind, title FROM source WHERE uri = ?", (source.uri,)).fetchone()
        if found is None:
            insert = "INSERT INTO source (uri, kind, title) VALUES (?, ?, ?)"
            return self._db.execute(insert, (clean(source.uri), source.kind, clean(source.title))).lastrowid or 0
        if (found["kind"], found["title"]) != (source.kind, clean(source.title)):
            update = "UPDATE source SET kind = ?, title = ? WHERE id = ?"
            self._db.execute(update, (source.kind, clean(source.title), found["id"]))
        return found["id"]

    def get(self, record_id: int) -> Kept | None:
        return self.records([record_id]).get(record_id)

    def records(self, ids: Iterable[int]) -> dict[int, Kept]:
        """Those of these records that exist."""
        rows = self._db.execute(
            "SELECT * FROM record WHERE id IN (SELECT value FROM json_each(?))", (json.dumps([int(id) for id in ids]),)
        )
        return {row["id"]: kept_of(row) for row in rows}

    def passages(self, ids: Iterable[int]) -> dict[int, Excerpt]:
        """Those of these passages that exist, with their records."""
        rows = self._db.execute(
            'SELECT id, record_id, start, "end" FROM passage WHERE id IN (SELECT value FROM json_each(?))',
            (json.dumps([int(id) for id in ids]),),
        ).fetchall()
        kept = self.records({row["record_id"] for row in rows})
        return {row["id"]: Excerpt(Passage(*row), kept[row["record_id"]]) for row in rows if row["record_id"] in kept}

    def between(self, begin: datetime | None = None, end: datetime | None = None, *, count: int = BATCH) -> list[Kept]:
        """The first `count` records of a time, oldest first: `begin` <= at < `end`; an event counts while it lasts."""
        rows = self._db.execute(
            "SELECT * FROM record WHERE at IS NOT NULL AND (:begin IS NULL OR at >= :begin OR until > :begin)"
            " AND (:end IS NULL OR at < :end) AND kind <> 'replaced' ORDER BY at, id LIMIT :count",
            {"begin": begin and seconds(begin), "end": end and seconds(end), "count": count},
        )
        return [kept_of(row) for row in rows]

    def to_index(self, after: int = 0, count: int = BATCH) -> list[tuple[int, str]]:
        """The next passages whose id is above `after`, ascending, with their words as the indexes see them."""
        rows = self._db.execute(
            'SELECT p.id, p.record_id, p.start, p."end" FROM passage p WHERE p.id > ? ORDER BY p.id LIMIT ?',
            (after, count),
        ).fetchall()
        kept = self.records({row["record_id"] for row in rows})
        return [(row["id"], Excerpt(Passage(*row), kept[row["record_id"]]).index_text) for row in rows]

    def uncut(self, record_ids: Sequence[int]) -> int:
        """Removes these records' passages and everything derived from them. Returns how many passages there were.

        Within a transaction of the caller's, who then changes or deletes the records.
        """
        count = 0
        for first in range(0, len(record_ids), BATCH):
            some = sorted(record_ids[first : first + BATCH])
            where = "FROM passage WHERE record_id IN (SELECT value FROM json_each(?))"
            rows = self._db.execute(f"SELECT id {where} ORDER BY id", (json.dumps(some),))
            passages = [row["id"] for row in rows]
            for derived in self._db.derived:
                derived.remove(self._db, passages, some)
            self._db.execute(f"DELETE {where}", (json.dumps(some),))
            count += len(passages)
        return count

    def turn(self, record_ids: Sequence[int], kind: Kind) -> None:
        """Makes these records of another kind, with passages if it is searched. Within a transaction."""
        self.uncut(record_ids)
        turned = [(id, replace(kept.record, kind=kind)) for id, kept in self.records(record_ids).items()]
        update = "UPDATE record SET kind = ?, digest = ?, indexed = ? WHERE id = ?"
        for record_id, record in turned:
            self._db.execute(update, (kind, digest_of(columns_of(record)), kind not in NOT_INDEXED, record_id))
        self._cut(turned)

    def cut_out(self, cuts: Mapping[int, Sequence[str]]) -> int:
        """Takes words out of records; a file that is read again does not bring them back while that record of it stays
        as it was. Within a transaction. Returns how many records held them.
        """
        cut = 0
        for record_id, kept in self.records(cuts).items():
            text = kept.record.text
            for words in cuts[record_id]:
                text = text.replace(words, "", 1)
            if text == kept.record.text:
                continue
            self._db.execute(
                "INSERT OR IGNORE INTO forgotten SELECT hex(digest) FROM record WHERE id = ?", (record_id,)
            )
            self.uncut([record_id])
            record = replace(kept.record, text=text)
            update = "UPDATE record SET text = ?, digest = ? WHERE id = ?"
            self._db.execute(update, (clean(text), digest_of(columns_of(record)), record_id))
            self._cut([(record_id, record)])
            cut += 1
        return cut

    def _add(self, added: Added, batch: list[Record]) -> None:
        db = self._db
        latest = {clean(record.key): record for record in batch}
        rows = db.execute(
            "SELECT key, id, digest, kind FROM record WHERE source_id = ? AND key IN (SELECT value FROM json_each(?))",
            (added.source_id, json.dumps(list(latest))),
        )
        known = {row["key"]: (row["id"], bytes(row["digest"]), row["kind"]) for row in rows}
        next_id = sequence(db, "record")
        learnt = seconds(self._now())
        fresh: list[tuple[Any, ...]] = []
        to_cut: list[tuple[int, Record]] = []
        for key, record in latest.items():
            record_id, before, kind = known.get(key, (0, b"", ""))
            if kind == Kind.REPLACED and record.kind is Kind.EVENT:
                record = replace(record, kind=Kind.REPLACED)  # until versions are settled
            values = columns_of(record)
            digest = digest_of(values)
            row = (*values.values(), digest, learnt, int(record.kind not in NOT_INDEXED))
            if not record_id:
                next_id += 1
                record_id = next_id
                fresh.append((record_id, added.source_id, *row))
                to_cut.append((record_id, record))
                added.new += 1
            elif before == digest or self._is_forgotten(digest):
                added.unchanged += 1
            else:
                self.uncut([record_id])
                db.execute(UPDATE, (*row, record_id))
                to_cut.append((record_id, record))
                added.changed += 1
            added.ids.append(record_id)
        db.executemany(INSERT, fresh)
        added.fresh.extend(record_id for record_id, _ in to_cut)
        added.passages += self._cut(to_cut)

    def _is_forgotten(self, digest: bytes) -> bool:
        """Whether words were cut out of a record of this digest."""
        return bool(self._db.execute("SELECT 1 FROM forgotten WHERE digest = ?", (digest.hex().upper(),)).fetchone())

    def _cut(self, records: list[tuple[int, Record]]) -> int:
        indexed = ((record_id, clean(record.text)) for record_id, record in records if record.kind not in NOT_INDEXED)
        rows = [(record_id, start, end) for record_id, text in indexed for start, end in cut(text)]
        self._db.executemany('INSERT INTO passage (record_id, start, "end") VALUES (?, ?, ?)', rows)
        return len(rows)


def cut_all(db: Connection) -> None:
    """Cuts every indexed record that has no passages."""
    query = (
        "SELECT id, text FROM record WHERE indexed AND id > :after"
        " AND NOT EXISTS (SELECT 1 FROM passage WHERE record_id = record.id) ORDER BY id LIMIT :count"
    )
    with transaction(db):
        for row in in_pages(db, query, {}):
            spans = [(row["id"], start, end) for start, end in cut(row["text"])]
            db.executemany('INSERT INTO passage (record_id, start, "end") VALUES (?, ?, ?)', spans)
