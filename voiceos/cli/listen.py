"""`voiceos listen`: levels and wake words as they are heard."""

from pathlib import Path

import click

from voiceos.cli import State, examples


@click.command(
    epilog=examples(
        "voiceos listen                          speak, and watch; Ctrl-C ends it",
        "voiceos listen --mic usb --seconds 20",
        "voiceos listen --wav room.wav --json    how would this recording be heard?",
    )
)
@click.option("--mic", metavar="NAME", help="Part of a microphone's name, or its index.")
@click.option("--wav", type=click.Path(path_type=Path), metavar="FILE", help="A recording instead, at full speed.")
@click.option("--seconds", type=click.FloatRange(0.1), metavar="N", help="Stop after so long.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each event.")
@click.pass_obj
def listen(state: State, mic: str | None, wav: Path | None, seconds: float | None, as_json: bool) -> None:
    """Show the microphone's level, and when wake words and speech are heard: for setting up.

    Nothing is recorded, recognised or answered. Speech should reach -30 to -12 dBFS, and never clip.
    """
    import anyio

    from voiceos.cli.sound_check import sound_check

    anyio.run(sound_check, state.config(), mic, wav, seconds, as_json)
