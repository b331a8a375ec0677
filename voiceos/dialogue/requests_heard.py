"""Requests that were misheard: where no skill takes what was heard, another reading that one takes is what was said.

A recogniser weighs sounds and everyday language: of "add apples" and "adapples" it may like the second better by a
hair. What can be asked of this device is known. So it is told what is often asked, and which names there are; and of
the readings that it then finds a request wins that is nearly as likely without being told
(docs/research/recognition.md). While something sounds, so do the few words that end it, where a word or three were
heard. A cry for help is only what was heard first: nothing else is turned into one.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from anyio import to_thread

from voiceos.core import Speech, Transcript
from voiceos.dialogue.acts import Act, act_of, without_wake_word
from voiceos.dialogue.unfinished import sounds_unfinished
from voiceos.errors import VoiceosError
from voiceos.language.data import table
from voiceos.protocols import Rereading, SpeechToText

log = logging.getLogger(__name__)
words_log = logging.getLogger("voiceos.words")

SURE = 0.8
"""Confidence in a transcript from which no other reading is looked at."""
NEAR = 0.5
"""How much less likely a request may be than what was heard, in the mean logarithm of a token's probability."""
NOT_FAR = 1.0
"""A request that is less unlikely than this leaves a doubt of what was heard: perhaps it is half of that."""
NONE = "", inf
LEAST_WORDS = 2
"""A single word is like too many others."""
MOST_WORDS = 3
"""Of what may have been meant to end a sound."""


class RequestsHeard:
    """Knows what can be asked for. Call it with what was heard first."""

    def __init__(
        self,
        recognition: SpeechToText,
        takes: Callable[[str], bool],
        hint: Callable[[], str] = lambda: "",
        urgent: Callable[[str], bool] = lambda text: False,
    ) -> None:
        """`takes`: whether a skill takes a sentence; `hint`: sentences that may be said to this device.

        `urgent`: whether a sentence tells of danger. All block a few milliseconds, and are called in a thread.
        """
        self._recognition = recognition
        self._takes = takes
        self._hint = hint
        self._urgent = urgent

    async def __call__(self, speech: Speech, heard: Transcript) -> Transcript:
        """What was said, after another look at what was heard first. It takes as long again as recognition."""
        recognition = self._recognition
        if not heard.text or heard.confidence >= SURE or not isinstance(recognition, Rereading):
            return heard
        if await to_thread.run_sync(self._is_request, heard.text, speech.wake, abandon_on_cancel=True):
            return heard
        try:
            text, less = await self._end_of_sound(recognition, speech, heard.text)
            if less > NEAR and not sounds_unfinished(heard.text):  # half a sentence has readings with made-up ends
                text, less = await self._request(recognition, speech, heard.text)
        except VoiceosError as error:
            log.warning("could not look for other readings: %s", error)
            return heard
        if less <= NEAR:
            return replace(heard, text=text)
        return replace(heard, finality=0.0) if less <= NOT_FAR else heard

    async def _end_of_sound(self, recognition: Rereading, speech: Speech, heard: str) -> tuple[str, float]:
        """What ends the sound that this was said over and comes nearest, and how much less likely it is than this."""
        said = without_wake_word(heard, speech.wake)
        if not speech.over_sound or len(said.split()) > MOST_WORDS:
            return NONE
        ends = [heard[: len(heard) - len(said)] + end for end in table("en", "acts")["ends"]]
        requests = await to_thread.run_sync(self._requests_among, ends, speech.wake, 1, abandon_on_cancel=True)
        return await self._nearest(recognition, speech, heard, requests)

    async def _request(self, recognition: Rereading, speech: Speech, heard: str) -> tuple[str, float]:
        """The same of requests."""
        readings = await recognition.readings(speech, await to_thread.run_sync(self._hint, abandon_on_cancel=True))
        requests = await to_thread.run_sync(self._requests_among, readings, speech.wake, abandon_on_cancel=True)
        return await self._nearest(recognition, speech, heard, requests)

    async def _nearest(
        self, recognition: Rereading, speech: Speech, heard: str, others: Sequence[str]
    ) -> tuple[str, float]:
        if not others:
            return NONE
        least, *likely = await recognition.likelihoods(speech, [heard, *others])
        best, text = max(zip(likely, others, strict=True))
        words_log.debug("%r or %s: %r, %.2f less likely", heard, others, text, least - best)
        return text, least - best

    def _is_request(self, text: str, wake: str | None) -> bool:
        said = without_wake_word(text, wake)
        return act_of(said, over_reply=False) is Act.STOP or self._takes(said)

    def _requests_among(self, readings: Sequence[str], wake: str | None, least: int = LEAST_WORDS) -> list[str]:
        some = [text for text in readings if len(text.split()) >= least and self._is_request(text, wake)]
        return [text for text in some if not self._urgent(without_wake_word(text, wake))]
