"""microWakeWord on real recordings, and on files that are no models."""

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voiceos.core import FRAME_BYTES, Frame, Speech, Wake
from voiceos.engines.microwakeword import MicroModel, MicroWakeWord
from voiceos.errors import ModelError

Recording = Callable[[str], Speech]


def models() -> Path:
    spec = find_spec("pymicro_wakeword")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "models"


def listen(detector: MicroWakeWord, pcm: bytes) -> list[Wake]:
    frames = (Frame(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm), FRAME_BYTES))
    return [wake for frame in frames if (wake := detector(frame))]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A model of one's own."""
    for ending in ("json", "tflite"):
        shutil.copy(models() / f"alexa.{ending}", tmp_path)
    return tmp_path / "alexa.json"


@pytest.mark.engines
@pytest.mark.parametrize("name", ["alexa_1", "alexa_2", "alexa_3"])
def test_hears_its_word_from_the_very_start(recording: Recording, name: str) -> None:
    found = listen(MicroWakeWord([MicroModel.read(models() / "alexa.json")]), recording(name).pcm)
    assert found
    assert {wake.word for wake in found} == {"alexa"}
    assert min(wake.score for wake in found) > 0.9


@pytest.mark.engines
@pytest.mark.parametrize("name", ["not_wake_1", "not_wake_2", "iced_coffee", "hold_music", "babble", "timer30"])
def test_hears_nothing_in_other_sound(recording: Recording, name: str) -> None:
    every = [MicroModel.read(path) for path in sorted(models().glob("*.json"))]
    assert len(every) == 4
    assert listen(MicroWakeWord(every), recording(name).pcm) == []


@pytest.mark.engines
def test_several_words_share_their_features_and_are_told_apart(recording: Recording) -> None:
    names = ("okay_nabu", "alexa", "hey_jarvis")
    detector = MicroWakeWord([MicroModel.read(models() / f"{name}.json") for name in names])
    assert {wake.word for wake in listen(detector, recording("alexa_2").pcm)} == {"alexa"}


@pytest.mark.engines
def test_reset_forgets_what_was_heard(recording: Recording) -> None:
    detector = MicroWakeWord([MicroModel.read(models() / "alexa.json")])
    pcm = recording("alexa_2").pcm
    first = listen(detector, pcm)
    detector.reset()
    assert listen(detector, bytes(FRAME_BYTES * 50)) == []
    detector.reset()
    assert listen(detector, pcm) == first


@pytest.mark.engines
def test_is_read_from_either_of_its_files(copied: Path) -> None:
    assert MicroModel.read(copied.with_suffix(".tflite")) == MicroModel.read(copied)
    assert MicroModel.read(copied, "mine").name == "mine"
    assert MicroModel.read(copied).threshold == 0.9


@pytest.mark.engines
@pytest.mark.parametrize(
    "content",
    [b"", b"TFL3", b"<html>not found</html>", b"\x1c\0\0\0TFL3", b"\x1c\0\0\0TFL3" + bytes(1000), bytes(50_000)],
)
def test_a_file_that_is_no_model_is_refused(copied: Path, content: bytes) -> None:
    copied.with_suffix(".tflite").write_bytes(content)
    with pytest.raises(ModelError, match=r"alexa\.tflite"):
        MicroModel.read(copied)


@pytest.mark.engines
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_truncated_model_is_refused(copied: Path, data: st.DataObject) -> None:
    whole = (models() / "alexa.tflite").read_bytes()
    copied.with_suffix(".tflite").write_bytes(whole[: data.draw(st.integers(0, len(whole) - 100))])
    with pytest.raises(ModelError):
        MicroModel.read(copied)


@pytest.mark.engines
def test_a_model_of_another_kind_is_refused(copied: Path) -> None:
    spec = find_spec("pyopen_wakeword")
    assert spec
    assert spec.origin
    shutil.copy(Path(spec.origin).parent / "models" / "okay_nabu.tflite", copied.with_suffix(".tflite"))
    with pytest.raises(ModelError, match="the wrong kind of wake word model"):
        MicroModel.read(copied)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '"alexa"',
        '{"micro": 3}',
        '{"micro": {"probability_cutoff": "high", "sliding_window_size": 5}, "model": "a", "wake_word": "a"}',
        '{"micro": {"probability_cutoff": 1.5, "sliding_window_size": 5}, "model": "a", "wake_word": "a"}',
        '{"micro": {"probability_cutoff": 0.5, "sliding_window_size": 0}, "model": "a", "wake_word": "a"}',
        '{"micro": {"probability_cutoff": 0.5, "sliding_window_size": null}, "model": "a", "wake_word": "a"}',
        '{"micro": {"probability_cutoff": 0.5, "sliding_window_size": 5}, "model": "a"}',
    ],
)
def test_a_wrong_description_is_refused(tmp_path: Path, text: str) -> None:
    config = tmp_path / "alexa.json"
    config.write_text(text)
    with pytest.raises(ModelError, match=r"alexa\.json' is not a microWakeWord description"):
        MicroModel.read(config)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"Cannot read .*alexa\.json': No such file"):
        MicroModel.read(tmp_path / "alexa.tflite")
    told = {"micro": {"probability_cutoff": 0.5, "sliding_window_size": 5}, "model": "x.tflite", "wake_word": "X"}
    (tmp_path / "x.json").write_text(json.dumps(told))
    with pytest.raises(ModelError, match=r"Cannot read .*x\.tflite': No such file"):
        MicroModel.read(tmp_path / "x.json")
