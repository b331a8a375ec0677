"""Silero on real recordings, against the library whose model it is."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from voiceos.core import FRAME_BYTES, Frame, Speech
from voiceos.engines.silero import STEP, Silero
from voiceos.errors import ModelError

Recording = Callable[[str], Speech]


@pytest.fixture(scope="session")
def model() -> Path:
    spec = find_spec("faster_whisper")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"


def scores(silero: Silero, pcm: bytes, size: int = FRAME_BYTES) -> list[float]:
    return [silero(Frame(pcm[at : at + size])) for at in range(0, len(pcm) - size + 1, size)]


@pytest.mark.engines
def test_agrees_with_the_reference(model: Path, recording: Recording) -> None:
    from faster_whisper.vad import SileroVADModel

    pcm = recording("coffee0").pcm
    pcm = pcm[: len(pcm) // (STEP * 2) * STEP * 2]
    sound = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
    reference = np.ravel(SileroVADModel(str(model))(sound.copy()))
    # The reference blanks the last context it takes, so its last step differs a little.
    assert scores(Silero(model), pcm, STEP * 2)[:-1] == pytest.approx(reference[:-1], abs=1e-3)


@pytest.mark.engines
def test_speech_is_speech_and_music_is_not(model: Path, recording: Recording) -> None:
    silero = Silero(model)
    speech = np.array(scores(silero, recording("coffee0").pcm))
    assert np.mean(speech[20:155] >= 0.5) > 0.8
    silero.reset()
    assert np.mean(np.array(scores(silero, recording("hold_music").pcm)) >= 0.5) < 0.02
    silero.reset()
    assert max(scores(silero, bytes(FRAME_BYTES * 100))) < 0.1


@pytest.mark.engines
def test_frames_of_any_length_and_reset(model: Path, recording: Recording) -> None:
    silero = Silero(model)
    pcm = recording("date").pcm[: FRAME_BYTES * 64]
    by_frame = scores(silero, pcm)
    silero.reset()
    assert scores(silero, pcm) == by_frame
    silero.reset()
    assert scores(silero, pcm, FRAME_BYTES * 64) == by_frame[-1:]


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "silero.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"silero\.onnx' is (missing|damaged)"):
        Silero(path)
