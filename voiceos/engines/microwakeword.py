"""microWakeWord: small wake word models that were made for microcontrollers, through pymicro-wakeword."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from voiceos.core import Frame, Wake
from voiceos.engines import tflite
from voiceos.errors import ModelError

FEATURES = 40
"""Values of one 10 ms window."""


@dataclass(frozen=True, slots=True)
class MicroModel:
    """One model: a .tflite file, and the .json beside it that says how to use it."""

    name: str
    phrase: str
    """What one says: "hey jarvis"."""
    config: Path
    threshold: float
    """Mean score of the last windows above which the word counts; what its author recommends unless replaced."""

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
            raise ModelError(f"The wake word's description '{config}' cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"'{config}' is not the description of a microWakeWord model: {error!r}.") from error
        _check(model)
        return cls(name or config.stem, phrase, config, threshold)


class MicroWakeWord:
    """One or several models over one extraction of features. It costs 0.3 % of a desktop core for one model.

    Raises ModelError when it is built with a model that cannot be loaded.
    """

    def __init__(self, models: Sequence[MicroModel]) -> None:
        import pymicro_wakeword as library

        self.models = tuple(models)
        self._features = library.MicroWakeWordFeatures()
        self._detectors = [library.MicroWakeWord.from_config(model.config) for model in models]

    @property
    def phrases(self) -> Mapping[str, str]:
        return {model.name: model.phrase for model in self.models}

    def __call__(self, frame: Frame) -> Wake | None:
        best: Wake | None = None
        for window in self._features.process_streaming(frame.pcm):
            for model, detector in zip(self.models, self._detectors, strict=True):
                score = detector.process_streaming_prob(window) or 0.0
                if score > model.threshold and (best is None or score > best.score):
                    best = Wake(model.name, score)
        return best

    def reset(self) -> None:
        """Forgets what was heard. It hears the next word at once: these models need no audio to settle on."""
        self._features.reset()
        for detector in self._detectors:
            detector.reset()


def _check(model: Path) -> None:
    import pymicro_wakeword as library
    from pymicro_wakeword import wakeword

    folder = Path(cast(Any, library).__file__).parent / "lib"
    tflite.check(model, wakeword.TfLiteWakeWord, folder, (0, FEATURES))
