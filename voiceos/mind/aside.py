"""A mind that mentions something at the end of its next reply: once, and until it was heard."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from voiceos.core import Action, Mind, Notice, NoticeKind, Part, Turn


class AsideMind:
    """A `Mind` around another. Give its `observe` the notices, which tell what was heard."""

    def __init__(self, mind: Mind) -> None:
        self._mind = mind
        self._aside = ""

    @property
    def name(self) -> str:
        return self._mind.name

    def mention(self, sentence: str) -> None:
        """Adds a sentence to the next reply; a reply that is prepared and thrown away does not count."""
        self._aside = sentence

    def observe(self, notice: Notice) -> None:
        """Nothing is said twice."""
        if notice.kind is NoticeKind.TURN and notice.turn and self._aside and self._aside in notice.turn.said:
            self._aside = ""

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        async with aclosing(self._mind.reply(turn)) as parts:
            async for part in parts:
                yield part
        if self._aside:
            yield Part(f" {self._aside}")
