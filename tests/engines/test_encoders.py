"""The encoders of the memory, with their real weights."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voiceos.engines.encoders import WIDTH, SentenceEncoder, SparseEncoder, Weighed
from voiceos.errors import ModelError
from voiceos.models.encoder_files import build, dense_weights
from voiceos.models.finish import ADAPTERS

TEXTS = [
    "[2 May 2023] Caroline: My daughter starts school in August.",
    "The boiler was repaired last winter.",
    "",
    "😀 日本語 " + "word " * 3000,
    "When was the heating repaired?",
]
pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def folder(model_path: Callable[[str], Path]) -> Path:
    return model_path("memory-en")


@pytest.fixture(scope="module")
def dense(folder: Path) -> SentenceEncoder:
    return SentenceEncoder(folder / "dense.onnx", folder / "tokenizer.json")


@pytest.fixture(scope="module")
def sparse(folder: Path) -> SparseEncoder:
    return SparseEncoder(folder / "sparse.onnx", folder / "tokenizer.json")


def test_a_sentence_is_a_vector_of_length_one_near_what_means_the_same(dense: SentenceEncoder) -> None:
    found = dense.encode(TEXTS)
    assert found.shape == (len(TEXTS), WIDTH)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)
    alike = found @ found[4]
    assert alike[1] > 0.4 > alike[0]


def test_a_vector_hardly_depends_on_what_is_encoded_beside_it(dense: SentenceEncoder) -> None:
    together = dense.encode(TEXTS)
    for row, text in zip(together, TEXTS, strict=True):
        assert row @ dense.encode([text])[0] > 0.96


def test_vectors_are_those_that_recall_was_measured_with(dense: SentenceEncoder, sparse: SparseEncoder) -> None:
    (vector,), (words,) = dense.encode(TEXTS[4:]), sparse.encode(TEXTS[4:])
    assert vector[:6] == pytest.approx([-0.0631, 0.0505, 0.0666, 0.0871, -0.0585, -0.0487], abs=1e-3)
    heaviest = {2043: 2.4945, 10808: 2.0777, 2001: 2.0236, 7192: 1.8912, 5591: 1.6392, 3684: 1.5476}
    weights = dict(zip(words.words.tolist(), words.weights.tolist(), strict=True))
    assert {word: weights[word] for word in heaviest} == pytest.approx(heaviest, abs=1e-3)


def test_what_was_learnt_brings_a_question_nearer_to_the_words_that_answer_it(
    folder: Path, model_parts: Callable[[str], Path], dense: SentenceEncoder, sparse: SparseEncoder, tmp_path: Path
) -> None:
    said = [
        "[5 May 2023] Tess: The kitten has finally got a name, we settled on Marzipan.",
        "[5 May 2023] Tess: What would you call a kitten?",
        "[6 May 2023] Tess: I never had any animals when I was a child, my mother sneezed.",
    ]
    build(model_parts("memory-en"), tmp_path, {})
    tokens = folder / "tokenizer.json"
    margins: list[float] = []
    for encoder in (SentenceEncoder(tmp_path / "dense.onnx", tokens), dense):
        near = encoder.encode(said) @ encoder.encode(["What is Tess's pet called?"])[0]
        margins.append(float(near[0] - near[1:].max()))
    assert margins[1] > max(margins[0], 0)
    (plain,), (learnt,) = (one.encode(said[:1]) for one in (SparseEncoder(tmp_path / "sparse.onnx", tokens), sparse))
    assert len(np.intersect1d(plain.words, learnt.words)) > 0.5 * len(plain.words)
    assert plain.weights.tolist() != learnt.weights.tolist()


def test_adapters_and_weights_of_another_model_are_refused(model_parts: Callable[[str], Path], tmp_path: Path) -> None:
    parts = model_parts("memory-en")
    with pytest.raises(ModelError, match="not an adapter"):
        build(parts, tmp_path, {"dense": ADAPTERS["sparse"]})
    with pytest.raises(ModelError, match="not an adapter"):
        build(parts, tmp_path, {"sparse": ADAPTERS["dense"]})
    with pytest.raises(ModelError, match="not the sentence encoder"):
        dense_weights(model_parts("smart-turn-v3.2") / "smart-turn-v3.2-cpu.onnx")


def test_nothing_to_encode(dense: SentenceEncoder, sparse: SparseEncoder) -> None:
    assert dense.encode([]).shape == (0, WIDTH)
    assert sparse.encode([]) == []


def score(one: Weighed, other: Weighed) -> float:
    _, mine, others = np.intersect1d(one.words, other.words, return_indices=True)
    return float(one.weights[mine] @ other.weights[others])


def test_weighed_words(sparse: SparseEncoder) -> None:
    found = sparse.encode(TEXTS)
    for one in found:
        assert (one.weights > 0).all()
        assert (np.diff(one.words.astype(int)) > 0).all()
    assert score(found[1], found[4]) > score(found[0], found[4])


def test_the_heaviest_words(sparse: SparseEncoder) -> None:
    (whole,), (few,) = sparse.encode(TEXTS[:1]), sparse.encode(TEXTS[:1], 10)
    assert len(few.words) == 10 < len(whole.words)
    assert sorted(few.weights) == sorted(sorted(whole.weights)[-10:])


def test_other_models_are_refused(folder: Path, model_path: Callable[[str], Path]) -> None:
    tokens = folder / "tokenizer.json"
    with pytest.raises(ModelError, match="no input"):
        SentenceEncoder(model_path("smart-turn-v3.2"), tokens)
    with pytest.raises(ModelError, match="damaged"):
        SparseEncoder(tokens, tokens)
    with pytest.raises(ModelError, match="missing"):
        SentenceEncoder(folder / "dense.onnx", folder / "none.json")
