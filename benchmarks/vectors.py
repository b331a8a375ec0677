"""How fast passages are found by their vectors, how many of the true nearest are, and how fast texts are encoded.

    python benchmarks/vectors.py 100000 1000000 [10000000] [--rows 1000000]

The vectors are made up: clusters of unequal directions, as those of sentences; questions lie beside passages. Times are
CPU times of one thread. From `--rows` passages on only the codes are made, for the rows would take 7 GB at 10^7.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.engines.encoders import Weighed
from voiceos.memory.index.codes import WIDTH, Codes, Floats, coded
from voiceos.memory.index.vectors import Vectors
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.store.database import Connection, open_database, transaction

QUESTIONS = 40
PART = 20_000
QUESTION = "When did Anna say that she would come back from the sea?"
PASSAGE = (
    "[7 May 2023] Anna: I went to the market with my sister yesterday, and we met the man who repaired the boiler."
)
WITHIN, NEAR, CLUSTER = 1.5, 1.2, 2000
"""How far passages lie from the middle of their cluster, and questions from a passage; passages of a cluster. So the
nearest, tenth and hundredth have cosines of 0.65, 0.50 and 0.43: with MiniLM and real questions 0.60, 0.50 and 0.38."""
_SPECTRUM = (np.arange(1, WIDTH + 1) ** -0.5).astype(np.float32)


def some(random: np.random.Generator, count: int) -> Floats:
    return random.standard_normal((count, WIDTH), np.float32) * _SPECTRUM


def unit(vectors: NDArray[np.floating]) -> Floats:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def made_up(count: int) -> Iterator[Floats]:
    """`count` vectors, in parts."""
    random = np.random.default_rng(1)
    centres = some(random, max(count // CLUSTER, 5))
    for start in range(0, count, PART):
        here = min(PART, count - start)
        yield unit(centres[random.integers(len(centres), size=here)] + WITHIN * some(random, here))


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def told(what: str, times: list[float]) -> None:
    p50, p95 = statistics.median(times) * 1e3, float(np.percentile(times, 95)) * 1e3
    print(f"{what}: p50 {p50:.2f} ms, p95 {p95:.2f} ms")


class Truth:
    """The true nearest 100 of each question, kept up to date as passages come."""

    def __init__(self, questions: Floats) -> None:
        self._questions = questions
        self._cosines = np.full((len(questions), 100), -2, np.float32)
        self.ids = np.zeros((len(questions), 100), np.uint32)

    def see(self, vectors: Floats, first: int) -> None:
        cosines = np.concatenate([self._cosines, self._questions @ vectors.T], axis=1)
        new = np.broadcast_to(np.arange(first, first + len(vectors), dtype=np.uint32), (len(cosines), len(vectors)))
        ids = np.concatenate([self.ids, new], axis=1)
        best = np.argpartition(-cosines, 100, axis=1)[:, :100]
        best = np.take_along_axis(best, np.argsort(-np.take_along_axis(cosines, best, 1), axis=1), 1)
        self._cosines, self.ids = np.take_along_axis(cosines, best, 1), np.take_along_axis(ids, best, 1)

    def share(self, found: list[Any], count: int) -> float:
        """Mean share of the true nearest `count` that are among those found."""
        return float(np.mean([np.isin(ids[:count], one).mean() for ids, one in zip(self.ids, found, strict=True)]))


def scan(count: int, rows: bool) -> None:
    print(f"\n{count} passages")
    questions = asked(count)
    truth, codes, index = Truth(questions), Codes(), Vectors("benchmark")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        db = open_database(Path(folder) / "memory.db", derived=[Vectors("")])
        spent, first = 0.0, 1
        for part in made_up(count):
            truth.see(part, first)
            ids = np.arange(first, first + len(part), dtype=np.uint32)
            if rows:
                spent += seconds(lambda part=part, ids=ids: added(db, index, ids, part))
            else:
                codes.append(ids, coded(part))
            first += len(part)
        if rows:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = (Path(folder) / "memory.db").stat().st_size
            print(f"added: {count / spent:.0f} passages/s, {size / count:.0f} B each")
            print(f"loaded: {seconds(lambda: index.nearest(db, questions[0], 10)):.2f} s")
            measured("nearest 300 by codes", truth, questions, lambda one: index.nearest(db, one, 300)[0])
        else:
            measured("nearest 300 by codes", truth, questions, lambda one: codes.nearest(one, 300)[0])
        db.close()


def asked(count: int) -> Floats:
    near = np.concatenate([part[:2] for part in made_up(min(count, PART * QUESTIONS // 2))])
    random = np.random.default_rng(2)
    rows = random.choice(len(near), QUESTIONS, replace=len(near) < QUESTIONS)
    return unit(near[rows] * np.linalg.norm(_SPECTRUM) + NEAR * some(random, QUESTIONS))


def added(db: Connection, index: Vectors, ids: Any, part: Floats) -> None:
    words = Weighed(np.arange(1000, 1070, dtype=np.uint16), np.ones(70, np.float32))
    with transaction(db):
        index.add(db, ids.tolist(), part, [words] * len(ids))


def measured(what: str, truth: Truth, questions: Floats, search: Callable[[Floats], Any]) -> None:
    for one in questions[:5]:
        search(one)
    found: list[Any] = []
    times = [seconds(lambda one=one: found.append(search(one))) for one in questions]
    told(what, times)
    shares = [f"{truth.share(found, n):.3f} of the true nearest {n}" for n in (10, 100) if len(found[0]) >= n]
    print(f"    {', '.join(shares)}")


def plain(count: int) -> None:
    """What the same costs with whole vectors, and with faiss if it is here."""
    vectors = np.concatenate(list(made_up(count)))
    questions = asked(count)
    told(f"\n{count} whole vectors in numpy", [seconds(lambda one=one: vectors @ one) for one in questions])
    try:
        import faiss  # type: ignore[import-not-found]
    except ImportError:
        return
    flat: Any = faiss.IndexBinaryFlat(WIDTH)
    flat.add(coded(vectors).view(np.uint8))
    bits = coded(questions).view(np.uint8)
    told(f"{count} codes in faiss", [seconds(lambda one=one: flat.search(one[np.newaxis], 300)) for one in bits])


def encoders() -> None:
    from voiceos.engines.encoders import SentenceEncoder, SparseEncoder

    folder = Shelf(models_folder(StoreSettings())).path(MEMORY)
    tokens = folder / "tokenizer.json"
    dense = SentenceEncoder(folder / "dense.onnx", tokens)
    sparse = SparseEncoder(folder / "sparse.onnx", tokens)
    passages = [PASSAGE[: 40 + n % 80] for n in range(300)]
    for name, encode in (("dense", dense.encode), ("sparse", sparse.encode)):
        encode([QUESTION])
        told(f"{name}: a question", [seconds(lambda encode=encode: encode([QUESTION])) for _ in range(100)])
        print(f"{name}: {len(passages) / seconds(lambda encode=encode: encode(passages)):.0f} passages/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=int, nargs="*", default=[100_000])
    parser.add_argument("--rows", type=int, default=1_000_000, help="most passages whose rows are written")
    arguments = parser.parse_args()
    encoders()
    plain(100_000)
    for count in arguments.counts:
        scan(count, count <= arguments.rows)


if __name__ == "__main__":
    main()
