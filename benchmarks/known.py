"""What is answered by rule about one's own calendar, facts and notes: how much of it is right.

    python -m benchmarks.known [--without-models] [--show]

The tables in `tests/skills/known/` were written before anything was mended for them. Each question is asked as the
product is: with all skills, the judge of intent and a store, in a month of 2027. "Declined" is left to the language
model; "not there" counts as right where it is so. Acts are right if the store is as it should be afterwards, too.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import anyio
from rich.console import Console

from benchmarks.figures import conditions, save, table
from tests.skills.household import KNOWN, asked
from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.shelf import Shelf
from voiceos.skills.judge import Judge


async def measured(names: list[str], meaning: SemanticIndex | None, *, show: bool) -> list[list[object]]:
    rows: list[list[object]] = []
    for name in names:
        found = Counter[str]()
        with tempfile.TemporaryDirectory() as folder:
            judge = Judge(meaning.meaning) if meaning else None
            async for row, verdict, said in asked(Path(folder), name, meaning=meaning, judge=judge):
                found[verdict] += 1
                if show and verdict != "right":
                    print(f"{verdict}\t{' > '.join(row.said)}\t{said}\t{row.answer}\t{'; '.join(row.effects)}")
        right, all_ = found["right"], found.total()
        rows.append([name, all_, right, found["wrong"], found["declined"], f"{right / all_:.0%}"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=sorted(path.stem for path in KNOWN.glob("*.tsv")))
    parser.add_argument("--without-models", action="store_true", help="templates alone, and search by words alone")
    parser.add_argument("--show", action="store_true", help="print what is not right")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    shelf = Shelf(models_folder(StoreSettings()))
    meaning = None if chosen.without_models else SemanticIndex(shelf.path(MEMORY), shelf.path(READER))
    rows = anyio.run(lambda: measured(chosen.only, meaning, show=chosen.show))
    table("Known", ["table", "", "right", "wrong", "declined", "share"], rows, Console(width=100))
    save({"rows": rows, **conditions()}, chosen.json)


if __name__ == "__main__":
    main()
