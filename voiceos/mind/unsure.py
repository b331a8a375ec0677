"""What is said instead of an answer that nobody is sure of: what the memory has that comes near."""

from datetime import datetime

from voiceos.core import Turn
from voiceos.language.sentences import say
from voiceos.memory.quoting import spoken, used
from voiceos.mind.claims import Judge

MOST_NEAR = 2
"""Memories spoken that only come near a question; more would be too much to listen to."""


def not_known(turn: Turn, now: datetime) -> str:
    """Says that it does not know, and quotes what comes nearest."""
    near = [one for one in used(turn) if one.source or not Judge(one.text).invited][:MOST_NEAR]  # no order is a memory
    if not near:
        return say("memory.not_known")
    return " ".join([say("memory.not_sure"), *(spoken(memory, now) for memory in near)])
