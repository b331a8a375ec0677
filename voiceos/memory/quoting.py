"""Memories in words: spoken with source and date, and quoted in a prompt as data."""

from collections.abc import Sequence
from datetime import datetime

from voiceos.core import Recalled, Turn
from voiceos.language.data import table
from voiceos.language.said_times import said_date, weekday_name
from voiceos.language.sentences import say

LONGEST_SPOKEN = 240
"""Characters of one quotation that are said aloud."""
LONGEST_WRITTEN = 600


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
    return _capital(_quoted(memory, now, "source", "person", words=shortened(memory.text, LONGEST_SPOKEN)))


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


def shortened(text: str, longest: int) -> str:
    """`text` on one line, cut at a word where it is too long."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text if text[-1:] in ".!?…" else f"{text}."
    return text[:longest].rsplit(" ", 1)[0].rstrip(" ,;:.-") + " …"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
