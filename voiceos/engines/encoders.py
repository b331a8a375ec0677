"""The meaning of texts, for the memory: MiniLM's vectors, SPLADE's weighted words, bge-small's odds; all in int8."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.onnx import open_session
from voiceos.errors import ModelError

WIDTH = 384
TOKENS = 128
"""How much of a text is read: about a hundred words."""
PAIR_TOKENS = 192
"""How much of a question and a line together."""
LONGEST_TEXT = 2000
"""Characters of a text that are looked at."""
BATCH = 16


class Encoder:
    """A BERT that `voiceos.models.encoder_files` has made, with its tokenizer.json. Raises ModelError.

    May be called from any thread; one call at a time works.
    """

    def __init__(self, model: Path, tokens: Path, *, threads: int = 1, most: int = TOKENS) -> None:
        """`most`: tokens of a text, or a pair, that are read."""
        from tokenizers import Tokenizer

        if not tokens.is_file():
            raise ModelError(f"The model file '{tokens}' is missing: run `voiceos models pull --default`.")
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(tokens))
        except Exception as error:  # the library raises nothing more special
            raise ModelError(f"The model file '{tokens}' is damaged: run `voiceos models pull --default`.") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(most)
        self._session = open_session(model, ("ids", "mask", "types"), threads=threads)
        self._lock = threading.Lock()

    def run(self, texts: Sequence[str | tuple[str, str]], size: int) -> Iterator[tuple[NDArray[np.intp], Any]]:
        """The texts, or pairs, of each batch, which are about equally long, and what the model says of them."""
        pieces = [self._pieces(text) for text in texts]
        order = np.argsort([len(one.ids) for one in pieces], kind="stable")
        for start in range(0, len(texts), size):
            rows = order[start : start + size]
            ids = np.zeros((len(rows), len(pieces[rows[-1]].ids)), np.int32)
            mask, types = np.zeros_like(ids), np.zeros_like(ids)
            for row, text in enumerate(rows):
                one = pieces[text]
                ids[row, : len(one.ids)], types[row, : len(one.ids)] = one.ids, one.type_ids
                mask[row, : len(one.ids)] = 1
            with self._lock:
                found = self._session.run(None, {"ids": ids, "mask": mask, "types": types})[0]
            yield rows, found

    def _pieces(self, text: str | tuple[str, str]) -> Any:
        both = (text,) if isinstance(text, str) else text
        return self._tokenizer.encode(*(one[:LONGEST_TEXT] for one in both))


class SentenceEncoder(Encoder):
    """all-MiniLM-L6-v2, adapted to talk."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A vector of length 1 and width 384 for each text. Blocks: a few milliseconds for a question."""
        found = np.empty((len(texts), WIDTH), np.float32)
        for rows, vectors in self.run(texts, BATCH):
            found[rows] = vectors
        return found


class CrossEncoder(Encoder):
    """bge-small-en-v1.5, taught to read a question and a line together."""

    def odds(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """The log odds that the line of each pair answers its question. Blocks some ten milliseconds for each."""
        found = np.empty(len(pairs), np.float32)
        for rows, odds in self.run(pairs, BATCH):
            found[rows] = odds[:, 0]
        return found


@dataclass(frozen=True, slots=True)
class Weighed:
    """Words by their number in the model's vocabulary, ascending, and their weights, above 0."""

    words: NDArray[np.uint16]
    weights: NDArray[np.float32]


class SparseEncoder(Encoder):
    """SPLADE-tiny, adapted to talk: the words of a text, and words that it could have used."""

    def encode(self, texts: Sequence[str], most: int | None = None) -> list[Weighed]:
        """The words of each text; the heaviest `most` of them. Blocks: a few milliseconds for a question.

        One text at a time: each of its pieces gives a score to all 30,522 words, which should stay in the cache. So
        there is no padding either, whose scores would have to be left out.
        """
        found = {int(rows[0]): _weighed(scores[0].max(axis=0), most) for rows, scores in self.run(texts, 1)}
        return [found[row] for row in range(len(texts))]


def _weighed(scores: NDArray[np.float32], most: int | None) -> Weighed:
    words = np.flatnonzero(scores > 0)
    if most is not None and len(words) > most:
        words = np.sort(words[np.argpartition(-scores[words], most)[:most]])
    return Weighed(words.astype(np.uint16), np.log1p(scores[words]))
