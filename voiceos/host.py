"""The assistant without ears: one mind, one memory, one store of turns. Spoken and typed talk, commands and other
programs are its faces.
"""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from typing import TypeVar

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from voiceos import clock
from voiceos.asides import Asides
from voiceos.audio.loudness import Loudness
from voiceos.audio.media.jukebox import Jukebox
from voiceos.audio.switch import Switch
from voiceos.clock import local_time
from voiceos.config.paths import learned_words
from voiceos.config.settings import Config
from voiceos.core import Action, Brought, Exchange, Notice, NoticeKind, Observer, Part, Stage, Turn
from voiceos.dialogue.conversation import Conversation, Conversations
from voiceos.dialogue.typed import answered, turn_of
from voiceos.errors import ConfigError, ModelError, StoreError
from voiceos.happenings import Happenings
from voiceos.jobs import Jobs
from voiceos.language.sentences import say
from voiceos.memory.memory import Memory
from voiceos.memory.names import Names
from voiceos.mind.acknowledging import acknowledgement, in_time, is_statement, soon
from voiceos.mind.consenting import Consenting
from voiceos.mind.requests import Requests
from voiceos.mind.router import Router
from voiceos.mind.thinking import LateMind, OpenMind, Thinking
from voiceos.regret import Regret
from voiceos.skills.skill import BY_ITSELF, Workshop
from voiceos.store.past import PastTurns
from voiceos.store.turns import TurnStore
from voiceos.timekeeper import Timekeeper
from voiceos.tools.mcp.toolbox import McpToolbox
from voiceos.unattended import Unattended
from voiceos.upkeep import Upkeep

log = logging.getLogger(__name__)

KEYBOARD = "keyboard"
"""The device of a turn that was typed."""
T = TypeVar("T")


class Host:
    """Owns mind, memory and turns, and takes a turn that begins as text.

    Enter `running` before anything else. It is a `Mind` itself: the spoken conversation asks it.
    """

    def __init__(
        self,
        config: Config,
        open_mind: OpenMind,
        memory: Memory | None,
        turns: Callable[[], TurnStore],
        *,
        without_memory: str = "",
        router: Router | None = None,
        loudness: Loudness | None = None,
        workshop: Workshop | None = None,
        tools: McpToolbox | None = None,
        consenting: Consenting | None = None,
        switch: Switch | None = None,
        observers: Sequence[Observer] = (),
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`turns` opens the past turns, and raises StoreError. `without_memory`: why there is no memory.

        `router` has the skills, `workshop` what they work with, `tools` what others can do,
        `consenting` takes the owner's yes to that, `switch` closes the microphone, if there is one.
        """
        self.config = config
        self.names = (*config.wake.words, *map(str, learned_words(config.store)))
        """By which it is called: wake words, or paths of their models."""
        self.upkeep = Upkeep(memory)
        self.happenings = Happenings([*observers, self.upkeep.observe], now)
        self.loudness = loudness or Loudness(config.audio.volume)
        self.jukebox = workshop.jukebox if workshop else Jukebox()
        self.switch = switch
        self.jobs = Jobs()
        self.requests = Requests(router, workshop)
        self.tools = tools
        self._consenting = consenting
        """Tools of others; None where there is no store to keep what the owner allows."""
        self._memory = memory
        self._without_memory = without_memory
        self._past = PastTurns(turns)
        self._now = now
        self._router = router
        self.timekeeper = Timekeeper(workshop, self.happenings.due) if workshop else None
        """Timers, alarms and reminders; None where there are no skills."""
        self._workshop = workshop
        self._regret = Regret(workshop, memory) if workshop and memory else None
        self._conversations = Conversations(lapse_seconds=config.mind.lapse_seconds)
        if workshop:
            workshop.when_forgotten.append(self.forget)
        self._open_mind = open_mind
        self.asides = Asides(self.timekeeper)
        self._lasts = True  # unless it only serves one command
        self._tasks: TaskGroup
        self._mind: LateMind

    @asynccontextmanager
    async def running(self, *, upkeep: bool = True) -> AsyncGenerator[None]:
        """While it is entered the host works. `upkeep`: the memory is kept up while nobody speaks."""
        self._lasts, keeper = upkeep, self.timekeeper
        async with self._past.running(self._save, self._cannot_keep), anyio.create_task_group() as self._tasks:
            self._mind = LateMind(self._opened, self._tasks)
            await self._tasks.start(self.jobs.run)
            if upkeep:
                self._tasks.start_soon(self.upkeep.run, self.config.memory)
            if self.timekeeper and self._workshop:
                await self._tasks.start(Unattended(self._workshop, self.timekeeper, self._ask_by_itself).run)
                self._tasks.start_soon(self.timekeeper.run)
                self.jukebox.on_trouble.append(self.timekeeper.remark)
            if self._regret:
                self._tasks.start_soon(self._regret.run)
            if self._without_memory:
                self.happenings.report(self._without_memory)
            if self._memory and self._memory.salvaged:
                self._tell(say("salvaged"))
            if not clock.is_set():
                self._tell(say("clock_not_set"))
            try:
                async with (
                    self.tools.running() if self.tools else nullcontext(),
                    self._consenting.running(keeper.remark, lambda: keeper.voices > 0)
                    if self._consenting and keeper
                    else nullcontext(),
                ):
                    yield
            finally:
                self._tasks.cancel_scope.cancel()

    # What it has

    @property
    def has_memory(self) -> bool:
        return self._memory is not None

    @property
    def memory(self) -> Memory:
        """Raises StoreError where there is none."""
        if self._memory is None:
            raise StoreError(self._without_memory)
        return self._memory

    async def turns(self, work: Callable[[TurnStore], T]) -> T:
        """Works on the past turns in a thread, including those that have just ended. Raises StoreError."""
        return await self._past.work(work)

    async def kept(self) -> None:
        """Waits until the turns that have just ended are saved, or cannot be."""
        await self._past.kept()

    async def thinking(self) -> Thinking:
        """The mind, loaded when first needed. Raises ModelError, ConfigError, EngineError."""
        return await self._mind.get()

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator[Thinking]:
        async with self._open_mind() as thinking:
            self.upkeep.extract = thinking.extract
            yield thinking

    def know_names(self, names: Names) -> None:
        """Names for recognition, kept up to date with the memory."""
        self.upkeep.names = names

    # Turns

    def conversation(self, device: str = "") -> Conversation:
        """What was said lately on one device."""
        return self._conversations.on(device)

    def forget(self) -> None:
        """Begins new conversations everywhere: something was erased."""
        self._conversations.forget()

    def erased(self) -> None:
        """Something was erased from the store: it is dropped everywhere else, too."""
        self.forget()
        if self._workshop:
            self._workshop.erased()

    @property
    def name(self) -> str:
        return self._mind.name or self.config.mind.model

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply, and then anything else that must be mentioned."""
        await self.kept()  # "forget that" is about the turn before
        reword = self._mind.loaded.reword if self._mind.loaded else None
        if reword and self._only_tells(turn):
            reword = soon(reword)
        parts = self._router.reply(turn, self._think, reword) if self._router else self._think(turn)
        try:
            async with aclosing(parts):
                async for part in parts:
                    yield part
        finally:
            if self._consenting:
                self._consenting.using.note(turn)
        if not self._lasts and self._router and self._router.rings_later(turn):
            yield Part(f" {say('cannot_ring')}")
        for sentence in self.asides.to_say(turn):
            yield Part(f" {sentence}")

    def _think(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """What the language model replies, with the memory."""
        parts = self._mind.reply(turn)
        if not self._only_tells(turn):
            return parts
        kept = self.has_memory and self.config.store.keep_turns
        return in_time(turn, parts, acknowledgement(turn, kept=kept))

    def _only_tells(self, turn: Turn) -> bool:
        """Whether a turn tells something to a model here, which is slow and has little to say to it."""
        here = not self.config.mind.base_url and not self.config.mind.endpoints
        return here and not turn.brought and is_statement(turn.words, self._now())

    async def warm(self, history: Sequence[Exchange] = ()) -> None:
        """Gets skills and mind ready for a question."""
        read = anyio.Event()
        self._tasks.start_soon(self._read_sentences, read)  # while another process loads the model
        await (await self.thinking()).warm(history)
        await read.wait()

    async def load(self) -> None:
        """Loads the mind. Its prompt and the skills' sentences are still read then: who speaks is heard sooner.

        Raises ModelError, ConfigError, EngineError.
        """
        self._tasks.start_soon(self._read_sentences, anyio.Event())
        await self.thinking()

    async def _read_sentences(self, read: anyio.Event) -> None:
        if self._router:
            await to_thread.run_sync(self._router.warm)
        read.set()

    async def ask(
        self, text: str, *, who: str, device: str = KEYBOARD, keep: bool = True, brought: Brought | None = None
    ) -> AsyncGenerator[Part | Turn, None]:
        """Takes a turn that starts as text: yields parts of the reply, then the turn. Failures are part of the turn.
        Raises ConfigError or ModelError where the language model is needed and cannot be loaded.

        Without `keep` it leaves no trace. `brought`: what a server says that the text asks for.
        """
        conversation = self.conversation(device)
        turn = turn_of(text, conversation, names=self.names, who=who, device=device, off_record=not keep)
        turn.brought = [brought] if brought else ()
        try:
            async with aclosing(answered(turn, self, self._stop)) as parts:
                async for part in parts:
                    yield part
        except (ConfigError, ModelError):  # there is no language model: that is no turn
            keep = False
            raise
        finally:
            if keep:
                conversation.remember(turn)
                self.keep(turn)
        yield turn

    async def _stop(self) -> None:
        """Ends what rings, or else the music."""
        if self.timekeeper and self.timekeeper.ringing:
            await self.timekeeper.silence()
        else:
            self.jukebox.stop()

    def keep(self, turn: Turn) -> None:
        """Shows, saves and learns from a finished turn."""
        if self._router:
            self._router.ended(turn)
        told = self.asides.said(turn)
        if self.timekeeper and told:
            self._tasks.start_soon(self.timekeeper.heard, told)
        now = anyio.current_time()
        if self.config.store.keep_turns:
            start = turn.speech.start if turn.speech else turn.marks.get(Stage.SPEECH_START, now)
            self._past.keep(turn, self._now() - timedelta(seconds=now - start))
        self.happenings.notify(Notice(NoticeKind.TURN, now, turn=turn))

    def _ask_by_itself(self, text: str, who: str) -> AsyncGenerator[Part | Turn, None]:
        return self.ask(text, who=who, device=BY_ITSELF)

    def _save(self, turn: Turn, began: datetime) -> None:
        self._past.with_them(lambda turns: turns.save(turn, began, keep_audio=self.config.store.keep_audio))
        if self._memory:
            self._memory.catch_up_words()

    def _tell(self, sentence: str, aside: str = "") -> None:
        """`aside`: what the next reply says of it, if not the same."""
        self.asides.add(aside or sentence)
        self.happenings.report(sentence)

    def _cannot_keep(self, sentence: str) -> None:
        self._tell(sentence, say("not_kept"))
