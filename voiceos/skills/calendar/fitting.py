"""Whether an appointment is what a question asks about, or only shares a name with it."""

from datetime import datetime

from anyio import to_thread

from voiceos.language.terms import Analyzer
from voiceos.skills.calendar.book import Book
from voiceos.skills.calendar.named import begins
from voiceos.skills.calendar.said import loosely, topic
from voiceos.skills.skill import Asked
from voiceos.store.appointments import Appointment

ALIKE, ALIKE_LEAST = 0.55, 0.33
"""How much what is told must mean what is asked, where the question has other words, and where it has none."""
_terms = Analyzer("en")


async def fits(book: Book, asked: Asked, one: Appointment, told: str) -> bool:
    """Whether `told`, of an appointment that a question shares a word with, may answer it. Raises StoreError.

    By what both mean; and where the question has words that no appointment explains, no other line of the memory may
    surely answer. What comes after another question, and names nothing, is not judged, nor anything without encoders.
    """
    if not book.encode:
        return True
    shared, left = _compared(asked.turn.words, one, asked.now)
    return not shared or await to_thread.run_sync(_is_alike, book, asked, one, told, left)


def _is_alike(book: Book, asked: Asked, one: Appointment, told: str, left: bool) -> bool:
    text, memory = asked.turn.words, book.workshop.memory
    assert book.encode
    if float(book.encode(text) @ book.encode(told)) < (ALIKE if left else ALIKE_LEAST):
        return False
    found = memory.recall(text, asked.now) if memory and left else None
    best = next((other for other in found.memories if not other.left_out), None) if found and found.sure else None
    return not best or one.title in best.text


def _compared(text: str, one: Appointment, now: datetime) -> tuple[bool, bool]:
    """Whether a text names an appointment, and has words that neither it nor any question to a calendar has."""
    wanted = topic(text, now)

    def among(known: set[str]) -> set[str]:
        return {term for term in wanted if any(term == other or begins(term, other) for other in known)}

    named = among({*_terms(" ".join((one.title, *one.people))), *topic(one.title, now)})
    return bool(named), bool(loosely(wanted - named - among(set(_terms(one.place)))))
