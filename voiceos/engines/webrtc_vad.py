"""WebRTC's voice activity detector: it costs almost nothing and misses little, but takes much noise for speech."""

from typing import Any

from voiceos.core import Frame


class WebRtcVad:
    """1.0 or 0.0 for each frame of 10, 20 or 30 ms.

    `mode` is from 0, which lets most through, to 3, which is strict.
    """

    def __init__(self, mode: int = 2) -> None:
        import webrtcvad

        self._mode = mode
        self._new: Any = webrtcvad.Vad
        self._vad = self._new(mode)

    def __call__(self, frame: Frame) -> float:
        return float(self._vad.is_speech(frame.pcm, frame.rate))

    def reset(self) -> None:
        self._vad = self._new(self._mode)
