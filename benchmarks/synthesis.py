"""Synthesis: when a clause begins to sound and what it costs, with the voice's network whole and in parts.

python benchmarks/synthesis.py [--voice NAME] [--threads N] [--rounds N] [--json]
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import numpy as np
from rich.console import Console
from rich.table import Table

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.engines.piper import Piper
from voiceos.models.shelf import Shelf
from voiceos.models.voices import cut

CLAUSES = {
    1: "Yes.",
    3: "It is closed.",
    6: "The garage door is now closed.",
    12: "The garage door is now closed, and the kitchen light is off.",
    25: "The garage door is now closed, and the kitchen light is off, but the window in the bedroom upstairs has been "
    "open since early this morning.",
}


@dataclass(frozen=True)
class Figure:
    way: str
    words: int
    sound_seconds: float
    first_seconds: float
    """From the call to the first frame."""
    cpu_per_second: float
    """CPU seconds for a second of sound."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--voice", default="en_US-joe-medium")
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()), help="folder of model files")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    found = anyio.run(measure, Shelf(args.models), args.voice, args.threads, args.rounds)
    if args.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        show(found)


async def measure(shelf: Shelf, name: str, threads: int, rounds: int) -> list[Figure]:
    parts = Piper(shelf.path(name), threads=threads)
    await parts.warm()
    with TemporaryDirectory() as uncut:
        cut(shelf.folder_of(name) / f"{name}.onnx", Path(uncut), ["no such weight"])
        whole = Piper(Path(uncut), threads=threads)
        await whole.warm()
    found: list[Figure] = []
    for words, text in CLAUSES.items():
        taken: dict[str, list[tuple[float, float, float]]] = {"whole": [], "parts": []}
        for _ in range(rounds):  # in turn, so that both meet the same machine
            taken["whole"].append(await once(whole, text))
            taken["parts"].append(await once(parts, text))
        found.extend(Figure(way, words, *medians(times)) for way, times in taken.items())
    return found


def medians(times: list[tuple[float, float, float]]) -> Iterator[float]:
    return (float(np.median(column)) for column in zip(*times, strict=True))


async def once(voice: Piper, text: str) -> tuple[float, float, float]:
    """Seconds of sound, seconds to the first frame, CPU seconds for a second of sound."""
    began, cpu = time.perf_counter(), time.process_time()
    first = seconds = 0.0
    async with aclosing(voice.synthesize(text)) as made:
        async for frame in made:
            first = first or time.perf_counter() - began
            seconds += frame.seconds
    return seconds, first, (time.process_time() - cpu) / seconds


def show(found: list[Figure]) -> None:
    table = Table(title="Synthesis (medians)")
    for column in ("words", "way", "sound, s", "first sound, s", "CPU s per s of sound"):
        table.add_column(column)
    for one in found:
        table.add_row(
            str(one.words),
            one.way,
            f"{one.sound_seconds:.2f}",
            f"{one.first_seconds:.3f}",
            f"{one.cpu_per_second:.3f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
