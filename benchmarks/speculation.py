"""Counts what is prepared in pauses, and how much of it is thrown away: engines with a meter on them."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from figures import own_cpu_seconds

from voiceos.assistant import Engines
from voiceos.core import Action, Frame, Outcome, Part, Speech, Transcript, Turn
from voiceos.protocols import Mind, Rereading, SpeechToText, TextToSpeech


@dataclass(slots=True)
class Prepared:
    """The work on one pause."""

    speech: Speech
    cpu_seconds: float = 0.0
    """Of this process, while it recognised and synthesised. Two at a time count each other's."""
    tokens: int = 0
    """Pieces of the reply that were streamed; a local server sends one for each token."""
    spoken_seconds: float = 0.0
    """Of synthesised sound."""


class Meter:
    """Wraps the engines. Recognition begins each preparation; what its task goes on to do belongs to it."""

    def __init__(self) -> None:
        self.prepared: list[Prepared] = []
        self._present: ContextVar[Prepared | None] = ContextVar("present", default=None)

    def on(self, engines: Engines) -> Engines:
        return replace(
            engines,
            recognition=_Recognition(engines.recognition, self),
            voice=_Voice(engines.voice, self),
        )

    def on_mind(self, mind: Mind) -> Mind:
        return _Mind(mind, self)

    def begin(self, speech: Speech) -> Prepared:
        prepared = Prepared(speech)
        self.prepared.append(prepared)
        self._present.set(prepared)
        return prepared

    @property
    def present(self) -> Prepared | None:
        return self._present.get()

    def summary(self, turns: Sequence[Turn]) -> dict[str, Any]:
        """What of it was for nothing: it belongs to no turn, or to one that a longer utterance replaced."""
        used = [turn.speech for turn in turns if turn.outcome is not Outcome.MERGED]
        wasted = [one for one in self.prepared if not any(one.speech is speech for speech in used)]
        return {"prepared": _total(self.prepared), "thrown_away": _total(wasted)}


def _total(work: Sequence[Prepared]) -> dict[str, Any]:
    return {
        "answers": len(work),
        "cpu_seconds": round(sum(one.cpu_seconds for one in work), 2),
        "tokens": sum(one.tokens for one in work),
        "spoken_seconds": round(sum(one.spoken_seconds for one in work), 1),
    }


class _Recognition:
    def __init__(self, engine: SpeechToText, meter: Meter) -> None:
        self._engine, self._meter = engine, meter

    @property
    def name(self) -> str:
        return self._engine.name

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        prepared, before = self._meter.begin(speech), own_cpu_seconds()
        try:
            return await self._engine.transcribe(speech, hotwords)
        finally:
            prepared.cpu_seconds += own_cpu_seconds() - before

    async def readings(self, speech: Speech, hint: str = "") -> Sequence[str]:
        return await self._engine.readings(speech, hint) if isinstance(self._engine, Rereading) else ()

    async def likelihoods(self, speech: Speech, texts: Sequence[str]) -> Sequence[float]:
        return await self._engine.likelihoods(speech, texts) if isinstance(self._engine, Rereading) else ()


class _Mind:
    def __init__(self, engine: Mind, meter: Meter) -> None:
        self._engine, self._meter = engine, meter

    @property
    def name(self) -> str:
        return self._engine.name

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        prepared = self._meter.present
        async with aclosing(self._engine.reply(turn)) as parts:
            async for part in parts:
                if prepared:
                    prepared.tokens += 1
                yield part


class _Voice:
    def __init__(self, engine: TextToSpeech, meter: Meter) -> None:
        self._engine, self._meter = engine, meter

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def language(self) -> str:
        return self._engine.language

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[Frame, None]:
        prepared, before = self._meter.present, own_cpu_seconds()
        async with aclosing(self._engine.synthesize(text, pace)) as frames:
            async for frame in frames:
                if prepared:
                    prepared.cpu_seconds += own_cpu_seconds() - before
                    prepared.spoken_seconds += frame.seconds
                yield frame
                before = own_cpu_seconds()
