"""Says what the memory has in the words in which it was said, and works out when that was."""

from datetime import datetime, timedelta

from voiceos.core import Recalled, Turn
from voiceos.language.data import pattern
from voiceos.language.said_times import said_date
from voiceos.language.sentences import say
from voiceos.language.times import Moment, Period, find
from voiceos.memory.quoting import spoken, used
from voiceos.memory.recall.reading import shape_of

MOST_TOLD = 2
"""Lines that are told; more would be too much to listen to."""
ALSO = 0.5
"""Share of the best one's likelihood from which the next is told, too."""
A_DAY = timedelta(days=1, hours=1)
"""The longest day."""
SPANS = (("days", 1.0, 14), ("weeks", 7.0, 60), ("months", 30.44, 548), ("years", 365.25, 0))
"""What a time is counted in, its days, and up to how many days; 0: without end."""


def told(turn: Turn, now: datetime) -> str:
    """The memories that answer, in their own words, and when that was if it is asked for."""
    best, *others = used(turn)
    also = [one for one in others[: MOST_TOLD - 1] if one.score >= ALSO * best.score]
    return " ".join([spoken(best, now), *filter(None, [_when(turn.words, best, now)]), *(spoken(o, now) for o in also)])


def _when(question: str, memory: Recalled, now: datetime) -> str:
    """The day that a memory tells in relative words, or how long ago it was; empty: it is told already."""
    if not memory.at or shape_of(question) != "when":
        return ""
    at = memory.at.astimezone(now.tzinfo)
    day = _day_in(memory.text, at)
    if pattern("en", "questions", "how_long_ago").search(question):
        return _apart((day or at), now)
    return say(f"memory.{'was' if day.date() < now.date() else 'is'}", date=said_date(day, now)) if day else ""


def _day_in(text: str, at: datetime) -> datetime | None:
    """The one day that a text tells in words that depend on when it was said."""
    for one in find(text, at):
        words, meant = text[one.start : one.end], one.meaning
        if any(letter.isdigit() for letter in words):
            continue
        if isinstance(meant, Moment):
            return meant.at
        if isinstance(meant, Period) and meant.start and meant.end and meant.end - meant.start <= A_DAY:
            return meant.start
    return None


def _apart(day: datetime, now: datetime) -> str:
    days = (now.date() - day.date()).days
    if not days:
        return say("apart.same")
    unit, length, _ = next(span for span in SPANS if not span[2] or abs(days) < span[2])
    count = round(abs(days) / length)
    return say(f"apart.{'ago' if days > 0 else 'ahead'}", span=say(f"apart.{unit}", count=count))
