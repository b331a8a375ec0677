"""Whether the card has every turn that was acknowledged when the power is cut.

    sudo python -m benchmarks.power_cut [--cuts 25]

The store is on a file system of its own, behind a loop device. A power cut is a copy of that device, taken right after
a turn was kept: it has what the card was given, and nothing that the kernel still holds. The copy is opened.
"""

import argparse
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.written import card, mounted
from voiceos.core import Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.store.turns import TurnStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UPKEEP = 3
"""Indexes are brought up to date after all turns but each third."""


def turn(number: int) -> Turn:
    words = f"The key number {number} is under pot {number}. " + "x" * (37 * number % 900)
    return Turn(f"t{number}", "c", transcript=Transcript(words, "en", 0.9), reply="All right.", said="All right.")


def wrong_after_cut(image: Path, kept: int) -> list[str]:
    """What is missing or not sound in a copy of the device, which must have so many turns; a sentence each."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copyfile(image, copy)
        with mounted(copy, Path(folder, "data")) as (place, _), Memory(place / "store") as memory:
            wrong = memory.verify() + ["It was damaged."] * memory.salvaged
            memory.catch_up()
            for number in range(1, kept + 1):
                found = memory.search(f"Where is key number {number}?", NOON, limit=50)
                if not any(f"number {number} " in one.text for one in found):
                    wrong.append(f"Turn {number} of {kept} is lost.")
            return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=25)
    arguments = parser.parse_args()
    if os.geteuid():
        parser.error("a loop device needs root")
    kept, bad = 0, 0
    with card() as (place, _), TurnStore(place / "store") as turns, Memory(place / "store") as memory:
        for cut in range(arguments.cuts):
            for _ in range(1 + cut % 7):
                kept += 1
                turns.save(turn(kept), NOON)
                if kept % UPKEEP:
                    memory.catch_up()
            if wrong := wrong_after_cut(place.parent / "card", kept):
                bad += 1
                Console().print(*wrong[:5])
    Console().print(f"{arguments.cuts} power cuts among {kept} turns; after {bad} of them something was lost")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
