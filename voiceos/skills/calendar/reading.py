"""Reads requests that no template has: the kind by the judge of appointments, the rest by what the calendar has."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import pattern
from voiceos.skills.calendar.book import Book, slots_of, speaks_of
from voiceos.skills.calendar.named import Named
from voiceos.skills.calendar.said import is_on_something, is_sure, names_calendar, span_in, topic
from voiceos.skills.grammar import plain
from voiceos.skills.judge import Judge
from voiceos.skills.skill import Asked

OF_ONE = "when where who length ends until often after before has move remove".split()
"""What is asked of an appointment that the calendar has."""
ORDERS = ("move", "remove")
TIMED = ("free", "busy")
OPEN = ("list", "next", "last", "count", "gaps")
"""What needs neither a name nor a time, if it is sure enough."""
SURE_ALONE = 0.8
LONGEST = 40
"""Words."""
WIDTH = 384
"""Numbers of a meaning."""


class Reading:
    """Names what a sentence wants of the calendars."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._judge = Judge(book.encode or _blind, "calendar")

    def __call__(self, asked: Asked) -> Sequence[Asked]:
        """The request that a sentence is, or none. Blocks some milliseconds."""
        text, now = plain(asked.text), asked.now
        if len(text.split()) > LONGEST or self._book.workshop.db is None:
            return []
        named = self._book.named(text, now)
        kind, sure = self._judge.kind(named.with_stand_in(text))
        if not sure:
            return []
        share = self._judge.shares(named.with_stand_in(text))[kind]
        what = kind.partition(".")[2]
        if named.titles and what == "list":
            kind, what = "calendar.has", "has"
        if not self._holds(what, text, named, now, share):
            return []
        if what in (*OF_ONE, "count") and named.titles:
            return [Asked(kind, named.with_stand_in(text), now, asked.turn, slots_of(named))]
        return [Asked(kind, text, now, asked.turn)]

    def _holds(self, what: str, text: str, named: Named, now: datetime, share: float) -> bool:
        """Whether there is enough of what such a request needs."""
        timed = span_in(text, now) is not None
        ours = names_calendar(text)
        if what in (*ORDERS, "put", "clear") and not is_sure(text):
            return False
        if what in ORDERS:
            return bool(named.titles) and not named.alike
        if what in OF_ONE:
            return bool(named.titles) or (speaks_of(text) and not named.unknown)
        if pattern("en", "skills/calendar", "not_here").search(text):
            return False
        if what in TIMED:
            return timed
        if what == "put":
            return timed or ours
        if what == "clear":
            return timed or ours
        if what == "list" and not named.titles and is_on_something(text, now):
            return False
        if what in ("next", "last") and not ours and topic(text, now):
            return False  # the next haircut is no appointment of another name
        return (timed or ours or share >= SURE_ALONE) and (not named.unknown or what not in OPEN or ours)


def _blind(text: str) -> NDArray[np.float32]:
    """Where there is no encoder."""
    return np.zeros(WIDTH, np.float32)
