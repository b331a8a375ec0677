"""What is only told is acknowledged soon, however slow the model is."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest
from trio.testing import MockClock

from voiceos.config.settings import Config
from voiceos.core import OWNER, Part, Turn
from voiceos.errors import MindError, StoreError
from voiceos.host import Host
from voiceos.language.sentences import say
from voiceos.mind.thinking import Thinking
from voiceos.store.turns import TurnStore

HEARD = say("memory.heard")


class Slow:
    """Says its pieces, each so many seconds after the one before; or fails after all of them."""

    name = "slow"

    def __init__(self, pieces: list[tuple[float, str]], *, fails: bool = False) -> None:
        self.pieces, self.fails, self.stopped = pieces, fails, False

    async def reply(self, turn: Turn) -> AsyncGenerator[Part, None]:
        try:
            for seconds, text in self.pieces:
                await anyio.sleep(seconds)
                yield Part(text)
            if self.fails:
                raise MindError("Slow.", spoken=say("mind.slow"))
        except anyio.get_cancelled_exc_class():
            self.stopped = True
            raise


async def _ask(text: str, mind: Slow, loading: float) -> tuple[str, float]:
    """The reply, and the seconds that it took."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Thinking]:
        await anyio.sleep(loading)

        async def warm(history: object) -> None:
            pass

        yield Thinking(mind, warm)

    def no_turns() -> TurnStore:
        raise StoreError("None.")

    host = Host(Config(), opened, None, no_turns)
    async with host.running(upkeep=False):
        began = anyio.current_time()
        parts = [part async for part in host.ask(text, who=OWNER) if not isinstance(part, Turn)]
        took = anyio.current_time() - began
        if loading:
            await anyio.sleep(loading)
            assert (await host.thinking()).mind is mind  # loading went on
            assert anyio.current_time() - began < 2 * loading
    return "".join(part.text for part in parts).strip(), took


@pytest.mark.parametrize("anyio_backend", [("trio", {"clock": MockClock(autojump_threshold=0)})])
async def test_what_is_told_waits_two_seconds_for_the_model(anyio_backend: object) -> None:
    late, begun = [(20.0, "How nice!")], [(1.0, ""), (2.0, "How nice!")]
    for text, pieces, fails, loading, said, least, most in (
        ("My name is Nell", late, False, 0, HEARD, 2, 2.5),
        ("The rent is 950", [(0.1, "How nice!")], False, 20, HEARD, 2, 2.5),
        ("Actually, Agnes lives at number 18.", late, False, 0, HEARD, 2, 2.5),
        ("We had a lovely day at the lake.", [], True, 0, HEARD, 0, 0.5),
        ("We had a lovely day at the lake.", begun, False, 0, "How nice!", 3, 3.5),
        ("We had a lovely day at the lake.", [(1.0, ""), (20.0, "How nice!")], False, 0, HEARD, 5, 5.5),
        ("I'm so sad", [(20.0, "Oh no.")], False, 0, "Oh no.", 20, 20.5),
        ("I'm allergic to nuts", late, False, 0, HEARD, 2, 2.5),
        ("Why is the sky blue?", [(20.0, "Light.")], False, 0, "Light.", 20, 20.5),
        ("Songs my mother loves", [(20.0, "Light.")], False, 0, "Light.", 20, 20.5),
    ):
        mind = Slow(pieces, fails=fails)
        reply, took = await _ask(text, mind, loading)
        assert said in reply, text
        assert least <= took <= most, text
        assert mind.stopped is (said == HEARD and not loading and not fails), text
