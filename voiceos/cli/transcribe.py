"""`voiceos transcribe`: turns recordings into text."""

import json
from base64 import b64encode
from pathlib import Path

import click

from voiceos.cli import State
from voiceos.cli.door import door
from voiceos.cli.showing import awaited
from voiceos.config.paths import spelt
from voiceos.errors import RecordingError


@click.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--language", metavar="CODE", help="Two letters, or 'auto'. Default: as in the settings.")
@click.option("--json", "as_json", is_flag=True, help="Print lines of JSON: file, start, end, text, language.")
@click.pass_obj
def transcribe(state: State, recordings: tuple[Path, ...], language: str | None, as_json: bool) -> None:
    """Turn recordings into text, one utterance per line.

    Reads WAV, FLAC, Ogg, MP3 and M4A, at any rate, with any number of channels. A file that cannot be read is
    skipped; the exit code is then 65.
    """
    failed = 0
    with door(state) as host:
        for recording in recordings:
            try:
                heard = host.stream("transcribe", **_given(state, recording), language=language)
                for utterance in awaited(heard, "Listening …"):
                    line = json.dumps({"file": spelt(recording), **utterance}, ensure_ascii=False)
                    click.echo(line if as_json else utterance["text"])
            except RecordingError as error:
                click.secho(str(error), err=True, fg="red")
                failed = error.exit_code
    if failed:
        raise click.exceptions.Exit(failed)


def _given(state: State, recording: Path) -> dict[str, str]:
    """Its path, or its content for the installed assistant, which may not be able to read the path."""
    if state.place.is_system and recording.is_file():
        return {"audio": b64encode(recording.read_bytes()).decode()}
    return {"path": spelt(recording.absolute())}
