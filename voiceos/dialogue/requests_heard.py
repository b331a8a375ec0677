"""Recognition of requests: where no skill takes what was heard, another reading that one takes is what was said.

A recogniser weighs sounds and everyday language: of "add apples" and "adapples" it may like the second better by a
hair. What can be asked of this device is known, so among the readings that are nearly as likely a request wins
(docs/research/recognition.md).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from anyio import to_thread

from voiceos.core import Reading, Speech, Transcript
from voiceos.dialogue.acts import without_wake_word
from voiceos.dialogue.unfinished import sounds_unfinished
from voiceos.errors import VoiceosError
from voiceos.protocols import Rereading, SpeechToText

log = logging.getLogger(__name__)
words_log = logging.getLogger("voiceos.words")

SURE = 0.8
"""Confidence in a transcript from which no other reading is looked at."""
NEAR = 0.25
"""How much less likely a reading may be, in the mean logarithm of a token's probability."""
LEAST_WORDS = 2
"""A single word is like too many others."""


class RequestsHeard:
    """A recogniser that knows what can be asked for."""

    def __init__(self, recognition: SpeechToText, takes: Callable[[str], bool]) -> None:
        """`takes`: whether a skill takes a sentence. Blocks a few milliseconds; called in a thread."""
        self._recognition = recognition
        self._takes = takes

    @property
    def name(self) -> str:
        return self._recognition.name

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        """What was said. Raises what the recogniser's first pass raises."""
        heard = await self._recognition.transcribe(speech, hotwords)
        if not heard.text or heard.confidence >= SURE or not isinstance(self._recognition, Rereading):
            return heard
        if sounds_unfinished(heard.text):  # among the readings of half a sentence are made-up ends
            return heard
        if await to_thread.run_sync(self._is_request, heard.text, speech.wake, abandon_on_cancel=True):
            return heard
        try:
            readings = await self._recognition.readings(speech)
        except VoiceosError as error:
            log.warning("could not look for other readings: %s", error)
            return heard
        text = await to_thread.run_sync(self._request_among, readings, speech.wake, abandon_on_cancel=True)
        words_log.debug("%r among %s: %r", heard.text, readings, text)
        return replace(heard, text=text) if text else heard

    def _is_request(self, text: str, wake: str | None) -> bool:
        return self._takes(without_wake_word(text, wake))

    def _request_among(self, readings: Sequence[Reading], wake: str | None) -> str:
        likeliest = max((one.score for one in readings), default=0.0)
        near = (one.text for one in readings if likeliest - one.score <= NEAR)
        return next((text for text in near if len(text.split()) >= LEAST_WORDS and self._is_request(text, wake)), "")
