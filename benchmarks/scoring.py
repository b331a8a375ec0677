"""Judges a reply by rule: right, partly right, wrong, declined; honest or made up where nothing could be known.

What is wanted is given in pieces (`;` between them), each with what may stand for it (`/`): words, a number, a code, a
day, a time of the clock. A `*` ends a word that may go on. Numbers in words and digits are the same, and so are the
ways to write a day: the product's own grammars read both sides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from voiceos.language.numerals import digits
from voiceos.language.times import Found, Moment, Period, find

NONE, GENERAL = "none", "general"
"""Kinds of questions: not in the memory, and not about the owner's life."""
FEW = 2
"""Numbers in a quotation of which each can be taken for the answer."""
LONG_CODE = 5
"""Digits from which a number is a code, which may be read out in groups."""
_NOT = r"(?:\w+n't|not|no|nothing|never|unable to|cannot|without)"
_KNOWN = (
    r"know\w*|sure|said|told|tell|have|been|mention\w*|record\w*|information|find|found|idea|details?|given|specified"
    r"|stated?|says?|done|understand|understood|access|aware|provided?|certain|available|listed|noted|clear|context|enough|any|about|memor\w+"
)
_DECLINES = re.compile(
    rf"\b{_NOT} (?:\w+ ){{0,2}}?(?:{_KNOWN})\b|\b(?:unknown|unsure|unclear|unspecified)\b|\bi would need\b",
    re.IGNORECASE,
)
_QUOTES = re.compile(
    r"\byou (?:said|told me|wrote|mentioned)\b|\b(?:said|wrote|writes)\b:?"
    r"|\byour (?:notes?|calendar|mail|messages?)\b|\bmail from\b|\bin (?:my|your) memory\b|\bdated\b",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\b(?:was|were|used to|before|earlier|previous\w*|formerly|no longer|changed|old|at first|originally|instead"
    r"|until|then|now|up from|down from|not|isn't|than)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”']?\s+")
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+\*?")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:\s?([ap])\.?m\.?)?|(\d{1,2})\s?([ap])\.?m\.?", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:on )?\w+day(?: at [\d:.]+ ?(?:[ap]\.?m\.?)?)?", re.IGNORECASE)
_SIGNS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u202f": " ", "\u00a0": " "})


class Verdict(StrEnum):
    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    DECLINED = "declined"
    HONEST = "honest"
    MADE_UP = "made up"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reply must say, and what it must not."""

    kind: str
    gold: Sequence[Sequence[str]]
    """Pieces, each with its alternatives."""
    avoid: Sequence[str] = ()
    """What a wrong answer says: a value that no longer holds, or one of somebody else."""
    question: str = ""


def judged(reply: str, wanted: Wanted, now: datetime) -> Verdict:
    """`now`: when it was asked, for "yesterday" in the reply."""
    said = _Said(reply, now, wanted.question)
    declines = bool(_DECLINES.search(said.first))
    hits = sum(any(said.has(one) for one in piece) for piece in wanted.gold)
    traps = [one for one in wanted.avoid if said.has(one)]
    if wanted.kind == NONE:
        denies = bool(wanted.gold) and hits == len(wanted.gold)
        owns_up = denies or bool(_DECLINES.search(said.text)) or not said.words
        asserts = traps and not denies and not _QUOTES.search(said.text)
        return Verdict.HONEST if owns_up and not asserts else Verdict.MADE_UP
    if wanted.kind == GENERAL:
        if declines or not said.words:
            return Verdict.DECLINED
        return Verdict.RIGHT if hits == len(wanted.gold) and not _QUOTES.search(said.text) else Verdict.WRONG
    if hits < len(wanted.gold):
        if hits:
            return Verdict.PARTLY
        return Verdict.DECLINED if not said.words or _DECLINES.search(said.text) else Verdict.WRONG
    confused = traps and not _ONCE.search(said.text)
    return Verdict.PARTLY if declines or confused else Verdict.RIGHT


def holds(text: str, wanted: Wanted, now: datetime) -> bool:
    """Whether a text has any piece of what is wanted."""
    said = _Said(text, now, "")
    return any(said.has(one) for piece in wanted.gold for one in piece)


class _Said:
    """A reply, read once."""

    def __init__(self, text: str, now: datetime, question: str) -> None:
        self.text = _even(text)
        self.first = _SENTENCE.split(self.text, maxsplit=1)[0]
        self.words = _words(self.text)
        self._now = now
        times = [one for one in _times(self.text, now) if isinstance(one.meaning, Moment | Period)]
        self._days = {day for one in times for day in _days(one, self.text[one.start : one.end])}
        self._clocks = {time for found in _CLOCK.finditer(self.text) for time in _clock(found)} | {
            (one.meaning.at.hour, one.meaning.at.minute) for one in times if isinstance(one.meaning, Moment)
        }
        untimed = self.text
        for one in reversed(times):
            if re.search(r"[a-z]{3}|:", self.text[one.start : one.end]):
                untimed = untimed[: one.start] + " , " + untimed[one.end :]
        self._untimed = _words(untimed)
        self._asked = {word for word in _words(_even(question)) if len(word) > 3}
        numbers = {word for word in self._untimed if word[0].isdigit()}
        self._any = bool(question and _QUOTES.search(self.text) and len(numbers) > FEW)
        """It quotes so many numbers that one of them may be right by chance."""

    def has(self, gold: str) -> bool:
        gold = _even(gold)
        if clock := _CLOCK.fullmatch(gold):
            return bool(self._clocks.intersection(_clock(clock))) or _within(_words(gold), self.words)
        (whole, *more) = _times(gold, self._now) or [None]
        if whole and not more and whole.end - whole.start == len(gold) and (day := _day(whole, gold)):
            return any(_same(day, other) for other in self._days) or _within(_words(gold), self.words)
        wanted = _words(gold)
        if not re.search(r"[a-z]", gold) and sum(map(str.isdigit, gold)) >= LONG_CODE:
            return re.sub(r"\D", "", gold) in re.sub(r"\D", "", digits(self.text))
        if len(wanted) == 1 and wanted[0].isdigit():
            return self._counts(wanted[0])
        return _within(wanted, self.words)

    def _counts(self, number: str) -> bool:
        """Whether it says the number: among many, one that stands beside a word of the question."""
        for place, word in enumerate(self._untimed):
            beside = self._untimed[max(0, place - 2) : place + 3]
            if word == number and (not self._any or not self._asked.isdisjoint(beside)):
                return True
        return False


_Day = tuple[tuple[int, int], tuple[int, int], int | None]
"""Month and day of the first and the last day, and the year if it is told."""


def _day(found: Found, text: str, later: timedelta = timedelta()) -> _Day | None:
    match found.meaning:
        case Moment(at):
            start, end = at, at
        case Period(datetime() as start, datetime() as end):
            end -= timedelta(seconds=1)
        case _:
            return None
    start, end = start + later, end + later
    years = re.findall(r"\b(?:19|20)\d\d\b", text)
    return (start.month, start.day), (end.month, end.day), int(years[0]) if years else None


def _days(found: Found, text: str) -> set[_Day]:
    """The day that is meant; "on Wednesday" may be the one before as well as the one to come."""
    after = (timedelta(), timedelta(days=7)) if _WEEKDAY.fullmatch(text) else (timedelta(),)
    return {day for later in after if (day := _day(found, text, later))}


def _same(one: _Day, other: _Day) -> bool:
    return one[:2] == other[:2] and (one[2] == other[2] or one[2] is None or other[2] is None)


def _clock(found: re.Match[str]) -> set[tuple[int, int]]:
    """The time of the day, both halves where they are not told."""
    hour, minute, half = int(found[1] or found[4]), int(found[2] or 0), (found[3] or found[5] or "").lower()
    if half:
        return {(hour % 12 + 12 * (half == "p"), minute)}
    return {(hour, minute)} | (
        {(hour % 12, minute), (hour % 12 + 12, minute)} if hour <= 12 else set[tuple[int, int]]()
    )


def _times(text: str, now: datetime) -> list[Found]:
    return find(text, now)


def _even(text: str) -> str:
    return re.sub(r"[*_`]+(?=\w)|(?<=[\w.])[*_`]{2,}", "", text.translate(_SIGNS)).lower().strip()


@lru_cache(1024)
def _words(text: str) -> list[str]:
    text = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", digits(text.replace("'s", "")))
    return [_stem(word) for word in _WORD.findall(text)]


def _stem(word: str) -> str:
    if word[0].isdigit():
        return f"{float(word):g}" if "." in word else word.lstrip("0") or "0"
    return word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word


def _within(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Whether these words stand in that order, next to each other."""

    def at(place: int) -> bool:
        return all(
            word.startswith(want[:-1]) if want.endswith("*") else word == want
            for want, word in zip(wanted, words[place:], strict=False)
        )

    return bool(wanted) and any(at(place) for place in range(len(words) - len(wanted) + 1))
