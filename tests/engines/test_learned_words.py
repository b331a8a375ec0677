"""A word that is learnt: from sweeps that rise, among sweeps that fall."""

import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voiceos.core import RATE
from voiceos.engines.learned_words import EMBEDDINGS, LearnedModel, LearnedWords, frames
from voiceos.engines.learning import Lesson
from voiceos.engines.speech_embedding import VALUES
from voiceos.engines.takes import Samples, Take, find
from voiceos.engines.wakewords import load_wake_words
from voiceos.errors import ModelError

MODEL = LearnedModel("open_sesame", "open sesame", (0.5,) * EMBEDDINGS * VALUES, -1.0, -6.0, 3)


def sweep(first: float, last: float, pitch: float = 1.0) -> Samples:
    """0.6 s of sound with overtones, in half a second of quiet on both sides."""
    hertz = np.linspace(first, last, round(0.6 * RATE)) * pitch
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    tone = 3_000 * np.sum([np.sin(phase * n) / n for n in range(1, 6)], axis=0)
    noise = np.random.default_rng(2).normal(0, 10, RATE + len(tone))
    return (np.pad(tone, RATE // 2) + noise).astype(np.int16)


def taken(samples: Samples) -> Take:
    take = find(samples)
    assert take
    return take


@pytest.mark.engines
def test_a_learnt_word_is_heard_and_another_is_not(tmp_path: Path) -> None:
    looked: list[bytes] = []

    def judge(pcm: bytes, phrase: str) -> float:
        assert phrase == "open sesame"
        looked.append(pcm)
        return -1.0 if len(looked) <= 3 else -9.0

    falls = [sweep(900, 300, pitch) for pitch in (0.8, 1.0, 1.3)]
    steady = [sweep(hertz, hertz) for hertz in (200, 400, 700)]
    lesson = Lesson([*falls, *steady])
    takes = [taken(sweep(300, 900, pitch)) for pitch in (0.9, 1.0, 1.1)]
    vectors = [lesson.vectors(take) for take in takes]
    odd = lesson.alike([*vectors, lesson.vectors(taken(falls[1]))])
    assert int(np.argmin(odd)) == 3
    model = lesson.learn("open_sesame", "open sesame", takes, vectors, judge)
    assert model.log_probability == -7.0
    path = model.write(tmp_path / "wake")
    detector = LearnedWords([LearnedModel.read(path)])

    def heard(samples: Samples) -> bool:
        detector.reset()
        return any(detector(frame) for frame in frames(samples.astype("<i2").tobytes()))

    assert heard(sweep(300, 900, 1.05))
    assert not heard(sweep(900, 300, 1.1))
    assert not heard(np.zeros(RATE, np.int16))


def test_what_is_kept_is_private_and_read_as_it_was(tmp_path: Path) -> None:
    path = MODEL.write(tmp_path / "wake")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [*path.parent.iterdir()] == [path]
    assert LearnedModel.read(path) == MODEL


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 2}'])
def test_a_damaged_word_says_what_to_do(tmp_path: Path, content: str) -> None:
    path = replace(MODEL).write(tmp_path)
    path.write_text(content)
    with pytest.raises(ModelError, match="voiceos wake learn open_sesame"):
        load_wake_words([str(path)], 0.5, {}, Path)
