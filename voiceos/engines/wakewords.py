"""Wake words: listens for several at once, with whichever engines they need."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from voiceos.config.paths import learned_words
from voiceos.core import Frame, Wake
from voiceos.engines.engine import Setup
from voiceos.engines.learned_words import ENDING, LearnedModel, LearnedWords
from voiceos.engines.microwakeword import MicroModel, MicroWakeWord
from voiceos.engines.openwakeword import OpenModel, OpenWakeWord
from voiceos.engines.second_stage import PHRASES, Checked, SecondStage, View
from voiceos.errors import ConfigError
from voiceos.models.catalogue import is_path
from voiceos.protocols import WakeWord

log = logging.getLogger(__name__)

Model = MicroModel | OpenModel | LearnedModel

REFRACTORY_SECONDS = 1.5
"""Audio after a wake word in which no other is found: the same word scores for several frames."""


class WakeWords:
    """Several detectors as one. Counts seconds of audio, and never asks the time."""

    def __init__(self, detectors: Sequence[WakeWord], second_stage: SecondStage | None = None) -> None:
        self._detectors = tuple(detectors)
        self._second_stage = second_stage
        self._refractory = 0.0

    def __call__(self, frame: Frame) -> Wake | None:
        # Every detector gets every frame, even after a wake word, so that its state is complete.
        found = [wake for detector in self._detectors if (wake := detector(frame))]
        self._refractory = max(0.0, self._refractory - frame.seconds)
        best = max(found, key=lambda wake: wake.score) if found and self._refractory <= 0 else None
        if self._second_stage:
            best = self._second_stage(frame, best)
        if best:
            self._refractory = REFRACTORY_SECONDS
        return best

    def reset(self) -> None:
        """Forgets what was heard: after a gap in the frames."""
        self._refractory = 0.0
        if self._second_stage:
            self._second_stage.reset()
        for detector in self._detectors:
            detector.reset()


def load_wake_words(
    words: Sequence[str],
    threshold: float,
    thresholds: Mapping[str, float],
    resolve: Callable[[str], Path],
    second_stage: SecondStage | None = None,
) -> WakeWords:
    """Loads models by name or path; `resolve` gives the file of a catalogue name.

    With a second stage, the words that it covers need a much lower score, unless `thresholds` sets one.

    `threshold` moves every model's own threshold: at 0.5 each keeps its own, lower wakes more easily, higher less.
    `thresholds` are the scores themselves, by name. Raises ModelError, or what `resolve` raises.
    """
    if not words:
        raise ConfigError("No wake word is set. Name one in `wake.words`, or set `wake.mode` to 'open' or 'button'.")
    models: list[Model] = []
    for word in dict.fromkeys(words):
        path = resolve(word)
        model = _read(path, Path(word).stem if is_path(word) else word)
        score = thresholds.get(word, thresholds.get(model.name, moved(model.threshold, threshold)))
        log.debug("wake word %s from %s, threshold %.2f", model.name, path, score)
        model = replace(model, threshold=score)
        if second_stage and (view := _view(model)):
            alone = 1.0 if isinstance(model, LearnedModel) else score
            second_stage.add(model.name, Checked(model.phrase, alone, view.log_probability, view.look_seconds))
            if not {word, model.name} & thresholds.keys():
                model = replace(model, threshold=min(score, moved(view.candidate, threshold)))
        models.append(model)
    return WakeWords(_detectors(models), second_stage)


def _view(model: Model) -> View | None:
    """When the second stage checks a word; None: never."""
    if isinstance(model, LearnedModel):
        return View(model.threshold, model.log_probability)
    return PHRASES.get(model.phrase) if isinstance(model, MicroModel) else None


def _detectors(models: Sequence[Model]) -> list[WakeWord]:
    """One for each engine that has any of these models."""
    micro = [model for model in models if isinstance(model, MicroModel)]
    open_ = [model for model in models if isinstance(model, OpenModel)]
    taught = [model for model in models if isinstance(model, LearnedModel)]
    detectors: list[WakeWord] = []
    if micro:
        detectors.append(MicroWakeWord(micro))
    if open_:
        detectors.append(OpenWakeWord(open_))
    if taught:
        detectors.append(LearnedWords(taught))
    return detectors


def moved(own: float, threshold: float) -> float:
    """A model's own threshold with its odds multiplied, so that it stays between 0 and 1.

    Models are calibrated differently: one is as sure at 0.5 as another at 0.97.
    """
    odds = own / (1 - own) * threshold / (1 - threshold)
    return odds / (1 + odds)


def _read(path: Path, name: str) -> Model:
    """A .tflite file with a .json beside it is microWakeWord's; one alone is openWakeWord's."""
    if path.suffix == ENDING:
        return LearnedModel.read(path, name)
    if path.suffix == ".tflite" and not path.with_suffix(".json").exists():
        return OpenModel.read(path, name)
    return MicroModel.read(path, name)


def make(setup: Setup) -> WakeWords:
    """As the settings say, with the recogniser's say if it has one; with it, also those that were learnt."""
    wake = setup.config.wake
    judge = getattr(setup.recognition, "log_probability", None) if wake.second_stage else None
    second = SecondStage(judge) if judge else None
    taught = [str(path) for path in learned_words(setup.config.store)] if second else []
    words = [*wake.words, *taught]
    return load_wake_words(words, wake.threshold, wake.thresholds, setup.shelf.resolve, second)
