"""Search by words at scale: voiceos's index beside FTS5 and, where it is installed, Tantivy, in one run.

    python -m benchmarks.lexical --passages 100000 --folder /var/tmp/lexical [--no-peers]

Passages and questions are words that do not exist, drawn from a seed; how often the words are,
how long passages are and how common a question's words are follows talk. One thread, warm; times are CPU time.
"""

import argparse
import os
import shutil
import string
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from voiceos.language.terms import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.store.database import open_database, transaction

BATCH = 1000
LIMIT = 150
RANKS = [1, 3, 6, 11, 21, 51, 101, 201, 501, 1001, 2001, 5001, 1_000_001]
SHARES = [0.465, 0.45, 0.365, 0.206, 0.16, 0.07, 0.038, 0.0187, 0.0058, 0.002, 0.00068, 0.00017, 1.7e-7]
"""Of passages that have the word of that rank."""
ASKED = [(0, 10, 0.125), (10, 30, 0.076), (30, 100, 0.2), (100, 300, 0.185), (300, 1000, 0.205), (1000, 3000, 0.112)]
"""Where a question's words come from: ranks, and the share of the words. The others come from anywhere."""


class Talk:
    """Passages and questions that nobody ever said."""

    def __init__(self, seed: int = 4) -> None:
        self.chance = np.random.default_rng(seed)
        ranks = np.arange(1, RANKS[-1])
        shares = np.exp(np.interp(np.log(ranks), np.log(RANKS), np.log(SHARES)))
        rates = -np.log1p(-shares)
        self.upto = np.cumsum(rates / rates.sum())
        letters = np.array(list(string.ascii_lowercase))
        self.words = ["".join(letters[list(_digits(int(rank) * 7919 % 11_881_376))]) for rank in ranks]

    def passages(self, count: int) -> list[str]:
        lengths = np.clip(self.chance.lognormal(2.85, 0.7, count), 2, 200).astype(int)
        drawn = np.searchsorted(self.upto, self.chance.random(int(lengths.sum()))).tolist()
        words = [self.words[rank] for rank in drawn]
        ends = np.cumsum(lengths).tolist()
        return [" ".join(words[end - length : end]) for end, length in zip(ends, lengths.tolist(), strict=True)]

    def question(self, about: str) -> str:
        """Three words of a passage, and others as they come in questions."""
        has = about.split()
        words = [has[int(self.chance.random() * len(has))] for _ in range(3)]
        for _ in range(int(self.chance.integers(3, 10))):
            place = self.chance.random()
            low, high = 3000, len(self.words)
            for first, last, share in ASKED:
                if place < share:
                    low, high = first, last
                    break
                place -= share
            words.append(self.words[int(np.exp(self.chance.uniform(np.log(low + 1), np.log(high))))])
        return " ".join(words)


def _digits(number: int) -> Iterator[int]:
    for _ in range(5):
        number, digit = divmod(number, 26)
        yield digit


def timed(name: str, questions: Sequence[str], search: Callable[[str], Any]) -> None:
    for question in questions[:50]:
        search(question)
    took: list[float] = []
    for question in questions:
        start = time.thread_time()
        search(question)
        took.append((time.thread_time() - start) * 1000)
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    print(
        f"{name:10} search ms p50 {p50:7.2f} p95 {p95:7.2f} p99 {p99:7.2f}",
        flush=True,
    )


def ours(folder: Path, texts: Callable[[], Iterator[list[str]]], questions: Sequence[str]) -> None:
    before = psutil.Process().memory_info().rss
    db = open_database(folder / "memory.db", derived=[LexicalIndex(Analyzer())])
    db.execute("PRAGMA synchronous = NORMAL")
    index = LexicalIndex(Analyzer("en"))
    adding = longest = 0.0
    number = 1
    for batch in texts():
        start = time.thread_time()
        with transaction(db):
            index.add(db, list(enumerate(batch, number)))
        number += len(batch)
        step = time.thread_time() - start
        adding, longest = adding + step, max(longest, step)
    size = (folder / "memory.db").stat().st_size / (number - 1)
    print(
        f"voiceos    {(number - 1) / adding:.0f} passages/s (longest step {longest * 1000:.0f} ms),"
        f" {size:.0f} bytes a passage"
    )
    analyze = Analyzer("en")
    timed("voiceos", questions, lambda question: index.search(db, analyze(question), LIMIT))
    print(f"voiceos    {(psutil.Process().memory_info().rss - before) / 2**20:.0f} MB more than before")
    middle = np.arange(number // 3, number // 2, dtype=np.uint32)
    timed("  a sixth", questions, lambda question: index.search(db, analyze(question), LIMIT, middle))
    changes(db, index, number, questions)


def changes(db: Any, index: LexicalIndex, number: int, texts: Sequence[str]) -> None:
    """One passage at a time."""
    took: dict[str, list[float]] = {"add": [], "find": [], "remove": []}
    for turn in range(100):
        start = time.thread_time()
        index.add(db, [(number + turn, texts[turn])])
        added = time.thread_time()
        index.search(db, index._analyze(texts[turn]), 10)  # pyright: ignore[reportPrivateUsage]
        found = time.thread_time()
        index.remove(db, [1 + turn * (number // 101)])
        removed = time.thread_time()
        for name, seconds in (("add", added - start), ("find", found - added), ("remove", removed - found)):
            took[name].append(seconds * 1000)
    for name, times in took.items():
        p50, p95 = np.percentile(times, [50, 95])
        print(f"  one {name:6} ms p50 {p50:6.2f} p95 {p95:6.2f}", flush=True)


def fts5(folder: Path, texts: Callable[[], Iterator[list[str]]], questions: Sequence[str]) -> None:
    db = open_database(folder / "fts.db")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("CREATE VIRTUAL TABLE found USING fts5 (text, content='', tokenize='porter')")
    start, count = time.thread_time(), 0
    for batch in texts():
        with transaction(db):
            db.executemany("INSERT INTO found (rowid, text) VALUES (?, ?)", list(enumerate(batch, count + 1)))
        count += len(batch)
    print(f"FTS5       {count / (time.thread_time() - start):.0f} passages/s", flush=True)

    def search(question: str) -> None:
        words = " OR ".join(f'"{word}"' for word in question.split())
        db.execute(f"SELECT rowid FROM found WHERE found MATCH ? ORDER BY rank LIMIT {LIMIT}", (words,)).fetchall()

    timed("FTS5", questions[:100], search)


def tantivy(folder: Path, texts: Callable[[], Iterator[list[str]]], questions: Sequence[str]) -> None:
    try:
        import tantivy as peer  # type: ignore[import-not-found]
    except ImportError:
        print("Tantivy    is not installed")
        return
    builder: Any = peer.SchemaBuilder()
    builder.add_integer_field("id", stored=True)
    builder.add_text_field("text", tokenizer_name="en_stem")
    index: Any = peer.Index(builder.build(), path=str(folder))
    writer = index.writer(heap_size=100_000_000, num_threads=1)
    start, count = time.thread_time(), 0
    for batch in texts():
        for text in batch:
            writer.add_document(peer.Document(id=count, text=text))
            count += 1
    writer.commit()
    writer.wait_merging_threads()
    print(f"Tantivy    {count / (time.thread_time() - start):.0f} passages/s", flush=True)
    index.reload()
    searcher = index.searcher()

    def search(question: str) -> None:
        searcher.search(index.parse_query(question, ["text"]), LIMIT)

    timed("Tantivy", questions, search)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--no-peers", action="store_true")
    given = parser.parse_args()
    print(f"{given.passages} passages, {os.cpu_count()} cores")
    asked = Talk(7)
    questions = [asked.question(about) for about in asked.passages(given.questions)]

    def texts() -> Iterator[list[str]]:
        talk = Talk()
        for _ in range(0, given.passages, BATCH):
            yield talk.passages(BATCH)

    for number, engine in enumerate([ours] if given.no_peers else [ours, fts5, tantivy]):
        folder = given.folder / f"lexical-{os.getpid()}-{number}"
        folder.mkdir(parents=True)
        try:
            engine(folder, texts, questions)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
