"""`voiceos ask`: one question, one answer."""

import sys
from typing import Any

import click

from voiceos.cli import State, examples
from voiceos.cli.showing import plain, print_json


@click.command(
    epilog=examples(
        "voiceos ask where is the spare key",
        "echo 'What did I say about the boiler?' | voiceos ask",
        "voiceos ask --json how old is Ana | jq -r .turn.said",
    )
)
@click.argument("words", nargs=-1, metavar="QUESTION...")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts: the turn, and what came to mind.")
@click.pass_obj
def ask(state: State, words: tuple[str, ...], as_json: bool) -> None:
    """Ask one question, and print the answer. It is kept like any other turn.

    Exit code: 0 when it was answered, 69 when the language model gave no answer.
    """
    from voiceos.cli.door import door
    from voiceos.errors import MindError, UsageError

    text = plain(" ".join(words) if words else "" if sys.stdin.isatty() else sys.stdin.read()).strip()
    if not text:
        raise UsageError("Ask something, such as: voiceos ask where is the spare key")
    event: dict[str, Any] = {}
    with door(state, "voiceos ask") as host:
        for event in host.stream("ask", text=text):
            if event["event"] == "turn":
                break
            if not as_json:
                click.echo(event["text"], nl=False)
    if as_json:
        print_json({"turn": event["turn"], "memories": event["memories"]})
    else:
        click.echo()
    if event["turn"]["error"]:
        raise MindError(event["turn"]["error"])
