"""The nouns of a skill: what it is asked, what it says, what it waits for, and what it is made with."""

import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from anyio import to_thread

from voiceos.audio.loudness import Loudness
from voiceos.audio.media.jukebox import Jukebox
from voiceos.audio.switch import Switch
from voiceos.clock import Clocks, clocks, local_time
from voiceos.config.settings import Config
from voiceos.core import Action, Brought, Part, Turn
from voiceos.errors import StoreError
from voiceos.language.data import FOLDER
from voiceos.memory.memory import Memory
from voiceos.skills.by_device import ByDevice
from voiceos.store.database import Connection
from voiceos.tools.mcp.toolbox import McpToolbox

T = TypeVar("T")
BY_SKILL = "skill "
"""Begins what answered a turn, in `Turn.engines`, where it was a skill."""

BY_ITSELF = "schedule"
"""The device of a turn that nobody began: what is due by itself."""
AsksFor = Callable[[str, Turn], Sequence[str]]
"""The intents that a sentence of a turn asks for, by the sentences of skills; none: for nothing that they do."""
Check = Callable[[str, datetime], bool]
"""Whether some words, all of them, are what a slot needs. A slot that fails is asked for, never guessed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as its skill gets it."""

    intent: str
    text: str
    """All that was said, or the part of it that asks for this."""
    now: datetime
    turn: Turn
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    """The words of each slot, checked. A slot that was not said is not there."""
    template: str = ""
    """The sentence of the grammar that it has; empty: none."""
    instead: bool = False
    """Whether it is done in place of what was done in the turn before."""
    reworded: bool = False
    """Whether `text` is what the language model made of what was said: nothing is changed without asking."""


Undo = Callable[[], Awaitable[str]]
"""Takes an act back, and returns a sentence about it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What must be known before something can be done. The answer is the next thing said on the same device."""

    intent: str
    """What an answer asks for."""
    wanted: str
    """The slot that the answer fills. Its check says whether something is an answer."""
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    """The slots that are known."""
    sentence: str = ""
    """A sentence that a yes asks for, instead of a slot."""
    lasts: bool = False
    """Whether it waits on while other things are asked for. What asks for something is then no answer to it."""
    over: Callable[[], object] | None = None
    """Called when it waits no longer, answered or not."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a skill says. For an act: from what was really done."""

    text: str
    question: Question | None = None
    done: Mapping[str, object] | None = None
    """What was done, for the receipt; None: nothing was."""
    receipt: str = ""
    """What its receipt says, where that is not what is said: "Is this better?" tells nothing later."""
    undo: Undo | None = None
    after: Callable[[], None] | None = None
    """What is noted once it is said: a reply may be thrown away."""
    brought: Brought | None = None
    """What a server brought, from which the language model goes on."""
    about: str = ""
    """What it is about, in words that name it: what "it" means in the next question."""
    more: Callable[[], AsyncGenerator[Part | Action, None]] | None = None
    """Of an act: what is said after that, as it comes."""


class Pass(Exception):
    """A handler raises it when it has done nothing and cannot answer after all: the language model does."""


def _any(asked: Asked) -> bool:
    return True


def never(asked: Asked) -> bool:
    """As `Intent.mine`: only a template is sure enough."""
    return False


@dataclass(frozen=True, slots=True)
class Intent:
    """Something that can be asked for. Its sentences are in `language/LANGUAGE/skills/SKILL.toml`."""

    name: str
    """SKILL.WHAT"""
    handle: Callable[[Asked], Awaitable[Said]]
    """Raises VoiceosError, which is spoken."""
    acts: bool = False
    """Whether it changes anything. Then it runs after the turn has ended, once, and leaves a receipt."""
    slots: Mapping[str, Check] = field(default_factory=dict[str, Check])
    """How each slot is checked; one that is not named here takes any words."""
    mine: Callable[[Asked], bool] = _any
    """Whether a sentence that no template has, and that the judge took for this intent, may be it: a look at the text
    that changes nothing. Where it is not, the language model answers. What is only missing is asked for instead."""
    suits: Callable[[Asked], bool] = _any
    """The same for a sentence that a template has: a look at all that was said, and at what was said before."""
    rings: bool = False
    """Whether what it sets rings later."""
    ends_ringing: bool = False
    """Whether it ends or puts off what rings, and so needs no wake word while something does."""
    stays: bool = False
    """Whether what it did may stay where it is done anew, corrected, since it cannot be taken back: a lamp."""
    takes_all: bool = False
    """Whether all that is said in the same breath belongs to it."""
    for_good: bool = False
    """Whether what it takes away never comes back."""
    dictated: str = ""
    """The slot that ends its sentences and may be as long as a story."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A few intents that belong together."""

    name: str
    intents: Sequence[Intent]
    warm: Callable[[], object] | None = None
    """Loads what its first use would wait for. Blocks."""
    languages: Path = FOLDER
    """The folder with its sentences: LANGUAGE/skills/NAME.toml."""
    heeds: Callable[[str], str] | None = None
    """The intent of a text that cannot wait, before anything else is thought of; "" if it can."""
    reads: Callable[[Asked], Sequence[Asked]] | None = None
    """What a text that no template has asks of it, by what it knows; none: nothing. Blocks some milliseconds."""
    stands_for: Callable[[str], Sequence[str]] | None = None
    """The requests that a text stands for, as their name; none: it is no name. Blocks less than a millisecond."""
    recites: Callable[[str, str], tuple[str, str]] | None = None
    """The name that a text says, and the words that a person has saved under it; empty: it is no name. Blocks less
    than a millisecond."""
    names: Callable[[], Mapping[str, Sequence[str]]] | None = None
    """What there is by name that is not in the store, by its kind: rooms, stations."""
    among: Callable[["AsksFor"], object] | None = None
    """Is told how to know what a sentence asks of any skill, once all are there."""
    otherwise: str = ""
    """One of its intents: it is offered what no skill takes, before the language model, and may raise Pass."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What skills are made with."""

    config: Config
    db: Connection | None = None
    """The store; None where there is none."""
    now: Callable[[], datetime] = local_time
    lock: threading.Lock = field(default_factory=threading.Lock)
    loudness: Loudness = field(default_factory=Loudness)
    paces: dict[str, float] = field(default_factory=ByDevice[float])
    """How fast is spoken on each device, where that was asked for."""
    jukebox: Jukebox = field(default_factory=Jukebox)
    switch: Switch | None = None
    """The microphone's; None where there is no microphone."""
    undos: dict[str, Undo] = field(default_factory=ByDevice[Undo])
    """How the last act on each device is taken back."""
    turns_since: dict[str, int] = field(default_factory=ByDevice[int])
    """How many turns have ended on each device since the one in which something was done there."""
    intents: dict[str, Intent] = field(default_factory=dict[str, Intent])
    """All that the skills know, by name."""
    memory: Memory | None = None
    before: dict[str, Turn] = field(default_factory=ByDevice[Turn])
    """The last turn on each device that was answered."""
    when_forgotten: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    """Called when something was erased, so that it is dropped everywhere else, too."""
    toolbox: McpToolbox | None = None
    """The servers of others; None where there is no store to keep what the owner allows."""
    clocks: Callable[[], Clocks] = clocks
    spoken_of: dict[str, int] = field(default_factory=ByDevice[int])
    """The timer, alarm or reminder that each device spoke of last."""
    wellbeing: list[Callable[[], Awaitable[str]]] = field(default_factory=list[Callable[[], Awaitable[str]]])
    """Tells how the machine is; the host adds itself."""
    on_schedule: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    """Called when something else will be due."""

    def rescheduled(self) -> None:
        for heed in self.on_schedule:
            heed()

    def erased(self) -> None:
        """Drops what was erased from the store."""
        self.before.clear()
        self.undos.clear()  # they would bring it back
        for forget in self.when_forgotten:
            forget()
        self.rescheduled()

    async def stored(self, work: Callable[[Connection], T]) -> T:
        """Works on the store in a thread, one after the other. Raises StoreError."""
        return await to_thread.run_sync(lambda: self.work(work))

    def work(self, work: Callable[[Connection], T]) -> T:
        """Works on the store at once. Blocks; raises StoreError."""
        if self.db is None:
            raise StoreError("There is no store to keep this in.")
        with self.lock:
            return work(self.db)


Make = Callable[[Workshop], Skill]
"""An entry point of `voiceos.skills`."""
