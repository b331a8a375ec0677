"""Trains the cross-encoder that reads a question together with one line of the memory: does the line answer?

    pip install torch          # for training only; nothing else of voiceos needs it
    python benchmarks/train_cross.py --keep FOLDER [--out voiceos/models/cross_adapter.npz]

It learns from the talks in `benchmarks/talk` and the worlds in `benchmarks/reading`, all but those kept aside here, on
which the reader's curve learns what its odds are worth (`train_reading.py`). The lives are only measured. The loss of a
question is the mean of two: that of each line by itself, and that of the choice among its lines and "none of them".
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import lifebench_examples
import numpy as np
from figures import config_of, parser_of
from numpy.typing import NDArray
from reading_examples import OF_LIVES, Example, examples, is_aside
from rich.console import Console
from tokenizers import Tokenizer
from torch_bert import Adapted, F, first_states, padded, torch

from voiceos.config.paths import models_folder
from voiceos.engines.encoders import PAIR_TOKENS
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.encoder_files import CROSS_HEAD, Weights, cross_weights
from voiceos.models.shelf import Shelf

RANK, RATE, EPOCHS = 32, 1e-3, 3
DROPPED = 0.1
"""Share of values that is left out at random: without it the second pass over the questions is learnt by heart."""
LIKELIEST, OTHERS, RIGHT = 3, 3, 2
"""Lines of a question that one step compares: the likeliest wrong ones, some others that are read, and right ones."""
SCORED = 16
"""Lines of a question that the product reads at most."""
QUESTIONS = 12
"""Of one step."""
CHUNK = 32
"""Pairs of about the same length that are computed together."""
RANGED = 60
"""Questions on which the ranges of inputs are looked at."""


class Net:
    def __init__(self, weights: Weights, tokens: Path, rank: int) -> None:
        self.bert = Adapted({name: value for name, value in weights.items() if not name.startswith(CROSS_HEAD)}, rank)
        self.bert.learnt[f"{CROSS_HEAD}.weight"] = (torch.randn(1, 384) * 0.02).requires_grad_(True)
        self.bert.learnt[f"{CROSS_HEAD}.bias"] = torch.tensor([-2.0], requires_grad=True)
        self._tokenizer: Any = Tokenizer.from_file(str(tokens))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(PAIR_TOKENS)

    def go_on_from(self, adapter: Path) -> None:
        """Raises KeyError for weights of another size."""
        with np.load(adapter) as stored:
            for name, value in self.bert.learnt.items():
                scale = stored.get(f"{name}.scale", 1.0)
                value.data.copy_(torch.from_numpy((stored[name] * scale).astype(np.float32)))

    def odds(
        self, pairs: Sequence[tuple[str, str]], merged: dict[str, Any], seen: Weights | None = None, drop: float = 0.0
    ) -> Any:
        """The log odds of each pair."""
        pieces = self._tokenizer.encode_batch(list(pairs))
        order = np.argsort([len(one.ids) for one in pieces], kind="stable")
        states: list[Any] = []
        for start in range(0, len(order), CHUNK):
            fed = padded([pieces[at] for at in order[start : start + CHUNK]])
            states.append(first_states(merged, self.bert.layers, *fed, seen, drop))
        found = torch.cat(states)[torch.from_numpy(np.argsort(order))]
        learnt = self.bert.learnt
        return (found @ learnt[f"{CROSS_HEAD}.weight"].T + learnt[f"{CROSS_HEAD}.bias"])[:, 0]


def chosen(one: Example, random: np.random.Generator) -> NDArray[np.intp]:
    """The lines that one step compares."""
    right = random.permutation(np.flatnonzero(one.right & ~one.arguable))[:RIGHT]
    wrong = np.flatnonzero(~one.right & ~one.arguable)
    wrong = wrong[np.argsort(-one.likely[wrong], kind="stable")]
    others = random.permutation(wrong[LIKELIEST:SCORED])[:OTHERS]
    return np.concatenate([right, wrong[:LIKELIEST], others])


def lost(odds: Any, right: Any) -> Any:
    """Of one question's lines."""
    each = F.binary_cross_entropy_with_logits(odds, right)
    none = torch.zeros(1)
    whole = torch.logsumexp(torch.cat([none, odds]), 0)
    chosen = torch.logsumexp(odds[right > 0], 0) if right.any() else none[0]
    return 3 * each + (whole - chosen)


def train(net: Net, some: Sequence[Example], epochs: float, rate: float, console: Console) -> None:
    random = np.random.default_rng(0)
    values = list(net.bert.learnt.values())
    adam = torch.optim.AdamW(values, lr=rate, weight_decay=0.01, betas=(0.9, 0.98))
    steps = int(epochs * len(some) / QUESTIONS)
    stream = _endless(some, random)
    began, losses = time.monotonic(), list[float]()
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 40) * (1 - step / steps)
        batch = [next(stream) for _ in range(QUESTIONS)]
        lines = [chosen(one, random) for one in batch]
        told = [one.pairs[at] for one, places in zip(batch, lines, strict=True) for at in places]
        odds = net.odds(told, net.bert.merged(), drop=DROPPED)
        total, start = torch.zeros(()), 0
        for one, places in zip(batch, lines, strict=True):
            right = torch.from_numpy(one.right[places].astype(np.float32))
            total = total + lost(odds[start : start + len(places)], right) / QUESTIONS
            start += len(places)
        adam.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(values, 1.0)
        adam.step()
        losses.append(total.item())
        if step % 20 == 19:
            passed = time.monotonic() - began
            console.print(f"step {step + 1} of {steps}: loss {np.mean(losses[-20:]):.3f}, {passed:.0f} s")


def _endless(some: Sequence[Example], random: np.random.Generator) -> Iterator[Example]:
    while True:
        yield from (some[at] for at in random.permutation(len(some)))


def scored(net: Net, some: Sequence[Example]) -> list[NDArray[np.float32]]:
    """The log odds of the likeliest lines of each question; of the others NaN."""
    found: list[NDArray[np.float32]] = []
    with torch.no_grad():
        merged = net.bert.merged()
        for one in some:
            odds = np.full(len(one.pairs), np.nan, np.float32)
            if first := np.argsort(-one.likely, kind="stable")[:SCORED].tolist():
                odds[first] = net.odds([one.pairs[at] for at in first], merged).numpy()
            found.append(odds)
    return found


def shown(name: str, some: Sequence[Example], odds: Sequence[NDArray[np.float32]], console: Console) -> None:
    """How often one of the best 1, 2, 3 is right, by the cross-encoder alone; and the area under the curve."""
    among, answered = [0, 0, 0], 0
    pairs: list[tuple[float, bool]] = []
    for one, found in zip(some, odds, strict=True):
        known = np.flatnonzero(~np.isnan(found) & ~one.arguable)
        pairs += zip(found[known].tolist(), one.right[known].tolist(), strict=True)
        order = known[np.argsort(-found[known])]
        answered += one.answered
        among = [hits + bool(one.right[order[: count + 1]].any()) for count, hits in enumerate(among)]
    said = " · ".join(f"{hits / max(answered, 1):.3f}" for hits in among)
    console.print(f"{name}: {len(some)} questions, right among 1 · 2 · 3: {said}; area {area(pairs):.3f}", markup=False)


def area(pairs: Sequence[tuple[float, bool]]) -> float:
    values = np.array([one for one, _ in pairs])
    right = np.array([one for _, one in pairs])
    ranks = np.argsort(np.argsort(values)) + 1
    count = right.sum()
    return float((ranks[right].sum() - count * (count + 1) / 2) / max(count * (len(right) - count), 1))


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--keep", type=Path, help="a folder of examples gathered before")
    parser.add_argument("--stores", type=Path, default=Path.home() / ".cache" / "voiceos-answers", help="filled stores")
    parser.add_argument("--rank", type=int, default=RANK)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--epochs", type=float, default=EPOCHS)
    parser.add_argument("--without", default="", help="what begins so is only measured: a writer's worlds, a talk")
    parser.add_argument("--begin", type=Path, metavar="FILE", help="go on from these weights, where data was added")
    parser.add_argument("--lifebench", type=Path, metavar="FOLDER", help="people whose questions are learnt from twice")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    console = Console(highlight=False, width=160)
    models = models_folder(config_of(arguments).store)
    every = examples(arguments, console)
    if arguments.lifebench:
        meaning = SemanticIndex(Shelf(models).path(MEMORY))
        every += 2 * list(lifebench_examples.examples(arguments.lifebench, meaning))
    every = [one for one in every if (~one.arguable).sum() > 1]
    aside = [one for one in every if is_aside(one) or one.life.startswith(arguments.without or "\0")]
    kept_aside = set(map(id, aside))
    learnt = [one for one in every if id(one) not in kept_aside]
    weights = cross_weights(models / READER / "reader.onnx")
    net = Net(weights, models / MEMORY / "tokenizer.json", arguments.rank)
    if arguments.begin:
        net.go_on_from(arguments.begin)
    console.print(f"{len(learnt)} questions to learn from")
    train(net, learnt, arguments.epochs, arguments.rate, console)
    if arguments.out:
        _write(net, learnt, arguments.out)
    groups: dict[str, list[Example]] = {}
    for one in aside:
        groups.setdefault(one.life if one.of == OF_LIVES else f"{one.of} {one.life[0]}", []).append(one)
    for name, some in groups.items():
        odds = scored(net, some)
        shown(name, some, odds, console)
        by_words = [np.where(np.isnan(each), np.nan, one.likely) for one, each in zip(some, odds, strict=True)]
        shown(f"{name}, by words", some, by_words, console)


def _write(net: Net, some: Sequence[Example], out: Path) -> None:
    """In sixteen bits; small matrices in eight, with a scale for each row."""
    seen: Weights = {}
    with torch.no_grad():
        merged = net.bert.merged()
        for one in some[:: max(1, len(some) // RANGED)]:
            net.odds(one.pairs[:16], merged, seen)
    found = {name: value.detach().numpy() for name, value in net.bert.learnt.items()}
    found |= {f"{name}.range": value for name, value in seen.items() if not name.endswith((".key", ".value"))}
    stored: Weights = {}
    for name, value in found.items():
        if name.endswith((".left", ".right")):
            stored[f"{name}.scale"] = (np.abs(value).max(axis=1, keepdims=True) / 127 + 1e-6).astype(np.float16)
            stored[name] = np.rint((value / stored[f"{name}.scale"]).clip(-127, 127)).astype(np.int8)
        else:
            stored[name] = value.astype(np.float16)
    np.savez_compressed(out, **stored)  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()
