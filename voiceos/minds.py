"""Builds the mind of the settings: one language model or a ladder of them, each with memory and doubt around it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import anyio
from anyio import to_thread

from voiceos.clock import local_time
from voiceos.config.settings import Config, EndpointSettings
from voiceos.core import Exchange
from voiceos.engines.engine import Setup, make
from voiceos.language.sentences import say
from voiceos.memory.memory import Memory
from voiceos.mind import claims
from voiceos.mind.acting import ActingMind
from voiceos.mind.calling import Calling
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.choosing import Choosing
from voiceos.mind.endpoint import at_endpoint, remote_endpoint
from voiceos.mind.failures import host
from voiceos.mind.from_lines import Wording
from voiceos.mind.honest import HonestMind
from voiceos.mind.ladder import Ladder, Rung
from voiceos.mind.metering import Metering
from voiceos.mind.native_calling import NativeMind
from voiceos.mind.offering import alike_by
from voiceos.mind.open_questions import OpenQuestions
from voiceos.mind.programs import Programs
from voiceos.mind.remembering import RememberingMind
from voiceos.mind.rewording import Reword, Rewording
from voiceos.mind.sending import SendingMind
from voiceos.mind.thinking import LateMind, OpenMind, Thinking
from voiceos.mind.using import Using
from voiceos.models.shelf import Shelf
from voiceos.protocols import Mind
from voiceos.skills.skill import Workshop
from voiceos.validity import check

MOST_SENTENCES = 3
"""After so many the small local model makes things up, and nobody listens any more."""

Shares = Callable[[str], Mapping[str, float]]
"""How likely a sentence wants each kind of thing."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is around every language model."""

    shelf: Shelf
    workshop: Workshop
    beyond: Shares | None
    """What no skill can do or know, and danger."""
    using: Using | None = None
    """The tools of others; None: there is nowhere to keep receipts."""
    programs: Programs | None = None
    """Runs programs of models elsewhere."""
    questions: OpenQuestions = field(default_factory=OpenQuestions)
    """Where what is asked waits for its answer."""

    @property
    def memory(self) -> Memory | None:
        return self.workshop.memory


def open_minds(config: Config, around: Around) -> OpenMind:
    """The language models of the settings, with the memory."""

    def opening() -> AbstractAsyncContextManager[Thinking]:
        check(config, "mind")
        return _ladder(config, around) if config.mind.endpoints else _single(config, around)

    return opening


@asynccontextmanager
async def _single(
    config: Config, around: Around, metering: Metering | None = None, sends: str = ""
) -> AsyncGenerator[Thinking]:
    """One language model. `sends`: whether memories may go to it, if it is elsewhere."""
    here, memory = not config.mind.base_url, around.memory
    metering = metering or (None if here else _metering(config, around))
    opening: AbstractAsyncContextManager[Any] = make("mind", Setup(config, around.shelf))
    async with opening as mind, anyio.create_task_group() as later:
        if metering and hasattr(mind, "metering"):
            mind.metering = metering
        warm = getattr(mind, "warm", stay)
        extract, reword = getattr(mind, "extract", None), getattr(mind, "reword", None)
        from_lines, choosing = getattr(mind, "from_lines", None), getattr(mind, "choosing", None)
        async with anyio.create_task_group() as warming:
            warming.start_soon(to_thread.run_sync, claims.warm)
            if memory:
                warming.start_soon(to_thread.run_sync, memory.recall, "Where do I live?", local_time())
        alike = alike_by(memory.meaning.meaning) if memory and memory.meaning else None
        talker, can = mind, None
        if around.using and isinstance(mind, ChatMind) and not here:
            talker = NativeMind(mind, around.using, alike, around.programs)
            can = talker.can
        doubt = MOST_SENTENCES if here else 0
        honest = HonestMind(talker, config.mind.name, around.beyond, most_sentences=doubt, can=can)
        whole: Mind = honest
        if memory:
            sends = sends or ("never" if config.memory.stays_local else "allowed")
            made = _remembering(config, honest, memory, from_lines, choosing)
            whole = _sending(config, made, "allowed" if here else sends, around.questions)
        if around.using and isinstance(mind, ChatMind) and here:
            calling = Calling(mind.client, alike)
            warm = _both(warm, calling, around.using)
            whole = ActingMind(whole, honest, around.using, calling, around.questions, unused=lambda: calling.unused)
        later.start_soon(_warm_others, mind, warm, [one for one in (reword, from_lines, choosing) if one and here])
        yield Thinking(whole, warm, extract, reword)
        later.cancel_scope.cancel()


async def _warm_others(
    mind: Any, warm: Callable[..., Awaitable[object]], others: Sequence[Wording | Choosing | Rewording]
) -> None:
    """Reads the prompts, of what is seldom asked last, while one is heard already; all of them again in each new server
    of ours, or the next question would wait until its prompt is read.
    """
    renewed = getattr(mind, "renewed", None)
    at = await renewed(None) if renewed else None
    while True:
        await warm()  # and whichever tools are at hand
        for one in others:
            await one.warm()
        if not renewed:
            return
        at = await renewed(at)


def _both(warm: Callable[..., Awaitable[object]], calling: Calling, using: Using) -> Callable[..., Awaitable[object]]:
    """Warms the talk, and the calling of the tools that are at hand then."""

    async def both(history: Sequence[Exchange] = ()) -> object:
        well = await warm(history)
        if tools := await using.tools():
            await calling.warm(tools)
        return well

    return both


def _remembering(
    config: Config, honest: Mind, memory: Memory, from_lines: Wording | None, choosing: Choosing | None
) -> Callable[..., RememberingMind]:
    def made(*, stays_local: bool) -> RememberingMind:
        # the small local model guesses; a remote one is assumed not to
        keeps, here = config.store.keep_turns, not config.mind.base_url
        return RememberingMind(
            honest,
            memory,
            keeps=keeps,
            stays_local=stays_local,
            guesses=here,
            from_lines=from_lines,
            choose=choosing,
        )

    return made


def _sending(config: Config, made: Callable[..., RememberingMind], sends: str, questions: OpenQuestions) -> Mind:
    if sends == "asked":
        place = host(remote_endpoint(config.mind))
        return SendingMind(made(stays_local=False), made(stays_local=True), place, questions)
    return made(stays_local=sends == "never")


def _metering(config: Config, around: Around, limits: EndpointSettings | None = None) -> Metering | None:
    if around.workshop.db is None:
        return None
    endpoint = remote_endpoint(config.mind)
    return Metering(around.workshop.stored, host(endpoint), endpoint.model, limits)


@asynccontextmanager
async def _ladder(config: Config, around: Around) -> AsyncGenerator[Thinking]:
    """Several, the local model last; that is loaded when it is first needed."""
    async with anyio.create_task_group() as tasks, AsyncExitStack() as stack:
        rungs, first = list[Rung](), None
        for one in config.mind.endpoints.values():
            alone = config.model_copy(update={"mind": at_endpoint(config.mind, one)})
            metering = _metering(alone, around, one)
            thinking = await stack.enter_async_context(_single(alone, around, metering, one.memory))
            rung = Rung(thinking.mind, host(remote_endpoint(alone.mind)))
            if metering:
                rung.within_budget = metering.within_budget
            rungs.append(rung)
            first = first or thinking
        local = config.model_copy(update={"mind": config.mind.model_copy(update={"endpoints": {}})})
        rungs.append(Rung(LateMind(lambda: _single(local, around), tasks), say("ladder.here")))
        assert first
        yield Thinking(Ladder(rungs), first.warm, None, _within(rungs[0], first.reword))
        tasks.cancel_scope.cancel()


def _within(rung: Rung, reword: Reword | None) -> Reword | None:
    """Rewords only where the language model would be asked, too."""
    if reword is None:
        return None

    async def reworded(text: str, likely: Mapping[str, float], now: datetime) -> str:
        asked = rung.breaker.allows(anyio.current_time()) and await rung.within_budget()
        return await reword(text, likely, now) if asked else ""

    return reworded


async def stay(history: Sequence[Exchange] = ()) -> None:
    """Warms nothing."""
