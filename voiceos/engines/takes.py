"""Recordings of one word: where in them it is, and whether one can learn from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voiceos.audio.levels import is_clipped
from voiceos.core import RATE

PIECE = RATE // 50
"""Samples over which loudness is taken."""
ABOVE_ROOM_DB = 9.0
BELOW_LOUDEST_DB = 30.0
"""A word is louder than the room by so much, and hardly softer than this below its loudest."""
HOLE_SECONDS = 0.25
"""Silence inside a word or between two: "smart … mirror"."""
EDGE_SECONDS = 0.04
"""Sound that reaches to this from an end of the recording may go on outside."""
MARGIN_SECONDS = 0.04
SHORTEST_SECONDS, LONGEST_SECONDS = 0.25, 2.0
QUIETEST_DBFS = -46.0
"""The loudest tenth of a second of a word, at least."""

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Take:
    """A word in a recording: samples, and where it begins and ends among them."""

    samples: Samples
    start: int
    end: int

    @property
    def word(self) -> Samples:
        return self.samples[self.start : self.end]

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / RATE

    @property
    def room(self) -> list[Samples]:
        """What is before and after it."""
        return [self.samples[: self.start], self.samples[self.end :]]


def find(samples: Samples) -> Take | None:
    """The loudest stretch of a recording; None where nothing rises above the room."""
    levels = loudness(samples)
    if not len(levels):
        return None
    least = max(float(np.percentile(levels, 15)) + ABOVE_ROOM_DB, float(levels.max()) - BELOW_LOUDEST_DB)
    loud = np.flatnonzero(levels > least)
    if not len(loud):
        return None
    stretches = np.split(loud, np.flatnonzero(np.diff(loud) > HOLE_SECONDS * 50) + 1)
    best = max(stretches, key=lambda one: float(np.sum(10 ** (levels[one] / 10))))
    margin = round(MARGIN_SECONDS * RATE)
    return Take(
        samples,
        max(0, int(best[0]) * PIECE - margin),
        min(len(samples), (int(best[-1]) + 1) * PIECE + margin),
    )


def loudness(samples: Samples) -> NDArray[np.float64]:
    """In dBFS, of each fiftieth of a second."""
    pieces = samples[: len(samples) // PIECE * PIECE].reshape(-1, PIECE).astype(np.float64) / 32_768
    return 10 * np.log10(np.mean(pieces**2, axis=1) + 1e-12)


def complaint(take: Take | None) -> str:
    """What is wrong with a take and how to do better, in a sentence; empty if it can be learnt from."""
    if take is None:
        return "I heard nothing above the noise of the room. Come nearer, and say it again."
    levels = loudness(take.word)
    loudest = float(np.max(np.convolve(levels, np.ones(5) / 5, "valid"))) if len(levels) >= 5 else float(levels.max())
    edge = round(EDGE_SECONDS * RATE)
    if is_clipped(take.word.astype("<i2").tobytes()):
        return "That was too loud and is distorted. Go further away or lower the microphone, and say it again."
    if loudest < QUIETEST_DBFS:
        return "That was too quiet. Come nearer or speak up, and say it again."
    if take.start < edge or take.end > len(take.samples) - edge:
        return "That was cut off. Leave a moment of silence before and after it, and say it again."
    if take.seconds < SHORTEST_SECONDS:
        return "That was too short for a wake word. Say the whole word again."
    if take.seconds > LONGEST_SECONDS:
        return "That was too long for a wake word. Say nothing but the word, again."
    return ""
