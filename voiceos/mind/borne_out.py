"""Checks what a language model says against the memories that it was given."""

import re
from collections.abc import Sequence
from datetime import datetime

from voiceos.core import Recalled
from voiceos.language.numerals import digits
from voiceos.language.said_times import said_moment
from voiceos.memory.recall.personal import may_be_of_life
from voiceos.memory.recall.reading import shape_of

WITH_NUMBERS = ("money", "clock", "number", "when")
"""Kinds of answers whose numbers must stand in a memory."""
CODE = 5
"""Digits from which a number may be written in groups."""
_GROUP = re.compile(r"(?<=\d)[ -](?=\d)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def must_be_borne_out(question: str, memories: Sequence[Recalled]) -> bool:
    """Whether the answer is a number of the owner's life, of which the memory tells something."""
    return bool(memories) and shape_of(question) in WITH_NUMBERS and may_be_of_life(question)


def is_borne_out(reply: str, question: str, memories: Sequence[Recalled], now: datetime) -> bool:
    """Whether each number of a reply is in the memories, their dates, or the question."""
    days = [said_moment(one.at.astimezone(now.tzinfo)) for one in memories if one.at]
    told = digits("\n".join([question, *days, *(one.text for one in memories)]))
    known = set(_NUMBER.findall(told))
    joined = re.sub(r"\D", "", told)
    if known.issuperset(_NUMBER.findall(digits(reply))):
        return True
    grouped = digits(_GROUP.sub("", reply))
    return all(number in known or (len(number) >= CODE and number in joined) for number in _NUMBER.findall(grouped))
