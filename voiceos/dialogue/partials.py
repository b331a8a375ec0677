"""Shows the words of an utterance while it is spoken."""

import anyio

from voiceos.core import Notice, NoticeKind
from voiceos.dialogue.equipment import Equipment
from voiceos.errors import VoiceosError
from voiceos.listen.ears import Ears

EVERY_SECONDS = 1.0
"""How often the words so far are recognised."""


async def show_partials(ears: Ears, equipment: Equipment, scope: anyio.CancelScope) -> None:
    """Until the scope is cancelled."""
    with scope:
        while True:
            await anyio.sleep(EVERY_SECONDS)
            if not (speech := ears.speech_so_far):
                continue
            try:
                words = await equipment.recognition.transcribe(speech, equipment.hotwords)
            except VoiceosError:
                return  # the utterance as a whole will say what is wrong
            equipment.observer(Notice(NoticeKind.PARTIAL, anyio.current_time(), text=words.text))
