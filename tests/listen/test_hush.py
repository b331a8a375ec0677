"""Hush, on noise that is made."""

import numpy as np
import pytest

from voiceos.core import FRAME_SECONDS, RATE, Frame
from voiceos.listen.hush import Hush

SIZE = round(FRAME_SECONDS * RATE)


def hear(hush: Hush, dbfs: float, seconds: float) -> list[float]:
    """White noise of that loudness."""
    random = np.random.default_rng(0)
    found: list[float] = []
    for _ in range(round(seconds / FRAME_SECONDS)):
        samples = random.standard_normal(SIZE) * 10 ** (dbfs / 20) * 32767
        hush.hear(Frame(samples.clip(-32768, 32767).astype("<i2").tobytes()))
        found.append(hush.seconds())
    return found


@pytest.mark.parametrize("noise", [-80, -60, -45])
def test_silence_is_known_in_the_first_frame_after_speech(noise: float) -> None:
    hush = Hush()
    hear(hush, noise, 1)
    assert not any(hear(hush, -20, 1))
    assert all(hear(hush, noise, 0.5))


def test_speech_that_hardly_stands_out_is_left_to_the_detector() -> None:
    hush = Hush()
    hear(hush, -40, 1)
    hear(hush, -30, 1)
    assert not any(hear(hush, -40, 0.5))


def test_after_a_step_of_the_noise_its_evenness_tells() -> None:
    hush = Hush()
    hear(hush, -70, 2)
    hear(hush, -40, 0.2)
    hear(hush, -15, 0.5)
    assert hear(hush, -40, 0.1)[3] >= 0.08


def test_digital_silence_is_silence() -> None:
    hush, silence = Hush(), 0.0
    assert not any(hear(hush, -20, 1))
    for _ in range(5):
        hush.hear(Frame(bytes(SIZE * 2)))
        silence = hush.seconds()
    assert silence
