"""Several requests in one breath: where a text may be cut, and what of it is a request."""

import re
from collections.abc import Iterator

from voiceos.language.data import pattern
from voiceos.language.numerals import digits


def parts(text: str) -> Iterator[tuple[str, str]]:
    """What comes before and after each word that may join two requests; the later one with the verb that both have."""
    for joint in _pattern("joint").finditer(text):
        one, rest = text[: joint.start()], text[joint.end() :]
        if joint[0].strip() != "," or (is_order(one) and is_order(rest)):
            yield one, rest
        if (verb := _pattern("shared").match(one.strip())) and _share(one, rest):
            yield one, _with_unit(one, f"{verb['verb']} {rest}")


def cuts(text: str) -> tuple[set[int], set[int]]:
    """Where parts of a text may begin and where they may end, unless they share a verb."""
    joints = [*_pattern("joint").finditer(text)]
    return {0, *(one.end() for one in joints)}, {len(text), *(one.start() for one in joints)}


def _with_unit(one: str, rest: str) -> str:
    """The later request with the unit of the earlier one, where it has none."""
    units = _pattern("unit").findall(one)
    return f"{rest.rstrip(' .!?')} {units[-1]}s" if units and _fits("unitless", digits(rest)) else rest


def _share(one: str, rest: str) -> bool:
    """Whether two requests may have one verb: "set a timer for ten minutes and an alarm for seven"."""
    lists = [_pattern("of_list").search(text) is not None for text in (one, rest)]
    return all(lists) or (not any(lists) and _fits("sharing", rest))


def is_order(text: str) -> bool:
    """Whether it begins like a request."""
    return _fits("order", text) and not _fits("idle", text)


def is_own_order(text: str) -> bool:
    """Whether only an assistant is asked for it."""
    return _fits("own_order", text)


def is_another(one: str, rest: str) -> bool:
    """Whether what follows `one` is a request of its own, though it may read as a part of it."""
    return is_order(rest) and (is_own_order(rest) or not _pattern("goes_on").search(one))


def asks_twice(text: str) -> bool:
    return any(is_order(text[joint.end() :]) for joint in _pattern("joint").finditer(text))


def last_order(text: str) -> int:
    """Where the last of several requests begins; 0: there are not several."""
    orders = (joint.end() for joint in _pattern("joint").finditer(text) if is_own_order(text[joint.end() :]))
    return max(orders, default=0)


def _fits(key: str, text: str) -> bool:
    return _pattern(key).fullmatch(text.strip(" .,!?")) is not None


def _pattern(key: str) -> re.Pattern[str]:
    return pattern("en", "politeness", key)
