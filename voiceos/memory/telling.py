"""Says what the memory has in the words in which it was said, and works out when that was."""

from collections.abc import Sequence
from datetime import datetime

from voiceos.core import Recalled
from voiceos.language.data import pattern
from voiceos.language.said_times import said_date
from voiceos.language.sentences import say
from voiceos.memory.quoting import days_told, spoken
from voiceos.memory.recall.compared import shape_of

MOST_TOLD = 2
"""Lines that are told; more would be too much to listen to."""
ALSO = 0.5
"""Share of the best one's likelihood from which the next is told, too."""
SPANS = (("days", 1.0, 14), ("weeks", 7.0, 60), ("months", 30.44, 548), ("years", 365.25, 0))
"""What a time is counted in, its days, and up to how many days; 0: without end."""


def told(question: str, memories: Sequence[Recalled], now: datetime) -> str:
    """The memories that answer, best first, in their own words, and when that was if it is asked for."""
    best, *others = memories
    also = [one for one in others[: MOST_TOLD - 1] if one.score >= ALSO * best.score]
    return " ".join([spoken(best, now), *filter(None, [_when(question, best, now)]), *(spoken(o, now) for o in also)])


def span_told(question: str, reply: str, now: datetime) -> str:
    """How far the day that a reply tells is from now, if that is asked for; empty: it is not, or there is no day."""
    if not pattern("en", "questions", "how_long_ago").search(question):
        return ""
    days = [day for _, _, day in days_told(reply, now, absolute=True)]
    return _apart(days[0], now) if days else ""


def _when(question: str, memory: Recalled, now: datetime) -> str:
    """The day that a memory tells in relative words, or how long ago it was; empty: it is told already."""
    if not memory.at or shape_of(question) != "when":
        return ""
    at = memory.at.astimezone(now.tzinfo)
    day = next((day for _, _, day in days_told(memory.text, at)), None)
    if pattern("en", "questions", "how_long_ago").search(question):
        return _apart((day or at), now)
    return say(f"memory.{'was' if day.date() < now.date() else 'is'}", date=said_date(day, now)) if day else ""


def _apart(day: datetime, now: datetime) -> str:
    days = (now.date() - day.date()).days
    if not days:
        return say("apart.same")
    unit, length, _ = next(span for span in SPANS if not span[2] or abs(days) < span[2])
    count = round(abs(days) / length)
    return say(f"apart.{'ago' if days > 0 else 'ahead'}", span=say(f"apart.{unit}", count=count))
