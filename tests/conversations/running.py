"""A real daemon on small models and a virtual sound card, for tests that talk to it as a person does."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SMALL = "smollm2-135m-instruct-q4_1"


def start(home: Path, card: Any, command: str) -> "tuple[subprocess.Popen[bytes], Callable[[], str]]":
    """The process of a command, and what it has logged."""
    path = home / "log"
    with path.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "voiceos", "--config", str(home / "config.toml"), command],
            env=environment_of(card),
            stdout=file,
            stderr=file,
        )
    return process, lambda: path.read_text(errors="replace")


def environment_of(card: Any) -> dict[str, str]:
    return os.environ | card.environment


def told(home: Path, *command: str) -> str:
    """What a command says, such as `turns export`."""
    line = [sys.executable, "-m", "voiceos", "--config", str(home / "config.toml"), *command]
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout


def wait(until: Callable[[], bool], process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Another process is its own clock: asks it again and again, for so long."""
    end = time.monotonic() + seconds
    while not until():
        assert process.poll() is None, "it ended"
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
