"""A question and a line as the cross-encoder reads them: who, when, what, and what was said or written before it."""

from collections.abc import Collection
from datetime import datetime

from voiceos.language.sentences import say
from voiceos.memory.recall.lines import Line
from voiceos.memory.recall.question import Question

Pair = tuple[str, str]
"""The question with its day, and the line with all that tells what it means."""
MOST_BEFORE = 120
"""Characters of what was said or written just before a line, its last: a question stands at the end."""
PARTED = " | "


def pairs(question: Question, lines: Collection[Line], owner: Collection[str]) -> list[Pair]:
    """`owner`: the names under which the owner writes."""
    asked = f"{_day(datetime.fromtimestamp(question.asked).astimezone())}: {question.text}"
    names = {name.casefold() for name in owner}
    return [(asked, _told(line, names)) for line in lines]


def _told(line: Line, names: Collection[str]) -> str:
    memory = line.memory
    author = say("sources.you") if memory.author.casefold() in names else memory.author
    head = ", ".join(filter(None, (memory.source or author, _day(memory.at) if memory.at else "")))
    before = _written_before(line) or next(iter(line.before), "")
    return PARTED.join(filter(None, [f"{head}: {memory.text}", before[-MOST_BEFORE:]]))


def _written_before(line: Line) -> str:
    """What stands before a line of a mail or a note in the same memory."""
    whole = line.whole.removeprefix(line.memory.source).lstrip()
    before, found, _ = whole.partition(line.memory.text)
    return before.rstrip() if found else ""


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
