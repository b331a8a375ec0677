"""How many bytes voiceos writes to its card: in an idle day, and for a turn.

    sudo python benchmarks/written.py [--turns 40] [--hours 24] [--models FOLDER] [--json FILE]

The data folder is on an ext4 file system of its own, in a file behind a loop device, and what that device was given is
counted (/sys/block/*/stat): with the file system's journal, with what the same block was written again, and, shared
among the turns, with what is written when it ends. The idle
time passes on a virtual clock, so a day takes seconds; the microphone is left out, which writes nothing. Turns are
typed, of kinds that need no language model, at the pace of a person, and their upkeep is waited for.
"""

import argparse
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
from rich.console import Console
from trio.testing import MockClock

from benchmarks.figures import conditions
from voiceos.app import open_host
from voiceos.config.load import read_config
from voiceos.config.settings import Config
from voiceos.core import OWNER

IMAGE_BYTES = 256_000_000
SECTOR_BYTES = 512
KINDS = {
    "question": ("What's {n} times 17?", "What day is it in {n} days?", "How many feet are {n} metres?"),
    "list": ("Add {n} apples to the shopping list.", "Add milk number {n} to the shopping list."),
    "timer": ("Set a timer for {n} minutes.", "Cancel the timer."),
    "memory": ("Remember that locker number {n} is Hannah's.", "Remember that Tom's bike is in shed {n}."),
}
PAUSE_SECONDS = 300.0
"""Between two turns: long enough for all upkeep."""
GOAL_DAY, GOAL_TURN = 2_000_000, 40_000


@contextmanager
def card() -> Generator[tuple[Path, Callable[[], int]]]:
    """A folder on a file system of its own, and what has been written to that so far, in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        image, place = Path(folder, "card"), Path(folder, "data")
        with image.open("wb") as file:
            file.truncate(IMAGE_BYTES)
        _run("mkfs.ext4", "-q", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
        with mounted(image, place) as both:
            yield both


@contextmanager
def mounted(image: Path, place: Path) -> Generator[tuple[Path, Callable[[], int]]]:
    """A file system in a file, at a place; and what has been written to it so far, in bytes."""
    place.mkdir(exist_ok=True)
    device = _run("losetup", "--find", "--show", str(image)).strip()
    try:
        _run("mount", "-o", "noatime", device, str(place))

        def written() -> int:
            os.sync()
            return int(Path("/sys/block", Path(device).name, "stat").read_text().split()[6]) * SECTOR_BYTES

        try:
            yield place, written
        finally:
            _run("umount", str(place))
    finally:
        _run("losetup", "--detach", device)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def live(config: Config, turns: int, hours: float, written: Callable[[], int]) -> dict[str, Any]:
    """Some turns of each kind, and then nothing for so long."""
    figures: dict[str, Any] = {}
    async with open_host(config, "benchmark") as host:
        await anyio.sleep(PAUSE_SECONDS)
        for kind, sentences in KINDS.items():
            before = written()
            for number in range(turns):
                sentence = sentences[number % len(sentences)].format(n=number + 2)
                said = [part async for part in host.ask(sentence, who=OWNER)]
                assert said, sentence
                await anyio.sleep(PAUSE_SECONDS)
                os.sync()  # as the kernel does half a minute after a write, which no virtual clock brings about
            figures[kind] = round((written() - before) / turns)
        before = written()
        await anyio.sleep(hours * 3600)
        figures["total"] = written()
        figures["idle"] = figures["total"] - before
    return figures


async def _at_once(work: Callable[..., Any], *arguments: Any, **_: Any) -> Any:
    """In place of a thread, which a virtual clock would not wait for."""
    await anyio.lowlevel.checkpoint()
    return work(*arguments)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=40, help="of each kind")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--models", type=Path, help="a folder with models; default: the settings'")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    if os.geteuid():
        parser.error("a loop device needs root")
    anyio.to_thread.run_sync = _at_once
    with card() as (place, written):
        settings = {"store.folder": str(place / "voiceos")}
        if arguments.models:
            settings["store.models"] = str(arguments.models)
        config = read_config(overrides=settings).right().config
        work = functools.partial(live, config, arguments.turns, arguments.hours, written)
        figures = anyio.run(work, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
        figures["end"] = written() - figures.pop("total")  # the log is carried into the file
    console = Console()
    turn = round((sum(figures[kind] for kind in KINDS) + figures["end"] / arguments.turns) / len(KINDS))
    console.print(f"a turn: {turn / 1e3:.1f} kB (goal {GOAL_TURN / 1e3:.0f}); by kind, kB:")
    console.print({kind: round(figures[kind] / 1e3, 1) for kind in KINDS})
    console.print(f"{arguments.hours:g} idle hours: {figures['idle'] / 1e6:.3f} MB (goal: {GOAL_DAY / 1e6:.0f} a day)")
    if arguments.json:
        arguments.json.write_text(json.dumps({**conditions(config), **figures, "turn": turn}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
