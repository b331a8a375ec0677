"""What stays of a sentence, of which something is to be forgotten: what it says besides, in sentences of its own."""

from voiceos.clock import local_time
from voiceos.language.data import pattern
from voiceos.language.sentences import capital
from voiceos.language.tenses import states
from voiceos.language.terms import Analyzer
from voiceos.memory.facts.contrast import spelt_out
from voiceos.memory.facts.rules import find

LONGEST_ITEM = 3
"""Words of one more thing."""


def rest_of(text: str, unwanted: set[str], analyze: Analyzer) -> str:
    """The statements of a text without those that hold all of some terms, and those that refer to others; empty: none,
    or nobody can tell them apart."""
    told = _statements(text)
    left = [one for one in told if not unwanted <= set(analyze(one))]
    if len(left) == len(told) or any(pattern("en", "questions", "refers").search(one.lower()) for one in left):
        return ""
    return " ".join(f"{capital(one)}." for one in left)


def _statements(text: str) -> list[str]:
    found: list[str] = []
    for part in pattern("en", "questions", "between").split(text):
        part = part.strip(" ,.;!")
        if not part:
            continue
        whole = part if states(part) or find(part, local_time()) else _spelt_out(found[-1], part) if found else ""
        if not whole:
            return []
        found.append(whole)
    return found


def _spelt_out(before: str, part: str) -> str:
    """A part that leaves out what was said before it, or is one more of a list there, as a sentence."""
    ends = [one.object for one in find(before, local_time()) if before.endswith(one.object)]
    listed = before.removesuffix(ends[-1]) + part if ends and len(part.split()) <= LONGEST_ITEM else ""
    return spelt_out(before, part) or listed
