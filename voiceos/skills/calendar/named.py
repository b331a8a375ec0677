"""Which appointments a sentence names, in whatever words: "my chem tutorial", "the boiler man", "with Marta"."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import pattern, table
from voiceos.language.terms import Analyzer
from voiceos.skills.tagger import Token, tokens

Encode = Callable[[str], NDArray[np.float32]]
Span = tuple[int, int]
Thing = tuple[str, str, str]
"""The title of an appointment, its people, and its place."""

LOOSE = 0.3
"""What a word counts that may be said of any appointment: "meeting"."""
PLACED = 0.7
"""What a word of the place counts, where the sentence calls something by it."""
BEGUN = 0.8
"""What the begin of a word counts: "chem"."""
SHORTEST, MOST_LEFT_OUT = 4, 7
"""Letters of such a begin, and of what is left out."""
ENOUGH, SHARE = 0.7, 0.5
"""What the words that are found must count, and of all that the sentence calls it."""
MOST_BETWEEN = 2
LIKE, LIKELIER = 0.62, 0.06
"""How similar the meaning of other words must be, and how much more than that of the next."""
MOST_COMPARED = 80
_WHOSE = re.compile(r"\b([^\W\d_]+)'s\b")
_terms = Analyzer("en")


@dataclass(frozen=True, slots=True)
class Named:
    """What a sentence names."""

    titles: Sequence[str] = ()
    spans: Sequence[Span] = ()
    """Where it does."""
    unknown: str = ""
    """What is called by a name and is nothing that the calendar has."""
    alike: str = ""
    """What that appointment is called, of which only the meaning is similar."""

    def with_stand_in(self, text: str) -> str:
        """The sentence as it were if all appointments were called the same."""
        for start, end in reversed(self.spans):
            text = f"{text[:start]}{table('en', 'skills/calendar')['stand_in']}{text[end:]}"
        return text


@dataclass(frozen=True, slots=True)
class _Match:
    title: str
    score: float
    at: frozenset[int]
    """The places of the words that are found."""


def named_in(
    text: str, times: Sequence[Span], tagged: Sequence[Span], things: Sequence[Thing], encode: Encode | None
) -> Named:
    """`tagged`: where the sentence calls something by a name. `encode` compares where no word is the same."""
    words = tokens(text, times)
    called = [any(start <= one.start < end for start, end in tagged) for one in words]
    free = [at for at, one in enumerate(words) if called[at] or not (one.timed or _stem(one.text) in _common())]
    found = [match for thing in things if (match := _match(words, free, called, thing)).score]
    best = max((one.score for one in found), default=0.0)
    found = [one for one in found if one.score > best - 0.01 and _is_meant(text, words, tagged, one)]
    if found:
        return Named([*dict.fromkeys(one.title for one in found)], _spans(words, found[0].at))
    mentions = [span for span in tagged if any(_weight(one) == 1 for one in words if span[0] <= one.start < span[1])]
    for start, end in mentions:
        if encode and (title := _alike(text[start:end], things, encode)):
            return Named([title], [(start, end)], alike=text[start:end])
    return Named(unknown=text[mentions[0][0] : mentions[0][1]] if mentions else "")


def _match(words: Sequence[Token], free: Sequence[int], called: Sequence[bool], thing: Thing) -> _Match:
    terms, places = _known(thing[:2]), _known(thing[2:])
    score, at = 0.0, set[int]()
    for place in free:
        weight = terms.get(_stem(words[place].text + words[place + 1].text), 0.0) if place + 1 in free else 0.0
        if weight:
            at.add(place + 1)  # "hair cut"
        if place not in at and (
            weight := weight
            or _found(words[place].text, terms)
            or PLACED * called[place] * _found(words[place].text, places)
        ):
            score += weight
            at.add(place)
    return _Match(thing[0], score, frozenset(at))


def _found(word: str, terms: dict[str, float]) -> float:
    stem = _stem(word)
    if stem in terms:
        return terms[stem]
    if stem in _common():
        return 0.0
    alike = (weight for term, weight in terms.items() if weight == 1 and begins(stem, term))
    return BEGUN * max(alike, default=0.0)


def begins(one: str, other: str) -> bool:
    """Whether one term is the other's begin: "chem", "chemistry"."""
    short, long = sorted((one, other), key=len)
    return len(short) >= SHORTEST and long.startswith(short) and len(long) - len(short) <= MOST_LEFT_OUT


def _is_meant(text: str, words: Sequence[Token], tagged: Sequence[Span], match: _Match) -> bool:
    """Whether what else the sentence calls it does not make it another thing: "my uncle's birthday" is not Anna's."""
    found = [words[at] for at in sorted(match.at)]
    around = [span for span in tagged if any(span[0] <= one.start < span[1] for one in found)]
    others = [
        one
        for at, one in enumerate(words)
        if at not in match.at and _weight(one) == 1 and any(start <= one.start < end for start, end in around)
    ]
    before_person = pattern("en", "skills/calendar", "before_person")
    if any(one.start < found[0].start or before_person.search(text[: one.start]) for one in others):
        return False
    enough = match.score >= ENOUGH or (match.score >= LOOSE and not others)
    return enough and match.score / (match.score + len(others)) >= SHARE


def _spans(words: Sequence[Token], at: frozenset[int]) -> list[Span]:
    """Where words stand; those that hardly anything separates are one."""
    spans, last = list[Span](), -9
    for place in sorted(at):
        between = words[last + 1 : place] if spans else []
        joins = len(between) <= MOST_BETWEEN and all(one.text in _joining() for one in between)
        if spans and joins:
            spans[-1] = spans[-1][0], words[place].end
        else:
            spans.append((words[place].start, words[place].end))
        last = place
    return spans


def _alike(called: str, things: Sequence[Thing], encode: Encode) -> str:
    """The title whose meaning is by far the most similar, of those that are not somebody else's."""
    titles = [title for title in dict.fromkeys(thing[0] for thing in things) if not _is_of_another(called, title)]
    if not titles or len(titles) > MOST_COMPARED:
        return ""
    meant = encode(called)
    likes = np.array([encode(title) @ meant for title in titles])
    order = likes.argsort()[::-1]
    best, second = likes[order[0]], likes[order[1]] if len(order) > 1 else 0.0
    return titles[order[0]] if best >= LIKE and best - second >= LIKELIER else ""


def _is_of_another(called: str, title: str) -> bool:
    """Whether both are somebody's by name, and not the same one's: "Rita's birthday", "Peggy's birthday"."""
    whose, theirs = (set(_WHOSE.findall(text.lower().replace("’", "'"))) for text in (called, title))
    return bool(whose and theirs) and whose.isdisjoint(theirs)


@lru_cache(4000)
def _known(parts: tuple[str, ...]) -> dict[str, float]:
    """What each word of a title and people, or of a place, counts."""
    found = {_stem(one.text): _weight(one) for part in reversed(parts) for one in tokens(part, ())}
    return {term: weight for term, weight in found.items() if weight}


def _weight(word: Token) -> float:
    stem = _stem(word.text)
    if len(word.text) == 1 or stem in _joining() or word.text in _joining():
        return 0.0
    return LOOSE if stem in _common() else 1.0


@lru_cache(4000)
def _stem(word: str) -> str:
    return next(iter(_terms(word)), "")


@cache
def _common() -> frozenset[str]:
    return frozenset((*_of("common"), *_of("kinds"), *_of("loosely")))


@cache
def _joining() -> frozenset[str]:
    return frozenset(str(table("en", "skills/calendar")["joining"]).split())


def _of(name: str) -> Iterator[str]:
    return (_stem(word) for word in str(table("en", "skills/calendar")[name]).split() if _stem(word))
