"""Everything that mentions a topic: not the best matches but all of them, to erase or tell in full."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from voiceos.language.sentences import say
from voiceos.language.terms import Analyzer
from voiceos.memory.facts.history import aliases
from voiceos.memory.facts.vocabulary import content, key
from voiceos.memory.index.lexical import holding
from voiceos.memory.recall.provenance import source_name
from voiceos.memory.recall.question import ask
from voiceos.store.database import Connection
from voiceos.store.forgetting import UNREAD
from voiceos.store.records import CORRECTS, OWNER
from voiceos.store.rows import in_pages, kept_of, seconds


def records(db: Connection, topic: str, analyze: Analyzer, now: datetime) -> list[int]:
    """The ids of all records that mention a topic: they hold every word of it, in any form, or a fact about it, or
    correct what does.

    Of no topic: all records.
    """
    wanted = ask(topic, analyze, now).topic
    if not wanted:
        return [] if topic.strip() else [row[0] for row in db.execute("SELECT id FROM record")]
    speaking = {*records_with(db, wanted, analyze), *_told_facts(db, topic)}
    corrections = _corrections(db)
    while more := {one for one, wrong in corrections if wrong in speaking} - speaking:
        speaking |= more
    return sorted(speaking)


def records_with(db: Connection, wanted: Collection[str], analyze: Analyzer) -> list[int]:
    """The ids of all records that hold each of these terms; of none: all records."""
    if not wanted:
        return [row[0] for row in db.execute("SELECT id FROM record ORDER BY id")]
    indexed = db.execute(
        "SELECT DISTINCT record_id FROM passage WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(holding(db, wanted).tolist()),),
    )
    return sorted({*(row[0] for row in indexed), *_unindexed(db, set(wanted), analyze)})


def _told_facts(db: Connection, topic: str) -> Iterator[int]:
    """The records of facts about it: "she starts in August" does not say who she is."""
    named, words = aliases(db, key(topic)), set(content(topic))
    for row in db.execute("SELECT record_id, subject_key, object_key FROM fact"):
        if row["subject_key"] in named or words.issubset(f"{row['subject_key']} {row['object_key']}".split()):
            yield row["record_id"]


def corrected(db: Connection) -> dict[int, int]:
    """The records that the owner has called wrong, and those that say so, the last ones."""
    return {wrong: right for right, wrong in _corrections(db)}


def _corrections(db: Connection) -> list[tuple[int, int]]:
    """Records of the owner's that say that another is wrong, with that other."""
    query = (
        "SELECT c.id, r.id FROM record c JOIN json_each(c.extra, '$.' || :name) j"
        " JOIN source s ON s.uri = j.value ->> 0 JOIN record r ON r.source_id = s.id AND r.key = j.value ->> 1"
        " WHERE c.author = :owner AND c.kind = 'said' AND instr(c.extra, :name)"
    )
    return [(row[0], row[1]) for row in db.execute(query, {"name": CORRECTS, "owner": OWNER})]


def names_of(db: Connection, record_ids: Sequence[int]) -> list[list[str]]:
    """What records are called wherever the memory is: the uri of their source, and their key in it."""
    rows = db.execute(
        "SELECT s.uri, r.key FROM record r JOIN source s ON s.id = r.source_id"
        " WHERE r.id IN (SELECT value FROM json_each(?)) ORDER BY r.id",
        (json.dumps(list(record_ids)),),
    )
    return [[row[0], row[1]] for row in rows]


def _unindexed(db: Connection, wanted: set[str], analyze: Analyzer) -> Iterator[int]:
    """What the assistant said is not in the index, and must be found here too."""
    query = "SELECT id, text FROM record WHERE indexed = 0 AND id > :after ORDER BY id LIMIT :count"
    for row in in_pages(db, query, {}):
        if wanted.issubset(analyze(row["text"])):
            yield row["id"]


def unread(db: Connection, topic: str, analyze: Analyzer, now: datetime) -> list[str]:
    """The uris of files of which nothing is remembered but the name, and that has every word of a topic."""
    wanted = ask(topic, analyze, now).topic
    uris = [row["uri"] for row in db.execute(f"SELECT uri FROM source WHERE {UNREAD}")]  # noqa: S608
    return [uri for uri in uris if (wanted or not topic.strip()) and set(wanted).issubset(analyze(uri))]


def places(db: Connection, record_ids: Iterable[int]) -> list[str]:
    """Where these records come from, in words, each place once, the largest first."""
    rows = db.execute(
        "SELECT r.*, count(*) AS records FROM record r WHERE id IN (SELECT value FROM json_each(?))"
        " GROUP BY kind, source_id, title ORDER BY records DESC LIMIT 50",
        (json.dumps(list(record_ids)),),
    )
    return list(dict.fromkeys(source_name(kept_of(row).record) or say("sources.said") for row in rows))


def passages_by(
    db: Connection, author: str = "", begin: datetime | None = None, end: datetime | None = None
) -> NDArray[np.uint32]:
    """The ids of all passages by one author, of a time (begin <= at < end), or both, ascending."""
    where = ["r.author = :author"] * bool(author) + ["r.at >= :begin"] * bool(begin) + ["r.at < :end"] * bool(end)
    rows = db.execute(
        "SELECT p.id FROM record r JOIN passage p ON p.record_id = r.id"  # noqa: S608
        f" WHERE {' AND '.join(where) or 'TRUE'} ORDER BY p.id",
        {"author": author, "begin": seconds(begin) if begin else None, "end": seconds(end) if end else None},
    )
    return np.fromiter((row[0] for row in rows), np.uint32)
