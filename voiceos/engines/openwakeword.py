"""openWakeWord: wake word models over Google's speech embedding, through pyopen-wakeword.

The models that the package carries are CC BY-NC-SA 4.0: not for commercial use.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from voiceos.core import Frame, Wake
from voiceos.engines import tflite

EMBEDDING = 96
"""Values of one embedding; there is one every 80 ms."""


@dataclass(frozen=True, slots=True)
class OpenModel:
    """One model: a .tflite file."""

    name: str
    phrase: str
    """The spoken phrase: "hey jarvis"."""
    path: Path
    threshold: float = 0.5
    """Score above which the word counts."""

    @classmethod
    def read(cls, path: Path, name: str = "") -> "OpenModel":
        """Raises ModelError."""
        import pyopen_wakeword as library
        from pyopen_wakeword import wakeword

        folder = Path(cast(Any, library).__file__).parent / "lib"
        tflite.check(path, wakeword.TfLiteWakeWord, folder, (0, EMBEDDING))
        phrase = re.sub(r"_v\d.*$", "", path.stem).replace("_", " ").lower()
        return cls(name or path.stem, phrase, path)


class OpenWakeWord:
    """One or several models over one extraction of features. It works every 80 ms, for 4 ms on a desktop core."""

    def __init__(self, models: Sequence[OpenModel]) -> None:
        import pyopen_wakeword as package
        from pyopen_wakeword.openwakeword import MEL_SAMPLES

        library: Any = package
        folder = Path(library.__file__).parent
        c_library = tflite.shared_library(folder / "lib")
        one_thread_features: Any = type("Features", (tflite.OneThread, library.OpenWakeWordFeatures), {})
        one_thread_detector: Any = type("Detector", (tflite.OneThread, library.OpenWakeWord), {})
        self._models = tuple(models)
        self._needed = MEL_SAMPLES
        self._waiting = b""
        self._features: Any = one_thread_features(
            melspectrogram_model=folder / "models" / "melspectrogram.tflite",
            embedding_model=folder / "models" / "embedding_model.tflite",
            libtensorflowlite_c_path=c_library,
        )
        self._detectors: list[Any] = [
            one_thread_detector(model.name, tflite_model=model.path, libtensorflowlite_c_path=c_library)
            for model in models
        ]
        # The library starts with eight seconds of silence, which takes a third of a second: too long inside a frame.
        for embedding in self._features.process_streaming(bytes(2)):
            for detector in self._detectors:
                list(detector.process_streaming(embedding))
        self._silence = [_state(part) for part in (self._features, *self._detectors)]

    def __call__(self, frame: Frame) -> Wake | None:
        self._waiting += frame.pcm
        # The library moves ten seconds of audio with each call: it is called only when it has enough to work on.
        if self._features.new_audio_samples + len(self._waiting) // 2 < self._needed:
            return None
        pcm, self._waiting = self._waiting, b""
        best: Wake | None = None
        for embedding in self._features.process_streaming(pcm):
            for model, detector in zip(self._models, self._detectors, strict=True):
                score = max(detector.process_streaming(embedding), default=0.0)
                if score > model.threshold and (best is None or score > best.score):
                    best = Wake(model.name, score)
        return best

    def reset(self) -> None:
        """Back to silence, without computing it again."""
        self._waiting = b""
        for part, state in zip((self._features, *self._detectors), self._silence, strict=True):
            for key, value in state.items():
                setattr(part, key, value.copy() if hasattr(value, "copy") else value)


def _state(part: Any) -> dict[str, Any]:
    """The parts of the library's object that change as it listens."""
    keys = ("new_audio_samples", "audio", "new_mels", "mels", "new_embeddings", "embeddings")
    state = {key: getattr(part, key) for key in keys if hasattr(part, key)}
    return {key: value.copy() if hasattr(value, "copy") else value for key, value in state.items()}
