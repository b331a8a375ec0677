"""A request as it is meant once it is corrected, in the same breath or in the next: "no, eight", "not Ann, Bea"."""

import re
from collections.abc import Iterator
from datetime import datetime

from voiceos.language.data import pattern, table
from voiceos.language.joined import last_order
from voiceos.language.numerals import digits
from voiceos.skills.schedule.words import corrected, settled, spelt, tells_time, times_in, without

DATA = "corrections"
_NUMBER = re.compile(r"(?<![\w.:])\d+(?:\.\d+)?(?![\w.:])")
_LEAST = 2
"""Letters of a name."""


def mended(text: str, now: datetime) -> str:
    """A text as it was corrected in the same breath; empty: it was not, or nobody knows what is to be replaced."""
    first, *corrections = pattern("en", DATA, "mends").split(text)
    if corrections and pattern("en", DATA, "correction").search(first) and times_in(first, now):
        first = settled(first, now)  # "ten minutes, make it twelve. No, fifteen"
    for later in corrections:
        new, last = later.strip(" ,.!?"), last_order(first)
        found = next(_exchanged(first[last:], new, now, at_end=True), "") if last else ""
        whole = f"{first[:last]}{found}" if found else next(_exchanged(first, new, now, at_end=True), "")
        if not whole:
            return ""
        first = whole
    return first if corrections else ""


def meant_instead(before: str, text: str, now: datetime) -> Iterator[str]:
    """What was said before as a later text corrects it, the likeliest first; none: it does not."""
    said = text.replace("’", "'")
    for one in table("en", DATA)["rather"]:
        if (found := re.search(one, said, re.IGNORECASE)) and (whole := _replaced(before, found["old"], found["new"])):
            yield whole
            return
    for one in table("en", DATA)["instead"]:
        if found := re.search(one, said, re.IGNORECASE):
            yield from _exchanged(before, found["new"], now)
            return


def _replaced(before: str, old: str, new: str) -> str:
    """The same with other words in the place of some that stand there once; empty: they do not."""
    old, new = old.strip(" ,.!?"), new.strip(" ,.!?")
    bare = [pattern("en", DATA, "begins").sub("", one, count=1).strip() for one in (old, new)]
    for text, wrong, right in ((before, old, new), (before, *bare), (digits(before), digits(bare[0]), bare[1])):
        places = [*re.finditer(rf"(?<!\w){re.escape(wrong)}(?=\b|[ap]m\b)", text, re.IGNORECASE)] if wrong else []
        if len(places) == 1:
            return f"{text[: places[0].start()]}{right}{text[places[0].end() :]}"
    return ""


def _exchanged(before: str, new: str, now: datetime, *, at_end: bool = False) -> Iterator[str]:
    """The same with another time, number, name or thing in the place of one. `at_end`: of a name only there."""
    new = spelt(new)
    if tells_time(new, now) or _is_number(new):
        if whole := _with_time(before, new, now):
            yield whole
        if whole := _with_number(before, new):
            yield whole
        return
    if whole := _with_name(before, new, now, at_end=at_end):
        yield whole
    yield from _with_thing(before, new)


def _with_time(before: str, new: str, now: datetime) -> str:
    """The only time, or what of it is told anew, exchanged where it stands."""
    earlier, whole = times_in(before, now), corrected(before, new, now)
    if not earlier or whole == f"{before}, {new}":
        return ""
    rest, left = without(before, earlier), without(whole, times_in(whole, now))
    if any(one in _NUMBER.findall(digits(left)) for one in _NUMBER.findall(digits(new))):
        return ""  # "25" is no hour
    if len(earlier) > 1 or not whole.startswith(rest) or not before[earlier[0].end :].strip(" ,.!?"):
        return whole
    return f"{before[: earlier[0].start].rstrip()} {whole[len(rest) :].strip()} {before[earlier[0].end :].lstrip()}"


def _is_number(words: str) -> bool:
    return _NUMBER.match(digits(words)) is not None and len(words.split()) <= len(digits(words).split()) + 2


def _with_number(before: str, new: str) -> str:
    """The only number, and what is counted where that is told again, exchanged."""
    text, number = digits(before), digits(new)
    places = [*_NUMBER.finditer(text)]
    if len(places) != 1 or not (told := _NUMBER.match(number)):
        return ""
    unit, rest = number[told.end() :].strip(), text[places[0].end() :].lstrip()
    rest = rest[len(unit) :].lstrip() if unit and rest.lower().startswith(unit.lower()) else rest
    return f"{text[: places[0].start()]}{number} {rest}".strip()


def _with_name(before: str, new: str, now: datetime, *, at_end: bool) -> str:
    """The only name, or the last words, exchanged for another name."""
    if not all(word[:1].isupper() and len(word) >= _LEAST for word in new.split()):
        return ""
    timed = [range(one.start, one.end) for one in times_in(before, now)]
    found = [
        one
        for one in re.finditer(r"(?<=\s)[A-Z][\w'-]+(?:\s[A-Z][\w'-]+)*", before)
        if not any(one.start() in span for span in timed) and (not at_end or one.end() == len(before.rstrip()))
    ]
    return f"{before[: found[0].start()]}{new}{before[found[0].end() :]}" if len(found) == 1 else ""


def _with_thing(before: str, new: str) -> Iterator[str]:
    """What begins with the same small word exchanged, up to where it ends: "in the hall", "in the study"."""
    begin = pattern("en", DATA, "begins").match(new)
    places = [*re.finditer(rf"\b{begin[0]}\b", before, re.IGNORECASE)] if begin else []
    for place in reversed(places):
        end = pattern("en", DATA, "ends").search(before, place.end())
        yield f"{before[: place.start()]}{new}{before[end.start() if end else len(before) :]}"
