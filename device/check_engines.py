"""Runs each engine once, with its own model, and says how long that took: check_engines.py MODELS."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from voiceos.audio.resample import ToRate
from voiceos.config.settings import Config
from voiceos.core import FRAME_BYTES, RATE, Frame, Speech
from voiceos.engines import voice, voice_activity, wakewords, whisper
from voiceos.engines.engine import Setup
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf

SAID = "Hey Jarvis, what is the weather?"


async def check(models: Path) -> None:
    config = Config()
    setup = Setup(config, Shelf(models))
    spoken = b""

    async def speak() -> str:
        nonlocal spoken
        resample = ToRate(RATE)
        async for frame in voice.make(setup).synthesize(SAID):
            spoken += resample(frame)
        spoken += resample.flush()
        return f"{len(spoken) / 2 / RATE:.1f} s of speech"

    def frames() -> list[Frame]:
        quiet = bytes(FRAME_BYTES * 25)
        pcm = quiet + spoken + quiet
        return [Frame(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]

    async def activity() -> str:
        detector = voice_activity.make(setup)
        return f"speech in {sum(detector(frame) > 0.5 for frame in frames())} of {len(frames())} frames"

    async def wake() -> str:
        detector = wakewords.make(setup)
        found = [woken.word for frame in frames() if (woken := detector(frame))]
        return f"woken by {found[0] if found else 'nothing'}"

    async def recognise() -> str:
        heard = await whisper.make(setup).transcribe(Speech(spoken, 0.0, len(spoken) / 2 / RATE))
        return f"heard “{heard.text}”"

    async def encode() -> str:
        meaning = SemanticIndex(setup.shelf.path(MEMORY)).meaning("Where is the spare key?")
        return f"a question as {len(meaning)} numbers"

    for name, one in (
        ("voice", speak),
        ("voice activity", activity),
        ("wake word", wake),
        ("recognition", recognise),
        ("memory", encode),
    ):
        await _timed(name, one)


async def _timed(name: str, one: Callable[[], Awaitable[str]]) -> None:
    began = time.monotonic()
    print(f"  {name}: {await one()} ({time.monotonic() - began:.1f} s)", flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(check(Path(sys.argv[1])))
