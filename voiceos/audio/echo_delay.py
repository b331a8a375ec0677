"""The delay of an echo behind its reference, and the drift between the two clocks."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.core import RATE

Samples = NDArray[np.floating[Any]]
"""Full scale is 1. Single precision, because boards are small."""

SPAN = RATE * 2
"""Samples of the latest sound that are compared."""
LONGEST = RATE // 2
"""Maximum delay of an echo, in samples."""
EVERY = 25
"""Frames between two estimates of the delay; four times as many once it is known."""
LEAD = 240
"""Samples of the filter kept before the echo, because the estimate may be slightly off."""
SLACK = 1120
"""The filter handles a delay that is off by less."""
SURE = 8.0
"""How far a correlation's peak must rise above its surroundings."""
AGREED = 80
"""Samples by which two estimates may differ."""
PHASES, TAPS = 128, 16
"""Interpolation steps between two samples, and samples weighted for each."""
LEAST = TAPS / 2
"""Minimum delay of the reference in samples, because the samples after it are weighted too."""
DRIFT_FRAMES = 25
"""Frames between two estimates of the drift."""
MOST_DRIFT = 1e-3
NEAR = 24
"""Maximum error of the expected echo in one estimate, in samples."""
ALIKE = 0.85
"""Correlation of expected and heard that an estimate needs: a voice over the echo would mislead it."""
PULL, STEER = 0.3, 0.15
"""How much of an estimate corrects the delay at once, and how much the drift: a delay-locked loop."""


class Alignment:
    """Delays and stretches the reference to match its echo in the microphone."""

    def __init__(self) -> None:
        self._far = Latest()
        self._near = Latest()
        self._count = 0
        self.lag = LEAST
        """Samples by which the aligned reference is behind the given one."""
        self.drift = 0.0
        """Samples by which the lag grows with each sample."""
        self._found: int | None = None
        self._known = False
        self._pairs: list[tuple[Samples, Samples]] = []
        self._sinc = _interpolator()

    def __call__(self, far: Samples, near: Samples) -> tuple[Samples, int]:
        """The reference for this frame, and by how many samples it is later than before."""
        size = len(far)
        self._far.add(far)
        self._near.add(near)
        self._count += 1
        moved = self._look() if self._count % (4 * EVERY if self._known else EVERY) == 0 else 0
        lag = self.lag
        self.lag = max(LEAST, lag + self.drift * size)
        return self._read(lag, size), moved

    def watch(self, echo: Samples, near: Samples) -> None:
        """Finds the drift between the echo that the filter expects and what the microphone heard."""
        self._pairs.append((echo, near))
        if len(self._pairs) < DRIFT_FRAMES:
            return
        expected, heard = (np.concatenate(side) for side in zip(*self._pairs, strict=True))
        self._pairs.clear()
        late = _late(expected, heard)
        if late is not None:
            self.lag = max(LEAST, self.lag + PULL * late)
            self.drift = float(np.clip(self.drift + STEER * late / len(heard), -MOST_DRIFT, MOST_DRIFT))

    def _read(self, lag: float, size: int) -> Samples:
        """Within a frame the drift is a small part of a sample: the filter does not notice a step between frames."""
        back = math.ceil(lag)
        sound = self._far.last(size + back + TAPS // 2 - 1)[: size + TAPS - 1]
        return np.correlate(sound, self._sinc[int((back - lag) * PHASES)], "valid")

    def _look(self) -> int:
        found = _delay(self._far.last(SPAN + LONGEST), self._near.last(SPAN))
        if found is None:
            return 0
        before, self._found = self._found, found
        self._known = before is not None and abs(before - found) < AGREED
        place = found - self.lag
        early = place < LEAD / 4 and self.lag >= LEAST + 1
        if not self._known or not (early or place > LEAD + SLACK):
            return 0
        move = round(max(LEAST, found - LEAD) - self.lag)
        self.lag += move
        self._pairs.clear()
        return move


def _delay(far: Samples, near: Samples) -> int | None:
    """Samples by which `near` is behind `far`, by generalised cross-correlation with phase transform; None: unsure."""
    if near @ near < 1e-4 or far[-SPAN:] @ far[-SPAN:] < 1e-4:
        return None
    length = 1 << (SPAN + LONGEST).bit_length()
    cross = np.fft.rfft(near, length) * np.fft.rfft(far, length).conj()
    correlation = np.fft.irfft(cross / (np.abs(cross) + 1e-9))
    wanted = np.abs(np.concatenate([correlation[-LONGEST:], correlation[:1]]))
    peak = int(np.argmax(wanted))
    if wanted[peak] < SURE * wanted.mean():
        return None
    return peak


def _late(expected: Samples, heard: Samples) -> float | None:
    """Samples, with a fraction, by which the echo is later than expected; None if the two are too different to tell."""
    if expected @ expected < 1e-4:
        return None
    length = 2 * len(heard)
    a, b = np.fft.rfft(heard, length), np.fft.rfft(expected, length)
    cross = a * b.conj()
    correlation = np.roll(np.fft.irfft(cross), NEAR)[: 2 * NEAR + 1]
    if correlation.max() < ALIKE * np.sqrt((expected @ expected) * (heard @ heard)):
        return None
    sharp = np.roll(np.fft.irfft(cross / np.sqrt(np.abs(cross) + 1e-12)), NEAR)[: 2 * NEAR + 1]
    peak = int(np.argmax(sharp))
    if not 0 < peak < 2 * NEAR:
        return None
    left, top, right = sharp[peak - 1 : peak + 2]
    return float(peak - NEAR + 0.5 * (left - right) / (left - 2 * top + right))


def _interpolator() -> Samples:
    """A windowed sinc for each fraction of a sample."""
    offsets = np.arange(-TAPS // 2 + 1, TAPS // 2 + 1) - (np.arange(PHASES) / PHASES)[:, np.newaxis]
    return (np.sinc(offsets) * np.cos(np.pi * offsets / (TAPS + 1)) ** 2).astype(np.float32)


class Latest:
    """The latest sound."""

    def __init__(self) -> None:
        self._samples = np.zeros(4 * SPAN, np.float32)
        self._end = 2 * SPAN

    def add(self, sound: Samples) -> None:
        if self._end + len(sound) > len(self._samples):
            self._samples[: 2 * SPAN] = self._samples[self._end - 2 * SPAN : self._end]
            self._end = 2 * SPAN
        self._samples[self._end : self._end + len(sound)] = sound
        self._end += len(sound)

    def last(self, size: int) -> Samples:
        """At most 4 s."""
        return self._samples[self._end - size : self._end]
