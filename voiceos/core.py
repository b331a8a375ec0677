"""The nouns of voiceos.

Times are seconds on the loop's clock (`anyio.current_time()`); audio is mono s16le.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

RATE = 16_000
"""Samples a second of everything that is listened to."""
FRAME_SECONDS = 0.02
FRAME_BYTES = int(RATE * FRAME_SECONDS) * 2
OWNER = "owner"
"""The id of the person whose assistant this is."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A short stretch of sound, mono s16le. From a microphone: 20 ms at 16 kHz; from a voice: any rate and length."""

    pcm: bytes
    at: float = 0.0
    """When its last sample was captured, on the loop's clock; 0 for sound that was made, not captured."""
    rate: int = RATE
    without_echo: bytes | None = None
    """The same stretch without the assistant's own voice, at the cost of any other; None: not removed."""

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.rate

    @property
    def to_judge(self) -> "Frame":
        """The sound that decides whether somebody speaks. `pcm` is what they said."""
        return self if self.without_echo is None else Frame(self.without_echo, self.at, self.rate)


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of what was heard, 16 kHz mono s16le, with a little silence around it."""

    pcm: bytes
    start: float
    """When speech began, on the loop's clock."""
    end: float
    """When speech ended: the last moment judged to be speech, not the moment of that judgement."""
    wake: str | None = None
    """The wake word that this audio starts with, if any. Its words are dropped from the transcript."""
    over_sound: bool = False
    """Whether a reply, what rings or music sounded, which it may be meant to end."""

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / RATE

    def then(self, later: "Speech") -> "Speech":
        """Both as one, when someone went on speaking after we thought they had finished."""
        return Speech(self.pcm + later.pcm, self.start, later.end, self.wake)


class Cut(StrEnum):
    """Where the gate cuts the stream of frames."""

    WAKE = "wake"
    """A wake word, or a button."""
    START = "start"
    """Someone began to speak."""
    PAUSE = "pause"
    """They fell silent, perhaps for good. An answer may be prepared, but not given."""
    RESUME = "resume"
    """They went on: what was prepared is discarded."""
    END = "end"
    """They finished."""
    LAPSE = "lapse"
    """Nobody spoke in time. The gate is asleep again."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One cut, with what was heard up to it."""

    cut: Cut
    at: float
    speech: Speech | None = None
    """All of the utterance so far: with PAUSE and END."""
    wake: str | None = None
    """The wake word's name ("alexa"), or "button": with WAKE."""


@dataclass(frozen=True, slots=True)
class Wake:
    """A wake word that a detector has just found."""

    word: str
    score: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said, in words. An empty text means speech-like sound without words."""

    text: str
    language: str = ""
    confidence: float = 1.0
    """Mean probability of a token, 0 to 1."""
    finality: float = 1.0
    """How likely its last word was said and ends a sentence, 0 to 1, to who heard it; 1: who heard it cannot tell."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a transcript, with its punctuation."""

    text: str
    probability: float
    """How sure the recogniser is of it, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a reply as it is generated. Pieces join without a separator."""

    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something the mind wants done. It runs once the turn has ended, and its result is spoken.

    A reply may be prepared in a pause and thrown away, so nothing with an effect may happen anywhere else.
    """

    do: Callable[[], Awaitable[str]]
    """Does it, and returns a sentence about the result. Raises VoiceosError."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory that may be relevant to a turn."""

    id: str
    """`passage:12`, `fact:3` or `record:7`."""
    text: str
    """Word for word as it was said or written."""
    record_id: int = 0
    """The record in the ledger that holds these words."""
    source: str = ""
    """Its source, as spoken: "your note Boiler"; empty: the owner said it here."""
    author: str = ""
    at: datetime | None = None
    score: float = 0.0
    """How likely it is to be relevant to the question, 0 to 1."""
    left_out: str = ""
    """Why the mind did not get it; empty: it did."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A text of a server that a turn asked for by name: data of that server, never the words of whoever asked."""

    text: str
    where: str
    """As it is spoken: "the notes tool"."""
    tool: str
    """SERVER.PROMPT"""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier turn, as both sides remember it."""

    user: str
    assistant: str
    """What was really heard of the reply, not what was generated."""
    interrupted: bool = False


class Stage(StrEnum):
    """The moments of a turn that its record keeps, in their usual order."""

    WAKE = "wake"
    SPEECH_START = "speech start"
    SPEECH_END = "speech end"
    PAUSE = "pause"
    TURN_END = "turn end"
    TRANSCRIPT = "transcript"
    FIRST_TOKEN = "first token"  # noqa: S105 - a stage's name, not a secret
    FIRST_CLAUSE = "first clause"
    FIRST_SOUND = "first sound"
    END = "end"


class Outcome(StrEnum):
    """How a turn ended."""

    ANSWERED = "answered"
    INTERRUPTED = "interrupted"
    """Someone spoke over the reply, and a new turn began."""
    STOPPED = "stopped"
    """Someone said "stop" or "never mind"."""
    NOTHING_HEARD = "nothing heard"
    FAILED = "failed"
    MERGED = "merged"
    """They went on speaking before the reply was heard: the next turn answers the whole."""


@dataclass(slots=True)
class Turn:
    """One utterance and everything it led to. Filled in as it happens, and kept as its record."""

    id: str
    conversation: str
    speech: Speech | None = None
    """None when the turn was typed."""
    who: str = OWNER
    """The id of the person who spoke or typed."""
    device: str = ""
    """Where: the name of a microphone, keyboard or satellite; empty: this machine's own microphone."""
    history: Sequence[Exchange] = ()
    transcript: Transcript | None = None
    stands_for: str = ""
    """What the person saved under the name that they say, in their own words then; empty: it is no name."""
    answers: str = ""
    """The request whose question it answers, if it answers one."""
    recalled: Sequence[Recalled] = ()
    """Memories that came up: those used for the reply, and those left out, with the reason."""
    reply: str = ""
    """All that was generated."""
    said: str = ""
    """How much of it was heard."""
    pace: float = 1.0
    """How fast it is spoken: 0.5 is half as fast as usual."""
    off_record: bool = False
    """Do not keep its words: they name what should be forgotten."""
    took_over: Sequence[str] = ()
    """The ids of the turns whose words it has, too: somebody went on speaking."""
    noted: str = ""
    """The part of its words that was to be remembered, where others asked for something else."""
    receipts: Sequence[str] = ()
    """What was done in it: the names of the acts."""
    results: Sequence[str] = ()
    """What tools brought in it, for the mind: data, never instructions. Not kept."""
    unused: str = ""
    """What asks whether to use a tool that may do what it asks, and was not used for want of certainty."""
    brought: Sequence[Brought] = ()
    """Prompts of servers that it asked to use. Not kept."""
    outcome: Outcome | None = None
    error: str = ""
    """What went wrong, in one sentence."""
    marks: dict[Stage, float] = field(default_factory=dict[Stage, float])
    engines: dict[str, str] = field(default_factory=dict[str, str])
    """Which engine and model did each job: {"recognition": "faster-whisper 1.2.1 whisper-base-int8"}."""

    @property
    def heard(self) -> str:
        """What was said or typed; empty while it is not known."""
        return self.transcript.text if self.transcript else ""

    @property
    def words(self) -> str:
        """What is asked: what was said or typed, or what that stands for."""
        return self.stands_for or self.heard

    def mark(self, stage: Stage, at: float) -> None:
        """Notes when a stage was first reached; later calls change nothing."""
        self.marks.setdefault(stage, at)


def voice_to_voice(marks: Mapping[Any, float]) -> float | None:
    """Seconds from the end of speech to the first sound of the reply; None when there was no such sound."""
    if Stage.FIRST_SOUND in marks and Stage.SPEECH_END in marks:
        return marks[Stage.FIRST_SOUND] - marks[Stage.SPEECH_END]
    return None


class NoticeKind(StrEnum):
    """What an observer may be told."""

    STATE = "state"  # text: asleep, listening, hearing, thinking, speaking
    WAKE = "wake"  # text: the wake word
    PARTIAL = "partial"  # text: the words so far
    TRANSCRIPT = "transcript"
    SAYING = "saying"  # text: the clause that begins to sound
    INTERRUPT = "interrupt"  # the reply fell silent because someone spoke
    DUE = "due"  # text: what rings now, or is told now
    TURN = "turn"  # turn: a finished turn
    LEVEL = "level"  # level_dbfs, clipped
    PROBLEM = "problem"  # text: one sentence for a person
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that an observer (a live line, the journal, a trace) may want to show."""

    kind: NoticeKind
    at: float
    text: str = ""
    turn: Turn | None = None
    level_dbfs: float = 0.0
    clipped: bool = False


Observer = Callable[[Notice], None]
"""Observers watch and never steer: they must return at once and not raise."""
