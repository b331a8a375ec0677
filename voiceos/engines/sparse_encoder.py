"""Words that a text is about, weighed, and others that it could have used: SPLADE, in eight-bit integers."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.adapter import adapted
from voiceos.engines.bert import Floats, Norm, encoder, from_floats, gelu, linear, norm, quantised
from voiceos.engines.onnx import open_built
from voiceos.engines.onnx_build import Builder
from voiceos.engines.pieces import Pieces
from voiceos.engines.weights import Weights, read_safetensors
from voiceos.errors import ModelError

ADAPTER = Path(__file__).with_name("sparse_adapter.npz")
"""What was learnt on talk (`benchmarks/train_encoders.py`), added to the float weights before they are quantised."""
HEADS = 2
TOKENS = 128
BATCH = 1
"""Each piece of a text gets a score for all 30,522 words, which should stay in the cache: two at once are slower. So
there is no padding either, whose scores would have to be left out."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Words by their number in the model's vocabulary, ascending, and their weights, above 0."""

    words: NDArray[np.uint16]
    weights: NDArray[np.float32]


class SparseEncoder:
    """SPLADE-tiny: `model` is its safetensors file, `tokens` its tokenizer.json. From any thread. Raises ModelError.

    Without an `adapter` it is as its makers trained it. Questions and passages need the same one.
    """

    def __init__(self, model: Path, tokens: Path, *, adapter: Path | None = ADAPTER, threads: int = 1) -> None:
        self._pieces = Pieces(tokens, TOKENS)
        weights = read_safetensors(model)
        try:
            graph = _graph(adapted(weights, adapter) if adapter else weights)
        except (KeyError, ValueError) as error:
            raise ModelError(f"'{model}' is not the sparse encoder that is needed here.") from error
        self._session = open_built(graph, model, threads=threads)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], most: int | None = None) -> list[Weighed]:
        """The words of each text; the heaviest `most` of them. Blocks: a few milliseconds for a question."""
        found: list[Weighed] = [_NOTHING] * len(texts)
        with self._lock:
            for rows, feed in self._pieces.batches(texts, BATCH):
                for row, scores in zip(rows, self._session.run(None, feed)[0], strict=True):
                    found[row] = _weighed(scores.max(axis=0), most)
        return found


_NOTHING = Weighed(np.zeros(0, np.uint16), np.zeros(0, np.float32))


def _weighed(scores: Floats, most: int | None) -> Weighed:
    words = np.flatnonzero(scores > 0)
    if most is not None and len(words) > most:
        words = np.sort(words[np.argpartition(-scores[words], most)[:most]])
    return Weighed(words.astype(np.uint16), np.log1p(scores[words]))


def _graph(weights: Weights) -> bytes:
    """The score that each piece of a text gives to each word of the vocabulary. The highest counts.

    It is looked for outside: onnxruntime's ReduceMax takes longer than all else but the last product.
    """
    build = Builder()
    hidden = encoder(build, from_floats(weights, HEADS))
    dense = quantised(weights[f"{_HEAD}.dense.weight"].T, weights[f"{_HEAD}.dense.bias"])
    after = Norm(weights[f"{_HEAD}.LayerNorm.gamma"], weights[f"{_HEAD}.LayerNorm.beta"])
    hidden = norm(build, gelu(build, linear(build, hidden, dense)), after)
    words = quantised(weights["bert.embeddings.word_embeddings.weight"].T, weights["cls.predictions.bias"])
    build.output(linear(build, hidden, words), "float32", 3)
    return build.model()


_HEAD = "cls.predictions.transform"
