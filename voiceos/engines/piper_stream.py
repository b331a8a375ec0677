"""The network of a Piper voice in three parts, so that a clause sounds while its rest is made (ADR 8)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.onnx import open_session
from voiceos.models.voices import PARTS, REACH, WHOLE

Array = NDArray[np.float32]

FIRST_FRAMES = 24
"""Frames of the vocoder's input (12 ms each) in the first chunk; every chunk is twice as long as the one before."""
MOST_FRAMES = 192


class Network:
    """Turns phonemes into sound."""

    def __init__(self, folder: Path, threads: int) -> None:
        """`folder`: what `voiceos.models.voices` has made. Raises ModelError if something in it is damaged."""
        self.whole: Any = None
        if (folder / WHOLE).exists():
            self.whole = open_session(folder / WHOLE, (), threads=threads)
            return
        self._latent, self._broad, self._fine = (open_session(folder / one, (), threads=threads) for one in PARTS)
        self._broad_reach, self._fine_reach = json.loads((folder / REACH).read_text("utf-8"))

    def sounds(self, feed: dict[str, Any]) -> Iterator[Array]:
        """The sound of one sentence as the network makes it, piece by piece."""
        if self.whole:
            yield self.whole.run(None, feed)[0].reshape(-1)
            return
        latent = self._latent.run(None, feed)[0]
        count = latent.shape[2]
        start, size = 0, FIRST_FRAMES
        while start < count:
            stop = start + size if start + size + FIRST_FRAMES <= count else count  # no tiny chunk at the end
            yield self._sound(latent, feed, start, stop)
            start, size = stop, min(2 * size, MOST_FRAMES)

    def _sound(self, latent: Array, feed: dict[str, Any], start: int, stop: int) -> Array:
        """The sound of frames `start` to `stop`, computed with the frames on both sides that influence them."""
        count = latent.shape[2]
        low, high = max(0, start - self._fine_reach), min(count, stop + self._fine_reach)
        first, last = max(0, low - self._broad_reach), min(count, high + self._broad_reach)
        broad = _run(self._broad, latent[:, :, first:last], feed)
        step = broad.shape[2] // (last - first)
        sound = _run(self._fine, broad[:, :, (low - first) * step : (high - first) * step], {}).reshape(-1)
        step = len(sound) // (high - low)
        return sound[(start - low) * step : (stop - low) * step]


def _run(session: Any, first: Array, feed: dict[str, Any]) -> Array:
    """`feed`: the sentence's, of which a voice of several speakers needs which one."""
    name, *others = (one.name for one in session.get_inputs())
    return session.run(None, {name: first, **{other: feed[other] for other in others}})[0]
