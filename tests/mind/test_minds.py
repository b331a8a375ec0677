"""The ladder as the settings describe it: over real connections, with its budget and its meter in the store."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, closing, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from voiceos.clock import local_time
from voiceos.config.settings import Config
from voiceos.core import Action, Exchange, Part, Turn
from voiceos.errors import ConfigError, MindError
from voiceos.mind.thinking import Thinking
from voiceos.minds import Around, open_minds
from voiceos.models.shelf import Shelf
from voiceos.skills.skill import Workshop
from voiceos.store.database import open_database
from voiceos.store.usage import days_since

pytestmark = pytest.mark.anyio


async def said(thinking: Thinking, turn: Turn) -> str:
    reply = ""
    async with aclosing(thinking.mind.reply(turn)) as parts:
        async for part in parts:
            reply += await part.do() if isinstance(part, Action) else part.text
    return reply


async def test_the_next_endpoint_answers_and_what_left_is_counted(
    server: Any, tmp_path: Path, ask: Callable[..., Turn]
) -> None:
    async def refuses(talk: Any) -> None:
        await talk.error("401 Unauthorized", "Bad key.")

    async def answers(talk: Any) -> None:
        await talk.head()
        await talk.say("Paris.")
        usage = '{"choices": [], "usage": {"prompt_tokens": 500, "completion_tokens": 3}}'
        await talk.data('{"choices": [{"delta": {}, "finish_reason": "stop"}]}')
        await talk.data(usage)
        await talk.data("[DONE]")

    async def has_models(talk: Any) -> None:
        await (answers(talk) if "chat" in talk.path and talk.body["model"] == "good" else refuses(talk))

    server.will(has_models)
    rungs = {name: {"base_url": server.url, "model": name} for name in ("bad", "good")}
    rungs["good"] |= {"tokens_a_day": 900}
    config = Config.model_validate({"mind": {"endpoints": rungs}})
    with closing(open_database(tmp_path / "memory.db")) as db:
        around = Around(Shelf(tmp_path / "models"), Workshop(config, db), None)
        async with open_minds(config, around)() as thinking:
            first, second = await said(thinking, ask()), await said(thinking, ask())
            assert first.startswith("Paris. By the way, the language model at 127.0.0.1")
            assert second == "Paris."
            with pytest.raises(MindError, match="is missing"):
                await said(thinking, ask())  # the budget is used up, and there is no local model
        (day,) = days_since(db, local_time().date() - timedelta(days=1))
    assert (day.model, day.usage.requests, day.usage.read, day.usage.made) == ("good", 2, 1000, 6)


def test_one_address_or_several() -> None:
    several = {"base_url": "http://x.example/v1", "model": "m"}
    config = Config.model_validate({"mind": {"base_url": "http://y.example/v1", "endpoints": {"x": several}}})
    with pytest.raises(ConfigError, match="cannot both be set"):
        open_minds(config, Around(Shelf(Path("/nowhere")), Workshop(config), None))()


class Restarted:
    """A model of our own whose server is started again."""

    name = "small"

    def __init__(self) -> None:
        self.warmed = 0
        self.may_read = anyio.Event()
        self.restarts, self._restart = 0, anyio.Event()
        self.idle = anyio.Event()

    async def reply(self, turn: Turn) -> AsyncGenerator[Part, None]:
        yield Part("Hello.")

    async def warm(self, history: Sequence[Exchange] = ()) -> bool:
        await self.may_read.wait()
        self.warmed += 1
        return True

    async def renewed(self, after: int | None) -> int:
        if after == self.restarts:
            self.idle.set()
            await self._restart.wait()
        return self.restarts

    def restart(self) -> None:
        self.restarts += 1
        self.idle = anyio.Event()
        self._restart.set()
        self._restart = anyio.Event()


async def test_a_model_that_was_started_again_reads_its_prompt_before_the_next_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, config = Restarted(), Config()

    def make(job: str, setup: object) -> AbstractAsyncContextManager[Restarted]:
        return nullcontext(model)

    def check(config: Config, job: str) -> None:
        """There is no file of it."""

    monkeypatch.setattr("voiceos.minds.make", make)
    monkeypatch.setattr("voiceos.minds.check", check)
    async with open_minds(config, Around(Shelf(tmp_path), Workshop(config), None))():
        model.may_read.set()  # only now: nobody waits for that who only wants to be heard
        for _ in range(2):
            with anyio.fail_after(5):
                await model.idle.wait()
            before = model.warmed
            model.restart()
            with anyio.fail_after(5):
                await model.idle.wait()
            assert model.warmed == before + 1
