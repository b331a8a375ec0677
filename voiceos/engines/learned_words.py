"""Wake words that somebody has taught: a line through the speech embedding, and what the recogniser must think of it.

`voiceos.engines.learning` makes them.
"""

import json
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.audio.levels import level_dbfs
from voiceos.core import RATE, Frame, Wake
from voiceos.engines.speech_embedding import VALUES, SpeechEmbedding
from voiceos.errors import ModelError, StoreError

ENDING = ".word"
EMBEDDINGS = 2
"""That are looked at together: the word, and the 80 ms before."""
VERSION = 1
LOUDER_DB = 6.0
"""Than the room: what is listened to. In silence nothing is computed."""
QUIET_DBFS = -70.0
RISE_DB = 3.0
"""A second, by which a room that has become louder is believed."""
BEFORE_SECONDS = 0.24
"""Sound from before it became louder."""
AFTER_SECONDS = 0.6
"""And after it was: a word's last embedding comes late."""

Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LearnedModel:
    """A word that was learnt."""

    name: str
    phrase: str
    weights: tuple[float, ...]
    """Of EMBEDDINGS × VALUES values: their weighted sum and `bias` are the log-odds of the word."""
    bias: float
    log_probability: float
    """Above this the recogniser agrees. Without it the word does not count: other talk is too like it."""
    recordings: int
    learned_at: str = ""
    threshold: float = 0.5
    """The score that is worth a look of the recogniser."""

    @classmethod
    def read(cls, path: Path, name: str = "") -> "LearnedModel":
        """Raises ModelError."""
        try:
            told: dict[str, Any] = json.loads(path.read_text("utf-8"))
            if told.pop("version") != VERSION:
                raise ValueError("another version")
            told |= {"weights": tuple(map(float, told["weights"])), "name": name or path.stem}
            model = cls(**told)
            if len(model.weights) != EMBEDDINGS * VALUES or not model.phrase:
                raise ValueError("a value is out of range")
        except OSError as error:
            raise ModelError(f"Cannot read the wake word '{path}': {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"The wake word '{path}' is damaged. Learn it again: `voiceos wake learn {path.stem}`."
            ) from error
        return model

    def write(self, folder: Path) -> Path:
        """Whole or not at all, for its owner's eyes only. Raises StoreError."""
        path = folder / f"{self.name}{ENDING}"
        part = folder / f".{self.name}.part"
        try:
            for one in (folder.parent, folder):
                one.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"version": VERSION, **asdict(self)}, file)
                file.flush()
                os.fsync(file.fileno())
            if os.geteuid() == 0:  # taught by root for a service with a user of its own
                owner = folder.parent.stat()
                os.chown(folder, owner.st_uid, owner.st_gid)
                os.chown(part, owner.st_uid, owner.st_gid)
            part.replace(path)
        except OSError as error:
            raise StoreError(f"Cannot keep the wake word in '{folder}' ({error.strerror}).") from error
        return path


class Embedded:
    """Streams sound through the embedding, as long as it is louder than the room. Gives EMBEDDINGS at a time."""

    def __init__(self) -> None:
        self._embedding = SpeechEmbedding()
        self._before: deque[bytes] = deque()
        self._forget()

    def __call__(self, frame: Frame) -> list[Vectors]:
        """What is new after this frame: vectors of EMBEDDINGS × VALUES."""
        self._before.append(frame.pcm)
        while len(self._before) * frame.seconds > BEFORE_SECONDS + frame.seconds / 2:
            self._before.popleft()
        if not self._is_louder(frame):
            self._listening = False
            return []
        pcm = frame.pcm
        if not self._listening:
            self._embedding.reset()
            self._last.clear()
            self._listening, pcm = True, b"".join(self._before)
        new: list[Vectors] = []
        for found in self._embedding(pcm):
            for vector in found.reshape(-1, VALUES).astype(np.float64):
                self._last.append(vector)
                if len(self._last) == EMBEDDINGS:
                    new.append(np.concatenate(self._last))
        return new

    def reset(self) -> None:
        """Forgets what was heard."""
        self._before.clear()
        self._forget()

    def _forget(self) -> None:
        self._last: deque[Vectors] = deque(maxlen=EMBEDDINGS)
        self._listening = False
        self._room = QUIET_DBFS
        self._left = 0.0

    def _is_louder(self, frame: Frame) -> bool:
        level = max(QUIET_DBFS, level_dbfs(frame.pcm))
        self._left = AFTER_SECONDS if level > self._room + LOUDER_DB else self._left - frame.seconds
        self._room = min(level, self._room + RISE_DB * frame.seconds)
        return self._left > 0


class LearnedWords:
    """One or several learnt words over one extraction of features."""

    def __init__(self, models: Sequence[LearnedModel]) -> None:
        self._models = tuple(models)
        self._embedded = Embedded()
        self._weights = np.array([model.weights for model in models])
        self._biases = np.array([model.bias for model in models])

    def __call__(self, frame: Frame) -> Wake | None:
        best: Wake | None = None
        for vector in self._embedded(frame):
            scores = probability(self._weights @ vector + self._biases)
            for model, score in zip(self._models, scores, strict=True):
                if score > model.threshold and (best is None or score > best.score):
                    best = Wake(model.name, float(score))
        return best

    def reset(self) -> None:
        """Forgets what was heard."""
        self._embedded.reset()


def probability(log_odds: Vectors) -> Vectors:
    return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))


def frames(pcm: bytes) -> list[Frame]:
    """Sound at 16 kHz in frames of 20 ms; what does not fill one is left out."""
    size = RATE // 50 * 2
    return [Frame(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)]
