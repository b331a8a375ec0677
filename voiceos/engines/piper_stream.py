"""The network of a Piper voice, cut where the sound is made, so that a clause sounds while the rest of it is made."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.engines.onnx_split import NotAsExpected, split

log = logging.getLogger(__name__)

Array = NDArray[np.float32]

CUTS: tuple[str, ...] = ("dec.conv_pre.weight", "dec.ups.1.weight")
"""Weights at which a new part begins: the vocoder (HiFi-GAN), and in it all but its first, widely looking stage."""
FIRST_FRAMES = 24
"""Frames of the vocoder's input (12 ms each) in the first chunk; every chunk is twice as long as the one before."""
MOST_FRAMES = 192
WIDEST = 32
"""Frames: a voice whose vocoder looks further to either side is not cut."""


class Network:
    """What turns phonemes into sound."""

    def __init__(self, file: Path, threads: int) -> None:
        """Raises onnxruntime's errors if the file is damaged."""
        self.whole: Any = None
        try:
            self._latent, self._broad, self._fine = _load_parts(file, threads)
            self._measure()
        except Exception as error:  # whatever it is, the whole may still do
            log.debug("The voice %s is not cut: %s", file, error)
            self.whole = _session(file, threads)

    def sounds(self, feed: dict[str, Any]) -> Iterator[Array]:
        """The sound of one sentence as the network makes it, piece by piece."""
        if self.whole:
            yield self.whole.run(None, feed)[0].reshape(-1)
            return
        latent, given = self._begin(feed)
        count = latent.shape[2]
        start, size = 0, FIRST_FRAMES
        while start < count:
            stop = start + size if start + size + FIRST_FRAMES <= count else count  # no tiny chunk at the end
            yield self._sound(latent, given, start, stop)
            start, size = stop, min(2 * size, MOST_FRAMES)

    def _begin(self, feed: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
        """The vocoder's input, and what else it needs (of a voice with several speakers: which)."""
        names = [one.name for one in self._latent.get_outputs()]
        made = dict(zip(names, self._latent.run(names, feed), strict=True))
        return made.pop(self._broad.get_inputs()[0].name), made

    def _sound(self, latent: Array, given: dict[str, Any], start: int, stop: int) -> Array:
        """Frames `start` to `stop`: made of as many more at both sides as have a part in them."""
        count = latent.shape[2]
        low, high = max(0, start - self._fine_reach), min(count, stop + self._fine_reach)
        first, last = max(0, low - self._broad_reach), min(count, high + self._broad_reach)
        broad = _run(self._broad, latent[:, :, first:last], given)
        step = broad.shape[2] // (last - first)
        sound = _run(self._fine, broad[:, :, (low - first) * step : (high - first) * step], {}).reshape(-1)
        step = len(sound) // (high - low)
        return sound[(start - low) * step : (stop - low) * step]

    def _measure(self) -> None:
        """How far the vocoder's stages look, by what a change of one frame changes."""
        feed = {"input": [[1, 2]], "input_lengths": [2], "scales": np.array([0, 1, 0], np.float32)}
        feed |= {"sid": [0]} if any(one.name == "sid" for one in self._latent.get_inputs()) else {}
        latent, given = self._begin({name: np.asarray(value) for name, value in feed.items()})
        broad = _run(self._broad, latent, given)
        self._broad_reach = _reach(lambda x: _run(self._broad, x, given), latent.shape[1], 1)
        step = broad.shape[2] // latent.shape[2]
        self._fine_reach = _reach(lambda x: _run(self._fine, x, {}), broad.shape[1], step)


def _run(session: Any, first: Array, others: dict[str, Any]) -> Array:
    return session.run(None, {session.get_inputs()[0].name: first, **others})[0]


def _reach(run: Callable[[Array], Array], channels: int, step: int) -> int:
    """Frames to either side of a frame that have a part in it. `step`: how many values of the input are a frame."""
    count = 2 * WIDEST + 1
    before = np.random.default_rng(0).standard_normal((1, channels, count * step), np.float32)
    after = before.copy()
    after[:, :, WIDEST * step : (WIDEST + 1) * step] *= -100
    change = np.abs(run(before) - run(after))
    changed = change.reshape(-1, count, change.shape[-1] // count).max(axis=(0, 2))
    found = int(np.abs(np.flatnonzero(changed) - WIDEST).max())
    if found >= WIDEST:
        raise NotAsExpected(f"Its vocoder looks {found} frames or more to the side.")
    return found


def _load_parts(file: Path, threads: int) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:  # a session that is given bytes keeps them for good
        paths: list[Path] = []
        for part in split(file.read_bytes(), CUTS):
            paths.append(Path(folder, str(len(paths))))
            paths[-1].write_bytes(part)
        part = b""
        return [_session(path, threads) for path in paths]


def _session(file: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised, and need not be printed as well
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(file), sess_options=options, providers=["CPUExecutionProvider"])
