"""The protocols of engines and transports: what each must do, whoever makes it."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol, runtime_checkable

from voiceos.core import Action, Frame, Part, Speech, Transcript, Turn, Wake


class Audio(Protocol):
    """A microphone and a speaker: the one thing that every test replaces."""

    def frames(self) -> AsyncGenerator[Frame, None]:
        """20 ms frames at 16 kHz, for as long as there is a microphone (a file: until it ends)."""
        ...

    async def play(self, frame: Frame) -> None:
        """Queues sound of any rate; waits while more than about 200 ms are queued."""
        ...

    async def drain(self) -> None:
        """Waits until all that was queued has sounded."""
        ...

    def stop(self) -> None:
        """Silence now: what is queued is dropped."""
        ...

    @property
    def played(self) -> float:
        """Seconds of queued sound that have really sounded, by the speaker's clock; never goes back."""
        ...


class WakeWord(Protocol):
    """One or several wake words, listened for together."""

    def __call__(self, frame: Frame) -> Wake | None: ...

    def reset(self) -> None: ...


class VoiceActivity(Protocol):
    """How likely it is, 0 to 1, that the frame holds speech."""

    def __call__(self, frame: Frame) -> float: ...

    def reset(self) -> None: ...


class TurnEnd(Protocol):
    """How likely it is, 0 to 1, that the speaker has finished."""

    async def completeness(self, speech: Speech) -> float: ...


class SpeechToText(Protocol):
    """Speech recognition."""

    @property
    def name(self) -> str:
        """Library, version and model, for the trace."""
        ...

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript: ...


@runtime_checkable
class Rereading(Protocol):
    """Speech recognition that can say what else may have been said. Both are cheap right after `transcribe`."""

    async def readings(self, speech: Speech, hint: str = "") -> Sequence[str]:
        """The likeliest readings, likeliest first, after `hint`, sentences like it. None for long speech."""
        ...

    async def likelihoods(self, speech: Speech, texts: Sequence[str]) -> Sequence[float]:
        """How likely each text is without any hint: the mean natural logarithm of a token's probability."""
        ...


class Mind(Protocol):
    """From what was said to a reply."""

    @property
    def name(self) -> str: ...

    def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply to `turn.transcript`, given `turn.history`. Raises a MindError that can be spoken."""
        ...


class TextToSpeech(Protocol):
    """Speech synthesis."""

    @property
    def name(self) -> str: ...

    @property
    def language(self) -> str:
        """The language it speaks, as a two-letter code. Numbers and units are written out in it."""
        ...

    def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[Frame, None]:
        """Sound for one spoken unit, at the voice's own rate. `pace` 0.5: half as fast as usual."""
        ...
