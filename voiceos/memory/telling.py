"""Says what the memory has in the words in which it was said, and works out when that was."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from voiceos.core import Recalled
from voiceos.language.data import pattern, words_in
from voiceos.language.numerals import digits, years
from voiceos.language.said_times import said_date
from voiceos.language.sentences import say
from voiceos.language.terms import Analyzer
from voiceos.language.times import find
from voiceos.memory.quoting import LONGEST_LINE, days_told, days_undenied, shortened, spoken
from voiceos.memory.recall.ages import age, asks_age, born
from voiceos.memory.recall.choice import LISTED, listed
from voiceos.memory.recall.compared import shape_of
from voiceos.memory.recall.spans import Time, apart, span_of, times
from voiceos.memory.recall.wanted import wants_several

MOST_TOLD = 2
"""Lines that are told; more would be too much to listen to."""
ALSO = 0.8
"""Share of the best one's likelihood from which the next is told, too."""
_terms = Analyzer("en")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AMOUNT = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?")


def told(question: str, memories: Sequence[Recalled], now: datetime) -> str:
    """The memories that answer, best first, in their own words, and when that was if it is asked for."""
    if wants_several(question) and (several := listed(memories)):
        return _several(question, several, now)
    best, *also = likeliest(memories)
    also = [one for one in also if not pattern("en", "questions", "salutes").search(one.text.strip())]
    worked_out = filter(None, [_when(question, best, now), span_of(question, best, now), _age(question, best, now)])
    return " ".join([spoken(best, now), *worked_out, *(spoken(one, now) for one in also)])


def likeliest(memories: Sequence[Recalled]) -> list[Recalled]:
    """Those that are told: the best, and what is about as likely."""
    best, *others = memories
    return [best, *(one for one in others[: MOST_TOLD - 1] if one.score >= max(ALSO * best.score, LISTED))]


def _several(question: str, memories: Sequence[Recalled], now: datetime) -> str:
    """All that are found, those of one record together, the oldest first; and what they come to, if that is asked."""
    of_record: dict[int, list[Recalled]] = {}
    for one in sorted(memories, key=lambda memory: memory.at.timestamp() if memory.at else 0.0):
        of_record.setdefault(one.record_id, []).append(one)
    told = [
        replace(some[0], text=" ".join(shortened(one.text, LONGEST_LINE) for one in some))
        for some in of_record.values()
    ]
    total = _total(memories) if pattern("en", "questions", "total").search(question.lower()) else ""
    begins = say(f"memory.{'total' if total else 'several'}", count=len(memories), total=total)
    return " ".join([begins, *(spoken(one, now) for one in told)])


def _total(memories: Sequence[Recalled]) -> str:
    """What the amounts of money come to; empty: they are not all plain, or two may be the same."""
    amounts = [amount for one in memories if (amount := _amount(one)) is not None]
    if len(amounts) < len(memories) or len(set(amounts)) < len(amounts):
        return ""
    return f"{sum(amounts):,.2f}".removesuffix(".00")


def _amount(memory: Recalled) -> float | None:
    """The only number of a memory that belongs to no time."""
    text = digits(memory.text)
    for one in reversed(find(text, memory.at or EPOCH)):
        text = f"{text[: one.start]} {text[one.end :]}"
    found = [float(number.replace(",", "")) for number in _AMOUNT.findall(text)]
    return found[0] if len(found) == 1 else None


def span_told(question: str, reply: str, now: datetime) -> str:
    """How far the day that a reply tells is from now, if that is asked for; empty: it is not, or there is no day."""
    if not pattern("en", "questions", "how_long_ago").search(question):
        return ""
    days = [day for _, _, day in days_told(reply, now, absolute=True)]
    return _apart(days[0], now) if days else ""


def _when(question: str, memory: Recalled, now: datetime) -> str:
    """The day that a memory tells in relative words, or how long ago it was; empty: it is told already."""
    ago = pattern("en", "questions", "how_long_ago").search(question.lower()) is not None
    if ahead := pattern("en", "questions", "how_long_until").search(question.lower()):
        coming = [one for one in times(memory.text, memory.at) if one.at > now] if memory.at else []
        far = apart(Time(now, "day"), coming[0], ahead["unit"] or "") if len(coming) == 1 else ""
        return say("apart.ahead", span=far) if far else ""
    if shape_of(question) != "when" and not ago:
        return ""
    mentioned = set(years(memory.text))
    if ago and mentioned:  # not when that was said
        return _years_apart(memory.text, mentioned, now)
    if not memory.at:
        return ""
    lasts = pattern("en", "tenses", "until").search(memory.text.lower())
    if lasts and pattern("en", "questions", "asks_end").search(question.lower()):
        return ""  # the other day that it tells is when it began
    at = memory.at.astimezone(now.tzinfo)
    days, every = (days_undenied(memory.text, at, absolute=absolute) for absolute in (False, True))
    if every.keys() - days.keys():  # "I moved it today, to 9 March"
        return _apart(next(iter(every.values())), now) if ago and len(every) == 1 else ""
    day = _of_clause(question, memory.text, at) if len(days) > 1 else next(iter(days.values()), None)
    if ago:
        return _apart((day or at), now)
    return say(f"memory.{'was' if day.date() < now.date() else 'is'}", date=said_date(day, now)) if day else ""


def _of_clause(question: str, text: str, at: datetime) -> datetime | None:
    """The only day of the clause that has most of a question's words; None: others have as many."""
    asked = {term for term in _terms(question) if term not in words_in("en", "questions", "empty")}
    clauses = [clause for clause in pattern("en", "questions", "day_clauses").split(text) if clause]
    ranked = sorted(((len(asked.intersection(_terms(clause))), clause) for clause in clauses), reverse=True)
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        return None
    days = {day.date(): day for _, _, day in days_told(ranked[0][1], at)}
    return next(iter(days.values())) if len(days) == 1 else None


def _years_apart(text: str, years: Collection[int], now: datetime) -> str:
    """How far the only year of a text is from now, or its only day; empty: there are several."""
    days = days_told(text, now, absolute=True)
    if len(years) > 1 or len(days) > 1:
        return ""
    apart = now.year - min(years)
    if days or not apart:
        return _apart(days[0][2], now) if days else ""
    return say(f"apart.{'ago' if apart > 0 else 'ahead'}", span=say("apart.years", count=abs(apart)))


def _age(question: str, memory: Recalled, now: datetime) -> str:
    day = born(question, memory.text) if asks_age(question) else None
    return say("memory.age", count=age(day, now.date())) if day else ""


def _apart(day: datetime, now: datetime) -> str:
    if day.date() == now.date():
        return say("apart.same")
    key = "ago" if day < now else "ahead"
    return say(f"apart.{key}", span=apart(Time(day, "day"), Time(now, "day")))
