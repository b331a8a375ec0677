"""WebRTC's voice activity detector on real recordings."""

from collections.abc import Callable

import numpy as np
import pytest

from voiceos.core import FRAME_BYTES, Frame, Speech
from voiceos.engines.webrtc_vad import WebRtcVad

Recording = Callable[[str], Speech]


def share(vad: WebRtcVad, pcm: bytes) -> float:
    frames = [Frame(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]
    return float(np.mean([vad(frame) for frame in frames]))


@pytest.mark.engines
def test_speech_and_silence(recording: Recording) -> None:
    assert share(WebRtcVad(), bytes(FRAME_BYTES * 100)) == 0
    assert share(WebRtcVad(), recording("coffee0").pcm) > 0.6


@pytest.mark.engines
def test_reset_is_like_new(recording: Recording) -> None:
    vad = WebRtcVad()
    first = share(vad, recording("garage").pcm)
    vad.reset()
    assert share(vad, recording("garage").pcm) == first
