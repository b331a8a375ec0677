"""What follows a question, as the whole question that it means: "and on Friday?", "where is it?", "her birthday?"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voiceos.language.data import pattern, table, words_in
from voiceos.language.terms import words
from voiceos.language.times import find
from voiceos.skills.grammar import plain
from voiceos.skills.skill import Asked, Check

DATA = "following"
PATIENCE = timedelta(minutes=5)
"""How long "it" means what was spoken of last."""
MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """What a skill answered last on a device."""

    asked: Asked
    about: str
    """What it was about, in words that name it."""

    @property
    def skill(self) -> str:
        return self.asked.intent.partition(".")[0]


def with_another(text: str, before: Asked, checks: Mapping[str, Check], now: datetime) -> Asked | None:
    """The same question of something else: "and on Friday?", "and Amara's?"."""
    if not (found := pattern("en", DATA, "other").match(text.strip())):
        return None
    other = found["other"]
    of_time = _is_time(other, now)
    for name, value in before.slots.items():
        if name in checks and of_time == _is_time(value, now) and checks[name](other, now):
            said = re.sub(re.escape(value), lambda _: other, before.text, count=1, flags=re.IGNORECASE)
            return replace(before, text=said, slots={**before.slots, name: other})
    if of_time and any(checks[name](other, now) for name in checks.keys() - before.slots.keys()):
        return replace(before, text=f"{_timeless(before.text, now)} {other}")
    return None


def _is_time(text: str, now: datetime) -> bool:
    return bool(text) and words_in("en", DATA, "around_time").issuperset(words(_timeless(text, now)))


def _timeless(text: str, now: datetime) -> str:
    for one in reversed(find(text, now, lean="future")):
        text = f"{text[: one.start]} {text[one.end :]}"
    return " ".join(text.split())


def spelt_out(text: str, before: Answered) -> Iterator[str]:
    """The sentence with what "it", "she" or nothing stand for."""
    text = plain(text.replace("’", "'"))
    if not text or len(words(text)) > MOST_WORDS or pattern("en", DATA, "never").fullmatch(text):
        return
    for short, whole in table("en", DATA).get(before.skill, ()):
        if re.fullmatch(short, text, re.IGNORECASE) and (before.about or "{it}" not in whole):
            yield whole.format(it=before.about)
    if before.about:
        said = pattern("en", DATA, "whose").sub(lambda _: f"{before.about}'s ", text)
        said = pattern("en", DATA, "who").sub(lambda _: before.about, said)
        if said != text:
            yield said
