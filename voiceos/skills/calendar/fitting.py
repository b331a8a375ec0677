"""Whether an appointment is what a question asks about, or only shares a name with it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from anyio import to_thread

from voiceos.language.terms import Analyzer
from voiceos.memory.recall.compared import names_in
from voiceos.skills.calendar.book import Book
from voiceos.skills.calendar.named import begins
from voiceos.skills.calendar.said import heads, is_past, loosely, matches, topic, whole_topic
from voiceos.skills.calendar.tells import people_of
from voiceos.skills.person.told import answers_to
from voiceos.skills.skill import Asked
from voiceos.store.appointments import Appointment

ALIKE, ALIKE_LEAST = 0.55, 0.33
"""How much what is told must mean what is asked, where the question has other words, and where it has none."""
A_DAY = timedelta(days=1)
"""What is shorter is only the way there, where the way back is asked for."""
_terms = Analyzer("en")


async def fits(book: Book, asked: Asked, one: Appointment, told: str, *, closely: bool = False) -> bool:
    """Whether `told`, of an appointment that a question shares a word with, may answer it. Raises StoreError.

    By what both mean; and where the question has words that no appointment explains, or does not call it what it is, no
    other line of the memory may surely answer; and what it asks to come must not be over then. `closely`: the same
    where it names only a part of it, of which more than people must be. What comes after another question, and names
    nothing, is not judged, nor anything without encoders.
    """
    if not book.encode:
        return True
    found = _compared(asked.turn.words, one, asked.now)
    if not found.named:
        return True
    if found.another:
        return False
    back = matches("goes_back", asked.turn.words.lower()) and not matches("goes_back", one.title.lower())
    if back and not closely and not one.days and one.end - one.at < A_DAY:
        return False
    part = found.missing if closely else back or not found.calls
    if part and one.end < asked.now and not is_past(asked.turn.words):
        return False
    if closely and part and found.left and (found.only_people or not found.calls):
        return False
    left = found.left or (closely and part and found.only_people)
    return await to_thread.run_sync(_is_alike, book, asked, one, told, left, left or part)


def _is_alike(book: Book, asked: Asked, one: Appointment, told: str, left: bool, compared: bool) -> bool:
    text, memory = asked.turn.words, book.workshop.memory
    assert book.encode
    if float(book.encode(text) @ book.encode(told)) < (ALIKE if left else ALIKE_LEAST):
        return False
    _, found = answers_to(book.workshop, memory, text, asked.now) if memory and compared else (None, [])
    return not found or one.title in found[0].text


class Compared(NamedTuple):
    """A question beside an appointment."""

    named: bool
    """Whether it names it at all."""
    left: bool
    """Whether it has words that neither the appointment nor any question to a calendar has."""
    missing: bool
    """Whether it has not all words of the title."""
    calls: bool
    """Whether it calls it what it is: a dinner, of the choir's Christmas dinner."""
    another: bool
    """Whether it has another name in place of that of the appointment: the train to Leeds, and not to York."""
    only_people: bool
    """Whether what it has of the title are only names, of nobody who comes."""


def calls(text: str, one: Appointment, now: datetime) -> bool:
    """Whether a text calls an appointment what it is, and says nothing that it does not explain."""
    found = _compared(text, one, now)
    return found.named and found.calls and not found.left


def _compared(text: str, one: Appointment, now: datetime) -> Compared:
    wanted = topic(text, now)

    def among(known: set[str]) -> set[str]:
        return {term for term in wanted if any(term == other or begins(term, other) for other in known)}

    title, people = topic(one.title, now), set(_terms(" ".join(people_of(one))))
    named = among({*_terms(" ".join((one.title, *one.people))), *title})
    left = loosely(wanted - named - among(set(_terms(one.place))))
    missing = any(not any(term == other or begins(other, term) for other in wanted) for term in loosely(title))
    called, asked = heads(one.title), {*whole_topic(text), *wanted}
    calls = not called or any(term == other or begins(other, term) for other in asked for term in called)
    names, theirs = names_in(f". {text}"), names_in(f". {one.title} {one.place}") | people
    names, theirs = names - set(_terms(one.title.lower())), theirs - set(_terms(text))
    another = bool(names and theirs) and not named & (names_in(f". {text}") | names_in(f". {one.title}"))
    return Compared(bool(named), bool(left), missing, calls, another, named <= names_in(f". {text}") - people)
