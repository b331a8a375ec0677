"""A voice in parts: the sound is that of the whole, and a voice that cannot be cut still speaks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from voiceos.engines.piper_stream import FIRST_FRAMES, Network
from voiceos.models import voices

HOP = 256


def feed(phonemes: int) -> dict[str, Any]:
    """Without noise, so that it sounds the same each time."""
    ids = np.random.default_rng(1).integers(3, 60, (1, phonemes))
    return {"input": ids, "input_lengths": np.array([phonemes]), "scales": np.array([0, 1, 0], np.float32)}


@pytest.mark.engines
@pytest.mark.parametrize("phonemes", [3, 20, 60, 200])
def test_the_parts_make_the_sound_of_the_whole(
    model_path: Callable[[str], Path], model_parts: Callable[[str], Path], phonemes: int
) -> None:
    network = Network(model_path("en_US-joe-medium"), 1)
    assert network.whole is None
    file = model_parts("en_US-joe-medium") / "en_US-joe-medium.onnx"
    chunks = list(network.sounds(feed(phonemes)))
    session: Any = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    expected = session.run(None, feed(phonemes))[0]
    sound = np.concatenate(chunks)
    assert len(sound) == expected.size
    assert np.abs(sound - expected.reshape(-1)).max() < 1e-5
    assert len(chunks[0]) == min(len(sound), FIRST_FRAMES * HOP) or len(sound) < 2 * FIRST_FRAMES * HOP


@pytest.mark.engines
def test_a_voice_that_cannot_be_cut_speaks_in_one_go(model_parts: Callable[[str], Path], tmp_path: Path) -> None:
    voices.cut(model_parts("en_US-joe-medium") / "en_US-joe-medium.onnx", tmp_path, ["another.exporter's.weight"])
    network = Network(tmp_path, 1)
    assert network.whole is not None
    (sound,) = network.sounds(feed(60))
    assert len(sound) > HOP
