"""smart-turn: its features against Whisper's own, and its judgement of whole and half sentences."""

from collections.abc import Callable
from pathlib import Path

import anyio
import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.core import RATE, Speech
from voiceos.engines.smart_turn import SAMPLES, SmartTurn, features
from voiceos.errors import ModelError

Recording = Callable[[str], Speech]


@pytest.fixture(scope="session")
def model(model_path: Callable[[str], Path]) -> SmartTurn:
    turn = SmartTurn(model_path("smart-turn-v3.2"))
    anyio.run(turn.warm)
    return turn


def reference(pcm: bytes) -> np.ndarray:
    """As another library computes it, window by window."""
    sound = (np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768))[-SAMPLES:]
    sound = np.pad(sound, (SAMPLES - len(sound), 0))
    sound = (sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)
    return FeatureExtractor(chunk_length=8)(sound, padding=0)


@settings(max_examples=25, deadline=None)
@given(samples=st.integers(0, SAMPLES + RATE), level=st.sampled_from([0, 1, 300, 30_000]), seed=st.integers(0, 99))
def test_features_are_whispers(samples: int, level: int, seed: int) -> None:
    sound = np.random.default_rng(seed).normal(0, level, samples).clip(-32768, 32767).astype(np.int16)
    found = features(sound.tobytes())
    assert found.shape == (80, 800)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, reference(sound.tobytes()), atol=2e-3)


def test_half_a_sample_is_dropped() -> None:
    np.testing.assert_array_equal(features(bytes(1000) + b"x"), features(bytes(1000)))


@pytest.mark.engines
@pytest.mark.anyio
@pytest.mark.parametrize("name", ["date", "garage", "beatles", "timer30", "coffee0"])
async def test_a_whole_sentence_is_complete(model: SmartTurn, recording: Recording, name: str) -> None:
    assert await model.completeness(recording(name)) > 0.5


@pytest.mark.engines
@pytest.mark.anyio
@pytest.mark.parametrize(("name", "seconds"), [("coffee0", 2.06), ("coffee0", 2.35), ("date", 0.83), ("beatles", 0.87)])
async def test_a_sentence_that_stops_in_the_middle_is_not(
    model: SmartTurn, recording: Recording, name: str, seconds: float
) -> None:
    half = Speech(recording(name).pcm[: int(seconds * RATE) * 2], 0.0, seconds)
    assert await model.completeness(half) < 0.5


@pytest.mark.engines
@pytest.mark.anyio
async def test_an_abandoned_judgement_does_not_disturb_the_next(model: SmartTurn, recording: Recording) -> None:
    speech = recording("date")
    expected = await model.completeness(speech)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await model.completeness(recording("coffee0"))
    found: list[float] = []

    async def judge() -> None:
        found.append(await model.completeness(speech))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(judge)
    assert found == [pytest.approx(expected)] * 3


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "smart-turn.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"smart-turn\.onnx' is (missing|damaged)"):
        SmartTurn(path)


@pytest.mark.engines
def test_another_model_is_refused() -> None:
    from faster_whisper.utils import get_assets_path

    with pytest.raises(ModelError, match="the wrong model"):
        SmartTurn(Path(get_assets_path()) / "silero_vad_v6.onnx")
