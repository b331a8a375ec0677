"""A linear echo canceller: removes only what the reference explains, and does not distort a voice over it.

A partitioned-block frequency-domain adaptive Kalman filter (Enzner and Vary 2006; Kuech, Mabande and Enzner 2014). Its
gain follows from the uncertainty of each coefficient and the loudness of everything else, so somebody who speaks over
the reply does not spoil it, and no double-talk detector is needed. First `echo_delay` corrects the delay and the drift
between the two clocks.
"""

import numpy as np

from voiceos.audio.echo_delay import Alignment, Samples
from voiceos.core import FRAME_BYTES, RATE, Frame

BLOCK = FRAME_BYTES // 2
"""Samples of a frame, of the filter's step and of a partition."""
PARTITIONS = 12
"""240 ms of room."""
FORGET = 0.998
"""How much of the room stays the same over a frame. Lower follows a moving person, higher cancels more."""
FAR = RATE // 10
"""An echo that moves by more samples than this comes from another room."""
SMOOTH = 0.9
"""Smoothing, from frame to frame, of the spectrum that the filter does not explain."""
CONSTRAINED = 3
"""Partitions whose wrapped-around half is cut off in each frame, in turn: all at once would cost four times as much."""


class KalmanFilter:
    """One frame of 16 kHz in, its echo out; samples are floats, full scale 1."""

    def __init__(self, partitions: int = PARTITIONS) -> None:
        self._shape = (partitions, BLOCK + 1)
        self._far = np.zeros(BLOCK, np.float32)
        self._spectra = np.zeros(self._shape, np.complex64)
        self.reset()

    def reset(self) -> None:
        """Forgets the room, but not what was played lately."""
        self._room = np.zeros(self._shape, np.complex64)
        self._doubt = np.ones(self._shape, np.float32)
        self._other = np.zeros(BLOCK + 1, np.float32)
        self._turn = 0

    @property
    def response(self) -> Samples:
        """The room as known now: the response from the reference to the microphone."""
        return np.fft.irfft(self._room, axis=1)[:, :BLOCK].ravel()

    def move(self, samples: int) -> None:
        """The reference was moved, so the echo comes this much later (if negative, earlier)."""
        response = np.roll(self.response, samples)
        response[: max(0, samples)] = 0
        response[len(response) + min(0, samples) :] = 0
        blocks = response.reshape(len(self._room), BLOCK)
        self._room = np.fft.rfft(np.concatenate([blocks, np.zeros_like(blocks)], axis=1))
        self._doubt = np.maximum(self._doubt, np.abs(self._room) ** 2)

    def echo(self, far: Samples) -> Samples:
        """What the microphone should hear of the speaker in this frame."""
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(np.concatenate([self._far, far]))
        self._far = far
        return np.fft.irfft((self._spectra * self._room).sum(axis=0))[BLOCK:]

    def learn(self, rest: Samples) -> None:
        """Learns from what was left of the microphone's frame after `echo`."""
        spectrum = np.fft.rfft(np.concatenate([np.zeros(BLOCK, np.float32), rest]))
        self._other = SMOOTH * self._other + (1 - SMOOTH) * np.abs(spectrum) ** 2
        power = self._spectra.real**2 + self._spectra.imag**2
        step = self._doubt / (0.5 * (self._doubt * power).sum(axis=0) + self._other + 1e-6)
        self._room += step * self._spectra.conj() * spectrum
        self._doubt = FORGET**2 * (1 - 0.5 * step * power) * self._doubt + (1 - FORGET**2) * np.abs(self._room) ** 2
        self._constrain()

    def _constrain(self) -> None:
        turns = range(self._turn, self._turn + CONSTRAINED)
        rows = [turn % len(self._room) for turn in turns]
        self._turn = rows[-1] + 1
        response = np.fft.irfft(self._room[rows], axis=1)
        response[:, BLOCK:] = 0
        self._room[rows] = np.fft.rfft(response, axis=1)


class LinearEcho:
    """Fulfils `EchoCanceller` with a `KalmanFilter` on an aligned reference. Adds no delay."""

    def __init__(self) -> None:
        self._filter = KalmanFilter()
        self._alignment = Alignment()
        self._heard = self._left = 0.0

    @property
    def drift(self) -> float:
        """How much faster the microphone's clock runs than the speaker's: 1e-4 is 100 ppm."""
        return self._alignment.drift

    def process(self, near: Frame, far: bytes) -> Frame:
        sound = np.frombuffer(near.pcm, "<i2") / np.float32(32768)
        aligned, moved = self._alignment(np.frombuffer(far, "<i2") / np.float32(32768), sound)
        if abs(moved) > FAR:
            self._filter.reset()
        elif moved:
            self._filter.move(-moved)
        echo = self._filter.echo(aligned)
        rest = sound - echo
        self._filter.learn(rest)
        self._alignment.watch(echo, sound)
        return Frame(self._not_worse(sound, rest), near.at, near.rate)

    def _not_worse(self, sound: Samples, rest: Samples) -> bytes:
        """Guards against a filter that adds echo instead of removing it."""
        self._heard = SMOOTH * self._heard + (1 - SMOOTH) * float(sound @ sound)
        self._left = SMOOTH * self._left + (1 - SMOOTH) * float(rest @ rest)
        if self._left > 4 * self._heard:
            self._filter.reset()
            self._left = self._heard
        best = rest if self._left <= self._heard else sound
        return (np.clip(best, -1, 1) * 32767).astype("<i2").tobytes()
