"""openWakeWord on real recordings, and on files that are no models."""

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from voiceos.core import FRAME_BYTES, Frame, Speech, Wake
from voiceos.engines.openwakeword import OpenModel, OpenWakeWord
from voiceos.errors import ModelError

pytestmark = pytest.mark.engines
Recording = Callable[[str], Speech]
TAIL = bytes(FRAME_BYTES * 25)


def models(package: str = "pyopen_wakeword") -> Path:
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "models"


def listen(detector: OpenWakeWord, pcm: bytes) -> list[Wake]:
    frames = (Frame(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm), FRAME_BYTES))
    return [wake for frame in frames if (wake := detector(frame))]


def test_hears_its_word_and_nothing_else(recording: Recording) -> None:
    names = ("alexa", "hey_jarvis")
    detector = OpenWakeWord([OpenModel.read(models() / f"{name}.tflite", f"openwakeword/{name}") for name in names])
    found = listen(detector, recording("alexa_2").pcm + TAIL)
    assert {wake.word for wake in found} == {"openwakeword/alexa"}
    detector.reset()
    for name in ("not_wake_1", "hold_music", "babble", "timer30"):
        assert listen(detector, recording(name).pcm) == []


def test_reset_is_like_new(recording: Recording) -> None:
    detector = OpenWakeWord([OpenModel.read(models() / "alexa.tflite")])
    pcm = recording("alexa_3").pcm + TAIL
    first = listen(detector, pcm)
    assert first
    for _ in range(2):
        detector.reset()
        assert listen(detector, pcm) == first


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\x1c\0\0\0TFL3" + bytes(1000), bytes(50_000)])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "alexa.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"alexa\.tflite"):
        OpenModel.read(path)


def test_a_model_of_another_kind_is_refused() -> None:
    with pytest.raises(ModelError, match="the wrong kind of wake word model"):
        OpenModel.read(models("pymicro_wakeword") / "alexa.tflite")
    with pytest.raises(ModelError, match=r"melspectrogram\.tflite"):
        OpenModel.read(models() / "melspectrogram.tflite")


def test_the_phrase_is_read_from_the_name_of_the_file(tmp_path: Path) -> None:
    shutil.copy(models() / "alexa.tflite", tmp_path / "hello_house_v0.1.tflite")
    model = OpenModel.read(tmp_path / "hello_house_v0.1.tflite")
    assert (model.phrase, model.threshold) == ("hello house", 0.5)
