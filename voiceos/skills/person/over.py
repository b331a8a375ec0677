"""What the owner has said to be over since they told of it: "I don't take metformin any more", "Tofu died"."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from voiceos.core import Recalled
from voiceos.language.data import pattern, table, words_in
from voiceos.language.numerals import digits
from voiceos.language.questions import asks
from voiceos.language.terms import words
from voiceos.language.times import Recurrence, find
from voiceos.memory.facts.apart import Apart
from voiceos.memory.index.lexical import holding
from voiceos.memory.recall.provenance import of_record
from voiceos.skills.person.wanted import alike, is_one, stem
from voiceos.skills.person.worded import tells
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.records import Kind

DATA = "over"
MOST = 200
"""Later records that are looked at, the newest."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Over:
    """What a clause says to be over."""

    words: Sequence[frozenset[str]]
    """Stems, each with those that stand for it; what is over has all of them."""
    ends: frozenset[str]
    """Stems of which it has one, too; empty: whatever it has."""
    own: bool
    """Whether the owner says it of themself."""
    count: int
    """Of how many, 0: nobody can tell."""

    def touches(self, line: str) -> bool:
        """Whether an earlier line tells of it."""
        said = words(line)
        stems = set(map(stem, said))
        names = _names(line)
        first = words_in("en", DATA, "first") | (words_in("en", "told", "owned") if names else frozenset())
        own = not self.own or not first.isdisjoint(said)
        ends = not self.ends or not self.ends.isdisjoint(stems) or names
        return own and self._has_all(stems) and ends

    def covers(self, question: str) -> bool:
        """Whether a question asks for nothing else."""
        idle = words_in("en", DATA, "idle")
        asked = {stem(word.removesuffix("'s")) for word in words(question) if word not in idle} - _having()
        left = [one for one in asked if not any(is_one(one, group) for group in self.words) and one not in self.ends]
        return not left and bool(asked) and self._has_all(asked | _having())

    def covers_all(self, question: str, line: str) -> bool:
        """Whether a question asks if there still is what a line only names: a cat, of "a cat called Plum"."""
        asked = {stem(word) for word in words(question)} - set(map(stem, words_in("en", DATA, "idle")))
        asked |= _having() & set(map(stem, words(question)))
        thing = asked - self.ends - _having()
        return _names(line) and bool(thing) and asked != thing and thing.issubset(map(stem, words(line)))

    def _has_all(self, stems: Iterable[str]) -> bool:
        return all(any(is_one(stem, group) for stem in stems) for group in self.words)


def _of(listed: str) -> frozenset[str]:
    return frozenset(map(stem, listed.split()))


def _having() -> frozenset[str]:
    return _of(table("en", DATA)["having"])


def _names(line: str) -> bool:
    return pattern("en", DATA, "naming").search(line.lower().replace("’", "'")) is not None


def over_in(text: str, said_at: datetime | None = None) -> list[Over]:
    """What a text tells to be over, clause by clause. It must be no question."""
    if asks(text):
        return []
    low = text.lower().replace("’", "'")
    if pattern("en", DATA, "passing").search(low):
        return []
    for one in reversed(list(find(low, said_at or EPOCH))):
        if isinstance(one.meaning, Recurrence):
            continue  # another one may go on
        low = f"{low[: one.start]} {low[one.end :]}"
    return [over for clause in pattern("en", DATA, "between").split(low) if (over := _in_clause(clause))]


def _in_clause(clause: str) -> Over | None:
    for name, sign in table("en", DATA)["signs"].items():
        if not (found := pattern("en", DATA, f"signs.{name}.says").search(clause)):
            continue
        left = f"{clause[: found.start()]} {found.groupdict().get('what') or clause[found.end() :]}"
        if pattern("en", DATA, "doubtful").search(clause[: found.start()]):
            return None
        said = words(left)
        content = [word.removesuffix("'s") for word in said if word not in words_in("en", DATA, "idle")]
        content = [word for word in content if not _NUMBER.fullmatch(digits(word))]
        if not content:
            return None
        numbers = _NUMBER.findall(digits(left))
        many = content[-1].endswith("s") and not numbers
        own = "anybody" not in sign and not words_in("en", DATA, "first").isdisjoint(said)
        groups = [alike(word) for word in content]
        return Over(groups, _of(sign["ends"]), own, int(numbers[0]) if numbers else 0 if many else 1)
    return None


def later(db: Connection, line: Recalled) -> list[tuple[Recalled, Over]]:
    """What the owner has said to be over of a line, since they said it; the newest first."""
    if not line.at:
        return []
    idle = words_in("en", DATA, "idle")
    ids = set().union(*(holding(db, [stem(word)]).tolist() for word in set(words(line.text)) - idle))
    rows = db.execute(
        "SELECT DISTINCT r.id FROM record r JOIN passage p ON p.record_id = r.id WHERE r.author IN ('', r.who)"
        " AND r.kind = ? AND r.at > ? AND p.id IN (SELECT value FROM json_each(?)) ORDER BY r.at DESC LIMIT ?",
        (Kind.SAID, line.at.timestamp(), json.dumps(sorted(ids)), MOST),
    ).fetchall()
    said = [of_record(kept, 1.0) for kept in Ledger(db).records(row[0] for row in rows).values()]
    said = sorted(filter(tells, said), key=_time, reverse=True)
    found, since = list[tuple[Recalled, Over]](), list[str]()
    for one in said:
        overs = over_in(one.text, one.at)
        found += [(one, over) for over in overs if over.touches(line.text) and not any(map(over.touches, since))]
        since += [] if overs else [one.text]
    return found


def over_since(db: Connection, memories: Sequence[Recalled]) -> list[Recalled]:
    """What the owner has said since that ends something of these memories, the newest first."""
    ending = {one.record_id: one for memory in memories for one, _ in later(db, memory)}
    return sorted(ending.values(), key=_time, reverse=True)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of what answers a question, once what is over is known."""

    memories: Sequence[Recalled]
    """What tells that something is over, the newest first, and what of the answers is not wholly over."""
    is_over: bool
    """Whether nothing is left of what is asked for."""
    left: int | None = None
    """How many are left, where that is asked and can be told."""


def standing(db: Connection, question: str, memories: Sequence[Recalled]) -> Standing | None:
    """What is over of the memories that answer a question about today; None: nothing is."""
    apart = Apart(db, question)

    def bears_on_it(line: str) -> bool:
        return not apart(line) or apart.names(line)

    over = [(one, [some for some in later(db, one) if bears_on_it(some[0].text)]) for one in memories]
    said = [(one, some) for one in memories for some in over_in(one.text, one.at) if some.covers(question)]
    ending = {one.record_id: one for one, _ in said} | {one.record_id: one for _, some in over for one, _ in some}
    whole = [(one, some) for one, some in over if one.record_id not in ending]
    if not ending or any(not some and _again(one, [*said, *(s for _, o in over for s in o)]) for one, some in whole):
        return None
    several = [(one, some) for one, some in whole if some and (_number(one.text) or 0) > 1]
    ended = [over for one, some in over if one not in [it for it, _ in several] for _, over in some]
    asked, counts = _number(question), [_number(one.text) for one, _ in several]
    is_over = any(some.covers(question) for some in [*ended, *(some for _, some in said if not several)])
    is_over = is_over or (asked is not None and asked in counts)
    single = [(one, some) for one, some in over if one not in [it for it, _ in several]]
    is_over = is_over or any(some.covers_all(question, one.text) for one, others in single for _, some in others)
    left = _left(several[0][0], several[0][1]) if several and pattern("en", DATA, "count").search(question) else None
    told = sorted(ending.values(), key=_time, reverse=True)
    return Standing([*told, *(one for one, some in whole if not some or _is_in(one, several))], is_over, left)


def _is_in(one: Recalled, some: Sequence[tuple[Recalled, object]]) -> bool:
    return any(one is other for other, _ in some)


def _time(memory: Recalled) -> float:
    return memory.at.timestamp() if memory.at else 0.0


def _again(line: Recalled, ended: Sequence[tuple[Recalled, Over]]) -> bool:
    """Whether a line tells anew of what was over before it."""
    return any(over.touches(line.text) and _time(line) > _time(one) for one, over in ended)


def _number(text: str) -> int | None:
    found = _NUMBER.search(digits(text))
    return int(found[0]) if found else None


def _left(line: Recalled, ended: Sequence[tuple[Recalled, Over]]) -> int | None:
    count, gone = _number(line.text), [over.count for over in {one.record_id: over for one, over in ended}.values()]
    return count - sum(gone) if count is not None and all(gone) and sum(gone) <= count else None
