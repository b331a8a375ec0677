"""How long something has been so, or was: worked out from the times that a memory tells."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from voiceos.core import Recalled
from voiceos.language.data import pattern, table
from voiceos.language.said_times import said_date
from voiceos.language.sentences import say
from voiceos.language.tenses import looks_back, tells_past
from voiceos.language.times import Duration, Found, Moment, Period, Recurrence, find

A_DAY, A_MONTH, A_YEAR = timedelta(days=1, hours=1), timedelta(days=31, hours=1), timedelta(days=366, hours=1)
OF_ANY_DAY = ("hour", "half", "day")
"""What the words for a time come again in, where they tell no day."""
ROUGHLY = ((timedelta(days=100), "year"), (timedelta(days=10), "month"))
"""How far off it may be what is told no closer than that: "two years ago"."""
DAYS, WEEKS = 14, 60
"""Up to how many days a span is told in days, and in weeks."""
A_WEEK, A_YEAR_HAS = 7, 12


@dataclass(frozen=True, slots=True)
class Time:
    """A time that words tell, as closely as they do."""

    at: datetime
    """Its beginning."""
    grain: str
    """How closely: day, month, year."""
    bound: str = ""
    """since, from, until and the like."""
    end: datetime | None = None
    """The last day, of what was told with both its ends."""

    def said(self, now: datetime) -> str:
        """As in "3 May", "May 2021", "2021"."""
        month = table("en", "calendar")["months"].split()[self.at.month - 1]
        whole = {"month": f"{month} {self.at.year}", "year": f"{self.at.year}"}
        return whole.get(self.grain) or said_date(self.at, now)


def times(text: str, at: datetime) -> list[Time]:
    """The days, months and years that a text tells, in order; it was said at `at`. Those of any day are none."""
    return [time for one in _found(text, at) if (time := _time(text, one, at))]


def _found(text: str, at: datetime) -> list[Found]:
    """The times of a text: on the side of `at` on which the verb has them."""
    ahead = {(one.start, one.end): one for one in find(text, at, lean="future")}
    some = [(one, (one.start, one.end)) for one in find(text, at)]
    return [one if looks_back(text, *place) else ahead.get(place, one) for one, place in some]


def _time(text: str, one: Found, at: datetime) -> Time | None:
    if isinstance(one.meaning, Moment):
        return None if one.every in OF_ANY_DAY else Time(one.meaning.at, "day", one.bound)
    if not isinstance(one.meaning, Period) or one.every in OF_ANY_DAY:
        return None
    start, end = one.meaning.start, one.meaning.end
    if one.bound == "between":
        return Time(start, "day", one.bound, end - timedelta(days=1)) if start and end else None
    if one.bound:
        words = text[one.start : one.end].split(None, 1)[-1]
        inner = next((two.meaning for two in find(words, at) if isinstance(two.meaning, Period)), None)
        edge = start or end
        return Time(edge, _grain(inner or Period(edge, edge)), one.bound) if edge else None
    grain = _grain(one.meaning)
    grain = next((rough for most, rough in ROUGHLY if one.slack > most), grain)
    return Time(start, grain) if start and grain else None


def _grain(period: Period) -> str:
    """How closely a period tells a time; empty: not so that one could reckon with it."""
    length = period.end - period.start if period.start and period.end else timedelta.max
    return next((name for most, name in ((A_DAY, "day"), (A_MONTH, "month"), (A_YEAR, "year")) if length <= most), "")


def asks_span(question: str) -> bool:
    """Whether a question asks how long something has been so, or was."""
    return pattern("en", "questions", "how_long").search(question.lower()) is not None


def is_still(question: str) -> bool:
    """Whether it asks how long something has been so by now."""
    return pattern("en", "questions", "so_far").search(question.lower()) is not None


def began(text: str, at: datetime | None, now: datetime) -> Time | None:
    """When that began which a text tells: by what it says of a beginning, or by the only time of it, if it is over.

    None where nobody can tell.
    """
    if not at:
        return None
    told = times(text, at)
    since = [one for one in told if one.bound in ("since", "from", "onwards")]
    over = [one for one in told if one.bound == "" and one.at <= now]
    lasts = _lengths(text, at)
    if lasts and not since and told:
        return None  # "45 years married this Saturday"
    if since or (len(over) == 1 and len(told) == 1 and (_is_past(text, at) or over[0].at > at)):
        return next((one for one in since or over if one.at <= now), None)
    if told or len(lasts) != 1 or not pattern("en", "questions", "by_then").search(text.lower()):
        return None
    length = lasts[0]
    grain = "year" if length >= timedelta(days=365) else "month" if length >= timedelta(days=28) else "day"
    return Time(at - length, grain)


def _lengths(text: str, at: datetime) -> list[timedelta]:
    """How long something lasts, or had lasted, that a text tells; an age is none."""
    found = [one for one in find(text, at) if not pattern("en", "questions", "an_age").match(text[one.end :])]
    return [one.meaning.length for one in found if isinstance(one.meaning, Duration)]


def _is_past(text: str, at: datetime) -> bool:
    """Whether the times of a text were over when it was said, as its verbs have it."""
    return all(looks_back(text, one.start, one.end) for one in _found(text, at))


def ends(text: str, at: datetime | None) -> tuple[Time, Time] | None:
    """The beginning and the end that a text tells of one thing; None: not both."""
    told = times(text, at) if at else []
    if len(told) == 1 and (end := told[0].end):
        return told[0], Time(end, "day")
    if len(told) != 2 or any(one.bound for one in told):
        return None
    first, last = sorted(told, key=lambda one: one.at)
    return (first, last) if first.at < last.at else None


def asks_ago(question: str) -> bool:
    """Whether a question asks how long ago something was."""
    return pattern("en", "questions", "how_long_ago").search(question.lower()) is not None


def asks_past(question: str) -> bool:
    """Whether a question asks when something was."""
    return pattern("en", "questions", "when_past").search(question.lower()) is not None


def can_reckon(question: str) -> Callable[[Recalled, datetime], bool] | None:
    """Whether a memory can tell how long something was, how long ago, or when; None: no such thing is asked."""
    if asks_span(question):
        return partial(_tells_span, question)
    if pattern("en", "questions", "when_next").search(question.lower()):
        return _is_ahead
    if asks_ago(question) or asks_past(question):
        return _tells_ago if asks_ago(question) else _was
    return _is_not_over if pattern("en", "questions", "when_now").search(question.lower()) else None


def _tells_ago(memory: Recalled, now: datetime) -> bool:
    """Whether it tells a time that is over, or none and is of such a time."""
    told = times(memory.text, memory.at or now)
    if told:
        return any(one.at <= now for one in told)
    return memory.at is not None and memory.at <= now and not _is_habit(memory, now)


def _is_ahead(memory: Recalled, now: datetime) -> bool:
    """Whether it tells a time to come, or what happens again and again; an appointment is of its own time."""
    at = memory.at or now
    if memory.source and at > now:
        return True
    again = any(isinstance(one.meaning, Recurrence) for one in find(memory.text, at))
    told = times(memory.text, at)
    return again or any(one.grain != "day" or (one.end or one.at).date() >= now.date() for one in told)


def _was(memory: Recalled, now: datetime) -> bool:
    """Whether it tells anything but what is to come, or happens again and again."""
    told = times(memory.text, memory.at or now)
    to_come = bool(told) and all(one.at > now for one in told)
    return not to_come and not _is_habit(memory, now)


def _is_not_over(memory: Recalled, now: datetime) -> bool:
    """Whether it tells anything but what has happened: "we came back on the 15th"."""
    told = times(memory.text, memory.at or now)
    over = bool(told) and all(not one.bound and one.at < now for one in told)
    return not over or not tells_past(memory.text)


def _is_habit(memory: Recalled, now: datetime) -> bool:
    """Whether somebody only told what they do again and again."""
    again = any(isinstance(one.meaning, Recurrence) for one in find(memory.text, memory.at or now))
    return again and not memory.source and not tells_past(memory.text)


def _tells_span(question: str, memory: Recalled, now: datetime) -> bool:
    """Whether a memory can tell how long something was, or has been so by now."""
    lasts = bool(_lengths(memory.text, memory.at or now))
    told = times(memory.text, memory.at) if memory.at else []
    if is_still(question):
        had_lasted = lasts and all(one.at <= now for one in told)
        return had_lasted or began(memory.text, memory.at, now) is not None
    bounded = any(one.end or one.bound not in ("", "since") for one in told) or len(told) > 1
    return bounded or lasts or pattern("en", "questions", "measures").search(memory.text.lower()) is not None


def span_of(question: str, memory: Recalled, now: datetime) -> str:
    """How long it has been so, or was, as a sentence; empty: that is not asked, or it is told already."""
    if not asks_span(question):
        return ""
    if is_still(question):
        since = began(memory.text, memory.at, now)
        length = apart(since, Time(now, "day")) if since else ""
        return say("apart.since", span=length, date=since.said(now)) if since and length else ""
    both = ends(memory.text, memory.at)
    length = apart(*both) if both else ""
    return say("apart.whole", span=length) if length else ""


def apart(first: Time, last: Time, unit: str = "") -> str:
    """How far two times are apart, as closely as both are told; empty: they are not. `unit`: "days" or "weeks"."""
    days = abs((last.at.date() - first.at.date()).days)
    months = abs((last.at.year - first.at.year) * 12 + last.at.month - first.at.month)
    grains = {first.grain, last.grain}
    if "year" in grains:
        years = abs(last.at.year - first.at.year)
        return say("apart.years", count=years) if years else ""
    if grains == {"day"} and unit == "days":
        return say("apart.days", count=days) if days else ""
    if grains == {"day"} and unit == "weeks" and days >= A_WEEK:
        return _both("weeks", *divmod(days, A_WEEK), "days")
    if grains == {"day"}:
        early, late = sorted((first.at.date(), last.at.date()))
        months = (late.year - early.year) * 12 + late.month - early.month - (late.day < early.day)
        if days < DAYS:
            return say("apart.days", count=days) if days else ""
        if days < WEEKS:
            return say("apart.weeks", count=round(days / A_WEEK))
    if months < A_YEAR_HAS:
        return say("apart.months", count=months) if months else ""
    return _both("years", *divmod(months, A_YEAR_HAS), "months")


def _both(larger: str, count: int, rest: int, smaller: str) -> str:
    said = say(f"apart.{larger}", count=count)
    return say("apart.both", first=said, last=say(f"apart.{smaller}", count=rest)) if rest else said
