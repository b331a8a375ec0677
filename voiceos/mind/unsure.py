"""What is said instead of an answer that nobody is sure of: what the memory has that comes near."""

from datetime import datetime

from voiceos.core import Turn
from voiceos.language.sentences import say
from voiceos.language.terms import Analyzer
from voiceos.memory.facts.vocabulary import is_relation
from voiceos.memory.quoting import spoken, used
from voiceos.memory.recall.compared import names_in
from voiceos.mind.claims import Judge

MOST_NEAR = 2
"""Memories spoken that only come near a question; more would be too much to listen to."""
_terms = Analyzer("en")


def not_known(turn: Turn, now: datetime) -> str:
    """Says that it does not know, and quotes what comes nearest: of somebody who is asked about, nothing of another."""
    names = frozenset(name for name in names_in(turn.words) if not is_relation(name))  # "Mum" may be "she"
    near = [one for one in used(turn) if one.source or not Judge(one.text).invited]  # no order is a memory
    near = [one for one in near if not names or not names.isdisjoint(_terms(f"{one.source} {one.author} {one.text}"))]
    near = near[:MOST_NEAR]
    if not near:
        return say("memory.not_known")
    return " ".join([say("memory.not_sure"), *(spoken(memory, now) for memory in near)])
