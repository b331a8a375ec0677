"""Names from the memory that the owner is likely to say, for recognition, which only knows common ones."""

import math
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from voiceos.core import Word
from voiceos.engines.names_heard import Suggestion
from voiceos.memory.sounding import Likeness, Pronounce, Sounding
from voiceos.store.database import Connection
from voiceos.store.records import ASSISTANT, OWNER, Kind
from voiceos.store.rows import moment, seconds

CONTACTS = 5000
PEOPLE = 2000
"""Authors that are looked at: those who wrote most."""
RECENT = 2000
"""Records whose words are looked through for names: the latest."""
BOOK = 4000
"""Names that are kept by their sound, likeliest first; a name of two words counts three times."""
SOON = timedelta(hours=18)
"""Until then an event's names are likely to be said; and so long after it began."""
HALF_LIFE_DAYS = 30.0
COMMON = 0.9
"""Penalty for a likeness to common words only, because those were usually really said."""

_NAME = r"[^\W\d_][^\W\d_]+(?:['’-][^\W\d_]+)*"
_WORDS = re.compile(rf"{_NAME}(?: {_NAME})*")
_LATE = re.compile(r"(?<=[^\s.!?:>*#-] )" + _NAME)

Known = Callable[[str], bool]
"""Whether a recogniser knows a word, as it is written, so well that it hears it without being told."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that has a name."""

    name: str
    weight: float = 1.0
    at: datetime | None = None
    """When it was last mentioned."""


class Names:
    """The names of one memory. Empty until `learn`; any thread may ask meanwhile."""

    def __init__(self, pronounce: Pronounce, known: Known) -> None:
        self._pronounce = pronounce
        self._known = known
        self._lock = threading.Lock()
        self._book: list[str] = []
        self._sounding = Sounding((), pronounce)

    def __len__(self) -> int:
        """How many names are known by their sound."""
        return len(self._sounding)

    def learn(self, mentions: Iterable[Mention], now: datetime) -> None:
        """Replaces what it knew. Blocks for 0.2 ms a name where there are new ones. Raises what `pronounce` raises."""
        scores: dict[str, float] = {}
        for mention in mentions:
            for name in (one for one in _parts(mention.name) if self.is_rare(one)):
                scores[name] = scores.get(name, 0.0) + mention.weight * _freshness(mention.at, now)
        with self._lock:
            book = sorted(sorted(scores, key=lambda name: -scores[name])[:BOOK])
            if book != self._book:
                self._book, self._sounding = book, Sounding(book, self._pronounce)

    def is_rare(self, name: str) -> bool:
        """Whether some word of it has to be told to the recogniser."""
        return any(not self._known(word) for word in name.split())

    def suggest(self, words: Sequence[Word]) -> list[Suggestion]:
        """Names that the doubtful words of a transcript sound like, likeliest first."""
        found = [Suggestion(one.name, self._evidence(one)) for one in self._sounding.near(words)]
        return sorted(found, key=lambda one: -one.evidence)

    def _evidence(self, likeness: Likeness) -> float:
        common = all(self._known(word.lower()) for word in likeness.heard)
        return likeness.worth - (COMMON if common else 0.0)


def mentions(db: Connection, now: datetime) -> Iterator[Mention]:
    """Contacts, those who write, who and what facts are about, the calendar's, and names in the latest records."""
    contacts = "SELECT title, json_extract(extra, '$.nickname') FROM record WHERE kind = ? ORDER BY id DESC LIMIT ?"
    for title, nickname in db.execute(contacts, (Kind.CONTACT, CONTACTS)).fetchall():
        yield from (Mention(name, 2.0) for name in (title, nickname) if isinstance(name, str))
    authors = (
        "SELECT author, count(*) AS times, max(at) FROM record WHERE author NOT IN ('', ?, ?)"
        " GROUP BY author ORDER BY times DESC LIMIT ?"
    )
    for author, times, at in db.execute(authors, (OWNER, ASSISTANT, PEOPLE)).fetchall():
        yield Mention(author, 1 + math.log(times), None if at is None else moment(at))
    for subject, thing in db.execute("SELECT subject, object FROM fact ORDER BY id DESC LIMIT ?", (PEOPLE,)).fetchall():
        yield from (
            Mention(name) for name in (*_WORDS.findall(subject), *_LATE.findall(f"x {thing}")) if name[0].isupper()
        )
    yield from _calendar(db, now)
    yield from _latest(db)


def _calendar(db: Connection, now: datetime) -> Iterator[Mention]:
    query = "SELECT title, place, text FROM record WHERE kind = ? AND at BETWEEN ? AND ? ORDER BY at LIMIT 50"
    hours = (seconds(now - SOON), seconds(now + SOON))
    for title, place, text in db.execute(query, (Kind.EVENT, *hours)).fetchall():
        for name in dict.fromkeys(_capitalised(f"x {title}. x {place}. x {text}")):
            yield Mention(name, 3.0, now)


def _latest(db: Connection) -> Iterator[Mention]:
    query = "SELECT text, at FROM record WHERE indexed = 1 ORDER BY id DESC LIMIT ?"
    for text, at in db.execute(query, (RECENT,)).fetchall():
        for name in set(_capitalised(text[:4000])):
            yield Mention(name, 0.5, None if at is None else moment(at))


def _capitalised(text: str) -> Iterator[str]:
    """Words in mid-sentence that begin with a capital, and go on in small letters."""
    return (word for word in _LATE.findall(text) if word[0].isupper() and word[1:] != word[1:].upper())


def _parts(name: str) -> list[str]:
    """A name, and each of its words that can stand alone."""
    words = [word for word in _WORDS.findall(name) for word in word.split()]
    whole = " ".join(words)
    return [whole, *words] if 1 < len(words) <= 4 else words[:1] if len(words) == 1 else []


def _freshness(at: datetime | None, now: datetime) -> float:
    """1 for now, a half after a month, and never nothing; half for what has no date."""
    if at is None:
        return 0.5
    days = abs((now - at).total_seconds()) / 86_400
    return 0.1 + 0.9 * 0.5 ** (days / HALF_LIFE_DAYS)
