"""Whether somebody's words hold the value of an argument: its words, its number, its day. A model makes the rest up."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, cast

from voiceos.language.data import table
from voiceos.language.numerals import digits
from voiceos.language.questions import content
from voiceos.language.terms import Analyzer
from voiceos.language.times import Duration, Moment, Period, Recurrence, find
from voiceos.tools.data_in_words import APART
from voiceos.tools.form import Field, Form, Kind

NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?:[eE]-?\d+)?(?![\d])")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?Z?)?")
_WORD = r"[^\W_]+"
_STEM = 3
_SHORT = 2
"""Letters of a word that may shorten another: EU, EUR, USD."""

_terms = Analyzer("en")


class Said:
    """What somebody said, as a source of values."""

    def __init__(self, text: str, now: datetime) -> None:
        self.text = text
        self._now = now
        self._words = re.findall(_WORD, text.lower())
        self._terms = {*_terms(text)} | {*_terms(" ".join(self._words))}

    @cached_property
    def numbers(self) -> Counter[float]:
        """The numbers, each as often as it was said; of a percentage also the share, of 5 million also the whole."""
        text, data = digits(self.text), table("en", "calling")
        found = [(match, float(match[0].replace("−", "-"))) for match in NUMBER.finditer(text)]
        told = Counter[float]()
        for match, number in found:
            if re.match(data["percent"], text[match.end() :]):
                told[round(number / 100, 8)] += 1
            scale = re.match(r"[A-Za-z]+\b", text[match.end() :])
            times = data["scales"].get(scale[0].lower()) if scale else None
            told.update([number, number * times] if times else [number])
        for (one, size), (other, times) in pairwise(found):
            if text[one.end() : other.start()] == " " and times >= 100:
                told[size * times] += 1
        told.update(number for number in {*self._counted()} if number not in told)
        return told

    def _counted(self) -> Iterator[float]:
        """Numbers that words stand for: twice is 2, every hour 1, next week 7 days."""
        words = table("en", "calling")["counts"]
        yield from (words[word] for word in self._words if word in words)
        for one in find(self.text, self._now, lean="future"):
            meaning = one.meaning
            if isinstance(meaning, Duration):
                yield from filter(None, (meaning.months, meaning.months / 12, meaning.days, meaning.days / 7))
                yield from (meaning.seconds / unit for unit in (1, 60, 3600) if meaning.seconds)
            elif isinstance(meaning, Period) and meaning.start and meaning.end:
                days = (meaning.end - meaning.start).days
                yield from (1, days) if days else ()
            elif isinstance(meaning, Recurrence):
                yield 1

    @cached_property
    def times(self) -> Sequence[tuple[datetime | None, datetime | None]]:
        """The times, each from when to when; None: open."""
        return [
            (meaning.at, meaning.at + timedelta(minutes=1))
            if isinstance(meaning, Moment)
            else (meaning.start, meaning.end)
            for meaning in (one.meaning for one in find(self.text, self._now, lean="future"))
            if isinstance(meaning, Moment | Period)
        ]

    @cached_property
    def currencies(self) -> Set[str]:
        """The codes of the currencies that were named: of "Canadian dollars" only that one's."""
        text, found = self.text.lower(), set[str]()
        for sign, name in table("en", "measured")["signs"].items():
            text = text.replace(sign, f" {name} ")
        text = f" {' '.join(re.findall(_WORD, text))} "
        for name, code in _currencies().items():
            if f" {name} " in text:
                found.add(code)
                text = text.replace(f" {name} ", " | ")
        return found

    def holds(self, one: Field, value: object) -> bool:
        """Whether these words hold a value of a field."""
        if one.kind is Kind.LIST:
            return bool(value) and all(self.holds(one.fields[0], item) for item in cast("Sequence[object]", value))
        if one.kind is Kind.OBJECT:
            inside = {each.name: each for each in one.fields}
            return bool(value) and all(
                self.holds(inside[key], each) for key, each in cast("Mapping[str, Any]", value).items()
            )
        if isinstance(value, bool):
            return self.mentions(one)
        if isinstance(value, int | float):
            return any(abs(number) == abs(value) for number in self.numbers)
        return self._holds_text(str(value), closed=bool(one.choices))

    def mentions(self, one: Field) -> bool:
        """Whether the words of a field's name are among these."""
        named = {*_terms(" ".join(content(APART.sub(" ", one.name))))}
        return bool(named & self._terms)

    def _holds_text(self, value: str, *, closed: bool) -> bool:
        """Word by word: said, or short for something that was said. `closed`: in any form of the word."""
        if self._holds_time(value):
            return True
        pieces = [piece for piece in APART.split(value) if piece]
        said = all(self._says(piece) or (closed and self._has(piece)) for piece in pieces)
        return (bool(pieces) and said) or self._stands_for(value, closed=closed)

    def _says(self, piece: str) -> bool:
        return piece.lower() in self._words or (piece.isdigit() and float(piece) in self.numbers)

    def _has(self, piece: str) -> bool:
        return self._says(piece) or bool({*_terms(piece)} & self._terms)

    def touches(self, one: Field, value: object) -> bool:
        """Whether these words hold a value, or a part of a text: "Nashville" for "Nashville, TN"."""
        if one.kind is Kind.LIST:
            return any(self.touches(one.fields[0], item) for item in cast("Sequence[object]", value))
        if one.kind is Kind.OBJECT:
            given = cast("Mapping[str, object]", value)
            return any(self.touches(each, given[each.name]) for each in one.fields if each.name in given)
        if not isinstance(value, str):
            return self.holds(one, value)
        names = value.islower() and value in one.about.lower()  # one of those that the tool knows
        return names or self.holds(one, value) or any(map(self._touches_piece, APART.split(value)))

    def _touches_piece(self, piece: str) -> bool:
        """Whether a word was said in another form, or begins as one that was: German, Germany."""
        short = piece.lower()
        return len(short) > _SHORT and (
            self._has(piece)
            or self._stands_for(piece)
            or any(word.startswith(short) or (len(word) > _STEM and short.startswith(word)) for word in self._words)
        )

    def _stands_for(self, value: str, *, closed: bool = False) -> bool:
        """Whether it is short for words that were said, or those written as one: EUR, NYC, GBP, "smartphone".

        `closed`: it is one of few, and two letters must stand for a name: CO is not "could", nor "come on".
        """
        if value in _currencies().values():
            return value in self.currencies
        short = "".join(re.findall(r"[^\W_]+", value.lower()))
        if closed and len(short) == _SHORT:
            return short in "".join(re.findall(r"\b[A-Z](?=[a-z])", self.text)).lower()
        if len(short) < _SHORT:
            return False
        if value.isupper():
            initials = "".join(word[0] for word in self._words)
            return short in initials or self._shortens(short) or any(word.startswith(short) for word in self._words)
        return any(one + other == short for one, other in pairwise(self._words))

    def _shortens(self, short: str) -> bool:
        """Whether its letters are in two words side by side, in order, from the first: CAD, Canadian dollars."""
        letters = re.compile(short[0] + "".join(f"[^ ]*? ?{letter}" for letter in short[1:]))
        return any(letters.match(f"{one} {other}") for one, other in pairwise(self._words))

    def _holds_time(self, value: str) -> bool:
        if not _ISO.fullmatch(value):
            return False
        at = datetime.fromisoformat(value.replace("Z", "")).replace(tzinfo=self._now.tzinfo or UTC)
        last = at + timedelta(days=1 if len(value) == len("2000-01-01") else 0, minutes=1)
        return any((start is None or start < last) and (end is None or at < end) for start, end in self.times)


@cache
def _currencies() -> Mapping[str, str]:
    """Names of currencies to their codes, the longest first."""
    listed: Mapping[str, str] = table("en", "measured")["currencies"]
    named = {name.strip().lower(): code for code, names in listed.items() for name in (code, *names.split(","))}
    return dict(sorted(named.items(), key=lambda one: -len(one[0])))


def without_unsupported(arguments: Mapping[str, object], form: Form, said: Said) -> dict[str, object]:
    """The arguments without the optional ones that nobody gave: each must be said, and for itself."""
    kept = {one.name: arguments[one.name] for one in form.required if one.name in arguments}
    left = said.numbers.copy()
    for value in _numbers_of(kept.values()):
        left[abs(value)] -= 1
    for one in form.fields:
        if one.required or one.name not in arguments:
            continue
        value = arguments[one.name]
        wanted = Counter(map(abs, _numbers_of([value])))
        is_spare = all(left[number] + left[-number] >= often for number, often in wanted.items())
        if said.holds(one, value) and is_spare and (isinstance(value, bool) or value not in kept.values()):
            kept[one.name] = value
            left -= wanted
    return kept


def unsupported(arguments: Mapping[str, object], form: Form, said: Said) -> list[Field]:
    """The required arguments whose values nobody said."""
    return [
        one
        for one in form.required
        if one.name in arguments
        and not one.choices
        and one.kind is not Kind.BOOLEAN
        and not said.touches(one, arguments[one.name])
    ]


def may_be_given(form: Form, said: Said) -> Form:
    """The form without the optional fields that these words cannot fill; those that they surely fill are required."""
    return Form([_asked_for(one, said) for one in form.fields if one.required or _may_be_given(one, form, said)])


def _asked_for(one: Field, said: Said) -> Field:
    """A small model forgets what is optional."""
    if one.required or (one.kind is not Kind.BOOLEAN and not one.choices):
        return one
    return replace(one, required=True, choices=[choice for choice in one.choices if said.holds(one, choice)])


def _may_be_given(one: Field, form: Form, said: Said) -> bool:
    if one.kind is Kind.BOOLEAN:
        return said.mentions(one)
    if one.choices:
        return any(said.holds(one, choice) for choice in one.choices)
    if one.kind in (Kind.INTEGER, Kind.NUMBER):
        numbers = sum(each.kind in (Kind.INTEGER, Kind.NUMBER) for each in form.required)
        return said.numbers.total() > numbers
    return True


def _numbers_of(values: "Iterator[object] | Sequence[object] | Any") -> Iterator[float]:
    for value in values:
        if isinstance(value, Mapping):
            yield from _numbers_of(cast("Mapping[str, object]", value).values())
        elif isinstance(value, list):
            yield from _numbers_of(cast("list[object]", value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield value
