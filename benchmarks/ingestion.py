"""How fast files become passages, and in how much memory: an mbox, a chat and notes that are made here.

    python benchmarks/ingestion.py [--megabytes 100]

Prints passages a second of CPU time with and without the lexical index, and the peak of resident memory for an mbox of
a tenth of the size and of the whole: it must not grow with the file. Runs each case in a process of its own.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

WORDS = (
    "boiler kitchen winter letter Ana Lyon school August train ticket garden broke mended paid tomorrow yesterday"
    " doctor piano lesson neighbour bread rain walked called remember birthday sister bridge market keys and the of to"
    " in we it"
).split()
CASES = ("mbox", "chat", "notes")


def sentence(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(WORDS, k=count)) + "."


def mails(chance: random.Random, size: int) -> Iterator[str]:
    written = number = 0
    while written < size:
        number += 1
        body = "\n\n".join(sentence(chance, chance.randint(10, 60)) for _ in range(3))
        mail = (
            f"From ana@example.org Fri May  3 10:00:00 2024\nFrom: Ana <ana@example.org>\nTo: Jo <jo@example.org>\n"
            f"Subject: {sentence(chance, 4)}\nDate: Fri, 3 May 2024 10:00:00 +0200\n"
            f"Message-ID: <{number}@example.org>\n\n"
            f"{body}\n\nOn Fri, Jo wrote:\n> {sentence(chance, 40)}\n\n"
        )
        written += len(mail)
        yield mail


def make(case: str, folder: Path, size: int) -> Path:
    chance = random.Random(4)
    if case == "mbox":
        path = folder / "all.mbox"
        with path.open("w") as file:
            file.writelines(mails(chance, size))
    elif case == "chat":
        path = folder / "WhatsApp Chat with Ana.txt"
        with path.open("w") as file:
            for number in range(size // 60):
                day, minute = number // 1440 % 28 + 1, number % 1440
                file.write(f"{day:02}/05/2024, {minute // 60:02}:{minute % 60:02} - Ana: {sentence(chance, 6)}\n")
    else:
        path = folder
        for number in range(size // 4_000):
            sections = "\n".join(f"# {sentence(chance, 3)}\n{sentence(chance, 100)}\n" for _ in range(6))
            (folder / f"note{number}.md").write_text(sections)
    return path


def measure(case: str, megabytes: float, indexed: bool) -> None:
    from voiceos.language.terms import Analyzer
    from voiceos.memory.index.lexical import LexicalIndex
    from voiceos.memory.indexer import catch_up
    from voiceos.memory.ingest.intake import Intake
    from voiceos.memory.registered import derived
    from voiceos.store.database import open_database

    with tempfile.TemporaryDirectory(dir="/var/tmp") as made:
        files = Path(made) / "files"
        files.mkdir()
        path = make(case, files, int(megabytes * 1e6))
        db = open_database(Path(made) / "memory.db", derived=derived())
        began = time.process_time()
        report = Intake(db).add([path])
        if indexed:
            catch_up(db, LexicalIndex(Analyzer("en")))
        spent = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        db.close()
    print(
        f"{case:6} {megabytes:7.1f} MB  {'indexed' if indexed else 'ledger':8} {report.passages:8} passages"
        f"  {report.passages / spent:8.0f} a second of CPU  peak {peak:6.0f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--indexed", action="store_true")
    chosen = parser.parse_args()
    if chosen.case:
        measure(chosen.case, chosen.megabytes, chosen.indexed)
        return
    runs = [("mbox", chosen.megabytes / 10, False), ("mbox", chosen.megabytes, False)]
    runs += [(case, chosen.megabytes / 10, True) for case in CASES]
    for case, megabytes, indexed in runs:
        options = ["--case", case, "--megabytes", str(megabytes), *(["--indexed"] if indexed else [])]
        subprocess.run([sys.executable, __file__, *options], check=True)


if __name__ == "__main__":
    main()
