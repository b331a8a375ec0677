"""The judge of danger that ships: each kind is known by what it was learnt from."""

import numpy as np
import pytest

from voiceos.language.data import FOLDER
from voiceos.skills.danger import INTENTS, KINDS, Danger, Weights


@pytest.fixture(scope="module")
def weights() -> Weights:
    with np.load(FOLDER / "en" / "danger.npz") as stored:
        return Weights(*(stored[name].astype(np.float32) for name in Weights._fields))


@pytest.mark.parametrize("kind", range(len(KINDS) + 1))
def test_what_means_a_kind_most_is_of_it(weights: Weights, kind: int) -> None:
    towards = weights.meaning[:, kind] - weights.meaning.mean(1)
    for other, named in ((1.0, INTENTS[kind : kind + 1]), (0.5, ())):
        judge = Danger(lambda text: towards / np.linalg.norm(towards), lambda text, sure=other: {INTENTS[0]: sure})
        assert tuple(judge("Something happens.")) == named


def test_nothing_said_is_no_danger() -> None:
    assert Danger(lambda text: pytest.fail("It was asked."), lambda text: {})(" ") == ()


def test_likelihoods_of_a_sentence_sum_to_one(weights: Weights) -> None:
    some = np.random.default_rng(1).normal(size=(5, weights.meaning.shape[0])).astype(np.float32)
    assert np.allclose(weights.shares(some).sum(1), 1)
