"""How sure Whisper is that a sentence is over, from its last word and the full stop after it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from voiceos.engines.whisper_tokens import finality, hidden_finality

VOCABULARY = (" Set", " a", " tim", "er", ".", "?", "!", "...", " for", "%", "%.", "<|0.00|>", "<|1.00|>")
TIMESTAMPS = VOCABULARY.index("<|0.00|>")


class Tokens:
    """A tokenizer of these words."""

    timestamp_begin = TIMESTAMPS

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(VOCABULARY[token] for token in tokens)

    def encode(self, text: str) -> list[int]:
        known = sorted(VOCABULARY, key=len, reverse=True)
        ids: list[int] = []
        while text:
            ids.append(VOCABULARY.index(next(token for token in known if text.startswith(token))))
            text = text.removeprefix(VOCABULARY[ids[-1]])
        return ids


def steps(*likely: Mapping[str, float]) -> tuple[list[int], list[NDArray[np.float32]]]:
    """The token of each step, its first, and what the decoder would say of the whole vocabulary."""
    ids = [VOCABULARY.index(next(iter(step))) for step in likely]
    chances = [
        [step.get(token, 1 - sum(step.values()) if token == " Set" else 0) for token in VOCABULARY] for step in likely
    ]
    return ids, [np.log(np.array(each, np.float32) + 1e-9) + 3 for each in chances]


BEGIN = ({"<|0.00|>": 0.9}, {" Set": 0.9}, {" a": 0.9})
END = {"<|1.00|>": 0.9}


@pytest.mark.parametrize(
    ("word", "after", "expected"),
    [
        ([{" tim": 0.9}, {"er": 0.8}], [{".": 0.6, "?": 0.3}, END], 0.72),  # as sure as its least sure token
        ([{" tim": 0.9}, {"%": 0.8}], [{".": 0.6, "?": 0.3}, END], 0.72),  # a sign that is said
        ([{" tim": 0.9}, {"%.": 0.8}], [END], 0.8),  # one with its full stop
        ([{" tim": 0.9}, {"er": 0.2}], [{".": 0.9}, END], 0.18),  # made up
        ([{" tim": 0.9}, {"er": 0.9}], [{".": 0.4, " for": 0.5}], 0.36),  # it could go on
        ([{" tim": 0.9}, {"er": 0.9}], [{"...": 0.8, ".": 0.1}, END], 0.09),  # it trails off
        ([{" tim": 0.9}, {"er": 0.9}], [{"<|1.00|>": 0.98, ".": 0.01}], 0.009),  # no full stop
        ([{" tim": 0.9}, {"er": 0.9}], [], 1.0),  # it was cut off: nothing is known of what follows
    ],
)
def test_a_sentence_is_over_where_the_last_word_and_its_full_stop_are_likely(
    word: Sequence[Mapping[str, float]], after: Sequence[Mapping[str, float]], expected: float
) -> None:
    ids, logits = steps(*BEGIN, *word, *after)
    assert finality(ids, logits, Tokens()) == pytest.approx(expected, rel=0.05)


def test_nothing_is_known_without_words_or_probabilities() -> None:
    ids, logits = steps(*BEGIN)
    assert finality(ids, [], Tokens()) == 1.0
    assert finality(ids[:1], logits, Tokens()) == 1.0


@pytest.mark.parametrize(("of_word", "of_stop", "expected"), [((0.9, 0.8), 0.5, 0.4), ((0.9, 0.2), 0.9, 0.18)])
def test_a_full_stop_that_was_hidden_is_asked_for(
    of_word: tuple[float, float], of_stop: float, expected: float
) -> None:
    def align(ids: list[int]) -> list[float]:
        assert Tokens().decode(ids) == " Set a timer."
        return [0.3, 0.4, *of_word, of_stop]

    assert hidden_finality("Set a timer", Tokens(), align) == pytest.approx(expected)
