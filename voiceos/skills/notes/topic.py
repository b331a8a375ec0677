"""What a request to the memory is about: what is left of it without the words that only ask for something.

Each word is weighed by itself and its neighbours; the topic is the run of words that weighs most. The weights are in
`language/LANGUAGE/topics.npz`, which `benchmarks/train_topics.py` makes.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import FOLDER

BUCKETS = 1 << 15
_WORD = re.compile(r"[^\W_]+(?:['’.:@-][^\W_]+)*|[,:;]")
_DIGIT = re.compile(r"[0-9]")


def topic_of(text: str, kind: str, language: str = "en") -> str:
    """What a request of some kind, such as "notes.forget", is about; empty: nothing. Blocks less than a millisecond."""
    spans = [found.span() for found in _WORD.finditer(text)]
    if not spans:
        return ""
    first, last = heaviest(weights_of(kind, words_in(text), _weights(language)))
    return text[spans[first][0] : spans[last - 1][1]].strip(" ,:;") if last > first else ""


def words_in(text: str) -> list[str]:
    """The words and the marks between them; digits are alike."""
    return [_DIGIT.sub("0", found[0].lower().replace("’", "'")) for found in _WORD.finditer(text)]


def weights_of(kind: str, words: Sequence[str], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each word belongs to the topic, above 0, or to what is around it."""
    return np.array([weights[list(pieces(kind, words, at))].sum() for at in range(len(words))], np.float32)


def pieces(kind: str, words: Sequence[str], at: int) -> Iterator[int]:
    """The hashes of a word among its neighbours."""
    padded = ["^", "^", *words, "$", "$"]
    far, before, word, after, beyond = padded[at : at + 5]
    for piece in (
        "",
        word,
        f"{before}<",
        f">{after}",
        f"{before} {word}",
        f"{word} {after}",
        f"{far} {before}<",
        f">{after} {beyond}",
        f"{before} _ {after}",
    ):
        yield crc32(f"{kind}|{piece}".encode()) % BUCKETS


def heaviest(weights: NDArray[np.float32]) -> tuple[int, int]:
    """The run, from and to, with the largest sum above 0; of none (0, 0)."""
    best, found, total, start = 0.0, (0, 0), 0.0, 0
    for at, weight in enumerate(weights.tolist()):
        if total <= 0:
            total, start = 0.0, at
        total += weight
        if total > best:
            best, found = total, (start, at + 1)
    return found


@cache
def _weights(language: str) -> NDArray[np.float32]:
    with np.load(FOLDER / language / "topics.npz") as file:
        return file["weights"].astype(np.float32) * file["scale"]
