"""Cuts the network of a Piper voice before and inside its vocoder, so that a clause sounds while its rest is made."""

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

CUTS = ("dec.conv_pre.weight", "dec.ups.1.weight")
"""Weights at which a new part begins: the vocoder (HiFi-GAN), and everything after its first, widest stage."""
PARTS = ("latent.onnx", "broad.onnx", "fine.onnx")
SETTINGS = "voice.json"
REACH = "reach.json"
"""How many frames (12 ms each) on either side influence a frame, for each of the vocoder's two stages."""
WHOLE = "whole.onnx"
"""The network of a voice that cannot be cut."""
WIDEST = 32
"""A voice whose vocoder looks at more frames than this on either side is not cut."""

Array = NDArray[np.float32]


class NotAsExpected(Exception):
    """The network cannot be cut there."""


def cut(voice: Path, into: Path, cuts: Sequence[str] = CUTS) -> None:
    """Writes the parts of a voice, or the whole if it cannot be cut, and its settings."""
    shutil.copyfile(voice.with_name(f"{voice.name}.json"), into / SETTINGS)
    try:
        _write_parts(voice, into, cuts)
        (into / REACH).write_text(json.dumps(_reaches(into)))
    except Exception as error:  # whatever it is, the whole network may still work
        log.debug("The voice %s is not cut: %s", voice, error)
        for name in PARTS:
            (into / name).unlink(missing_ok=True)
        shutil.copyfile(voice, into / WHOLE)


def _write_parts(voice: Path, into: Path, cuts: Sequence[str]) -> None:
    import onnx
    from onnx.utils import Extractor

    model = onnx.shape_inference.infer_shapes(onnx.load(voice))
    begins: list[str] = []
    for weight in cuts:
        found = [node.input[0] for node in model.graph.node if weight in node.input]
        if len(found) != 1:
            raise NotAsExpected(f"The network has no one place with {weight}.")
        begins += found
    given = [one.name for one in model.graph.input]
    speaker = [name for name in given if name == "sid"]
    starts = [given, *([begin, *speaker] for begin in begins)]
    ends = [*([begin] for begin in begins), [one.name for one in model.graph.output]]
    extractor = Extractor(model)
    for name, inputs, outputs in zip(PARTS, starts, ends, strict=True):
        part = extractor.extract_model(inputs, outputs)
        onnx.save(part, into / name)


def _reaches(parts: Path) -> list[int]:
    """How far the vocoder's stages look, measured by changing one frame."""
    import onnxruntime

    latent, broad, fine = (
        onnxruntime.InferenceSession(str(parts / name), providers=["CPUExecutionProvider"]) for name in PARTS
    )
    speaker = {"sid": np.zeros(1, np.int64)} if any(one.name == "sid" for one in latent.get_inputs()) else {}
    scales = np.array([0, 1, 0], np.float32)
    feed = {"input": np.array([[1, 2]]), "input_lengths": np.array([2]), "scales": scales, **speaker}

    def run(stage: Any, first: Array) -> Any:
        names = [one.name for one in stage.get_inputs()]
        return stage.run(None, {names[0]: first} | {name: speaker[name] for name in names[1:]})[0]

    made: Any = latent.run(None, feed)[0]
    between = run(broad, made)
    step = between.shape[2] // made.shape[2]
    return [
        _reach(lambda x: run(broad, x), made.shape[1], 1),
        _reach(lambda x: run(fine, x), between.shape[1], step),
    ]


def _reach(run: Callable[[Array], Array], channels: int, step: int) -> int:
    """How many frames on either side influence a frame. `step`: input values per frame."""
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
