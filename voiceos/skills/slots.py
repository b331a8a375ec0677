"""What the words of a slot mean: a time that is all of the words, but for what holds them together; yes or no."""

from datetime import datetime

from voiceos.language.answers import yes_or_no
from voiceos.language.data import words_in
from voiceos.language.terms import words
from voiceos.language.times import Lean, Meaning, Moment, Period, find


def time_in(text: str, now: datetime, lean: Lean = "future") -> Meaning | None:
    """The one time that a text tells, whatever else it says."""
    found = find(text, now, lean=lean)
    return found[0].meaning if len(found) == 1 else None


def whole_time(text: str, now: datetime, lean: Lean = "future") -> Meaning | None:
    """The one time that a text tells, if it tells nothing else."""
    found = find(text, now, lean=lean)
    if len(found) != 1:
        return None
    left = words(f"{text[: found[0].start]} {text[found[0].end :]}")
    return found[0].meaning if words_in("en", "politeness", "fillers").issuperset(left) else None


def is_moment(text: str, now: datetime) -> bool:
    """Whether it is one."""
    return isinstance(whole_time(text, now), Moment)


def is_begun(text: str, now: datetime) -> bool:
    """Whether it is a time that has begun."""
    meaning = whole_time(text, now, lean="past")
    return isinstance(meaning, Period) and meaning.start is not None and meaning.start <= now


def is_answer(text: str, now: datetime) -> bool:
    """Whether it is a yes or a no."""
    return yes_or_no(text) is not None


def without_times(text: str, now: datetime) -> str:
    """A text without the times that it tells."""
    for one in reversed(find(text, now, lean="future")):
        text = f"{text[: one.start]} {text[one.end :]}"
    return " ".join(text.split())
