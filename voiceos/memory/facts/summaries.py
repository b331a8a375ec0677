"""Summaries of days: the owner's own sentences that say most, or a model's, held against them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from voiceos.memory.facts.doubt import ASKING, REQUEST
from voiceos.memory.facts.text import sentences
from voiceos.memory.facts.words import content, stem
from voiceos.store.database import Connection
from voiceos.store.records import OWNER
from voiceos.store.rows import Kept, kept_of, seconds

LINES = 6
LONGEST = 240
"""Characters of one line."""
PROMPT = """\
Each line is something that a person said on one day. Say in at most three short sentences what they told, each from \
one line, with that line's number. Begin with "You". Use only words from the lines.

{lines}
"""
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {"line": {"type": "integer"}, "text": {"type": "string", "maxLength": 160}},
                "required": ["line", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a record."""

    record_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one day."""

    day: date
    text: str
    origin: str
    """words: the owner's own sentences; llm: a model's, held against them."""
    record_ids: tuple[int, ...]


def next_day(db: Connection, after: date, now: datetime) -> date | None:
    """The first day after that one on which the owner said something, and which is over."""
    begin = datetime.combine(after + timedelta(days=1), time(), now.tzinfo)
    today = datetime.combine(now.date(), time(), now.tzinfo)
    row = db.execute(
        "SELECT min(at) FROM record WHERE author = ? AND kind = 'said' AND at >= ? AND at < ?",
        (OWNER, seconds(begin), seconds(today)),
    ).fetchone()
    return None if row[0] is None else datetime.fromtimestamp(row[0], now.tzinfo).date()


def of_day(db: Connection, day: date) -> list[Kept]:
    """What the owner said on a day."""
    begin = datetime.combine(day, time()).astimezone()
    rows = db.execute(
        "SELECT * FROM record WHERE author = ? AND kind = 'said' AND at >= ? AND at < ? ORDER BY at, id LIMIT 2000",
        (OWNER, seconds(begin), seconds(begin + timedelta(days=1))),
    )
    return [kept_of(row) for row in rows]


def chosen(kept: Sequence[Kept], with_facts: set[int]) -> list[Line]:
    """The sentences that say most: those with facts, then those with the rarest words of the day; in order."""
    lines: list[tuple[int, Line]] = []
    for one in kept:
        for sentence in sentences(one.record.text):
            asked = sentence.asked or ASKING.match(sentence.norm) or REQUEST.match(sentence.norm)
            text = one.record.text[sentence.tokens[0].start : sentence.tokens[-1].end]
            if not asked and len(content(text)) >= 3 and len(text) <= LONGEST:
                lines.append((len(lines), Line(one.id, text)))
    count = Counter(word for _, line in lines for word in set(content(line.text)))

    def weight(line: Line) -> float:
        rare = sum(1 / count[word] for word in set(content(line.text)))
        return rare + (100 if line.record_id in with_facts else 0)

    best = sorted(lines, key=lambda pair: -weight(pair[1]))[:LINES]
    return [line for _, line in sorted(best, key=lambda pair: pair[0])]


def plain(lines: Sequence[Line]) -> str:
    """The words themselves."""
    return " ".join(f'"{line.text.rstrip(" .,;!")}."' for line in lines)


def prompt_for(lines: Sequence[Line]) -> str:
    return PROMPT.format(lines="\n".join(f"{number}. {line.text}" for number, line in enumerate(lines, 1)))


def verified(lines: Sequence[Line], answer: Mapping[str, Any], dropped: Counter[str]) -> tuple[str, str] | None:
    """A model's summary as far as its lines bear it out, and "llm"; None when nothing is left.

    Every name, number and nearly every other word of a sentence must be in the line that it cites.
    """
    kept: list[str] = []
    items = answer.get("sentences")
    for item in items if isinstance(items, list) else []:
        values: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
        number, text = values.get("line"), str(values.get("text", "")).strip()
        if not isinstance(number, int) or not 1 <= number <= len(lines) or not borne_out(text, lines[number - 1].text):
            dropped["summary"] += 1
        elif text not in kept:
            kept.append(text)
    return (" ".join(kept), "llm") if kept else None


def borne_out(text: str, source: str) -> bool:
    """Whether a sentence says no more than its source: no new name, number, negation, and hardly a new word."""
    there = {*content(source), *(stem(word) for word in re.findall(r"\w+", source))}
    names = [word for word in re.findall(r"(?<!^)\b[A-Z]\w+|\d[\d.,:]*", text) if word not in ("You", "Your", "I")]
    if not text or any(stem(name.rstrip(".,:")) not in there for name in names):
        return False
    if bool(NOT.search(text.lower())) != bool(NOT.search(source.lower())):
        return False
    words = [word for word in content(text) if word not in ("you", "your", "said")]
    return bool(words) and sum(word in there for word in words) >= 0.75 * len(words)


NOT = re.compile(r"\b(?:not|never|no longer|cannot)\b|n't\b|n’t\b")


def keep(db: Connection, day: date, text: str, origin: str, record_ids: Sequence[int]) -> None:
    """Keeps a day's summary in the place of an earlier one, in the caller's transaction."""
    db.execute("DELETE FROM summary WHERE day = ?", (day.isoformat(),))
    made = db.execute("INSERT INTO summary (day, text, origin) VALUES (?, ?, ?)", (day.isoformat(), text, origin))
    rows = [(made.lastrowid, record_id) for record_id in dict.fromkeys(record_ids)]
    db.executemany("INSERT INTO summary_record VALUES (?, ?)", rows)


def between(db: Connection, first: date, last: date) -> list[Summary]:
    """The summaries of these days, both included, in order."""
    rows = db.execute(
        "SELECT s.day, s.text, s.origin, group_concat(r.record_id) AS ids FROM summary s JOIN summary_record r"
        " ON r.summary_id = s.id WHERE s.day >= ? AND s.day <= ? GROUP BY s.id ORDER BY s.day",
        (first.isoformat(), last.isoformat()),
    )
    return [
        Summary(date.fromisoformat(row["day"]), row["text"], row["origin"], tuple(map(int, row["ids"].split(","))))
        for row in rows
    ]
