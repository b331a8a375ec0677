"""Where each value of a call comes from: the owner's words, a rule, what was read, or the model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from voiceos.language.data import pattern
from voiceos.language.times import Duration, Moment, Period, find
from voiceos.tools.records import is_picked, texts, words_of
from voiceos.tools.tool import Call, Origin, Seen, Trail, Whence
from voiceos.tools.values import Scalar, Schema, Value, addresses, alternatives, even, holds, pieces, time_in, values

OWNER, RULE = Origin(Whence.OWNER), Origin(Whence.RULE)
_PLACE = re.compile(r"\.\d+(?=\.|$)")
_PLACES = re.compile(r"(?:^|(?<=[.:;,!?]\s)|(?<=\n))\s*\d{1,2}[.)]\s")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE = re.compile(r"(?<=[.!?;,])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Traced:
    """A value of a call, with where it comes from."""

    value: Value
    origin: Origin
    part: bool = False
    """Whether it is an address inside a longer text, which has a `Traced` of its own."""
    commanded: bool = False
    """Whether it was read only where somebody tells the reader to do something."""

    @property
    def named(self) -> str:
        """The value after its name; the place in a list does not count."""
        return f"{_PLACE.sub('', self.value.path)} {self.value.value}"


def trace(call: Call, trail: Trail, now: datetime) -> list[Traced]:
    """Where each value comes from. Blocks some milliseconds."""
    found = list[Traced]()
    for one in values(call.arguments, call.tool.schema):
        origin = _origin(one, call.tool.schema, trail, now, call.tool.name)
        found.append(Traced(one, origin, commanded=_is_commanded(one.value, one.value, origin, trail)))
        for address in addresses(one.value):
            part = Value(one.path, address, {})
            origin = _origin(part, {}, trail, now)
            found.append(Traced(part, origin, part=True, commanded=_is_commanded(address, one.value, origin, trail)))
    return found


def _is_commanded(value: Scalar, whole: Scalar, origin: Origin, trail: Trail) -> bool:
    """Whether a value was read only in commands, none of which is quoted with it."""
    if origin.whence not in (Whence.TOOL, Whence.MEMORY):
        return False
    command = pattern("en", "permission", "command")
    read = [sentence for seen in trail.seen for sentence in sentences(seen.text) if holds(sentence, value)]
    quoted = isinstance(whole, str) and any(len(one) > len(str(value)) and one in whole for one in read)
    return bool(read) and not quoted and all(command.match(sentence) for sentence in read)


@lru_cache(256)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of what was read."""
    return tuple(part.strip() for inner in texts(text) for part in _SENTENCE.split(inner) if part.strip())


def origin_of(value: Scalar, trail: Trail, now: datetime) -> Origin:
    """Where a value comes from that no schema is about."""
    return _origin(Value("", value, {}), {}, trail, now)


def tainted(trail: Trail) -> Seen | None:
    """The last thing read that is not the owner's: it may have talked the model into anything."""
    return next((seen for seen in reversed(trail.seen) if not seen.origin.is_owners), None)


def _origin(value: Value, root: Schema, trail: Trail, now: datetime, tool: str = "") -> Origin:
    if _is_closed(value, root, trail):
        return RULE
    if _is_said(value, trail, now) or _is_time_said(value.value, tuple(trail.said), now):
        return OWNER
    if _is_today(value.value, now):
        return RULE
    if is_picked(value.value, value.path, tool, trail):
        return RULE
    for seen in reversed(trail.seen):
        if holds(seen.text, value.value):
            return seen.origin
    if is_on_day_said(value.value, trail, now):
        return RULE
    last = tainted(trail)
    return Origin(Whence.MODEL, last.origin.where if last else "")


def _is_closed(value: Value, root: Schema, trail: Trail) -> bool:
    """Whether the schema leaves so little to choose that the choice tells nothing, and the owner said no other."""
    if value.value is None or value.value == "":
        return True
    for one in alternatives(value.schema, root):
        if one.get("default") == value.value and type(one.get("default")) is type(value.value):
            return True
    if isinstance(value.value, bool):
        return not value.optional
    choices = closed_choice(value, root)
    if value.value not in choices:
        return False
    others = [one for one in choices if one != value.value]
    if any(holds(said, one) for one in others for said in trail.said if isinstance(one, str | int | float)):
        return False
    return not value.optional


def closed_choice(value: Value, root: Schema) -> Sequence[Scalar]:
    """The values that the schema allows, if they are few."""
    found = list[Scalar]()
    for one in alternatives(value.schema, root):
        allowed = one.get("enum", [one["const"]] if "const" in one else [])
        found += allowed if isinstance(allowed, list) else []
    return found


def _is_said(one: Value, trail: Trail, now: datetime) -> bool:
    """Whether the owner said a value, and not only to rule it out.

    The day of a month is no number of anything else, nor is the place in a list ("1. Read it"). A mark of digits must
    stand beside a word of its parameter's name: "file 13".
    """
    value = one.value
    is_mark = isinstance(value, str) and value.strip().isdigit()
    is_number = is_mark or isinstance(value, int | float)
    said = [_PLACES.sub(" | ", _without_days(text, now)) for text in trail.said] if is_number else trail.said
    held = [text for text in map(_without_refusals, said) if holds(text, value)]
    return any(_is_marked(text, str(value).strip(), one.path) for text in held) if is_mark else bool(held)


def _is_marked(text: str, digits: str, names: str) -> bool:
    """Whether one of the words before a mark, or the one after it, is one of these names."""
    every = pieces(even(text))
    near = (every[max(0, at - 2) : at + 2] for at, part in enumerate(every) if part == digits)
    return any(not words_of(names).isdisjoint(words_of(" ".join(words))) for words in near)


def _without_refusals(text: str) -> str:
    """A text without the rest of a clause from its negation on."""
    clauses = _CLAUSE.split(text)
    return "".join(pattern("en", "permission", "negation").split(clause, maxsplit=1)[0] + " | " for clause in clauses)


def _without_days(text: str, now: datetime) -> str:
    for found in reversed(find(text, now)):
        if isinstance(found.meaning, Moment | Period):
            text = f"{text[: found.start]} | {text[found.end :]}"
    return text


# Times


def _is_today(value: Scalar, now: datetime) -> bool:
    return isinstance(value, str) and value.strip() == now.date().isoformat()


def is_on_day_said(value: Scalar, trail: Trail, now: datetime) -> bool:
    """Whether a value is a time on a day that the owner named."""
    told = time_in(value)
    return told is not None and told[1] is not None and _is_time_said(told[1], tuple(trail.said), now)


def _is_time_said(value: Scalar, said: tuple[str, ...], now: datetime) -> bool:
    """Whether a value is a day or time, as machines write it, that the owner said in any words."""
    if not (told := time_in(value)):
        return False
    day, clock = told[1], told[2]
    days, clocks = _times(said, now)
    try:
        return (not day or date.fromisoformat(day) in days) and (not clock or time.fromisoformat(clock) in clocks)
    except ValueError:
        return False


@lru_cache(32)
def _times(said: tuple[str, ...], now: datetime) -> tuple[frozenset[date], frozenset[time]]:
    """The days and times of day that some words name, with where a length of time that they name leads from there."""
    starts, lengths, ends = set[datetime](), set[timedelta](), set[datetime]()
    for text in map(even, said):
        for lean in ("future", "past"):
            for found in find(text, now, lean=lean):
                for meaning in (found.meaning, *found.others):
                    if isinstance(meaning, Moment):
                        starts.add(meaning.at)
                    elif isinstance(meaning, Period):
                        starts |= {meaning.start} if meaning.start else set()
                        ends |= {meaning.end, meaning.end - timedelta(days=1)} if meaning.end else set()
                    elif isinstance(meaning, Duration):
                        lengths.add(meaning.length)
    every = starts | ends | {at + length for at in starts for length in lengths}
    return frozenset(at.date() for at in every), frozenset(at.time().replace(second=0) for at in every)
