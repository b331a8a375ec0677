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
    from voiceos.config.settings import AudioSettings
    from voiceos.core import Frame


@click.command()
@click.argument("text", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a WAV file instead of speaking.")
@click.option("--speaker", metavar="NAME", help="Part of a speaker's name, or its index.")
@click.pass_obj
def say(state: State, text: tuple[str, ...], out: Path | None, speaker: str | None) -> None:
    """Speak TEXT, or standard input, in the assistant's voice.

    A running assistant speaks it on its own speaker, once nobody else is speaking.
    """
    words = " ".join(text) if text else ("" if sys.stdin.isatty() else sys.stdin.read())
    if not words.strip():
        raise click.UsageError("There is nothing to say. Give a text, or pipe one in.")

    if not out and not speaker and (assistant := running(state)):
        assistant.call("say", text=words)
        return
    with door(state) as host:
        sound = awaited(host.stream("speech", text=words), "Loading the voice …")
        if out:
            from voiceos.audio.recording import write_wav

            write_wav(out, _frames(sound))
        else:
            _play(state.config({"audio.speaker": speaker}).audio, _frames(sound))


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
