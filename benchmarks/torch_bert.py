"""BERT in torch, for training: products of low rank beside the weights of matrices, norms and biases freely.

torch is not needed by voiceos itself. Products are in bfloat16, which is four times as fast where the processor has it.
"""

import importlib
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.models.encoder_files import DENSE, DENSE_HEADS, LINEAR, Weights

torch: Any = importlib.import_module("torch")
F: Any = torch.nn.functional
torch.set_num_threads(os.cpu_count() or 1)
WIDE = torch.bfloat16


class Adapted:
    """A BERT with what is learnt beside it."""

    def __init__(self, weights: Weights, rank: int, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.layers = 1 + max(map(_layer_of, weights))
        self.fixed = {name: torch.tensor(value) for name, value in weights.items()}
        self.learnt: dict[str, Any] = {}
        for name, value in self.fixed.items():
            if value.ndim == 2 and "embeddings" not in name:
                self.learnt[f"{name}.left"] = torch.zeros(value.shape[0], rank)
                self.learnt[f"{name}.right"] = torch.randn(rank, value.shape[1]) / value.shape[1] ** 0.5
            elif value.ndim == 1 or "token_type" in name:
                self.learnt[name] = torch.zeros_like(value)
        for value in self.learnt.values():
            value.requires_grad_(True)

    def weight(self, name: str) -> Any:
        fixed, left = self.fixed[name], self.learnt.get(f"{name}.left")
        if left is not None:
            return fixed + left @ self.learnt[f"{name}.right"]
        return fixed + self.learnt[name] if name in self.learnt else fixed

    def merged(self) -> dict[str, Any]:
        """All weights as they are now: once for each step."""
        found = {name: self.weight(name) for name in self.fixed}
        return {name: value.to(WIDE) if _is_linear(name) else value for name, value in found.items()}


def _is_linear(name: str) -> bool:
    return ".layer." in name and "Norm" not in name


def _layer_of(name: str) -> int:
    return int(name.split(".layer.")[1].split(".")[0]) if ".layer." in name else -1


def first_states(
    weights: dict[str, Any],
    layers: int,
    ids: Any,
    types: Any,
    mask: Any,
    seen: Weights | None = None,
    drop: float = 0.0,
) -> Any:
    """The last hidden state of the first piece of each text. In `seen` the largest values of each input are noted.

    `drop`: the share of features that is left out at random, of a text everywhere the same ones (Gal and Ghahramani,
    "A theoretically grounded application of dropout in recurrent neural networks", 2016).
    """

    def dropped(x: Any) -> Any:
        return x * F.dropout(x.new_ones(len(x), 1, x.shape[2]), drop) if drop else x

    def linear(name: str, x: Any) -> Any:
        if seen is not None:
            largest = x[mask.bool()].abs().amax(0).float().numpy()
            seen[name] = np.maximum(seen[name], largest) if name in seen else largest
        return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(name: str, x: Any) -> Any:
        return F.layer_norm(x.float(), x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], 1e-12)

    start = f"{DENSE}.embeddings"
    x = weights[f"{start}.word_embeddings.weight"][ids] + weights[f"{start}.token_type_embeddings.weight"][types]
    x = dropped(norm(f"{start}.LayerNorm", x + weights[f"{start}.position_embeddings.weight"][: ids.shape[1]]))
    apart = ((mask - 1.0) * 1e4).to(WIDE)[:, None, None, :]
    count, pieces, width = x.shape
    for layer in range(layers):
        name = f"{DENSE}.encoder.layer.{layer}"
        low = x.to(WIDE)
        query, key, value = (
            linear(f"{name}.{one}", low).view(count, pieces, DENSE_HEADS, -1).transpose(1, 2) for one in LINEAR[:3]
        )
        share = torch.softmax(query @ key.transpose(2, 3) * (DENSE_HEADS / width) ** 0.5 + apart, -1)
        attended = (share @ value).transpose(1, 2).reshape(count, pieces, width)
        attended = linear(f"{name}.attention.output.dense", attended)
        x = norm(f"{name}.attention.output.LayerNorm", x + dropped(attended))
        wide = F.gelu(linear(f"{name}.intermediate.dense", x.to(WIDE)))
        x = norm(f"{name}.output.LayerNorm", x + dropped(linear(f"{name}.output.dense", wide)))
    return x[:, 0]


def padded(pieces: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Encoded pairs as ids, types and mask."""
    longest = max(len(one.ids) for one in pieces)
    found: list[NDArray[np.int64]] = [np.zeros((len(pieces), longest), np.int64) for _ in range(3)]
    for row, one in enumerate(pieces):
        for table, values in zip(found, (one.ids, one.type_ids, one.attention_mask), strict=True):
            table[row, : len(values)] = values
    return tuple(map(torch.from_numpy, found))  # type: ignore[return-value]
