"""microWakeWord: small wake word models made for microcontrollers, through pymicro-wakeword."""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from voiceos.core import Frame, Wake
from voiceos.engines import tflite
from voiceos.errors import ModelError

FEATURES = 40
"""Values of one 10 ms window."""


@dataclass(frozen=True, slots=True)
class MicroModel:
    """One model: a .tflite file with its .json description."""

    name: str
    phrase: str
    """The spoken phrase: "hey jarvis"."""
    config: Path
    threshold: float
    """Mean score of the last windows above which the word counts: its author's advice unless replaced."""

    @classmethod
    def read(cls, path: Path, name: str = "") -> "MicroModel":
        """From the path of either file. Raises ModelError."""
        config = path.with_suffix(".json")
        try:
            told = json.loads(config.read_text("utf-8"))
            threshold = float(told["micro"]["probability_cutoff"])
            if not 0 < threshold < 1 or not 1 <= int(told["micro"]["sliding_window_size"]) <= 100:
                raise ValueError("a value is out of range")
            model, phrase = config.parent / str(told["model"]), str(told["wake_word"]).lower()
        except OSError as error:
            raise ModelError(f"Cannot read the wake word description '{config}': {error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"'{config}' is not a microWakeWord description: {error!r}.") from error
        _check(model)
        return cls(name or config.stem, phrase, config, threshold)


class MicroWakeWord:
    """One or several models over one extraction of features. ADR 9 says what it costs.

    Raises ModelError when it is built with a model that cannot be loaded.
    """

    def __init__(self, models: Sequence[MicroModel]) -> None:
        import pymicro_wakeword as library

        self._models = tuple(models)
        self._features = library.MicroWakeWordFeatures()
        self._detectors = [_Detector(library.MicroWakeWord.from_config(model.config)) for model in models]

    def __call__(self, frame: Frame) -> Wake | None:
        best: Wake | None = None
        for window in self._features.process_streaming(frame.pcm):
            for model, detector in zip(self._models, self._detectors, strict=True):
                score = detector(window)
                if score > model.threshold and (best is None or score > best.score):
                    best = Wake(model.name, score)
        return best

    def reset(self) -> None:
        """Forgets what was heard. The next word is heard at once: these models need no audio to settle."""
        self._features.reset()
        for detector in self._detectors:
            detector.reset()


class _Detector:
    """The library's `process_streaming_prob`, but cheaper: with buffers allocated once and a plain mean."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._features = np.zeros((model.stride, FEATURES), model.input_dtype)
        self._output = np.zeros(1, model.output_dtype)
        self._pointers = self._features.ctypes.data, self._output.ctypes.data
        self._scores: deque[float] = deque(maxlen=model.sliding_window_size)
        self._windows = 0

    def __call__(self, window: NDArray[np.float32]) -> float:
        """Mean score of the last windows; 0 in between, and until there are enough of them."""
        model = self._model
        self._features[self._windows] = np.rint(window.ravel() / model.input_scale + model.input_zero_point)
        self._windows += 1
        if self._windows < model.stride:
            return 0.0
        self._windows = 0
        features, output = self._pointers
        model.lib.TfLiteTensorCopyFromBuffer(model.input_tensor, features, self._features.nbytes)
        model.lib.TfLiteInterpreterInvoke(model.interpreter)
        model.lib.TfLiteTensorCopyToBuffer(model.output_tensor, output, self._output.nbytes)
        self._scores.append((int(self._output[0]) - model.output_zero_point) * model.output_scale)
        return sum(self._scores) / len(self._scores) if len(self._scores) == self._scores.maxlen else 0.0

    def reset(self) -> None:
        self._model.reset()
        self._scores.clear()
        self._windows = 0


def _check(model: Path) -> None:
    import pymicro_wakeword as library
    from pymicro_wakeword import wakeword

    folder = Path(cast(Any, library).__file__).parent / "lib"
    tflite.check(model, wakeword.TfLiteWakeWord, folder, (0, FEATURES))
