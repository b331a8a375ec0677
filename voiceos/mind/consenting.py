"""Takes the owner's yes or no to a call that waits, before anything else takes these words."""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

from voiceos.core import Action, Part, Turn
from voiceos.errors import StoreError
from voiceos.language.sentences import say
from voiceos.mind.acting import is_plain
from voiceos.mind.programs import Programs
from voiceos.mind.using import Used, Using
from voiceos.tools.tool import Done, Refused, Waits

log = logging.getLogger(__name__)

Reply = Callable[[Turn], AsyncGenerator[Part | Action, None]]


class Asks(Protocol):
    """A gate that waits for the owner's answers."""

    async def waits(self, who: str, device: str) -> str:
        """The question that waits for this person's yes on this device; "" if none does."""
        ...

    async def answer(self, words: str, turn: str, who: str, device: str) -> Done | Refused | None:
        """What becomes of the call that waits, by what was said next; None: it was no answer. Raises ToolError."""
        ...

    async def ended(self, turn: str, who: str, device: str) -> None:
        """A turn has ended: what it asked waits from now on, and what an earlier one asked no longer."""
        ...

    async def doubts(self) -> Mapping[int, str]:
        """What was cut off by a crash, by receipt, in a sentence each; until it is told."""
        ...

    async def told(self, receipt: int) -> None:
        """The owner has heard of a doubt."""
        ...


class Consenting:
    """What is said next is an answer first."""

    def __init__(self, gate: Asks, using: Using, programs: Programs | None = None) -> None:
        """`programs`: which of them wait for an answer, too."""
        self._gate = gate
        self.using = using
        self.programs = programs or Programs(using)

    async def reply(self, turn: Turn, otherwise: Reply) -> AsyncGenerator[Part | Action, None]:
        """Streams what came of the answer; of anything else the reply of `otherwise`."""
        if await self._waits(turn):
            use = Used(turn)
            try:
                yield Action(lambda: self._answered(turn, use))
                yield Action(lambda: self.using.rest(use))
            finally:
                self.using.leave(use)
            if not use.passed:
                if not use.ended and use.made and turn.receipts:
                    (result,) = use.made.values()
                    yield Part(result.text.strip() if is_plain(result.text) else say("using.done"))
                return
        try:
            async with aclosing(otherwise(turn)) as parts:
                async for part in parts:
                    yield part
        finally:
            self.using.note(turn)

    async def _waits(self, turn: Turn) -> bool:
        """Whether a call waits for an answer; where nobody can know, none does."""
        try:
            return bool(await self._gate.waits(turn.who, turn.device))
        except StoreError as error:
            log.warning("turn %s: %s", turn.id, error)
            return False

    async def _answered(self, turn: Turn, use: Used) -> str:
        async def make() -> Done | Waits | Refused | None:
            answered = await self._gate.answer(turn.heard, turn.id, turn.who, turn.device)
            return await self.programs.after(answered, turn)

        return await self.using.begin(make, say("using.it"), "answer", use)

    @asynccontextmanager
    async def running(self, tell: Callable[[str], None]) -> AsyncGenerator[None]:
        """While it is entered, calls may take longer than turns. `tell`: says a sentence once nobody speaks."""
        self.using.on_late = tell
        try:
            for receipt, sentence in (await self._gate.doubts()).items():
                tell(sentence)
                await self._gate.told(receipt)
        except StoreError as error:
            log.warning("%s", error)
        async with self.using.running():
            yield

    async def ended(self, turn: Turn) -> None:
        """A turn has ended."""
        try:
            await self._gate.ended(turn.id, turn.who, turn.device)
        except StoreError as error:
            log.warning("turn %s: %s", turn.id, error)
