"""Finds the words of a sentence that name something, by the words around them: "put [the dentist] in for friday".

Each word is the first of a name, a further one, or none of it. What each costs was learnt from sentences with their
names marked (`benchmarks/train_tagger.py`); the weights are in `language/LANGUAGE/titles.npz`. It takes less than a
millisecond.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from voiceos.language.data import FOLDER

BUCKETS = 8192
OUT, FIRST, FURTHER = range(3)
_TOKEN = re.compile(r"[’']?[^\W_]+(?:[.:][0-9]+)*")
_DIGIT = re.compile(r"[0-9]")
_TITLE = re.compile(r"\b(?:mr|mrs|ms|dr|st)\.", re.IGNORECASE)


class Token(NamedTuple):
    start: int
    end: int
    text: str
    """In small letters; digits are alike."""
    timed: bool
    """Whether it tells a time."""
    apart: bool
    """Whether a sign stands before it."""


class Tagger:
    """Reads its weights when it is first asked. From any thread."""

    def __init__(self, language: str = "en", file: Path | None = None) -> None:
        self._file = file or FOLDER / language / "titles.npz"

    def __call__(self, text: str, times: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where names begin and end in a text, of which `times` tell the time."""
        found = tokens(text, times)
        if not found:
            return []
        tags, spans = best(self._scores(found), self._steps), list[tuple[int, int]]()
        for token, tag in zip(found, tags, strict=True):
            if tag == FIRST:
                spans.append((token.start, token.end))
            elif tag == FURTHER and spans:
                spans[-1] = spans[-1][0], token.end
        return spans

    def _scores(self, found: Sequence[Token]) -> NDArray[np.float32]:
        return np.stack([self._weights[features(found, at)].sum(0) for at in range(len(found))])

    @cached_property
    def _arrays(self) -> dict[str, NDArray[np.float32]]:
        with np.load(self._file) as arrays:
            return {name: arrays[name].astype(np.float32) for name in arrays.files}

    @property
    def _weights(self) -> NDArray[np.float32]:
        return self._arrays["weights"]

    @property
    def _steps(self) -> NDArray[np.float32]:
        return self._arrays["steps"]


def best(scores: NDArray[np.float32], steps: NDArray[np.float32]) -> list[int]:
    """The likeliest tags. `scores`: of each tag for each word; `steps`: from each tag, or the begin, to the next."""
    whole, before = scores[0] + steps[3], list[NDArray[np.intp]]()
    for row in scores[1:]:
        ways = whole[:, None] + steps[:3]
        before.append(ways.argmax(0))
        whole = ways.max(0) + row
    tags = [int(whole.argmax())]
    for row in reversed(before):
        tags.append(int(row[tags[-1]]))
    return tags[::-1]


def tokens(text: str, times: Sequence[tuple[int, int]]) -> list[Token]:
    """The words of a text."""
    found, end = list[Token](), 0
    for one in _TOKEN.finditer(_TITLE.sub(lambda title: title[0][:-1] + " ", text)):
        timed = any(start < one.end() and one.start() < stop for start, stop in times)
        word = _DIGIT.sub("0", one[0].lower().replace("’", "'"))
        apart = re.search(r"[,.;:!?]", text[end : one.start()]) is not None
        found.append(Token(one.start(), one.end(), word, timed, apart))
        end = one.end()
    return found


def features(found: Sequence[Token], at: int) -> NDArray[np.intp]:
    """The hashes of what stands at a word and around it."""
    return np.fromiter((crc32(one.encode()) % BUCKETS for one in _features(found, at)), np.intp)


def _features(found: Sequence[Token], at: int) -> Iterator[str]:
    def word(offset: int) -> str:
        place = at + offset
        if not 0 <= place < len(found):
            return "^" if place < 0 else "$"
        return f"T{found[place].text}" if found[place].timed else found[place].text

    def shape(offset: int) -> str:
        place = at + offset
        return "T" if 0 <= place < len(found) and found[place].timed else word(offset)

    yield "bias"
    for offset in (-2, -1, 0, 1, 2):
        yield f"{offset} {word(offset)}"
        yield f"{offset}~{shape(offset)}"
    for one, other in ((-2, -1), (-1, 0), (0, 1), (1, 2), (-1, 1)):
        yield f"{one}{other} {shape(one)} {shape(other)}"
    yield f"3 {shape(-1)} {shape(0)} {shape(1)}"
    yield f"3- {shape(-3)} {shape(-2)} {shape(-1)}"
    yield f"3+ {shape(1)} {shape(2)} {shape(3)}"
    yield f"end {word(0)[-3:]}"
    yield f"apart {found[at].apart} {shape(0)}"
    if at + 1 < len(found):
        yield f"apart next {found[at + 1].apart}"
    yield f"first {at == 0} {shape(0)}"
    yield f"timed before {any(one.timed for one in found[:at])} {shape(0)}"
    yield f"timed after {any(one.timed for one in found[at + 1 :])} {shape(0)}"
    yield f"frame {word(0) if len(word(0)) < 4 else '*'} {shape(-1)} {shape(1)}"
