"""The words and shapes of facts, as the data of a language has them; read when first asked for."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from voiceos.language.data import any_of, table
from voiceos.language.terms import Analyzer

LANGUAGE = "en"
_terms_of = Analyzer(LANGUAGE)


def section(name: str) -> Any:
    """A table of the patterns of facts."""
    return table(LANGUAGE, "facts")[name]


def replaced(name: str) -> Mapping[str, str]:
    """A table of words that stand for others."""
    return table(LANGUAGE, "fact_words")[name]


@cache
def words(name: str) -> frozenset[str]:
    """A list of words. In the data, +list and -list add and take away another."""
    listed: str = table(LANGUAGE, "fact_words")["words"][name].strip()
    entries = re.split(r",\s+", listed) if ", " in listed and not listed.startswith(",") else listed.split()
    found = frozenset(" ".join(entry.split()) for entry in entries if entry[0] not in "+-" or len(entry) == 1)
    for entry in entries:
        if entry[0] == "+" and len(entry) > 1:
            found |= words(entry[1:])
        elif entry[0] == "-" and len(entry) > 1:
            found -= words(entry[1:])
    return found


@cache
def shape(name: str) -> re.Pattern[str]:
    """A pattern by its name."""
    return expanded(section("shapes")[name])


@cache
def expanded(pattern: str) -> re.Pattern[str]:
    """A pattern in which {name} stands for a fragment, or for any word of a list."""
    while (full := re.sub(r"\{([a-z_]+)\}", _fragment, pattern)) != pattern:
        pattern = full
    return re.compile(pattern)


def _fragment(match: re.Match[str]) -> str:
    name = match[1]
    if name in section("fragments"):
        return section("fragments")[name]
    return any_of(table(LANGUAGE, "calendar")["months"].lower().split() if name == "month" else words(name))


def is_relation(word: str) -> bool:
    """Whether it is who somebody is to another: a sister, a boss, a dog."""
    return word in words("relations")


def relation(word: str) -> str:
    """A relation by its usual name: a mum is a mother, a neighbor a neighbour."""
    return replaced("same_relation").get(word, word)


@cache
def relations_by_key() -> Mapping[str, str]:
    """Relations by their usual names, as they stand in a fact's key."""
    return {key(word): relation(word) for word in words("relations")}


def predicate(name: str) -> Mapping[str, Any]:
    """The properties of a predicate; none for one that a speaker made up: "favourite colour"."""
    return section("predicates").get(name, {})


@cache
def is_single(name: str) -> bool:
    """Whether a predicate has one value at a time, so that a newer one replaces the older."""
    return name in words("single") or bool(predicate(name).get("single")) or bool(shape("single").search(name))


def is_apart(name: str, one: str, other: str) -> bool:
    """Whether an object of a predicate tells that another is none: two jobs, or two favourites."""
    if shape("favourite").search(name):
        return not same(one, other)
    listed = predicate(name).get("apart")
    last = [text.lower().split()[-1:] for text in (one, other)]
    return bool(listed) and last[0] != last[1] and all(words(listed).issuperset(word) for word in last)


def content(text: str) -> tuple[str, ...]:
    """The terms of the words that matter, in order."""
    found = _terms_of(text)
    return tuple(term for term in found if term not in _empty()) or tuple(found) or (text.casefold(),)


def shares_words(one: str, other: str) -> bool:
    """Whether two texts have a word in common that matters."""
    return not set(_terms_of(one)).isdisjoint(set(_terms_of(other)) - _empty())


def may_replace(text: str, other: str) -> bool:
    """Whether a text can say what is right instead of another: it shares a word, or says "it" of it."""
    return shares_words(text, other) or shape("refers_back").search(text.lower()) is not None


@cache
def _empty() -> frozenset[str]:
    return frozenset(_terms_of(" ".join(words("empty"))))


def key(text: str) -> str:
    """A key that different spellings of one thing share."""
    return " ".join(content(text))


def same(one: str, other: str) -> bool:
    """Whether two objects are one: "Lyon" and "Lyon, France", "the coffee black" and "coffee black"."""
    a, b = set(content(one)), set(content(other))
    return a <= b or b <= a


def terms(subject: str, name: str, thing: str) -> list[str]:
    """The terms by which a fact is found: its own words, and words of the questions that its predicate answers."""
    own = {*_terms_of(f"{subject} {name} {thing}")} - _empty()
    return sorted(own.union(_terms_of(predicate(name).get("asked", ""))))
