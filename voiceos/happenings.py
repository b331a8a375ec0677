"""What happens in the assistant: told to observers, and noted for `status`."""

import logging
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import anyio

from voiceos.core import Notice, NoticeKind, Observer, voice_to_voice

log = logging.getLogger(__name__)

MOST_FAULTS = 20
"""Faults that `status` can tell of."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that went wrong, in a sentence for a person."""

    at: datetime
    text: str


class Happenings:
    """Tells observers, and knows the state of the conversation and the last faults."""

    def __init__(self, observers: Sequence[Observer], now: Callable[[], datetime]) -> None:
        self.state, self.state_since = "asleep", now()
        self.faults: deque[Fault] = deque(maxlen=MOST_FAULTS)
        self.observers: list[Observer] = [*observers, self._note]
        self.counts = Counter[tuple[NoticeKind, str]]()
        """Since the start: wakes, problems, and turns by their outcome."""
        self.waits: list[float] = [0.0, 0.0]
        """Turns that sounded, and the seconds from the end of speech to the first sound of all of them."""
        self._now = now

    @asynccontextmanager
    async def observed(self, observer: Observer) -> AsyncGenerator[None]:
        """Tells `observer` what happens while this is entered."""
        self.observers.append(observer)
        try:
            yield
        finally:
            self.observers.remove(observer)

    def notify(self, notice: Notice) -> None:
        """Tells all observers."""
        for observer in [*self.observers]:
            try:
                observer(notice)
            except Exception:
                log.exception("an observer failed; the conversation goes on")

    def report(self, sentence: str) -> None:
        """Something went wrong."""
        self.notify(Notice(NoticeKind.PROBLEM, anyio.current_time(), text=sentence))

    def due(self, sentence: str) -> None:
        """Something rings, or is told."""
        self.notify(Notice(NoticeKind.DUE, anyio.current_time(), text=sentence))

    def _note(self, notice: Notice) -> None:
        self._count(notice)
        if notice.kind is NoticeKind.STATE and notice.text != self.state:
            self.state, self.state_since = notice.text, self._now()
        if notice.kind is NoticeKind.PROBLEM:
            if self.faults and self.faults[-1].text == notice.text:
                self.faults.pop()  # it goes on
            self.faults.append(Fault(self._now(), notice.text))

    def _count(self, notice: Notice) -> None:
        if notice.kind in (NoticeKind.WAKE, NoticeKind.PROBLEM):
            self.counts[notice.kind, ""] += 1
        elif notice.kind is NoticeKind.TURN and notice.turn:
            self.counts[notice.kind, str(notice.turn.outcome)] += 1
            if (wait := voice_to_voice(notice.turn.marks)) is not None:
                self.waits = [self.waits[0] + 1, self.waits[1] + wait]
