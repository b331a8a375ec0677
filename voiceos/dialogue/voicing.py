"""Makes the sound of a reply, one spoken unit after the other."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from voiceos.core import Stage, Turn
from voiceos.dialogue.playback import Playback
from voiceos.errors import VoiceosError
from voiceos.language.sentences import say
from voiceos.language.speakable import speakable
from voiceos.protocols import TextToSpeech


class Voicing:
    """Of one turn. A unit that the voice cannot speak is told to `failed`, and left out."""

    def __init__(
        self, voice: TextToSpeech, turn: Turn, playback: Playback, failed: Callable[[VoiceosError], None]
    ) -> None:
        self._voice = voice
        self._turn = turn
        self._playback = playback
        self._failed = failed

    async def run(self, units: MemoryObjectReceiveStream[str], committed: Callable[[], Awaitable[None]]) -> None:
        """Makes them ahead of need, but only the first before the turn is `committed`."""
        voiced = False
        async with units:
            async for unit in units:
                voiced |= await self._speak(unit)
                await committed()
                await self._playback.room()
        if not voiced and not self._turn.error:
            await self._speak(say("unspeakable"))  # nothing but code, links or pictures
        self._playback.finish()

    async def _speak(self, unit: str) -> bool:
        """Makes the unit's sound. Returns whether it held anything to speak."""
        text = speakable(unit, self._voice.language)
        if not text:
            return False
        if text[-1].isalnum():  # cut in mid-sentence: the voice must not fall as if it ended there
            text += ","
        self._turn.mark(Stage.FIRST_CLAUSE, anyio.current_time())
        self._playback.begin(unit)
        try:
            async with aclosing(self._voice.synthesize(text, self._turn.pace)) as frames:
                async for frame in frames:
                    self._playback.add(frame)
        except VoiceosError as error:
            self._failed(error)
        self._playback.end_unit()
        return True
