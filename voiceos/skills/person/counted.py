"""How often something happened: the days on which the owner told of it."""

from collections.abc import Sequence
from datetime import datetime

from voiceos.core import Recalled
from voiceos.language.data import pattern
from voiceos.language.sentences import say
from voiceos.language.tenses import tells_past
from voiceos.memory.quoting import spoken
from voiceos.memory.recall.periods import periods
from voiceos.memory.recall.spans import times
from voiceos.skills.person.wanted import Names, wanted_in
from voiceos.skills.person.worded import worded
from voiceos.store.database import Connection

LEAST, MOST = 2, 4
"""Days, at any time, from which it is a thing that happens, and how many of them are told one by one."""


def times_told(db: Connection, question: str, names: Names, now: datetime) -> list[Recalled]:
    """Of each day on which the owner said that it happened the first words, the newest first; none: too few."""
    asked = pattern("en", "questions", "times")
    if not asked.search(question):
        return []
    spans, rest = periods(asked.sub("", question), now)
    days: dict[object, Recalled] = {}
    for one in worded(db, wanted_in(rest, names), names, now):
        if one.at and tells_past(one.text):
            days[one.at.astimezone(now.tzinfo).date()] = one
    if len(days) < LEAST:
        return []
    times = [(one, one.at.timestamp()) for one in days.values() if one.at]
    return [one for one, at in times if not spans or any(span.start <= at < span.end for span in spans)]


def last_told(db: Connection, question: str, names: Names, now: datetime) -> list[Recalled]:
    """What the owner told of the last time that it happened; none: that is not asked, or not told."""
    if not pattern("en", "questions", "last_time").search(question.lower()):
        return []
    rest = pattern("en", "questions", "last_words").sub("", question.lower())
    told = [one for one in worded(db, wanted_in(rest, names), names, now) if tells_past(one.text)]
    dated = [(_latest(one, now), one) for one in told if one.at]
    return [max(dated, key=lambda pair: pair[0])[1]] if dated else []


def _latest(memory: Recalled, now: datetime) -> float:
    """The time that it tells, or else when it was told."""
    at = memory.at or now
    return max([one.at for one in times(memory.text, at) if one.at <= now], default=at).timestamp()


def said_of_times(memories: Sequence[Recalled], now: datetime) -> str:
    """How many there are, and the latest of them. Nobody knows whether they are all."""
    told = [spoken(one, now) for one in memories[:MOST]]
    key = "times" if len(memories) <= MOST else "times_latest"
    return " ".join([say(f"memory.{key}", count=len(memories)), *told])
