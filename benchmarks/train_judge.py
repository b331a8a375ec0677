"""Trains the judge of intent (`voiceos/skills/judge.py`) with jax, and measures it on sentences that it has not seen.

    pip install jax          # for training only; nothing else of voiceos needs it
    python benchmarks/train_judge.py NLU [--out voiceos/language/en/judge.npz]

NLU is a folder with CLINC150 (`clinc150-train.json`, CC BY 3.0) and the development set of SLURP (`slurp-devel.tsv`,
CC BY 4.0). What asks for nothing of ours is still told apart by its intent, which teaches more than one heap of it.

The judge of what nobody here can do (`--beyond`) is taught danger after that, by `danger.py`.

First every sentence is judged by networks that were trained on four fifths of the others, and what they got right is
printed for several values of `SURE`. Then the networks that ship are trained on all but what is held out.
"""

import argparse
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jax_bert import jax, jnp
from numpy.typing import NDArray
from understanding_data import FOLDS, Line, beyond, lines, of_calendar, part_of

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.engines.encoders import WIDTH, SentenceEncoder
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.skills.grammar import Grammar
from voiceos.skills.judge import BUCKETS, NONE, Weights, pieces

Floats = NDArray[np.float32]
NETWORKS, HIDDEN = 3, 60
"""Networks whose scores are averaged, and the width of each."""
EPOCHS, BATCH, RATE = 14, 128, 5e-3
LONGEST = 256
"""Pieces of a text that are learnt from."""
DROPPED = 0.3
"""Share of the pieces that are left out each time, and of the meaning's numbers."""
SMOOTH = 0.02
LOUD = 5.0
"""How much larger the meaning's numbers are made, which are small."""
BLIND = 0.3
"""Share of the sentences that the judge of appointments learns without a meaning: it must do without an encoder."""
WEIGHTS = {
    "calendar": 3.0,
    "near it": 3.0,
    "swapped": 0.5,
    "beyond": 3.0,
    "talk, said": 0.5,
    "talk, asked": 0.5,
    "framed": 0.5,
    "own": 3.0,
    "memory": 3.0,
    "not an order": 3.0,
    "out of scope": 2.0,
}
SURE = 0.56
"""How likely a kind of request must be to be taken."""
SURE_OF = {"emergency": 0.85, "beyond": 0.65, "notes": 0.6, "person": 0.35}
"""The same of danger, which patterns know too; of what nobody here can do; of requests to the memory; and of what is
asked of it, which must be there."""
FRAMES = (
    "she told me to {}",
    "he said {}",
    "i asked you to {} yesterday",
    "my mother always says {}",
    "why did you {}",
    "i forgot to {}",
    "tom wants to {}",
    "should people {}",
    "the children {}",
    "i told clara to {}",
    "what happens if i say {}",
    "did anna {}",
    "i used to {}",
    "what do you think when people say {}",
)
"""What makes a request into something said about it."""


class Examples(NamedTuple):
    meanings: Floats
    pieces: NDArray[np.int32]
    """One row a text, filled up with `BUCKETS`."""
    classes: NDArray[np.int32]
    weights: Floats

    def rows(self, at: NDArray[np.intp]) -> "Examples":
        return Examples(self.meanings[at], self.pieces[at], self.classes[at], self.weights[at])


def framed(given: Sequence[Line], seed: int) -> list[Line]:
    """Requests told about, one for each fifth."""
    random = np.random.default_rng(seed)
    orders = [line for line in given if line.kind and not line.kind.startswith(("notes.", "person."))]
    chosen = random.choice(len(orders), len(orders) // 5, replace=False)
    return [Line(random.choice(FRAMES).format(orders[at].text), NONE, "framed", "framed") for at in chosen]


def examples(given: Sequence[Line], meanings: Floats, classes: dict[str, int]) -> Examples:
    padded = np.full((len(given), LONGEST), BUCKETS, np.int32)
    for row, line in enumerate(given):
        found = pieces(line.text)[:LONGEST]
        padded[row, : len(found)] = found
    weights = [WEIGHTS.get(line.source, 1.0) for line in given]
    return Examples(
        meanings,
        padded,
        np.array([classes[line.kind or line.intent] for line in given], np.int32),
        np.array(weights, np.float32),
    )


def scores(values: Any, meanings: Any, texts: Any, keep: Any, seen: Any) -> Any:
    kept = (texts < BUCKETS) * keep
    sums = (values["pieces"][jnp.minimum(texts, BUCKETS - 1)] * kept[:, :, None]).sum(1)
    sums = sums / jnp.sqrt(jnp.maximum(kept.sum(1), 1))[:, None]
    hidden = jax.nn.relu(LOUD * meanings * seen @ values["meaning"] + sums + values["bias"])
    return hidden @ values["out"] + values["out_bias"]


def loss(values: Any, batch: Examples, key: Any, blind: Any) -> Any:
    one, other, third = jax.random.split(key, 3)
    keep = jax.random.bernoulli(one, 1 - DROPPED, batch.pieces.shape)
    seen = jax.random.bernoulli(other, 1 - DROPPED, batch.meanings.shape) / (1 - DROPPED)
    seen *= jax.random.bernoulli(third, 1 - blind, (len(batch.meanings), 1))
    logs = jax.nn.log_softmax(scores(values, batch.meanings, batch.pieces, keep, seen))
    right = jnp.take_along_axis(logs, batch.classes[:, None], 1)[:, 0]
    return -(batch.weights * ((1 - SMOOTH) * right + SMOOTH * logs.mean(1))).mean()


@partial(jax.jit, donate_argnums=(0,))
def step(state: dict[str, tuple[Any, Any, Any]], batch: Examples, key: Any, rate: Any, at: Any, blind: Any) -> Any:
    """One step of Adam. `state`: each weight with its two means."""
    pulls = jax.grad(loss)({name: one[0] for name, one in state.items()}, batch, key, blind)
    moved: dict[str, Any] = {}
    for name, (value, first, second) in state.items():
        first = first + 0.1 * (pulls[name] - first)
        second = second + 0.01 * (pulls[name] ** 2 - second)
        spread = jnp.sqrt(second / (1 - 0.99**at)) + 1e-7
        moved[name] = value - rate * first / (1 - 0.9**at) / spread, first, second
    return moved


def trained(given: Examples, classes: int, seed: int, blind: float) -> dict[str, Floats]:
    random = np.random.default_rng(seed)
    drawn = {
        "pieces": random.normal(0, 0.1, (BUCKETS, HIDDEN)),
        "meaning": random.normal(0, 0.1, (WIDTH, HIDDEN)),
        "bias": np.zeros(HIDDEN),
        "out": random.normal(0, 0.1, (HIDDEN, classes)),
        "out_bias": np.zeros(classes),
    }
    state: Any = {
        name: (jnp.asarray(value, jnp.float32), jnp.zeros(value.shape), jnp.zeros(value.shape))
        for name, value in drawn.items()
    }
    key, at, steps = jax.random.key(seed), 0, EPOCHS * (len(given.classes) // BATCH)
    for _ in range(EPOCHS):
        order = random.permutation(len(given.classes))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            rows = order[start : start + BATCH]
            key, now = jax.random.split(key)
            at += 1
            batch = given.rows(rows)
            state = step(state, batch, now, RATE * (1 - at / steps) + 1e-5, at, blind)
    return {name: np.asarray(one[0]) for name, one in state.items()}


def joined(networks: Sequence[dict[str, Floats]], names: Sequence[str]) -> dict[str, Any]:
    """Networks side by side, in few bytes."""
    kinds = sorted({_kind(name) for name in names})
    found = {name: np.concatenate([one[name] for one in networks], -1) for name in ("pieces", "meaning", "bias")}
    found["meaning"] *= LOUD
    scale = np.abs(found["pieces"]).max(0) / 127
    return {
        "kinds": np.array(kinds),
        "classes": np.array([kinds.index(_kind(name)) for name in names], np.uint8),
        "sure": np.array([_sure(kind, SURE) for kind in kinds], np.float32),
        "pieces": np.round(found["pieces"] / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "meaning": found["meaning"].astype(np.float16),
        "bias": found["bias"].astype(np.float32),
        "out": np.concatenate([one["out"] for one in networks]).astype(np.float16) / np.float16(len(networks)),
        "out_bias": np.mean([one["out_bias"] for one in networks], 0).astype(np.float32),
    }


def _sure(kind: str, sure: float) -> float:
    return SURE_OF.get(kind.partition(".")[0], sure)


def _kind(name: str) -> str:
    return name if re.fullmatch(r"\w+\.\w+", name) else NONE


def network(given: Sequence[Line], meanings: Floats, names: Sequence[str], count: int, blind: float) -> dict[str, Any]:
    classes = {name: at for at, name in enumerate(names)}
    learnt = examples(given, meanings, classes)
    return joined([trained(learnt, len(names), seed, blind) for seed in range(count)], names)


class Judged(NamedTuple):
    line: Line
    kind: str
    share: float


def judged(weights: Weights, given: Sequence[Line], meanings: Floats) -> list[Judged]:
    found: list[Judged] = []
    for start in range(0, len(given), 500):
        some = given[start : start + 500]
        shares = weights.shares(meanings[start : start + 500], [pieces(line.text) for line in some])
        shares[:, weights.kinds.index(NONE)] = 0.0
        found += [
            Judged(line, weights.kinds[int(row.argmax())], float(row.max()))
            for line, row in zip(some, shares, strict=True)
        ]
    return found


def report(found: Sequence[Judged], sure: float) -> None:
    print(f"sure at {sure}")
    for source in dict.fromkeys(one.line.source for one in found):
        for ours in (True, False):
            some = [one for one in found if one.line.source == source and bool(one.line.kind) == ours]
            if not some:
                continue
            taken = [one for one in some if one.kind and one.share >= _sure(one.kind, sure)]
            right = sum(one.kind == one.line.kind for one in taken)
            if ours:
                wrong = len(taken) - right
                print(f"{source:14} {len(some):6} right {right / len(some):6.1%} wrong {wrong / len(some):6.2%}")
            else:
                print(f"{source:14} {len(some):6} falsely taken {len(taken) / len(some):6.2%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nlu", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", type=Path, help="write what was judged wrongly there")
    parser.add_argument(
        "--parts", type=Path, help="keep the networks of each part in this folder, for understanding.py"
    )
    parser.add_argument("--folds", type=int, default=FOLDS, help="how many of the five parts to judge")
    parser.add_argument("--keep", type=Path, help="a file to keep the meanings of sentences in")
    parser.add_argument("--beyond", action="store_true", help="the judge of what nobody here can do: beyond.npz")
    parser.add_argument("--calendar", action="store_true", help="the judge of appointments: calendar.npz")
    parser.add_argument("--networks", type=int, default=NETWORKS)
    arguments = parser.parse_args()
    plain = Grammar([]).plain
    whose = of_calendar if arguments.calendar else beyond if arguments.beyond else lines
    given = [replace(line, text=plain(line.text)) for line in whose(arguments.nlu)]
    meanings = encoded([line.text for line in given], arguments.keep)
    names = sorted({line.kind or line.intent for line in given} | {"framed"})

    def taught(used: Sequence[bool]) -> dict[str, Any]:
        some = [at for at, use in enumerate(used) if use]
        told = framed([given[at] for at in some], 0)
        all_meanings = np.concatenate([meanings[some], encoded([line.text for line in told], arguments.keep)])
        return network(
            [*(given[at] for at in some), *told], all_meanings, names, arguments.networks, BLIND * arguments.calendar
        )

    found: list[Judged] = []
    fold = np.array([part_of(line.text) for line in given])
    free = np.array([not line.held for line in given])
    for part in range(arguments.folds):
        learnt = taught(list(free & (fold != part)))
        if arguments.parts:
            np.savez_compressed(arguments.parts / f"{part}.npz", allow_pickle=False, **learnt)
        weights = Weights(**learnt)
        some = [at for at in range(len(given)) if fold[at] == part]
        found += judged(weights, [given[at] for at in some], meanings[some])
        print(f"part {part}: {time.process_time():.0f} s")
    for sure in (SURE, 0.5, 0.8):
        report(found, sure)
    if arguments.show:
        rows = [
            f"{one.share:.2f}\t{one.kind or '-'}\t{one.line.kind or '-'}\t{one.line.source}\t{one.line.text}"
            for one in sorted(found, key=lambda one: -one.share)
            if one.kind != one.line.kind or one.share < SURE
        ]
        arguments.show.write_text("\n".join(rows))
    if arguments.out:
        np.savez_compressed(arguments.out, allow_pickle=False, **taught(list(free)))


def encoded(texts: Sequence[str], keep: Path | None) -> Floats:
    """Their meanings; those in `keep` are taken from there."""
    known: dict[str, Floats] = {}
    if keep and keep.exists():
        with np.load(keep) as file:
            known = dict(zip(file["texts"].tolist(), file["meanings"], strict=True))
    if new := [text for text in dict.fromkeys(texts) if text not in known]:
        folder = Shelf(models_folder(StoreSettings())).path(MEMORY)
        encoder = SentenceEncoder(folder / "dense.onnx", folder / "tokenizer.json")
        known |= dict(zip(new, encoder.encode(new), strict=True))
        if keep:
            np.savez(keep, texts=np.array(list(known)), meanings=np.stack(list(known.values())))
    return np.stack([known[text] for text in texts])


if __name__ == "__main__":
    main()
