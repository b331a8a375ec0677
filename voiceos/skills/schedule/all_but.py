"""All, but for some: "cancel all my timers except the pasta one"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from voiceos.language.data import pattern, table
from voiceos.skills.schedule.which import Which
from voiceos.skills.schedule.words import FILE, matches, names, settled, word_set
from voiceos.store.schedule import Entry


@dataclass(frozen=True, slots=True)
class AllBut:
    """What was asked for."""

    spared: Sequence[Entry]
    others: Sequence[Entry]
    """Those of the kind that was told, or else of the kinds of what is spared."""


def all_but(text: str, now: datetime, which: Which, among: Sequence[Entry]) -> AllBut | None:
    """Which of some are meant by "all but one"; None: not said, or of nothing that there is."""
    found = matches("all_but", settled(text, now))
    if not found:
        return None
    but, told = found["but"], kinds_told(found["all"]) or kinds_told(found["but"])
    there = [one for one in among if not told or one.kind in told]
    each = [_meant(part, now, which, there) for part in pattern("en", FILE, "said.joints").split(but)]
    spared = [one for some in each for one in some] if all(each) else []
    kinds = told or {one.kind for one in spared}
    others = [one for one in there if one.kind in kinds and one not in spared]
    return AllBut(spared, others) if kinds else None


def _meant(words: str, now: datetime, which: Which, among: Sequence[Entry]) -> Sequence[Entry]:
    """Those that stay; none, where some of the words are not understood, since the rest would be lost."""
    if found := which.named(words, among) or which.within(words, now, among):
        return found
    more = names(words) - {stem for place in table("en", FILE)["said"]["ordinals"] for stem in names(place)}
    return [] if more else which.at_place(word_set(words), among)


def kinds_told(words: str) -> set[str]:
    """Which of timers, alarms and reminders some words name."""
    kinds: dict[str, str] = table("en", FILE)["said"]["kinds"]
    return {kind for kind, told in kinds.items() if re.search(told, words, re.IGNORECASE)}
