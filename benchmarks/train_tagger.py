"""Trains what finds the names of appointments in a sentence (`voiceos/skills/tagger.py`): an averaged perceptron.

    python benchmarks/train_tagger.py [--out voiceos/language/en/titles.npz] [--show]

It learns from `understanding/calendar.txt`, where names stand in brackets, and from the same sentences with other names
and other times. Every sixth sentence of a kind is never learnt from; how many of these are right is printed.
"""

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from understanding_data import DATA, named

from voiceos.language.times import find
from voiceos.skills.tagger import BUCKETS, FIRST, FURTHER, OUT, Tagger, Token, best, features, tokens

NOW = datetime(2027, 3, 10, 8, 30, tzinfo=ZoneInfo("Europe/London"))
EPOCHS = 6
COPIES = {"calendar.put": 8}
"""How often a sentence is learnt from with other names."""
_MARKED = re.compile(r"\[(.*?)\]")
Example = tuple[list[NDArray[np.intp]], list[int]]


def spans_of(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A sentence without its brackets, and where they were."""
    text, spans, end = "", list[tuple[int, int]](), 0
    for one in _MARKED.finditer(marked):
        text += marked[end : one.start()]
        spans.append((len(text), len(text) + len(one[1])))
        text, end = text + one[1], one.end()
    return text + marked[end:], spans


def example(text: str, spans: Sequence[tuple[int, int]]) -> Example:
    found = tokens(text, [(one.start, one.end) for one in find(text, NOW, lean="future")])
    return [features(found, at) for at in range(len(found))], [_tag(one, spans) for one in found]


def _tag(token: Token, spans: Sequence[tuple[int, int]]) -> int:
    for start, end in spans:
        if start <= token.start < end:
            return FIRST if token.start == start else FURTHER
    return OUT


def varied(given: Sequence[tuple[str, str]], names: Sequence[str], dice: random.Random) -> Iterator[Example]:
    """Each sentence, and the same with other names, and with the signs that a recogniser puts."""
    for kind, marked in given:
        yield example(*spans_of(marked))
        for _ in range(COPIES.get(kind, 2) if "[" in marked else 1):
            other = _MARKED.sub(lambda _: f"[{dice.choice(names)}]", marked)
            if dice.random() < 0.5:
                other = other[:1].upper() + other[1:] + dice.choice(".?")
                other = other.replace("] ", "], ", 1) if dice.random() < 0.2 else other
            yield example(*spans_of(other))


def trained(examples: Sequence[Example], dice: random.Random) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    weights, steps = np.zeros((BUCKETS, 3)), np.zeros((4, 3))
    sums, step_sums, seen = np.zeros_like(weights), np.zeros_like(steps), 1
    order = list(range(len(examples)))
    for _ in range(EPOCHS):
        dice.shuffle(order)
        for number in order:
            rows, right = examples[number]
            seen += 1
            if not rows:
                continue
            guess = best(np.stack([weights[row].sum(0) for row in rows]).astype(np.float32), steps.astype(np.float32))
            if guess == right:
                continue
            for at, (row, good, bad) in enumerate(zip(rows, right, guess, strict=True)):
                before = (right[at - 1], guess[at - 1]) if at else (3, 3)
                for tag, start, way in ((good, before[0], 1), (bad, before[1], -1)):
                    np.add.at(weights[:, tag], row, way)
                    np.add.at(sums[:, tag], row, way * seen)
                    steps[start, tag] += way
                    step_sums[start, tag] += way * seen
    return weights - sums / seen, steps - step_sums / seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("voiceos/language/en/titles.npz"))
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args()
    dice = random.Random(7)
    given = list(named())
    names = sorted({one for _, _, text in given for one in _MARKED.findall(text)})
    names += (DATA / "titles.txt").read_text(encoding="utf-8").splitlines()
    learnt = [(kind, text) for kind, number, text in given if number % 6 != 5]
    weights, steps = trained(list(varied(learnt, names, dice)), dice)
    scale = np.abs(weights).max() / 127
    arrays = {"weights": np.round(weights / scale).astype(np.int8), "steps": (steps / scale).astype(np.float32)}
    np.savez_compressed(chosen.out, allow_pickle=False, **arrays)
    tagger, counts = Tagger(file=chosen.out), dict[str, list[bool]]()
    for kind, number, marked in given:
        if number % 6 == 5:
            text, spans = spans_of(marked)
            found = tagger(text, [(one.start, one.end) for one in find(text, NOW, lean="future")])
            counts.setdefault(kind, []).append(found == spans)
            if found != spans and chosen.show:
                print(f"{marked}\t{[text[start:end] for start, end in found]}")
    for kind, right in counts.items():
        print(f"{kind:18} {sum(right):3} of {len(right):3}")


if __name__ == "__main__":
    main()
