"""Some and not others: "cancel all my timers except the pasta one", "my reminders, and keep the alarm"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from voiceos.language.data import pattern, table
from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.which import Which
from voiceos.skills.schedule.words import FILE, matches, names, settled, word_set
from voiceos.store.schedule import Entry


@dataclass(frozen=True, slots=True)
class AllBut:
    """What was asked for."""

    spared: Sequence[Entry]
    others: Sequence[Entry]
    """Those that are told, but for what is spared; of all, those of its kinds."""


def all_but(text: str, now: datetime, which: Which, among: Sequence[Entry]) -> AllBut | None:
    """Which of some are meant by "all but one"; None: not said, or of nothing that there is."""
    if found := matches("all_but", text := settled(text, now)):
        told = kinds_told(found["all"])
        by_kind = not told and _is_kind(found["but"])  # all but the alarms is all else
        told = told or (set() if by_kind else kinds_told(found["but"]))
        there = [one for one in among if not told or one.kind in told]
        spared = _spared(found["but"], told, now, which, there)
        kinds = told or {one.kind for one in (there if by_kind else spared)}
        others = [one for one in there if one.kind in kinds and one not in spared]
        return AllBut(spared, others) if kinds else None
    if found := matches("some_not", text):
        return _some_not(found["some"], found["but"], now, which, among)
    return None


def _some_not(some: str, but: str, now: datetime, which: Which, among: Sequence[Entry]) -> AllBut | None:
    """Which are told, and which are to stay: "the pills reminder, not the bank one"."""
    told = kinds_told(some)
    there = [one for one in among if not told or one.kind in told]
    spared = _spared(but, told, now, which, among if kinds_told(but) else there)
    if not spared:
        return AllBut([], there) if matches("of_some", but) and there else None
    others = which.named(some, there) or which.within(some, now, there) or which.at_place(word_set(some), there)
    rest = [one for one in others or there if one not in spared]
    sure = bool(others) or matches("all", some) is not None or len(rest) == 1
    return AllBut(spared, rest) if sure else AllBut([], rest)


def _spared(but: str, told: set[str], now: datetime, which: Which, there: Sequence[Entry]) -> Sequence[Entry]:
    """Those that stay. `told`: the kinds of which one is "the one"."""
    if len(told) == 1:
        but = pattern("en", FILE, "said.the_one").sub(says(f"schedule.kind.{next(iter(told))}"), but)
    each = [_meant(part, now, which, there) for part in pattern("en", FILE, "said.joints").split(but)]
    return [one for some in each for one in some] if all(each) else []


def _meant(words: str, now: datetime, which: Which, among: Sequence[Entry]) -> Sequence[Entry]:
    """Those that stay; none, where some of the words are not understood, since the rest would be lost."""
    if _is_kind(words):
        return [one for one in among if one.kind in kinds_told(words)]
    if found := which.named(words, among) or which.within(words, now, among):
        return found
    return [] if _more(words) else which.at_place(word_set(words), among)


def _is_kind(words: str) -> bool:
    """Whether words tell a kind, and nothing else: "the alarms"."""
    return bool(kinds_told(words)) and not names(words) and not word_set(words) & {*_places()}


def _more(words: str) -> set[str]:
    """What words tell beside a place."""
    return names(words) - {stem for place in _places() for stem in names(place)}


def _places() -> dict[str, int]:
    return table("en", FILE)["said"]["ordinals"]


def kinds_told(words: str) -> set[str]:
    """Which of timers, alarms and reminders some words name."""
    kinds: dict[str, str] = table("en", FILE)["said"]["kinds"]
    return {kind for kind, told in kinds.items() if re.search(told, words, re.IGNORECASE)}
