"""What test_nothing_leaves.py watches: commands, a conversation and the daemon of voiceos, with loopback alone."""

import contextlib
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import click
import psutil

import voiceos.cli
from voiceos.api.where import place

QUESTION = "Which colour is the bike?\n"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("config", "set", "mind.max_tokens", "20"),
    ("config", "list"),
    ("models", "list"),
    ("say", "--out", "said.wav", "What is the time?"),
    ("transcribe", "said.wav"),
    ("memory", "add", "notes"),
    ("memory", "search", "bicycle"),
    ("talk", "--fake"),
    ("--set", "wake.words=alexa", "talk", "--wav", "{conversation}", "--out", "reply.wav"),
    ("talk", "--text"),
    ("ask", "Which colour is the bike?"),
    ("turns",),
    ("doctor",),
)
OF_THE_DAEMON: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("ask", "Which colour is the bike?"),
    ("say", "--out", "said.wav", "What is the time?"),
    ("transcribe", "said.wav"),
    ("memory", "search", "bicycle"),
)
"""Commands that are its clients."""
LOADED_SECONDS = 15.0
"""How long a process lives on with its libraries: onnxruntime reports to its maker from the ninth second on."""


def switch_loopback_on() -> None:
    """In a new network it is off. Where that is not ours to say, it is on."""
    interface = struct.pack("16sh", b"lo", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_, contextlib.suppress(OSError):
        fcntl.ioctl(any_, 0x8914, interface)  # SIOCSIFFLAGS: IFF_UP


def commands() -> None:
    """Each command in this process, one after the other."""
    Path("notes").mkdir()
    Path("typed.txt").write_text(QUESTION, "utf-8")
    Path("notes", "bike.md").write_text("The blue bike has had a new chain since May.", "utf-8")
    conversation = str(files("voiceos.data") / "conversation.flac")
    for command in COMMANDS:
        with Path("typed.txt").open() as typed:
            os.dup2(typed.fileno(), 0)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it is to stay open
        code = voiceos.cli.main([argument.format(conversation=conversation) for argument in command])
        click.echo(f"$ voiceos {' '.join(command)} -> {code}")
    time.sleep(LOADED_SECONDS)


def daemon() -> None:
    """The service, without a sound card."""
    process = subprocess.Popen([sys.executable, "-m", "voiceos", "run"])
    door = place(settings=None, overrides={}, system=False).socket
    while not door.exists() and process.poll() is None:
        time.sleep(0.5)
    time.sleep(2 * LOADED_SECONDS)
    assert process.poll() is None
    for command in OF_THE_DAEMON:
        click.echo(f"$ voiceos {' '.join(command)} -> {voiceos.cli.main(list(command))}")
    click.echo(f"the daemon holds {psutil.Process(process.pid).memory_info().rss // 1_000_000} MB")
    process.send_signal(signal.SIGTERM)
    click.echo(f"the daemon ended with {process.wait(30)}")


if __name__ == "__main__":
    switch_loopback_on()
    commands()
    daemon()
