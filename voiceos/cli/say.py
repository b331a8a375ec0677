"""`voiceos say`: speaks a text."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voiceos.cli import State
from voiceos.cli.door import door, running
from voiceos.cli.showing import awaited

if TYPE_CHECKING:
    from voiceos.config.settings import AudioSettings, Config
    from voiceos.core import Frame


@click.command()
@click.argument("text", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a WAV file instead of speaking.")
@click.option("--voice", metavar="NAME", help="Another voice than that of the settings: voiceos models list.")
@click.option("--speaker", metavar="NAME", help="Part of a speaker's name, or its index.")
@click.pass_obj
def say(state: State, text: tuple[str, ...], out: Path | None, voice: str | None, speaker: str | None) -> None:
    """Speak TEXT, or standard input, in the assistant's voice.

    A running assistant speaks it on its own speaker, once nobody else is speaking, unless another voice or speaker is
    named.
    """
    words = " ".join(text) if text else ("" if sys.stdin.isatty() else sys.stdin.read())
    if not words.strip():
        raise click.UsageError("There is nothing to say. Give a text, or pipe one in.")

    if not out and not speaker and not voice and (assistant := running(state)):
        assistant.call("say", text=words)
        return
    if voice:
        _speak(state, _in_voice(state.config({"speech.voice": voice}), words), out, speaker)
        return
    with door(state) as host:
        sound = awaited(host.stream("speech", text=words), "Loading the voice …")
        _speak(state, _frames(sound), out, speaker)


def _speak(state: State, frames: "Iterator[Frame]", out: Path | None, speaker: str | None) -> None:
    if out:
        from voiceos.audio.recording import write_wav

        write_wav(out, frames)
    else:
        _play(state.config({"audio.speaker": speaker}).audio, frames)


def _in_voice(config: "Config", text: str) -> "Iterator[Frame]":
    """What another voice makes of a text, which is synthesised here and not by a running assistant."""
    import anyio

    from voiceos.config.paths import models_folder
    from voiceos.language.speakable import speakable
    from voiceos.models.shelf import Shelf
    from voiceos.senses import synthesiser

    voice = synthesiser(config, Shelf(models_folder(config.store)))

    async def made() -> "list[Frame]":
        return [frame async for frame in voice.synthesize(speakable(text, voice.language))]

    return iter(anyio.run(made))


def _frames(sound: Iterator[Any]) -> "Iterator[Frame]":
    from base64 import b64decode

    from voiceos.core import Frame

    return (Frame(b64decode(piece["pcm"]), rate=piece["rate"]) for piece in sound)


def _play(settings: "AudioSettings", frames: "Iterator[Frame]") -> None:
    import anyio
    from anyio import to_thread

    from voiceos.audio.card import SoundCard
    from voiceos.audio.controls import Controls
    from voiceos.audio.loudness import Loudness

    async def play() -> None:
        async with SoundCard(speaker=settings.speaker, listen=False) as card:
            audio = Controls(card, loudness=Loudness(settings.volume))
            while frame := await to_thread.run_sync(next, frames, None):
                await audio.play(frame)
            await audio.drain()

    anyio.run(play)
