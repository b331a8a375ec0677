"""A question and a line as the cross-encoder reads them: who, when, what, and what was said before it."""

from collections.abc import Collection
from datetime import datetime

from voiceos.language.sentences import say
from voiceos.memory.recall.lines import Line
from voiceos.memory.recall.question import Question

Pair = tuple[str, str]
"""The question with its day, and the line with all that tells what it means."""
MOST_BEFORE = 80
"""Characters of what was said just before a line, its last: a question stands at the end."""
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
    return PARTED.join([f"{head}: {memory.text}", *(text[-MOST_BEFORE:] for text in line.before[:1])])


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
