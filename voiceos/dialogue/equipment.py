"""The engines of an answer, and whom it tells."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import anyio

from voiceos.core import Frame, Notice, NoticeKind, Observer, Speech, Transcript, Turn
from voiceos.protocols import Audio, Mind, SpeechToText, TextToSpeech


@dataclass(frozen=True, slots=True)
class Equipment:
    """What every answer needs."""

    audio: Audio
    recognition: SpeechToText
    mind: Mind
    voice: TextToSpeech
    observer: Observer
    keep: Callable[[Turn], None]
    """Called with each finished turn."""
    is_request: Callable[[Turn], bool] = lambda _: False
    """Whether a turn's words are a whole request to a skill."""
    is_urgent: Callable[[str], bool] = lambda _: False
    """Whether words tell of danger to somebody."""
    look_again: Callable[[Speech, Transcript], Awaitable[Transcript]] | None = None
    """What was said, after another look at what was heard first. It may take as long as recognition."""
    hotwords: Sequence[str] = ()
    names: Sequence[str] = ()
    """By which it is called: wake words, or paths of their models."""

    thinking: Callable[[], Sequence[Frame]] = tuple
    """The sound of one who has heard and must think."""

    def notify(self, kind: NoticeKind, text: str = "") -> None:
        """Tells the observer, with the time of now."""
        self.observer(Notice(kind, anyio.current_time(), text=text))
