"""Memories in words: spoken with source and date, and quoted in a prompt as data."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from voiceos.core import Recalled, Turn
from voiceos.language.data import pattern, table
from voiceos.language.said_times import said_date, weekday_name
from voiceos.language.sentences import capital, say
from voiceos.language.tenses import looks_back
from voiceos.language.times import Moment, Period, find

LONGEST_SPOKEN = 240
"""Characters of one quotation that are said aloud."""
LONGEST_WRITTEN, LONGEST_LINE = 600, 300
"""Characters of one quotation that a model reads: beside others, and of a single line."""
OF_ANY_DAY = ("hour", "half", "day")
"""What the words for a time come again in, where they tell no day."""
A_DAY, FAR = timedelta(days=1, hours=1), timedelta(days=750)
"""The longest day, and from when on what sounds like a day is something else: "forty years today"."""


def when(at: datetime, now: datetime) -> str:
    """A date as spoken: today, yesterday, on Monday, on 3 May, on 3 May 2024."""
    at = at.astimezone(now.tzinfo)
    days = (now.date() - at.date()).days
    if days in (0, 1, -1):
        return say(f"quoted.{('today', 'yesterday', 'tomorrow')[days]}")
    if 1 < days < 7:
        return say("quoted.weekday", day=weekday_name(at))
    return say("quoted.date", date=said_date(at, now))


def spoken(memory: Recalled, now: datetime) -> str:
    """Who said it, when, and the words: "On 3 May you said: we moved to Lyon." """
    return capital(_quoted(memory, now, "source", "person", words=shortened(memory.text, LONGEST_SPOKEN)))


def spoken_together(memories: Sequence[Recalled], now: datetime) -> str:
    """Several memories; of neighbours, who said it and when is said once."""
    parts: list[str] = []
    for _, same in groupby(memories, lambda memory: _quoted(memory, now, "source", "person", words="")):
        first, *others = same
        parts += [spoken(first, now), *(shortened(one.text, LONGEST_SPOKEN) for one in others)]
    return " ".join(parts)


def origin(memory: Recalled, now: datetime) -> str:
    """Where a memory is from: "from your note Boiler, dated 3 May"."""
    return _quoted(memory, now, "from_source", "from_person")


def _quoted(memory: Recalled, now: datetime, of_source: str, of_person: str, **values: str) -> str:
    key = f"quoted.{of_source if memory.source else of_person}{'_dated' if memory.at else ''}"
    date = when(memory.at, now) if memory.at else ""
    date = date.removeprefix(say("quoted.date", date="")) if memory.source else date
    return say(key, source=memory.source, who=memory.author or say("sources.you"), date=date, **values)


def used(turn: Turn) -> list[Recalled]:
    """The memories that a reply is based on."""
    return [memory for memory in turn.recalled if not memory.left_out]


def is_unsure(turn: Turn) -> bool:
    """Whether a reply only quoted what comes near."""
    return turn.reply.lstrip().startswith(say("memory.not_sure"))


def prompt_lines(memories: Sequence[Recalled], now: datetime) -> str:
    """Memories for the model, quoted so that nothing in them passes for an instruction; empty without any."""
    if not memories:
        return ""
    lines = [_line(memory, now) for memory in memories]
    return "\n".join([table("en", "prompt")["memories"], *lines])


def _line(memory: Recalled, now: datetime) -> str:
    at = memory.at.astimezone(now.tzinfo) if memory.at else None
    date = f"{said_date(at)}, " if at else ""
    who = memory.source or memory.author or table("en", "prompt")["user"]
    words = shortened(memory.text, LONGEST_WRITTEN).replace('"', "'")
    return f'- {date}{who}: "{words}"'


def dated_line(memory: Recalled, now: datetime, *, brief: bool = False) -> str:
    """A memory as a line for a model that answers from lines, with the days that its words mean.

    `brief`: a date of this year has no year, which a model takes five tokens to read.
    """
    this = now if brief else None
    at = memory.at.astimezone(now.tzinfo) if memory.at else None
    text = shortened(memory.text, LONGEST_LINE)
    for begin, end, day in reversed(days_told(text, at)) if at else ():
        text = f"{text[:end]} ({said_date(day, this)}){text[end:]}" if text[begin:end] else text
    date = f"{said_date(at, this)}, " if at else ""
    return f"{date}{memory.source or memory.author or say('sources.you')}: {text}"


def days_told(text: str, at: datetime, *, absolute: bool = False) -> list[tuple[int, int, datetime]]:
    """The days that a text tells in words that depend on when it was said: where they stand, and what they mean.

    "On Friday" is the one before or the one after, as the verb has it.
    `absolute`: also those that depend on nothing.
    """
    found: list[tuple[int, int, datetime]] = []
    ahead = {(one.start, one.end): one for one in find(text, at, lean="future")}
    for behind in find(text, at):
        place = (behind.start, behind.end)
        one = behind if looks_back(text, *place) else ahead.get(place, behind)
        meant = one.meaning
        if one.every in OF_ANY_DAY:  # "on Tuesdays at seven"
            continue
        words = pattern("en", "tenses", "clock").sub("", text[one.start : one.end])
        if not words.strip():  # a time of the clock
            continue
        if not absolute and any(letter.isdigit() for letter in words) and one.every != "month":
            continue
        if isinstance(meant, Moment):
            found.append((one.start, one.end, meant.at))
        elif isinstance(meant, Period) and meant.start and meant.end and meant.end - meant.start <= A_DAY:
            found.append((one.start, one.end, meant.start))
    return [one for one in found if abs(one[2] - at) <= FAR]


def days_undenied(text: str, at: datetime, *, absolute: bool) -> dict[date, datetime]:
    """The days that a text tells, and does not deny; `absolute`: not only those in relative words."""
    denied = pattern("en", "tenses", "not_then").search
    found = days_told(text, at, absolute=absolute)
    return {day.date(): day for begin, _, day in found if not denied(text[:begin].lower())}


def shortened(text: str, longest: int) -> str:
    """`text` on one line, cut at a word where it is too long."""
    text = " ".join(text.split())
    if len(text) <= longest:
        text = text.rstrip(" ,;:")
        return text if text[-1:] in ".!?…" else f"{text}."
    return text[:longest].rsplit(" ", 1)[0].rstrip(" ,;:.-") + " …"
