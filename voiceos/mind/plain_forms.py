"""The plain requests that an odd one may be reworded to: forms with gaps, which only words of what was said may fill.

`language/LANGUAGE/rewording.toml` has them, by the kind of request.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from voiceos.language.data import pattern, table, words_in
from voiceos.language.numerals import digits
from voiceos.language.terms import words
from voiceos.language.times import Duration, Found, Moment, find
from voiceos.tools.grammar import quoted

LIKELY = 0.4
"""How likely the likeliest kind of request must be for a sentence to be worth rewording."""
WORTH = 0.1
"""How likely another must be to be considered, too."""
NONE = "none"
AS_LIKELY = 0.8
"""Of the likeliest, a share from which two kinds of one skill are as likely."""
MOST_KINDS = 3
LONGEST_NUMBER = 5
"""Words of a number."""

_GAP = re.compile(r"(\{[^}]*\})")
_CLAUSE = re.compile(r"[,.!?;:]+(?:\s|$)|[,;]")
_PIECE = re.compile(r"[^\s,.!?;:]+(?:[.:,]\d+)*")


@dataclass(frozen=True, slots=True)
class Form:
    """A plain request: words, and between them gaps for a "time", a "length" of time, a "number" or a "thing"."""

    kind: str
    parts: Sequence[str]
    """Words, gap, words, …"""

    @property
    def gaps(self) -> Sequence[str]:
        return self.parts[1::2]


def kinds_worth(likely: Mapping[str, float]) -> list[str]:
    """The kinds of request that a text may be reworded to, the likeliest first; none: it asks for nothing."""
    named = sorted((kind for kind in likely if kind), key=lambda kind: -likely[kind])[:MOST_KINDS]
    if not named or likely[named[0]] < LIKELY:
        return []
    skill = named[0].partition(".")[0]
    if any(other.startswith(f"{skill}.") and likely[other] > AS_LIKELY * likely[named[0]] for other in named[1:]):
        return []  # to set or to cancel an alarm
    return [kind for kind in named if likely[kind] >= WORTH]


def forms(text: str, kinds: Sequence[str], now: datetime, language: str = "en") -> list[Form]:
    """The forms that a text may be put into: those with a gap for its times, and not more gaps for numbers."""
    if pattern(language, "rewording", "no_request").match(text):
        return []
    gaps = [gap for gap in ("time", "length") if times_of(text, now, gap)]
    numbers = len(numbers_of(text, now))
    return [
        form
        for form in _forms(language)
        if form.kind in kinds
        and (not gaps or any(gap in form.gaps for gap in gaps))
        and all(gap in gaps for gap in form.gaps if gap in ("time", "length"))
        and form.gaps.count("number") <= numbers
    ]


def times_of(text: str, now: datetime, gap: str) -> list[str]:
    """What may fill a gap for a "time" or for a "length" of time: "in ten minutes" may be either."""
    found = find(text, now, lean="future")
    told = [(one, _bare(text[one.start : one.end])) for one in found]
    return [bare for one, bare in told if (gap == "time" and not _is_length(one)) or _is_gap(gap, bare, now)]


def _is_length(one: Found) -> bool:
    return isinstance(one.meaning, Duration)


def _is_gap(gap: str, text: str, now: datetime) -> bool:
    return gap == "length" and any(map(_is_length, find(text, now, lean="future")))


def numbers_of(text: str, now: datetime) -> list[str]:
    """The numbers in a text, each as long as can be, but those of its times."""
    for one in find(text, now, lean="future"):
        text = text.replace(text[one.start : one.end], ",")
    found, pieces, at = [], _PIECE.findall(text), 0
    while at < len(pieces):
        sizes = range(min(LONGEST_NUMBER, len(pieces) - at), 0, -1)
        size = next((size for size in sizes if _is_number(" ".join(pieces[at : at + size]))), 0)
        found += [" ".join(pieces[at : at + size])] if size else []
        at += size or 1
    return found


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", digits(text)) is not None and text.lower() not in ("one", "a")


def shape(text: str, some: Sequence[Form], now: datetime, *, sure: bool = False) -> str:
    """A grammar of llama.cpp for these forms, filled with words of a text."""
    rules = _thing(text, some, now)
    before = " | ".join(quoted(f"{word} ") for word in table("en", "rewording")["before_time"])
    for gap in ("time", "length"):
        rules[gap] = f"({before})? (" + (" | ".join(map(quoted, times_of(text, now, gap))) or '""') + ")"
    rules["number"] = " | ".join(map(quoted, numbers_of(text, now))) or '""'
    filled = (" ".join(part if at % 2 else quoted(part) for at, part in enumerate(form.parts) if part) for form in some)
    rules["root"] = " | ".join([*filled, *([] if sure else [quoted(NONE)])])
    return "\n".join(f"{name} ::= {rule}" for name, rule in rules.items())


def _thing(text: str, some: Sequence[Form], now: datetime) -> dict[str, str]:
    """Rules for the words of a thing: neighbours in one clause, no times among them, up to where nothing is lost."""
    loose, starts = words_in("en", "rewording", "loose"), words_in("en", "rewording", "starts")
    idle = loose.union(*(words(" ".join(form.parts[::2])) for form in some))
    rules, first = dict[str, str](), list[str]()
    for one in find(text, now, lean="future"):
        text = text.replace(text[one.start : one.end], ",")
    for clause in _CLAUSE.split(text):
        follows, may_end = "", True
        for piece in reversed(clause.split()):
            ends = may_end and piece.lower() not in loose
            may_end = may_end and piece.lower() in idle
            if not ends and not follows:
                continue
            name = f"w{len(rules)}"
            rules[name] = quoted(piece) + (
                f' (" " {follows})?' if ends and follows else f' " " {follows}' if follows else ""
            )
            follows = name
            if piece.lower() in starts or piece.lower() not in loose:
                first.append(name)
    return {**rules, "thing": " | ".join(first) or '""'}


def is_said(sentence: str, text: str, some: Sequence[Form], now: datetime) -> bool:
    """Whether a sentence is one of these forms, filled with words of a text, and loses no time or number of it."""
    spoken = f" {' '.join(words(text))} "
    for form in some:
        pattern = "".join("(.+)" if at % 2 else re.escape(part) for at, part in enumerate(form.parts))
        filled = re.fullmatch(pattern, sentence, re.IGNORECASE)
        if filled and _are_apart([f" {' '.join(words(_bare(gap)))} " for gap in filled.groups()], spoken):
            return _figures(sentence, now) >= _figures(text, now)
    return False


def _are_apart(gaps: Sequence[str], spoken: str) -> bool:
    """Whether each is said, in words of its own."""
    for gap in gaps:
        if gap not in spoken:
            return False
        spoken = spoken.replace(gap, " | ", 1)
    return True


def _bare(gap: str) -> str:
    before = "|".join(table("en", "rewording")["before_time"])
    return re.sub(rf"^(?:{before})\s+", "", gap)


def _figures(text: str, now: datetime) -> set[str]:
    """The times and numbers that a text tells."""
    found = [one.meaning for one in find(text, now, lean="future")]
    told = {str(Moment(now + one.length) if isinstance(one, Duration) else one) for one in found}
    return told | {*map(digits, numbers_of(text, now))}


@cache
def _forms(language: str) -> Sequence[Form]:
    return [
        Form(kind, [_gap(part[1:-1]) if part.startswith("{") else part for part in _GAP.split(plain)])
        for kind, plains in table(language, "rewording")["forms"].items()
        for plain in plains
    ]


def _gap(example: str) -> str:
    """What an example in braces stands for."""
    now = datetime(2024, 1, 1)
    for gap in ("time", "length"):
        if times_of(example, now, gap) == [_bare(example)]:
            return gap
    return "number" if numbers_of(example, now) == [example] else "thing"
