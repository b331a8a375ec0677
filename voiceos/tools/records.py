"""Which thing, of those that a tool has listed, the owner's words name: its number needs no reading back."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from voiceos.language.terms import Analyzer
from voiceos.tools.tool import Trail
from voiceos.tools.values import LONGEST_TEXT, Scalar, address_kind, holds, is_address

LONGEST_NAME = 6
"""Words of a name; more is something to read, in which anybody may have written anything."""
LEAST_LETTERS = 3
Record = Mapping[str, object]


def is_picked(value: Scalar, path: str, tool: str, trail: Trail) -> bool:
    """Whether a value is the number of the only thing that has been listed under a name the owner said.

    A number or mark, never an address; listed by a tool of the same server that is about the same things, as their
    names tell. What is listed under that name twice is asked about.
    """
    if isinstance(value, bool) or not isinstance(value, str | int) or _is_telling(value):
        return False
    every = [one for seen in trail.seen if _is_about(seen.tool, path, tool) for one in records(seen.text)]
    for key in {key for one in every for key, other in one.items() if _same(other, value)}:
        named = {str(one[key]) for one in every if key in one and _is_named(one, key, trail)}
        if named == {str(value)}:
            return True
    return False


@lru_cache(64)
def records(text: str) -> tuple[Record, ...]:
    """The objects in a text that is JSON as a whole."""
    try:
        return tuple(_within(json.loads(text))) if len(text) <= LONGEST_TEXT else ()
    except (ValueError, RecursionError):
        return ()


def _within(value: object) -> Iterator[Record]:
    if isinstance(value, dict):
        found = cast(Record, value)
        yield found
        for inner in found.values():
            yield from _within(inner)
    elif isinstance(value, list):
        for inner in cast(list[object], value):
            yield from _within(inner)


def texts(text: str) -> Iterator[str]:
    """The texts in what was read: all of it, or those of its JSON."""
    try:
        yield from _texts(json.loads(text[:LONGEST_TEXT]))
    except (ValueError, RecursionError):
        yield text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        found = cast(Mapping[str, object], value).values() if isinstance(value, dict) else cast(list[object], value)
        for inner in found:
            yield from _texts(inner)


def _is_about(other: str, path: str, tool: str) -> bool:
    """Whether another tool of the same server has a word of this one's name, or of the name of its value."""
    server, _, name = tool.partition(".")
    its_server, _, its_name = other.partition(".")
    return server == its_server and not words_of(f"{name} {path}").isdisjoint(words_of(its_name))


@lru_cache(256)
def words_of(name: str) -> frozenset[str]:
    """The words of a name such as `delete_file`, in terms."""
    return frozenset(Analyzer("en")(" ".join(re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name))))


def _is_telling(value: str | int) -> bool:
    """Whether a value tells more than which thing is meant: words, or an address."""
    return isinstance(value, str) and (len(value.split()) != 1 or value.isalpha() or is_address(f"{value} "))


def _same(other: object, value: str | int) -> bool:
    return isinstance(other, str | int) and not isinstance(other, bool) and str(other) == str(value)


def _is_named(one: Record, key: str, trail: Trail) -> bool:
    names = (value for name, value in one.items() if name != key and isinstance(value, str))
    return any(
        len(name.split()) <= LONGEST_NAME
        and not address_kind(name)
        and sum(map(str.isalpha, name)) >= LEAST_LETTERS
        and any(holds(said, name) for said in trail.said)
        for name in names
    )
