"""Voice activity: a cheap detector listens all the time and wakes a good one to judge."""

from collections import deque

from voiceos.core import FRAME_SECONDS, Frame
from voiceos.engines.engine import Setup
from voiceos.engines.silero import Silero
from voiceos.engines.webrtc_vad import WebRtcVad
from voiceos.models.catalogue import SILERO
from voiceos.protocols import VoiceActivity

HANG_OVER_SECONDS = 0.5
"""The judge continues this long after the cheap detector has fallen silent."""
LEAD_SECONDS = 0.3
"""Audio from before the judge was woken, so that it knows how the speech began."""


class VoiceActivityDetector:
    """The score of `judge` for each frame while `gate` has lately heard something, else 0."""

    def __init__(self, gate: VoiceActivity, judge: VoiceActivity) -> None:
        self._gate = gate
        self._judge = judge
        self._missed: deque[Frame] = deque(maxlen=round(LEAD_SECONDS / FRAME_SECONDS))
        self._open_for = 0.0

    def __call__(self, frame: Frame) -> float:
        if self._gate(frame) > 0:
            self._open_for = HANG_OVER_SECONDS
        elif self._open_for > 0:
            self._open_for -= frame.seconds
        if self._open_for <= 0:
            self._missed.append(frame)
            return 0.0
        if self._missed:
            self._catch_up()
        return self._judge(frame)

    def reset(self) -> None:
        self._gate.reset()
        self._judge.reset()
        self._missed.clear()
        self._open_for = 0.0

    def _catch_up(self) -> None:
        self._judge.reset()
        for frame in self._missed:
            self._judge(frame)
        self._missed.clear()


def make(setup: Setup) -> VoiceActivityDetector:
    """webrtcvad wakes Silero."""
    return VoiceActivityDetector(WebRtcVad(), Silero(setup.shelf.path(SILERO)))
