"""Whether words tell something, and whether they look back or ahead."""

import re
from functools import cache

from voiceos.language.data import any_of, pattern, table, with_parts
from voiceos.language.joined import is_order
from voiceos.language.questions import asks, opens
from voiceos.language.terms import words

_TO_PLACE = re.compile(r"\bto(?= [A-Z])")
"""Before a name it begins no infinitive: "we flew to Lisbon"."""
_SENTENCE = re.compile(r"[.!?;\n]+(?:\s|\Z)")


def states(text: str) -> bool:
    """Whether words surely tell something: they have a verb, and neither ask, nor order, nor say what is not known."""
    low = text.lower().replace("’", "'")
    if asks(text) or is_order(text) or any(map(opens, words(low))):
        return False
    has_verb = pattern("en", "tenses", "finite").search(low) or _past().search(low)
    return has_verb is not None and pattern("en", "tenses", "seeks").search(low) is None


def tells_past(text: str) -> bool:
    """Whether words state that something has happened: their first verb is of the past, and nothing is denied."""
    low = text.lower().replace("’", "'")
    verbs = _verbs(low, 0, len(low))
    return states(text) and bool(verbs) and verbs[0] and pattern("en", "tenses", "denied").search(low) is None


def looks_back(text: str, start: int, end: int) -> bool:
    """Whether what a text tells of a time, which it names from `start` to `end`, was over when it was said.

    The verb that is nearest before the time decides, or else the next after it; without one it is to come.
    """
    low = _TO_PLACE.sub("at", text).lower().replace("’", "'")
    begins = max((one.end() for one in _SENTENCE.finditer(low, 0, start)), default=0)
    ends = next((one.start() for one in _SENTENCE.finditer(low, end)), len(low))
    before, after = _verbs(low, begins, start), _verbs(low, end, ends)
    verbs = before[-1:] or after[:1]
    return bool(verbs) and verbs[0]


def _verbs(text: str, start: int, end: int) -> list[bool]:
    """The verbs of a part of a text, in order: whether each is of the past."""
    found = [(one.start(), True) for one in _past().finditer(text, start, end)]
    found += [(one.start(), False) for one in pattern("en", "tenses", "ahead").finditer(text, start, end)]
    return [past for _, past in sorted(found)]


@cache
def _past() -> re.Pattern[str]:
    data = table("en", "tenses")
    return with_parts(data["past"], {"irregular": any_of(data["irregular"].split())})
