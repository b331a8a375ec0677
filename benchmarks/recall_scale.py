"""Whole recalls at scale: from a question's words to what the gate lets through, encoders included, on one thread.

    python -m benchmarks.recall_scale --sizes 10000 100000 1000000 [--folder DIR] [--plot growth.png]

Passages and questions are words of the encoders' vocabulary, drawn from a seed, with frequencies as in talk. Vectors of
passages and lines are made up, since encoding them would take hours. All that a question meets is real: the ledger, the
indexes, the encoders, the ranker, the facts, the gate. Warm; CPU time, and wall time beside it.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.lexical import Talk
from benchmarks.vectors import made_up
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.engines.encoders import Weighed
from voiceos.memory.index.vectors import Vectors
from voiceos.memory.indexer import catch_up
from voiceos.memory.line_meanings import LineMeanings
from voiceos.memory.memory import Memory
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.store.database import transaction
from voiceos.store.records import OWNER, Kind, Record, Source

START = datetime(2006, 1, 1, tzinfo=UTC)
MINUTES = 10 * 365 * 24 * 60
PART = 10_000
QUESTIONS = 200


def talk_of(folder: Path, seed: int) -> Talk:
    """Talk in words that are one token each to the encoders, as most words of real talk are."""
    talk = Talk(seed)
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    words = [word for word in vocabulary if word.isascii() and word.isalpha() and len(word) > 1]
    talk.words[: len(words)] = words
    return talk


def record(number: int, count: int, text: str) -> Record:
    """One message of a long life: a chat of about a hundred messages, one of fifty people."""
    at = START + timedelta(minutes=MINUTES * number / count)
    author = OWNER if number % 2 else f"Person{number // 100 % 50}"
    return Record(Kind.MESSAGE, str(number), text, author=author, at=at, thread=f"chat{number // 100}")


def fill(memory: Memory, talk: Talk, count: int, encoder: str) -> list[str]:
    """Takes in `count` passages; returns some of them."""
    kept = list[str]()
    source = Source("/made/up", "chat", "Made up")
    vectors = Vectors(encoder)
    words = np.random.default_rng(7)
    db = memory.ledger._db  # pyright: ignore[reportPrivateUsage]
    begun = last = time.perf_counter()
    for start, part in zip(range(0, count, PART), _parts(count), strict=True):
        texts = talk.passages(len(part))
        kept += texts[: 2 * QUESTIONS * PART // count + 1]
        added = memory.ledger.add(source, [record(start + n, count, text) for n, text in enumerate(texts)])
        catch_up(db, memory.lexical, batch=2000)
        first = db.execute("SELECT min(id) FROM passage WHERE record_id >= ?", (added.ids[0],)).fetchone()[0]
        weighed = [
            Weighed(np.sort(words.choice(30_000, 60, replace=False)).astype(np.uint16), words.random(60, np.float32))
            for _ in range(64)
        ]
        with transaction(db):
            vectors.add(db, list(range(first, first + len(part))), part, [weighed[n % 64] for n in range(len(part))])
        lines = LineMeanings(encoder, lambda texts, some=part: np.resize(some, (len(texts), some.shape[1])))
        catch_up(db, lines, batch=len(part))
        if time.perf_counter() - last > 30:
            last = time.perf_counter()
            print(f"  {start + len(part)} passages, {(start + len(part)) / (last - begun):.0f} a second", flush=True)
    return kept


def _parts(count: int) -> Iterator[NDArray[np.float32]]:
    return (vectors[at : at + PART] for vectors in made_up(count) for at in range(0, len(vectors), PART))


def measure(folder: Path, count: int, models: Path) -> tuple[float, float, float]:
    """Median and 95th percentile of a recall in milliseconds of CPU time, and resident megabytes."""
    meaning = SemanticIndex(models)
    before = psutil.Process().memory_info().rss
    with Memory(folder, meaning=meaning) as memory:
        talk = talk_of(models, 5)
        asked = folder / "questions.txt"
        if not asked.exists():
            asked.write_text(
                "\n".join(
                    talk.question(text)
                    for text in fill(memory, talk_of(models, 4), count, models.name)[:QUESTIONS]
                    if text
                )
            )
        questions = asked.read_text().splitlines()
        now = START + timedelta(minutes=MINUTES + 60)
        cpu, wall = list[float](), list[float]()
        for question in questions[:20] + questions:
            began, used = time.perf_counter(), time.process_time()
            memory.recall(question, now)
            cpu.append((time.process_time() - used) * 1000)
            wall.append((time.perf_counter() - began) * 1000)
    rss = psutil.Process().memory_info().rss / 1e6
    size = sum(file.stat().st_size for file in folder.glob("memory.db*")) / 1e6
    (p50, p95), (w50, w95) = (np.percentile(times[20:], [50, 95]) for times in (cpu, wall))
    print(
        f"{count} passages: recall {p50:.1f} / {p95:.1f} ms CPU p50/p95 (wall {w50:.1f} / {w95:.1f});"
        f" {rss:.0f} MB resident, {rss - before / 1e6:.0f} of them the memory's; {size:.0f} MB on disk",
        flush=True,
    )
    return float(p50), float(p95), rss


def plot(sizes: list[int], figures: list[tuple[float, float, float]], file: Path) -> None:
    """How it grows with the size of a life."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for name, column in (("median", 0), ("95th percentile", 1)):
        axes[0].plot(sizes, [one[column] for one in figures], "o-", label=name)
    axes[0].set(xscale="log", xlabel="passages", ylabel="ms for a recall", ylim=0)
    axes[0].legend()
    axes[1].plot(sizes, [one[2] for one in figures], "o-")
    axes[1].set(xscale="log", xlabel="passages", ylabel="MB resident", ylim=0)
    figure.savefig(file, dpi=120)


def main() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[100_000])
    arguments.add_argument("--folder", type=Path, default=Path("recall-scale"))
    arguments.add_argument("--models", type=Path, default=models_folder(Config().store))
    arguments.add_argument("--plot", type=Path)
    given = arguments.parse_args()
    models = Shelf(given.models).path(MEMORY)
    figures = [measure(given.folder / str(size), size, models) for size in given.sizes]
    if given.plot:
        plot(given.sizes, figures, given.plot)


if __name__ == "__main__":
    main()
