"""Google's speech embedding, as openWakeWord uses it: 96 values every 80 ms that tell what the last 0.8 s sounded like.

Lin, Kilgour, Roblek, Sharifi, "Training keyword spotters with limited and synthesized speech data", ICASSP 2020.
Its files are Apache-2.0 and come with pyopen-wakeword.
"""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from voiceos.engines import tflite

VALUES = 96
"""Of one embedding."""
STEP = 1_280
"""Samples at 16 kHz from one embedding to the next."""


class SpeechEmbedding:
    """Takes sound, gives embeddings. It works every 80 ms, for 2.5 ms on a desktop core."""

    def __init__(self) -> None:
        import pyopen_wakeword as package
        from pyopen_wakeword.openwakeword import MEL_SAMPLES

        library: Any = package
        folder = Path(library.__file__).parent
        one_thread: Any = type("Features", (tflite.OneThread, library.OpenWakeWordFeatures), {})
        self._needed = MEL_SAMPLES
        self._waiting = b""
        self._features: Any = one_thread(
            melspectrogram_model=folder / "models" / "melspectrogram.tflite",
            embedding_model=folder / "models" / "embedding_model.tflite",
            libtensorflowlite_c_path=tflite.shared_library(folder / "lib"),
        )
        # The library starts with eight seconds of silence, which takes a third of a second: too long inside a frame.
        self.of_silence: list[NDArray[Any]] = list(self._features.process_streaming(bytes(2)))
        """What it makes of the silence with which it begins."""
        self._silence = state(self._features)

    def __call__(self, pcm: bytes) -> list[NDArray[Any]]:
        """What is new after this sound, 16 kHz s16le: arrays of 1 × 1 × embeddings × VALUES."""
        self._waiting += pcm
        # The library moves ten seconds of audio with each call: it is called only when it has enough to work on.
        if self._features.new_audio_samples + len(self._waiting) // 2 < self._needed:
            return []
        pcm, self._waiting = self._waiting, b""
        return list(self._features.process_streaming(pcm))

    def reset(self) -> None:
        """Back to silence, without computing it again."""
        self._waiting = b""
        restore(self._features, self._silence)


def state(part: Any) -> dict[str, Any]:
    """The parts of the library's object that change as it listens."""
    keys = ("new_audio_samples", "audio", "new_mels", "mels", "new_embeddings", "embeddings")
    found = {key: getattr(part, key) for key in keys if hasattr(part, key)}
    return {key: value.copy() if hasattr(value, "copy") else value for key, value in found.items()}


def restore(part: Any, was: dict[str, Any]) -> None:
    """Back to what `state` found."""
    for key, value in was.items():
        setattr(part, key, value.copy() if hasattr(value, "copy") else value)
