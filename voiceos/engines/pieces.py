"""Cuts texts into BERT's word pieces, and makes batches of about the same length."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.errors import ModelError

Feed = dict[str, NDArray[np.int32]]
INPUTS = ("ids", "mask", "types")
"""The inputs of an encoder's session."""
LONGEST_TEXT = 2000
"""Characters of a text that are cut into pieces: more than any model takes."""


class Pieces:
    """A tokenizer.json; at most `longest` pieces of a text, the two at its ends included. Raises ModelError."""

    def __init__(self, path: Path, longest: int) -> None:
        from tokenizers import Tokenizer

        if not path.is_file():
            raise ModelError(f"The model file '{path}' is missing: run `voiceos models pull`.")
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises nothing more special
            raise ModelError(f"The model file '{path}' is damaged: run `voiceos models verify`.") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(longest)

    def batches(self, texts: Sequence[str], size: int) -> Iterator[tuple[NDArray[np.intp], Feed]]:
        """The texts of each batch, about equally long, and their inputs for a session."""
        found = [self._tokenizer.encode(text[:LONGEST_TEXT]).ids for text in texts]
        order = np.argsort([len(ids) for ids in found], kind="stable")
        for start in range(0, len(texts), size):
            rows = order[start : start + size]
            yield rows, _feed([found[row] for row in rows])


def _feed(pieces: Sequence[Sequence[int]]) -> Feed:
    ids = np.zeros((len(pieces), max(map(len, pieces))), np.int32)
    mask = np.zeros_like(ids)
    for row, one in enumerate(pieces):
        ids[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return {"ids": ids, "mask": mask, "types": np.zeros_like(ids)}
