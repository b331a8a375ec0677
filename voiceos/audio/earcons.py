"""Short sounds for what would take too long to say: awake, thinking, finished, failed; and those that ring."""

import functools
from typing import Literal

import numpy as np

from voiceos.audio.volume import to_pcm
from voiceos.core import Frame

Earcon = Literal["wake", "thinking", "end", "error", "due", "alarm", "timer"]
"""Two of them ring: `alarm` and `timer`."""

EARCON_RATE = 22_050
_LEVEL_DBFS = -18.0
_NOTES: dict[Earcon, tuple[tuple[float, float, float], ...]] = {
    # Hz, start and length in seconds: rising is a question, falling is an end, low and twice is a refusal,
    # one low note that it was heard
    "wake": ((659.26, 0.0, 0.10), (987.77, 0.07, 0.11)),
    "thinking": ((392.0, 0.0, 0.15),),
    "end": ((783.99, 0.0, 0.10), (523.25, 0.07, 0.11)),
    "error": ((261.63, 0.0, 0.09), (233.08, 0.10, 0.10)),
    "due": ((783.99, 0.0, 0.12), (1046.5, 0.08, 0.12)),
    "alarm": ((523.25, 0.0, 0.5), (659.26, 0.22, 0.5), (783.99, 0.44, 0.5), (1046.5, 0.66, 0.7)),
    "timer": ((1046.5, 0.0, 0.2), (1046.5, 0.2, 0.2), (1046.5, 0.4, 0.2), (1318.5, 0.6, 0.4)),
}
_OVERTONES = ((1, 1.0), (2, 0.25), (3, 0.08))
_ATTACK_SECONDS = 0.008


@functools.cache
def earcon(name: Earcon) -> tuple[Frame, ...]:
    """The sound as 20 ms frames at 22.05 kHz, -18 dBFS (root mean square): at most 200 ms, but for those that ring."""
    notes = _NOTES[name]
    sound = np.zeros(round(max(start + length for _, start, length in notes) * EARCON_RATE), np.float64)
    for hertz, start, length in notes:
        first = round(start * EARCON_RATE)
        note = _note(hertz, length)
        sound[first : first + len(note)] += note[: len(sound) - first]
    sound *= 10 ** (_LEVEL_DBFS / 20) / np.sqrt(np.mean(sound**2))
    pcm, step = to_pcm(sound), 2 * round(0.02 * EARCON_RATE)
    return tuple(Frame(pcm[i : i + step], rate=EARCON_RATE) for i in range(0, len(pcm), step))


def _note(hertz: float, seconds: float) -> np.ndarray:
    """A soft bell: a quick but smooth start that fades out."""
    time = np.arange(round(seconds * EARCON_RATE)) / EARCON_RATE
    attack = np.sin(np.minimum(time / _ATTACK_SECONDS, 1.0) * np.pi / 2) ** 2
    decay = np.exp(-time / seconds * 2.5) * np.cos(time / seconds * np.pi / 2) ** 2
    tone = sum(strength * np.sin(2 * np.pi * hertz * overtone * time) for overtone, strength in _OVERTONES)
    return tone * attack * decay
