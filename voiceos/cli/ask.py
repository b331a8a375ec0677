"""`voiceos ask`: one question, one answer."""

import sys

import click

from voiceos.cli import State
from voiceos.cli.door import answered, door
from voiceos.cli.showing import json_option, plain, print_json


@click.command()
@click.argument("words", nargs=-1, metavar="QUESTION...")
@json_option
@click.pass_obj
def ask(state: State, words: tuple[str, ...], as_json: bool) -> None:
    """Ask one question and print the answer. It is kept like any other turn.

    Exit code: 0 if it was answered, 69 if the language model gave no answer.
    """
    from voiceos.errors import MindError, UsageError

    text = plain(" ".join(words) if words else "" if sys.stdin.isatty() else sys.stdin.read()).strip()
    if not text:
        raise UsageError("Ask something, for example: voiceos ask where is the spare key")
    with door(state) as host:
        last = answered(host, text, lambda piece: None if as_json else click.echo(piece, nl=False))
    if as_json:
        print_json({"turn": last["turn"], "memories": last["memories"]})
    else:
        click.echo()
    if last["turn"]["error"]:
        raise MindError(last["turn"]["error"])
