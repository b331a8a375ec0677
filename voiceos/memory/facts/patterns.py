"""How facts are put into words: for each predicate, what may follow its subject."""

import re
from dataclasses import dataclass
from functools import cache

from voiceos.memory.facts.vocabulary import expanded, section


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to put a predicate. Groups: `o` the object, `n` a negation, `s` the subject, `p` the predicate."""

    predicate: str
    """May name groups: "{of} {p}"."""
    says: re.Pattern[str]
    object: str = ""
    """What the object must be: place, name, job, thing, food, …"""
    tense: str = "now"
    """now, past (it is over), event (it has happened, and holds since), future (it holds from a date that is said)."""
    positive: bool = True
    withdraws: bool = False
    several: bool = False
    """The object may be a list."""
    told: bool = False
    """Only after "remember that"."""


@cache
def patterns(*, whole: bool) -> tuple[Pattern, ...]:
    """Those that follow a subject, or those that are `whole`: they begin where a subject would."""
    return tuple(
        Pattern(says=expanded(row["says"]), **{name: row[name] for name in row if name not in ("says", "whole")})
        for row in section("patterns")
        if row.get("whole", False) == whole
    )
