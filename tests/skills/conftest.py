"""A conversation with the skills, on a clock of its own."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from voiceos.clock import Clocks
from voiceos.config.settings import Config
from voiceos.core import Action, Exchange, Outcome, Part, Transcript, Turn
from voiceos.errors import VoiceosError
from voiceos.language.sentences import apology
from voiceos.mind.router import Router
from voiceos.skills.registry import skills
from voiceos.skills.skill import Workshop
from voiceos.store.database import Connection

MODEL = "(the model answers)"
NOON = datetime(2026, 11, 29, 12).astimezone()


async def model(turn: Turn) -> AsyncGenerator[Part | Action, None]:
    yield Part(MODEL)


@dataclass
class Talk:
    """Says things to the skills that are installed."""

    router: Router
    workshop: Workshop
    clock: list[datetime]
    turns: list[Turn] = field(default_factory=list[Turn])

    async def __call__(
        self, text: str, *, device: str = "", commit: bool = True, history: Sequence[Exchange] = (), half: bool = False
    ) -> str:
        """What is answered; without `commit` the turn is thrown away before its acts are done.

        `half`: the turn before was the first half of this sentence.
        """
        turn = Turn(f"t{len(self.turns)}", "c", device=device, transcript=Transcript(text), history=[*history])
        turn.took_over = [self.turns[-1].id] if half else []
        self.turns.append(turn)
        said = ""
        try:
            async with aclosing(self.router.reply(turn, model)) as parts:
                async for part in parts:
                    if isinstance(part, Part):
                        said += part.text
                    elif commit:
                        said += await part.do()
        except VoiceosError as error:
            said += apology(error)
        if commit:
            turn.outcome = Outcome.ANSWERED
            self.router.ended(turn)
        return said


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def talk(db: Connection) -> Talk:
    clock = [NOON]
    workshop = Workshop(Config(), db, now=lambda: clock[0], clocks=lambda: Clocks(clock[0], clock[0].timestamp(), "a"))
    return Talk(Router(skills(workshop), workshop, now=lambda: clock[0]), workshop, clock)
