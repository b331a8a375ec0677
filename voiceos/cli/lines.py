"""The lines that somebody types or a program sends, also those that come while another is answered."""

import os
import select
import sys
import threading
from collections import deque
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Any

import click

from voiceos.cli.showing import plain

LONGEST = 4096
"""Bytes of a line on a terminal."""
LEAVING = ("exit", "quit", "/exit", "/quit")


class Lines:
    """Iterate over them until Ctrl-D, `exit` or the end; `urgent` is one that has come meanwhile."""

    def __init__(self, *, on_terminal: bool) -> None:
        self._kept = deque[str]()
        self._read: SimpleQueue[str | None] = SimpleQueue()
        self._on_terminal = on_terminal
        if not on_terminal:
            threading.Thread(target=_pipe, args=(self._read,), daemon=True).start()

    def __iter__(self) -> Iterator[str]:
        typed = _typed() if self._on_terminal else iter(self._read.get, None)
        while (line := self._kept.popleft() if self._kept else next(typed, None)) is not None:
            if line.lower() in LEAVING:
                return
            if line:
                yield line

    def urgent(self) -> str:
        """The first line that has come and cannot wait; "" if there is none. The others keep their order."""
        from voiceos.skills.emergency import heeds  # most chats never need it

        while (line := self._next()) is not None:
            if heeds(line):
                return line
            self._kept.append(line)
        return ""

    def _next(self) -> str | None:
        if self._on_terminal:  # a terminal is ready when a whole line was typed
            is_there = bool(select.select([sys.stdin], [], [], 0)[0])
            return os.read(sys.stdin.fileno(), LONGEST).decode("utf-8", "replace").strip() if is_there else None
        try:
            line = self._read.get_nowait()
        except Empty:
            return None
        if line is None:
            self._read.put(None)  # the end is still to be found by who waits for it
        return line


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
        yield line


def _pipe(out: SimpleQueue[str | None]) -> None:
    """Lines from a file or another program; bytes that are not text become question marks."""
    source: Any = sys.stdin.buffer
    for raw in source:
        out.put(plain(raw.decode("utf-8", "replace")).strip())
    out.put(None)
