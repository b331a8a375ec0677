"""Trains what finds the topic of a request to the memory (`voiceos/skills/notes/topic.py`), and measures it.

    python benchmarks/train_topics.py [--out voiceos/language/en/topics.npz] [--show]

It learns from `understanding/memory.txt`. Words of topics are often hidden, since no topic that it meets will be known;
words around them sometimes.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from understanding_data import Framed, framed_topics

from voiceos.skills.grammar import plain
from voiceos.skills.notes.topic import BUCKETS, heaviest, pieces, weights_of, words_in

Floats = NDArray[np.float32]
HIDDEN, HIDDEN_AROUND = 0.6, 0.1
"""How often a word of a topic is hidden, and one around it."""
KINDS = ("notes.remember", "notes.forget", "notes.about", "notes.wrong")
"""What has a topic; of a correction it is what is right."""
EPOCHS, RATE, SHRUNK = 12, 0.3, 1e-5


def marked(one: Framed) -> tuple[list[str], Floats]:
    """The words of a request, and 1 for each of its topic."""
    before, after = plain(f"{one.before}\0"), plain(f"\0{one.after}")
    parts = [words_in(part) for part in (before, one.topic, after)]
    marks = [float(place == 1) for place, part in enumerate(parts) for _ in part]
    return [word for part in parts for word in part], np.array(marks, np.float32)


def trained(given: Sequence[Framed]) -> Floats:
    random = np.random.default_rng(0)
    weights, pulls = np.zeros(BUCKETS, np.float32), np.full(BUCKETS, 1e-2, np.float32)
    examples = [(one.kind, *marked(one)) for one in given]
    for _ in range(EPOCHS):
        for index in random.permutation(len(examples)):
            kind, words, marks = examples[index]
            hidden = random.random(len(words)) < np.where(marks > 0, HIDDEN, HIDDEN_AROUND)
            seen = [f"?{random.integers(1 << 30)}" if hide else word for word, hide in zip(words, hidden, strict=True)]
            for at, mark in enumerate(marks):
                row = list(pieces(kind, seen, at))
                off = 1 / (1 + np.exp(-weights[row].sum())) - mark
                pull = off + SHRUNK * weights[row]
                pulls[row] += pull**2
                weights[row] -= RATE * pull / np.sqrt(pulls[row])
    return weights


def share_right(given: Sequence[Framed], weights: Floats, *, show: bool) -> float:
    right = 0
    for one in given:
        words, marks = marked(one)
        first, last = heaviest(weights_of(one.kind, words, weights))
        wanted = [word for word, mark in zip(words, marks, strict=True) if mark]
        found = words[first:last]
        right += found == wanted
        if show and found != wanted:
            print(f"{one.kind}\t{one.text}\t{' '.join(found)}")
    return right / len(given)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    arguments = parser.parse_args()
    given = [one for one in framed_topics() if one.kind in KINDS]
    weights = trained([one for one in given if not one.held])
    held = [one for one in given if one.held]
    for kind in dict.fromkeys(one.kind for one in held):
        some = [one for one in held if one.kind == kind]
        print(f"{kind}: {share_right(some, weights, show=arguments.show):.1%} of {len(some)}")
    if arguments.out:
        weights = trained(given)
        scale = np.abs(weights).max() / 127
        np.savez_compressed(
            arguments.out, allow_pickle=False, weights=np.round(weights / scale).astype(np.int8), scale=scale
        )


if __name__ == "__main__":
    main()
