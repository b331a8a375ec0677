"""What is said about a recording of a word that cannot be learnt from."""

import numpy as np
import pytest

from voiceos.core import RATE
from voiceos.engines.takes import Samples, complaint, find


def said(*, level: float = 0.1, seconds: float = 0.6, before: float = 0.5, after: float = 0.5) -> Samples:
    """A tone in a quiet room; levels as shares of full scale."""
    chance = np.random.default_rng(1)
    tone = level * np.sin(np.arange(round(seconds * RATE)) * 0.1)
    sound = np.concatenate([np.zeros(round(before * RATE)), tone, np.zeros(round(after * RATE))])
    return (np.clip(sound + chance.normal(0, 0.0005, len(sound)), -1, 1) * 32_767).astype(np.int16)


def test_a_word_is_found_where_it_is() -> None:
    take = find(said())
    assert take
    assert abs(take.start / RATE - 0.5) < 0.07
    assert abs(take.end / RATE - 1.1) < 0.07
    assert complaint(take) == ""


def test_a_word_of_two_parts_is_one_and_a_click_before_it_is_not_of_it() -> None:
    click = np.concatenate([np.full(320, 3_000, np.int16), np.zeros(RATE // 2, np.int16)])
    gap = np.zeros(RATE // 8, np.int16)
    take = find(np.concatenate([click, said(after=0), gap, said(before=0)]))
    assert take
    assert 1.2 < take.seconds < 1.5


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        (np.zeros(0, np.int16), "heard nothing"),
        (said(level=0.0), "heard nothing"),
        (said(level=0.004), "too quiet"),
        (said(level=2.0), "too loud"),
        (said(after=0.0), "cut off"),
        (said(before=0.0), "cut off"),
        (said(seconds=0.1), "too short"),
        (said(seconds=3.0, before=2.0, after=2.0), "too long"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(samples: Samples, told: str) -> None:
    assert told in complaint(find(samples))
