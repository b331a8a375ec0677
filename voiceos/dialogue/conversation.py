"""The conversation so far: what both sides said, until it lapses."""

import uuid
from collections.abc import Sequence

from voiceos.core import Exchange, Outcome, Stage, Turn
from voiceos.skills.by_device import ByDevice

LONGEST = 200
"""Exchanges that are remembered. The mind decides how many of them a model sees."""


class Conversation:
    """Remembers the exchanges as they were heard, and starts over after a long silence."""

    def __init__(self, *, lapse_seconds: float) -> None:
        self._lapse_seconds = lapse_seconds
        self._exchanges: list[Exchange] = []
        self._last_at: float | None = None
        self.id = uuid.uuid4().hex[:12]

    def history(self, now: float) -> Sequence[Exchange]:
        """What the next turn may know. `now` is the loop's clock."""
        if self._last_at is not None and now - self._last_at > self._lapse_seconds:
            self.forget()
        return tuple(self._exchanges)

    def add(self, exchange: Exchange, now: float) -> None:
        self._exchanges.append(exchange)
        self._last_at = now
        del self._exchanges[:-LONGEST]

    def remember(self, turn: Turn) -> None:
        """Adds a finished turn, as far as both sides heard it. One that another continued is part of that one."""
        text = turn.words
        if text and turn.said and turn.outcome is not Outcome.MERGED:
            cut_short = turn.outcome not in (Outcome.ANSWERED, Outcome.FAILED)
            self.add(Exchange(text, turn.said, cut_short), turn.marks[Stage.END])

    def forget(self) -> None:
        """A new conversation."""
        self._exchanges.clear()
        self._last_at = None
        self.id = uuid.uuid4().hex[:12]


class Conversations:
    """One on each device."""

    def __init__(self, *, lapse_seconds: float) -> None:
        self._lapse_seconds = lapse_seconds
        self._each = ByDevice[Conversation]()

    def on(self, device: str) -> Conversation:
        self._each[device] = found = self._each.get(device) or Conversation(lapse_seconds=self._lapse_seconds)
        return found

    def forget(self) -> None:
        """New ones everywhere."""
        for conversation in self._each.values():
            conversation.forget()
