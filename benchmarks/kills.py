"""Kills a process at work on the memory, again and again, and counts what was lost: `python benchmarks/kills.py`.

The process keeps turns and says so on its output, takes in records, changes them, indexes them and forgets some of
them. After each SIGKILL, at a random moment, the memory is opened as at any start and checked: no turn that was
acknowledged may be missing, nothing may be inconsistent, and what was reported forgotten may be in no file.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from voiceos.core import Outcome, Transcript, Turn
from voiceos.language.terms import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import catch_up
from voiceos.memory.registered import derived
from voiceos.store.database import open_database
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.ledger import Ledger
from voiceos.store.records import Kind, Record, Source
from voiceos.store.turns import TurnStore
from voiceos.store.verify import verify

SOURCE = Source("/life.txt", "text")
KEPT, FORGOTTEN = "kept", "forgotten"


@dataclass
class Tally:
    """What the kills did."""

    kills: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list[str])
    forgotten: int = 0
    traces: list[str] = field(default_factory=list[str])
    inconsistencies: list[str] = field(default_factory=list[str])


def work(folder: Path, seed: int) -> None:
    """Works on the memory until it is killed; a line of output for each thing that is done for good."""
    words = random.Random(seed)
    index = LexicalIndex(Analyzer("en"))
    keeping = threading.Thread(target=keep, args=(folder, seed), daemon=True)
    db = open_database(folder / "memory.db", derived=derived())
    ledger = Ledger(db)
    keeping.start()
    for round in range(1_000_000):
        records = [
            Record(
                Kind.NOTE, f"{words.randrange(2000)}", f"round{round}x seed{seed}x " + "words " * words.randrange(300)
            )
            for _ in range(words.choice([1, 20, 200]))
        ]
        added = ledger.add(SOURCE, records)
        catch_up(db, index, batch=64)
        gone = words.sample(list(added.ids), min(len(added.ids), 3))
        names = [f"canary{seed}x{round}x{number}x" for number in range(3)]
        secret = ledger.add(
            SOURCE, [Record(Kind.NOTE, name, f"{name} " * words.choice([1, 40, 900])) for name in names]
        )
        catch_up(db, index, batch=64)
        if forget(db, Unwanted([*secret.ids, *gone])).finished:
            for name in names:
                say(FORGOTTEN, name)


def say(what: str, name: str) -> None:
    """A whole line, whatever the other thread says at the time."""
    os.write(sys.stdout.fileno(), f"{what} {name}\n".encode())


def keep(folder: Path, seed: int) -> None:
    with TurnStore(folder) as store:
        for number in range(1_000_000):
            turn = Turn(f"{seed}-{number}", f"c{seed}", transcript=Transcript(f"turn {seed} {number} " * 20))
            turn.reply = turn.said = f"reply {seed} {number} " * 20
            turn.outcome = Outcome.ANSWERED
            store.save(turn, datetime.now(UTC))
            say(KEPT, turn.id)


def kill_often(folder: Path, kills: int, seed: int = 1) -> Tally:
    """Kills the work that often."""
    tally, chance = Tally(), random.Random(seed)
    for number in range(kills):
        lines = list(_until_killed(folder, seed * 1000 + number, chance.randrange(1, 60)))
        tally.kills += 1
        _check(folder, lines, tally)
    return tally


def _until_killed(folder: Path, seed: int, after: int) -> Iterator[str]:
    command = [sys.executable, __file__, "--work", str(folder), "--seed", str(seed)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    for number, line in enumerate(child.stdout):
        if number == after:
            os.kill(child.pid, signal.SIGKILL)
        if line.endswith("\n"):
            yield line.strip()
    child.stdout.close()
    if child.wait() != -signal.SIGKILL:
        raise SystemExit(f"the work ended by itself ({child.returncode})")


def _check(folder: Path, lines: list[str], tally: Tally) -> None:
    done = [line.split() for line in lines]
    with TurnStore(folder) as store:
        for name in (name for what, name in done if what == KEPT):
            tally.acknowledged += 1
            turn = store.get(name)
            if turn is None or turn.transcript != f"turn {name.replace('-', ' ')} " * 20:
                tally.lost.append(name)
    db = open_database(folder / "memory.db", derived=derived())
    index = LexicalIndex(Analyzer("en"))
    catch_up(db, index)  # as after any start: it goes on where it was
    tally.inconsistencies += verify(db)
    db.close()
    files = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    for name in (name for what, name in done if what == FORGOTTEN):
        tally.forgotten += 1
        if name.encode() in files:
            tally.traces.append(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        work(asked.work, asked.seed)
        return
    with tempfile.TemporaryDirectory() as folder:
        tally = kill_often(Path(folder), asked.kills, asked.seed)
    print(json.dumps(vars(tally), indent=2))
    sys.exit(bool(tally.lost or tally.traces or tally.inconsistencies))


if __name__ == "__main__":
    main()
