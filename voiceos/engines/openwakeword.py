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
from voiceos.engines.speech_embedding import VALUES, SpeechEmbedding, restore, state


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
        tflite.check(path, wakeword.TfLiteWakeWord, folder, (0, VALUES))
        phrase = re.sub(r"_v\d.*$", "", path.stem).replace("_", " ").lower()
        return cls(name or path.stem, phrase, path)


class OpenWakeWord:
    """One or several models over one extraction of features."""

    def __init__(self, models: Sequence[OpenModel]) -> None:
        import pyopen_wakeword as package

        library: Any = package
        c_library = tflite.shared_library(Path(library.__file__).parent / "lib")
        one_thread_detector: Any = type("Detector", (tflite.OneThread, library.OpenWakeWord), {})
        self._models = tuple(models)
        self._embedding = SpeechEmbedding()
        self._detectors: list[Any] = [
            one_thread_detector(model.name, tflite_model=model.path, libtensorflowlite_c_path=c_library)
            for model in models
        ]
        for embedding in self._embedding.of_silence:
            for detector in self._detectors:
                list(detector.process_streaming(embedding))
        self._silence = [state(detector) for detector in self._detectors]

    def __call__(self, frame: Frame) -> Wake | None:
        best: Wake | None = None
        for embedding in self._embedding(frame.pcm):
            for model, detector in zip(self._models, self._detectors, strict=True):
                score = max(detector.process_streaming(embedding), default=0.0)
                if score > model.threshold and (best is None or score > best.score):
                    best = Wake(model.name, score)
        return best

    def reset(self) -> None:
        """Back to silence, without computing it again."""
        self._embedding.reset()
        for detector, was in zip(self._detectors, self._silence, strict=True):
            restore(detector, was)
