"""How facts are put into words: what may follow a subject, and what an object must look like: a place, a name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from voiceos.language.times import find
from voiceos.memory.facts.vocabulary import expanded, section, words

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to put a predicate.

    Groups: `o` the object, `from` what it replaces, `n` a negation, `s` the subject, `p` the predicate.
    """

    says: re.Pattern[str]
    predicate: str = ""
    """May name groups: "{of} {p}"."""
    object: str = ""
    """What the object must be: place, name, job, thing, food, …"""
    tense: str = "now"
    """now, past (it is over), event (it has happened, and holds since), future (it holds from a date that is said)."""
    positive: bool = True
    withdraws: bool = False
    several: bool = False
    """The object may be a list."""
    letters: bool = False
    """The object may begin with a letter that looks like an article: "A negative"."""
    known: bool = False
    """The predicate is the one by which `from`, or else `o`, is known."""
    told: bool = False
    """Only after "remember that"."""


@cache
def patterns(*, whole: bool) -> tuple[Pattern, ...]:
    """Those that follow a subject, or those that are `whole`: they begin where a subject would."""
    return tuple(
        Pattern(expanded(row["says"]), **{name: row[name] for name in row if name not in ("says", "whole")})
        for row in section("patterns")
        if row.get("whole", False) == whole
    )


def fits(kind: str, norm: str, text: str, *, cased: bool) -> bool:
    """Whether an object, in even words and as it is written, is of a kind. `cased`: it is written with capitals."""
    if not kind:
        return True
    rule: dict[str, Any] = section("objects")[kind]
    parts, written = norm.split(), text.split()
    if len(parts) > 1 and (parts[0] in rule.get("shed", ()) or (rule.get("article") and cased and parts[0] == "the")):
        parts, written = parts[1:], written[1:]
    even = " ".join(parts)
    return (
        bool(parts)
        and len(parts) <= rule.get("most", len(parts))
        and not _among(rule, "first_not", parts[:1])
        and not _among(rule, "none_of", parts)
        and not _among(rule, "last_not", parts[-1:])
        and ("head_in" not in rule or _among(rule, "head_in", [parts[-1], parts[-1].removesuffix("s")]))
        and ("in" not in rule or _among(rule, "in", [even]))
        and ("like" not in rule or expanded(rule["like"]).search(even) is not None)
        and ("unlike" not in rule or re.search(rule["unlike"], even) is None)
        and not (rule.get("no_time") and _is_time(text))
        and (not rule.get("capital") or _has_capital(rule, parts, written, cased=cased))
    )


def _is_time(text: str) -> bool:
    """Whether words are a time from their first to their last."""
    return any(one.start == 0 and " " not in text[one.end :] for one in find(text, EPOCH))


def _among(rule: dict[str, Any], which: str, found: Sequence[str]) -> bool:
    return any(word in words(name) for name in rule.get(which, ()) for word in found)


def _has_capital(rule: dict[str, Any], parts: Sequence[str], written: Sequence[str], *, cased: bool) -> bool:
    """Without any capitals, nothing can be told; but what must be `titled` needs its title then."""
    if parts[0] in words("titles") and len(parts) > 1:
        return True
    looked_at = written[:1] if rule["capital"] == "first" else written
    enough = all if rule["capital"] == "all" else any
    return enough(word[0].isupper() for word in looked_at) if cased else not rule.get("titled")
