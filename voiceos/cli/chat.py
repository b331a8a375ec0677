"""The conversation by keyboard: a chat on a terminal, a clean pipe elsewhere."""

import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import click

from voiceos.api.client import Remote
from voiceos.cli.door import answered
from voiceos.cli.showing import plain
from voiceos.errors import MindError, VoiceosError

LEAVING = ("exit", "quit", "/exit", "/quit")


def chat(host: Remote, name: str) -> None:
    """Chats until Ctrl-D, `exit`, or the end of the input. `name`: what the assistant calls itself.

    Exit code 69 when there were questions and none was answered.
    """
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    threading.Thread(target=_load, args=(host,), daemon=True).start()  # what a skill answers waits for no model
    threading.Thread(target=_show_due, args=(host, on_terminal), daemon=True).start()
    asked = failed = 0
    for line in _typed() if on_terminal else _piped():
        if on_terminal:
            click.secho(f"{name}  ", fg="magenta", bold=True, nl=False)
        asked += 1
        error = _answer(host, line)
        if error:
            failed += 1
            click.secho(error, err=True, fg="red")
    if asked and asked == failed:
        raise click.exceptions.Exit(MindError.exit_code)


def _load(host: Remote) -> None:
    """Loads the language model; what is wrong with it is told by the first question that needs it."""
    with suppress(VoiceosError):
        host.call("warm")


def _show_due(host: Remote, on_terminal: bool) -> None:
    """Shows what rings and what is told, while the chat lasts. Where a voice rings, it goes on."""
    with suppress(VoiceosError):
        for event in host.stream("events"):
            if event["event"] == "due":
                click.secho(event["text"], fg="yellow", bold=True, err=not on_terminal)
                if host.call("status")["voice"] != "on":
                    host.call("silence")


def _answer(host: Remote, line: str) -> str:
    """Writes the answer as it comes; returns what went wrong. Ctrl-C ends the answer, not the chat."""
    try:
        return answered(host.stream("ask", text=line), lambda text: click.echo(text, nl=False))["turn"]["error"]
    except KeyboardInterrupt:
        click.echo(" …", nl=False)
        return ""
    finally:
        click.echo()


def _typed() -> Iterator[str]:
    """Lines from a person: with editing and history. Ctrl-C clears the line."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.formatted_text import ANSI
    from prompt_toolkit.history import InMemoryHistory
    from prompt_toolkit.patch_stdout import patch_stdout

    click.secho("Type a question. Ctrl-C interrupts an answer; `exit` or Ctrl-D ends the conversation.", dim=True)
    session = PromptSession[str](history=InMemoryHistory())
    prompt = ANSI(click.style("you   ", fg="green", bold=True))
    while True:
        try:
            with patch_stdout(raw=True):  # something may come due meanwhile
                line = session.prompt(prompt).strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if line.lower() in LEAVING:
            return
        if line:
            yield line


def _piped() -> Iterator[str]:
    """Lines from a file or another program; bytes that are not text become question marks."""
    source: Any = sys.stdin.buffer
    for raw in source:
        line = plain(raw.decode("utf-8", "replace")).strip()
        if line.lower() in LEAVING:
            return
        if line:
            yield line
