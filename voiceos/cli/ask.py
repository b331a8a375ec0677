"""`voiceos ask`: one question, one answer."""

import sys

import click

from voiceos.cli import State
from voiceos.cli.door import answered, door
from voiceos.cli.showing import awaited, json_option, plain, print_json


@click.command()
@click.argument("words", nargs=-1, metavar="QUESTION...")
@json_option
@click.pass_obj
def ask(state: State, words: tuple[str, ...], as_json: bool) -> None:
    """Ask one question and print the answer. It is kept like any other turn.

    Exit code: 0 if it was answered, 69 if the language model gave no answer, 66 if it is missing, 78 if the settings
    are wrong.
    """
    from voiceos.errors import MindError, UsageError

    text = plain(" ".join(words) if words else "" if sys.stdin.isatty() else sys.stdin.read()).strip()
    if not text:
        raise UsageError("Ask something, for example: voiceos ask where is the spare key")
    with door(state) as host:
        events = awaited(host.stream("ask", text=text), "Thinking …")
        last = answered(events, lambda piece: None if as_json else click.echo(piece, nl=False))
    if as_json:
        print_json({"turn": last["turn"], "memories": last["memories"]})
    else:
        click.echo()
    if last["turn"]["error"]:
        raise MindError(last["turn"]["error"])
