"""Several wake words together: names, paths, thresholds, and the time after one was heard."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.core import FRAME_BYTES, Frame, Speech, Wake
from voiceos.engines.second_stage import SecondStage
from voiceos.engines.wakewords import REFRACTORY_SECONDS, WakeWords, load_wake_words, moved
from voiceos.errors import ConfigError, ModelError
from voiceos.models.shelf import Shelf
from voiceos.protocols import WakeWord

Recording = Callable[[str], Speech]
FRAME = Frame(bytes(FRAME_BYTES))


class Scripted:
    """Finds words at given frames."""

    def __init__(self, found: dict[int, Wake]) -> None:
        self.found = found
        self.frames = 0

    def __call__(self, frame: Frame) -> Wake | None:
        self.frames += 1
        return self.found.get(self.frames - 1)

    def reset(self) -> None:
        self.frames = 0


def listen(detector: WakeWord, frames: int) -> list[tuple[int, str]]:
    return [(at, wake.word) for at in range(frames) if (wake := detector(FRAME))]


def packaged(word: str) -> Path:
    """A model of the catalogue, or one's own."""
    return Shelf(Path("/nowhere")).resolve(word)


def hear(words: Sequence[str], pcm: bytes, threshold: float = 0.5, **thresholds: float) -> list[str]:
    detector = load_wake_words(words, threshold, thresholds, packaged)
    frames = (Frame(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm), FRAME_BYTES))
    return [wake.word for frame in frames if (wake := detector(frame))]


def test_a_word_counts_once_while_it_goes_on_scoring() -> None:
    after = round(REFRACTORY_SECONDS / 0.02)
    detector = Scripted({at: Wake("alexa", 0.9) for at in (*range(10, 25), 10 + after, 11 + after)})
    assert listen(WakeWords([detector]), 200) == [(10, "alexa"), (10 + after, "alexa")]


def test_every_detector_hears_every_frame() -> None:
    one, two = Scripted({3: Wake("one", 0.6)}), Scripted({3: Wake("two", 0.8), 4: Wake("two", 0.9)})
    assert listen(WakeWords([one, two]), 50) == [(3, "two")]
    assert one.frames == two.frames == 50


def test_reset_hears_again_at_once() -> None:
    detector = WakeWords([Scripted({0: Wake("alexa", 0.9)})])
    assert listen(detector, 5) == [(0, "alexa")]
    detector.reset()
    assert listen(detector, 5) == [(0, "alexa")]


@given(own=st.floats(0.01, 0.99), threshold=st.floats(0.01, 0.99), other=st.floats(0.01, 0.99))
def test_moving_a_threshold_keeps_the_order_and_the_bounds(own: float, threshold: float, other: float) -> None:
    assert 0 < moved(own, threshold) < 1
    assert moved(own, 0.5) == pytest.approx(own)
    assert moved(0.5, threshold) == pytest.approx(threshold)
    if threshold < other:
        assert moved(own, threshold) <= moved(own, other)


def test_no_words_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ConfigError, match=r"wake\.words"):
        load_wake_words((), 0.5, {}, packaged)


def test_what_the_catalogue_does_not_know_is_its_to_say() -> None:
    with pytest.raises(ModelError, match="no model 'alexia'"):
        load_wake_words(["alexia"], 0.5, {}, packaged)


def test_a_missing_file_of_ones_own_is_named() -> None:
    with pytest.raises(ModelError, match=r"/nowhere/mine\.json"):
        load_wake_words(["/nowhere/mine.json"], 0.5, {}, packaged)


@pytest.mark.engines
def test_both_engines_together(recording: Recording) -> None:
    words = ("alexa", "openwakeword/hey_jarvis", "okay_nabu")
    quiet = bytes(FRAME_BYTES * 100)
    heard = [recording(f"alexa_{number}").pcm + quiet for number in (1, 2, 3)]
    assert hear(words, b"".join(heard)) == ["alexa"] * 3


@pytest.mark.engines
def test_thresholds(recording: Recording) -> None:
    pcm = recording("alexa_2").pcm
    assert hear(["alexa"], pcm, alexa=0.999) == []
    assert hear(["alexa"], pcm, threshold=0.9999) == []
    assert hear(["alexa"], pcm, threshold=0.9999, alexa=0.5) == ["alexa"]


@pytest.mark.engines
def test_models_of_ones_own(tmp_path: Path, recording: Recording) -> None:
    (tmp_path / "micro").mkdir()
    for ending in ("json", "tflite"):
        shutil.copy(packaged("alexa").with_suffix(f".{ending}"), tmp_path / "micro")
    open_one = shutil.copy(packaged("openwakeword/alexa"), tmp_path / "computer.tflite")
    pcm = recording("alexa_3").pcm + bytes(FRAME_BYTES * 25)
    assert hear([str(tmp_path / "micro" / "alexa.tflite")], pcm) == ["alexa"]
    assert hear([str(tmp_path / "micro" / "alexa.json")], pcm, alexa=0.999) == []
    assert hear([str(open_one)], pcm) == ["computer"]


@pytest.mark.engines
def test_a_second_stage_lowers_only_the_scores_that_nobody_set(recording: Recording) -> None:
    asked: list[str] = []

    def judge(_pcm: bytes, phrase: str) -> float:
        asked.append(phrase)
        return 0.0

    second = SecondStage(judge)
    detector = load_wake_words(["alexa", "hey_mycroft"], 0.5, {"alexa": 0.9999}, packaged, second)
    pcm = recording("alexa_1").pcm
    for at in range(0, len(pcm), FRAME_BYTES):
        detector(Frame(pcm[at : at + FRAME_BYTES]))
    assert asked == []
