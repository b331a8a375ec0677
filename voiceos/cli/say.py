"""`voiceos say`: speaks a text."""

import sys
from pathlib import Path

import click

from voiceos.cli import State, examples


@click.command(
    epilog=examples(
        'voiceos say "It is 14:30, and 3 °C outside."',
        "voiceos say --out hello.wav Hello",
        "fortune | voiceos say",
    )
)
@click.argument("text", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write a WAV file instead of speaking.")
@click.option("--speaker", metavar="NAME", help="Part of a speaker's name, or its index.")
@click.pass_obj
def say(state: State, text: tuple[str, ...], out: Path | None, speaker: str | None) -> None:
    """Speak TEXT, or what comes on standard input, in the assistant's voice."""
    words = " ".join(text) if text else ("" if sys.stdin.isatty() else sys.stdin.read())
    if not words.strip():
        raise click.UsageError("There is nothing to say: give a text, or pipe one in.")
    import anyio

    from voiceos.cli import speaking

    if out:
        anyio.run(speaking.to_file, state.config(), words, out)
    else:
        anyio.run(speaking.aloud, state.config(), words, speaker)
