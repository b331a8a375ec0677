"""`voiceos listen`: levels and wake words as they are heard."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceos.cli import State

if TYPE_CHECKING:
    from voiceos.audio.levels import Level
    from voiceos.config.settings import Config
    from voiceos.core import Frame

BAR = 40
FLOOR_DBFS = -60.0


@click.command()
@click.option("--mic", metavar="NAME", help="Part of a microphone's name, or its index.")
@click.option("--wav", type=click.Path(path_type=Path), metavar="FILE", help="Use a recording instead, at full speed.")
@click.option("--seconds", type=click.FloatRange(0.1), metavar="N", help="Stop after N seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print each event as a line of JSON.")
@click.pass_obj
def listen(state: State, mic: str | None, wav: Path | None, seconds: float | None, as_json: bool) -> None:
    """Show the microphone's level, wake words and speech live, to set up the microphone.

    Nothing is recorded, recognised or answered. Speech should reach -30 to -12 dBFS, and never clip.
    """
    import anyio

    anyio.run(_listen, state.config({"audio.microphone": mic}), wav, seconds, as_json)


async def _listen(config: "Config", wav: Path | None, seconds: float | None, as_json: bool) -> None:
    """Until interrupted, the recording ends, or `seconds` of sound have been heard."""
    from voiceos.audio.levels import LevelMeter
    from voiceos.config.paths import models_folder
    from voiceos.models.shelf import Shelf
    from voiceos.senses import detector_of_speech, wake_words

    shelf = Shelf(models_folder(config.store))
    wake_word, voice_activity = wake_words(config, shelf), detector_of_speech(config, shelf)
    async with AsyncExitStack() as stack:
        meter, heard, speaking = LevelMeter(), 0.0, False
        frames = await stack.enter_async_context(aclosing(await _frames(config, wav, stack)))
        async for frame in frames:
            heard += frame.seconds
            wake = wake_word(frame) if wake_word else None
            score = voice_activity(frame)
            if wake:
                _event(as_json, heard, "wake", word=wake.word, score=round(wake.score, 3))
            if (score >= config.listen.speech_threshold) != speaking:
                speaking = not speaking
                _event(as_json, heard, "speech" if speaking else "silence")
            if level := meter(frame):
                _show(as_json, heard, level, score)
            if seconds and heard >= seconds:
                break
    if not as_json and sys.stdout.isatty():
        click.echo()


async def _frames(config: "Config", wav: Path | None, stack: AsyncExitStack) -> "AsyncGenerator[Frame, None]":
    from voiceos.audio.card import SoundCard
    from voiceos.audio.recording import read_recording
    from voiceos.audio.wav import as_heard

    def problem(sentence: str) -> None:
        click.secho(sentence, fg="red", err=True)

    if wav:
        return as_heard(read_recording(wav), tail_seconds=0.5)
    card = SoundCard(config.audio.microphone, speak=False, lost_after=config.audio.lost_after, on_problem=problem)
    return (await stack.enter_async_context(card)).frames()


def _event(as_json: bool, at: float, kind: str, **more: object) -> None:
    if as_json:
        click.echo(json.dumps({"at": round(at, 2), "event": kind, **more}))
    else:
        detail = " ".join(str(value) for value in more.values())
        click.echo(f"{_clear()}{at:8.2f} s  {click.style(kind, bold=True)} {detail}".rstrip())


def _show(as_json: bool, at: float, level: "Level", speech: float) -> None:
    if as_json:
        line = {"at": round(at, 2), "event": "level", "rms_dbfs": round(level.rms_dbfs, 1), "clipped": level.clipped}
        click.echo(json.dumps(line | {"speech": round(speech, 2)}))
    elif sys.stdout.isatty():
        click.echo(f"{_clear()}{level_bar(level)}", nl=False)


def level_bar(level: "Level") -> str:
    filled = round(max(0.0, min(1.0, 1 - level.rms_dbfs / FLOOR_DBFS)) * BAR)
    bar = click.style("▮" * filled, fg="red" if level.clipped else "green") + "▯" * (BAR - filled)
    return f"{bar} {level.rms_dbfs:6.1f} dBFS{'  too loud' if level.clipped else '          '}"


def _clear() -> str:
    return "\r\x1b[K" if sys.stdout.isatty() else ""
