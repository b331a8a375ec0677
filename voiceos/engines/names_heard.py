"""Recognition of rare names: doubtful words that sound like a known name get a second pass with that name (ADR 18).

Told one name, a recogniser hears it where it is said, and hardly ever where it is not. Told thirty, it is slower and
loops. So it is told only the names that its own doubtful words sound like.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from anyio import to_thread

from voiceos.core import Speech, Transcript, Word
from voiceos.errors import VoiceosError
from voiceos.protocols import Rereading

log = logging.getLogger(__name__)
words_log = logging.getLogger("voiceos.words")

SURE = 0.85
"""Confidence in a transcript from which its words are not checked one by one."""
MOST = 3
"""Names for the second pass."""
ENOUGH = 1.1
"""Evidence from which a name is believed: from its sound and from the second pass's confidence."""
GAIN = 6.0
"""Evidence per unit of confidence that the second pass gains."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name that some doubtful words of a transcript sound like."""

    name: str
    evidence: float
    """The evidence from its sound; below 0 it is not worth a second pass."""


Suggest = Callable[[Sequence[Word]], Sequence[Suggestion]]
"""Names that may have been said, likeliest first. Takes a few ms; called in a thread."""


@runtime_checkable
class Recogniser(Protocol):
    """What this needs from speech recognition. `Whisper` has it."""

    @property
    def name(self) -> str: ...

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript: ...

    async def words(self, speech: Speech, text: str) -> Sequence[Word]: ...

    def knows(self, word: str) -> bool: ...


class NamesHeard:
    """A recogniser that is helped with names."""

    def __init__(self, recognition: Recogniser, suggest: Suggest) -> None:
        self._recognition = recognition
        self._suggest = suggest

    @property
    def name(self) -> str:
        return self._recognition.name

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        """What was said, with names as they are spelt. Raises what the recogniser's first pass raises."""
        heard = await self._recognition.transcribe(speech, hotwords)
        if not heard.text or heard.confidence >= SURE:
            return heard
        try:
            return await self._with_names(speech, heard, hotwords)
        except VoiceosError as error:
            log.warning("could not look for names: %s", error)
            return heard

    async def readings(self, speech: Speech, hint: str = "") -> Sequence[str]:
        """As the recogniser's, which knows no names; and so are their likelihoods."""
        return await self._recognition.readings(speech, hint) if isinstance(self._recognition, Rereading) else ()

    async def likelihoods(self, speech: Speech, texts: Sequence[str]) -> Sequence[float]:
        return await self._recognition.likelihoods(speech, texts) if isinstance(self._recognition, Rereading) else ()

    async def _with_names(self, speech: Speech, heard: Transcript, hotwords: Sequence[str]) -> Transcript:
        words = await self._recognition.words(speech, heard.text)
        suggested = await to_thread.run_sync(self._suggest, words, abandon_on_cancel=True)
        likely = [one for one in suggested if one.evidence >= 0 and not written(one.name, heard.text)][:MOST]
        if not likely:
            return heard
        again = await self._recognition.transcribe(speech, [*(one.name for one in likely), *hotwords])
        believed = is_believed(heard, again, likely)
        words_log.debug("%r sounds like %s: %r, %s", heard.text, likely, again.text, believed)
        return again if believed else heard


def is_believed(heard: Transcript, again: Transcript, suggested: Sequence[Suggestion]) -> bool:
    """Whether a second pass found a name, with enough evidence for each one it found."""
    gain = GAIN * (again.confidence - heard.confidence)
    new = [one for one in suggested if written(one.name, again.text)]
    good = [one.name for one in new if one.evidence + gain >= ENOUGH]
    return bool(new) and all(any(written(one.name, name) for name in good) for one in new)


def written(name: str, text: str) -> bool:
    """Whether these words are in the text as whole words, ignoring case."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
