"""The noise floor, on noise that is made."""

import numpy as np
import pytest

from voiceos.core import FRAME_SECONDS, RATE, Frame
from voiceos.listen.noise_floor import NoiseFloor

SIZE = round(FRAME_SECONDS * RATE)


def hear(floor: NoiseFloor, dbfs: float, seconds: float) -> list[bool]:
    """White noise of that loudness."""
    random = np.random.default_rng(0)
    found: list[bool] = []
    for _ in range(round(seconds / FRAME_SECONDS)):
        samples = random.standard_normal(SIZE) * 10 ** (dbfs / 20) * 32767
        found.append(floor(Frame(samples.clip(-32768, 32767).astype("<i2").tobytes())))
    return found


@pytest.mark.parametrize("noise", [-80, -60, -45])
def test_silence_is_known_in_the_first_frame_after_speech(noise: float) -> None:
    floor = NoiseFloor()
    hear(floor, noise, 1)
    assert not any(hear(floor, -20, 1))
    assert all(hear(floor, noise, 0.5))


def test_speech_that_hardly_stands_out_is_left_to_the_detector() -> None:
    floor = NoiseFloor()
    hear(floor, -40, 1)
    hear(floor, -30, 1)
    assert not any(hear(floor, -40, 0.5))


def test_noise_that_grows_is_taken_for_noise_again() -> None:
    floor = NoiseFloor()
    hear(floor, -70, 1)
    hear(floor, -40, 4)
    hear(floor, -15, 0.5)
    assert all(hear(floor, -40, 0.2))


def test_digital_silence_is_silence() -> None:
    floor = NoiseFloor()
    assert not any(hear(floor, -20, 1))
    assert [floor(Frame(bytes(SIZE * 2))) for _ in range(5)][-1]
