"""A text spoken as the assistant would speak it: aloud, or into a file."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from voiceos.assembly import synthesiser
from voiceos.audio.card import SoundCard
from voiceos.audio.controls import Controls
from voiceos.audio.recording import write_wav
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.core import Frame
from voiceos.dialogue.clauses import ClauseCutter
from voiceos.language.speakable import speakable
from voiceos.models.shelf import Shelf


async def aloud(config: Config, text: str, speaker: str | None) -> None:
    """Through the speaker. Raises DeviceError, ModelError."""
    async with SoundCard(speaker=config.audio.speaker if speaker is None else speaker, listen=False) as card:
        audio = Controls(card, volume=config.audio.volume)
        async with aclosing(_sound(config, text)) as frames:
            async for frame in frames:
                await audio.play(frame)
        await audio.drain()


async def to_file(config: Config, text: str, out: Path) -> None:
    """Into a WAV file. Raises ModelError, RecordingError."""
    async with aclosing(_sound(config, text)) as frames:
        write_wav(out, [frame async for frame in frames])


async def _sound(config: Config, text: str) -> AsyncGenerator[Frame, None]:
    voice = synthesiser(config, Shelf(models_folder(config.store)))
    cutter = ClauseCutter()
    for unit in (*cutter.feed(text), *cutter.flush()):
        async with aclosing(voice.synthesize(speakable(unit, voice.language))) as frames:
            async for frame in frames:
                yield frame
