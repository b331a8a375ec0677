"""The cheap detector wakes the good one, in time and for long enough."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from voiceos.core import FRAME_BYTES, Frame, Speech
from voiceos.engines.silero import Silero
from voiceos.engines.voice_activity import VoiceActivityDetector
from voiceos.engines.webrtc_vad import WebRtcVad

Recording = Callable[[str], Speech]
LEAD = 15
HANG_OVER = 25


class Scripted:
    """Says what it was told to, and remembers which frames it was given."""

    def __init__(self, scores: Sequence[float] = ()) -> None:
        self.scores = list(scores)
        self.given: list[float] = []
        self.resets = 0

    def __call__(self, frame: Frame) -> float:
        self.given.append(frame.at)
        return self.scores.pop(0) if self.scores else 0.7

    def reset(self) -> None:
        self.resets += 1


def run(gate: Sequence[float]) -> tuple[list[float], Scripted]:
    judge = Scripted()
    detector = VoiceActivityDetector(Scripted(gate), judge)
    return [detector(Frame(bytes(FRAME_BYTES), float(at))) for at in range(len(gate))], judge


def test_silence_is_not_judged() -> None:
    scores, judge = run([0.0] * 100)
    assert scores == [0.0] * 100
    assert judge.given == []


def test_the_judge_is_given_what_it_missed_once_and_in_order() -> None:
    scores, judge = run([0.0] * 40 + [1.0] * 3)
    assert scores[38:] == [0.0, 0.0, 0.7, 0.7, 0.7]
    assert judge.given == [float(at) for at in range(40 - LEAD, 43)]


def test_the_judge_goes_on_for_a_while_and_begins_afresh() -> None:
    scores, judge = run([1.0] + [0.0] * 60 + [1.0])
    assert scores == [0.7] * HANG_OVER + [0.0] * (61 - HANG_OVER) + [0.7]
    assert judge.given == [float(at) for at in (*range(HANG_OVER), *range(61 - LEAD, 62))]
    assert judge.resets == 1


def test_reset() -> None:
    gate, judge = Scripted([1.0, 0.0]), Scripted()
    detector = VoiceActivityDetector(gate, judge)
    detector(Frame(bytes(FRAME_BYTES)))
    detector.reset()
    assert detector(Frame(bytes(FRAME_BYTES))) == 0.0
    assert (gate.resets, judge.resets) == (1, 1)


@pytest.mark.engines
@pytest.mark.parametrize(
    ("name", "start", "end"), [("date", 0.33, 1.33), ("beatles", 0.33, 1.41), ("coffee0", 0.29, 3.24)]
)
def test_real_speech_begins_and_ends_where_it_does(recording: Recording, name: str, start: float, end: float) -> None:
    spec = find_spec("faster_whisper")
    assert spec
    assert spec.origin
    silero = Silero(Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx")
    detector = VoiceActivityDetector(WebRtcVad(), silero)
    silence = bytes(FRAME_BYTES * 50)
    pcm = silence + recording(name).pcm + silence
    frames = [Frame(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]
    speech = [index * 0.02 - 1 for index, frame in enumerate(frames) if detector(frame) >= 0.5]
    assert start - 0.1 < speech[0] < start + 0.15
    assert end - 0.2 < speech[-1] < end + 0.25
