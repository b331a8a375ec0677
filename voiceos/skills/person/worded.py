"""The owner's sentences that have all words of a question, and say it of the same person."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from voiceos.core import Recalled
from voiceos.language.data import pattern, words_in
from voiceos.language.questions import asks
from voiceos.language.sentences import say
from voiceos.memory.facts.vocabulary import is_relation
from voiceos.memory.index.lexical import holding
from voiceos.memory.recall.choice import is_question
from voiceos.memory.recall.provenance import LONGEST_WHOLE, of_record
from voiceos.skills.person.wanted import DATA, WORD, Names, Wanted, is_name, is_one, shows, stem
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.passages import sentences
from voiceos.store.records import Kind

MOST = 200
"""Records that are looked at, the newest."""


def worded(db: Connection, wanted: Wanted, names: Names, now: datetime) -> list[Recalled]:
    """The owner's sentences that answer a question, the newest first."""
    groups = [*wanted.who, *wanted.what]
    if not groups:
        return []
    ids = sorted(set().union(*(holding(db, [term]).tolist() for group in groups for term in group)))
    rows = db.execute(
        "SELECT DISTINCT r.id FROM record r JOIN passage p ON p.record_id = r.id WHERE r.author IN ('', r.who)"
        " AND r.kind IN (?, ?) AND p.id IN (SELECT value FROM json_each(?)) ORDER BY r.at DESC LIMIT ?",
        (Kind.SAID, Kind.NOTE, json.dumps(ids), MOST),
    ).fetchall()
    found = list[Recalled]()
    for kept in Ledger(db).records(row[0] for row in rows).values():
        memory, text = of_record(kept, 1.0), kept.record.text
        is_said = kept.record.kind is Kind.SAID
        for begin, end in [(0, len(text))] if is_said and len(text) <= LONGEST_WHOLE else sentences(text):
            some = replace(memory, text=text[begin:end].strip())
            if tells(some) and answers(some.text, wanted, names, kept.record.at or now, noted=not is_said):
                found.append(some)
    return sorted(found, key=lambda one: one.at.timestamp() if one.at else 0.0, reverse=True)


def answers(sentence: str, wanted: Wanted, names: Names, said_at: datetime, *, noted: bool = False) -> bool:
    """Whether a sentence has all that is wanted, and says it of the same person. `noted`: it is in a note."""
    said = [found[0].replace("’", "'") for found in WORD.finditer(sentence)]
    bare = [re.sub(r"'(?!t\b)\w+$", "", word.lower()) for word in said]
    stems = [stem(word) for word in bare]
    places = [[at for at, stem in enumerate(stems) if is_one(stem, group)] for group in (*wanted.who, *wanted.what)]
    shown = wanted.kind and shows(wanted.kind, sentence, said, wanted, said_at)
    if not all(places) or (wanted.kind and not shown) or not (wanted.what or shown):
        return False
    first = words_in("en", DATA, "first_person")
    of_owner = noted or not first.isdisjoint(bare) or any(bare[at] in names for at in chain(*places))
    if (wanted.own or wanted.doer) and not of_owner:
        return False
    somebody = [
        word in names or is_relation(word) or word in words_in("en", DATA, "somebody") or (at and is_name(said[at]))
        for at, word in enumerate(bare)
    ]
    theirs = frozenset(chain(*wanted.who)) | words_in("en", DATA, "others")
    doers = frozenset(words_in("en", DATA, "doers")) if wanted.doer else theirs
    if not wanted.what or not (wanted.doer or wanted.who):
        return True
    objects = frozenset(chain(*wanted.who)) if wanted.doer else frozenset[str]()  # "I took the cat to the vet"
    others = [one and stem not in objects for one, stem in zip(somebody, stems, strict=True)]
    return any(_doer(at, bare, stems, others) in doers for at in places[-1])


def _doer(at: int, bare: Sequence[str], stems: Sequence[str], somebody: Sequence[object]) -> str:
    """Who is nearest before a word, and so most likely its subject."""
    return next(
        (
            bare[n] if bare[n] in words_in("en", DATA, "doers") else stems[n]
            for n in range(at - 1, -1, -1)
            if somebody[n]
        ),
        "",
    )


def tells(memory: Recalled) -> bool:
    """Whether a memory tells something: the owner's own questions and requests do not."""
    if memory.source or memory.author != say("sources.you"):
        return True
    unmarked = asks(memory.text) and not memory.text.rstrip().endswith(".")
    return not (is_question(memory) or unmarked or pattern("en", "skills/notes", "said.requests").search(memory.text))
