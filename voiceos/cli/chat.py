"""The conversation by keyboard: a chat on a terminal, a clean pipe elsewhere."""

import signal
import sys
import threading
from contextlib import suppress

import click

from voiceos.api.client import Remote
from voiceos.cli.door import answered
from voiceos.cli.lines import Lines
from voiceos.errors import MindError, VoiceosError

GOES_FIRST = signal.SIGUSR1
LOOK_SECONDS = 0.05
"""How often it is looked whether a line has come that cannot wait for the answer."""


def chat(host: Remote, name: str) -> None:
    """Chats until Ctrl-D, `exit`, or the end of the input. `name`: what the assistant calls itself.

    Exit code 69 when there were questions and none was answered.
    """
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    signal.signal(GOES_FIRST, signal.default_int_handler)  # as Ctrl-C, which a shell may have switched off
    threading.Thread(target=_load, args=(host,), daemon=True).start()  # what a skill answers waits for no model
    threading.Thread(target=_show_due, args=(host, on_terminal), daemon=True).start()
    lines = Lines(on_terminal=on_terminal)
    asked = failed = 0
    for typed in lines:
        line = typed
        while line:  # what cannot wait goes first
            if on_terminal:
                click.secho(f"{name}  ", fg="magenta", bold=True, nl=False)
            asked += 1
            error, line = _answer(host, line, lines)
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


def _answer(host: Remote, line: str, lines: Lines) -> tuple[str, str]:
    """Writes the answer as it comes; returns what went wrong, and a line that could not wait for its end.

    Ctrl-C ends the answer, not the chat.
    """
    urgent, over = list[str](), threading.Event()
    watcher = threading.Thread(target=_watch, args=(lines, urgent, over), daemon=True)
    try:
        watcher.start()
        turn = answered(host.stream("ask", text=line), lambda text: click.echo(text, nl=False))["turn"]
        over.set()
        watcher.join()  # it may interrupt until then
        return turn["error"], "".join(urgent)
    except KeyboardInterrupt:
        click.echo(" …", nl=False)
        return "", "".join(urgent)
    finally:
        over.set()
        click.echo()


def _watch(lines: Lines, urgent: list[str], over: threading.Event) -> None:
    """Ends the answer, as Ctrl-C does, when a line has come that cannot wait for it."""
    while not over.wait(LOOK_SECONDS):
        if line := lines.urgent():
            urgent.append(line)
            signal.pthread_kill(threading.main_thread().ident or 0, GOES_FIRST)
            return
