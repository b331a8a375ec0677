"""`voiceos transcribe`: turns recordings into text."""

from pathlib import Path

import click

from voiceos.cli import State, examples


@click.command(epilog=examples("voiceos transcribe note.wav", "voiceos transcribe --json *.flac | jq .text"))
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--language", metavar="CODE", help="Two letters, or 'auto'; otherwise as the settings say.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: file, start, end, text, language.")
@click.pass_obj
def transcribe(state: State, recordings: tuple[Path, ...], language: str | None, as_json: bool) -> None:
    """Turn recordings into text, an utterance a line.

    WAV, FLAC, Ogg and MP3 are read, at any rate, with any number of channels, of any length.
    """
    import anyio

    from voiceos.cli.transcription import transcribe_all

    anyio.run(transcribe_all, state.config(), recordings, language, as_json)
