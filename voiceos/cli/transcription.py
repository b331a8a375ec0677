"""Recordings to text: the ears cut out the utterances, the recogniser writes them down."""

import json
from pathlib import Path

import anyio
import click

from voiceos.assembly import detector_of_speech, recogniser
from voiceos.audio.wav import WavAudio
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.core import Cut, Heard, Speech, Transcript
from voiceos.listen.ears import Ears
from voiceos.models.shelf import Shelf

TAIL_SECONDS = 2.0


async def transcribe_all(config: Config, recordings: tuple[Path, ...], language: str | None, as_json: bool) -> None:
    """Prints what is said in each recording. Raises RecordingError, ModelError."""
    if language:
        config = config.model_copy(update={"recognition": config.recognition.model_copy(update={"language": language})})
    shelf = Shelf(models_folder(config.store))
    recognition = recogniser(config, shelf)
    voice_activity = detector_of_speech(shelf)
    for recording in recordings:
        ears = Ears(config.listen, voice_activity)
        ears.open()
        audio = WavAudio(recording, realtime=False, tail_seconds=TAIL_SECONDS)
        began = anyio.current_time()
        out, heard = anyio.create_memory_object_stream[Heard](8)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ears.listen, audio.frames(), out)
            async with heard:
                async for event in heard:
                    if event.cut is Cut.END and event.speech:
                        words = await recognition.transcribe(event.speech, config.recognition.hotwords)
                        _print(recording, event.speech, words, began, as_json)
        voice_activity.reset()


def _print(recording: Path, speech: Speech, words: Transcript, began: float, as_json: bool) -> None:
    if not words.text:
        return
    if as_json:
        line = {
            "file": str(recording),
            "start": round(speech.start - began, 2),
            "end": round(speech.end - began, 2),
            "text": words.text,
            "language": words.language,
            "confidence": round(words.confidence, 3),
        }
        click.echo(json.dumps(line, ensure_ascii=False))
    else:
        click.echo(words.text)
