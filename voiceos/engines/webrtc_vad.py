"""WebRTC's voice activity detector: it costs almost nothing and misses little, but takes much noise for speech."""

from voiceos.core import Frame

MODE = 2
"""From 0, which lets most through, to 3, which is strict."""


class WebRtcVad:
    """1.0 or 0.0 for each frame of 10, 20 or 30 ms."""

    def __init__(self) -> None:
        self.reset()

    def __call__(self, frame: Frame) -> float:
        return float(self._vad.is_speech(frame.pcm, frame.rate))

    def reset(self) -> None:
        import webrtcvad

        self._vad = webrtcvad.Vad(MODE)
