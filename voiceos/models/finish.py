"""Finished files: built once from the fetched ones, and kept under the hash of everything that went into them."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voiceos.models.disk import locked, sha256_of, sync_folder, write_atomically
from voiceos.models.model import Model, Purpose
from voiceos.models.verified import Verified

RECEIPT = "finished.json"
ADAPTERS: Mapping[str, Path] = {one: Path(__file__).with_name(f"{one}_adapter.npz") for one in ("dense", "sparse")}
"""What the memory's encoders learnt on talk (`benchmarks/train_encoders.py`)."""
CROSS_ADAPTER = Path(__file__).with_name("cross_adapter.npz")
"""What the reader of lines learnt (`benchmarks/train_cross.py`)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How models of one kind are finished."""

    name: str
    """Ends with a number, raised when the same files give another result."""
    make: Callable[[Path, Path], None]
    """Gets the model's main file or folder, and an empty folder to fill."""
    also: Sequence[Path] = ()
    """Files of voiceos that go into it."""


def _encoders(model: Path, into: Path) -> None:
    from voiceos.models.encoder_files import build

    build(model, into, ADAPTERS)


def _cross(model: Path, into: Path) -> None:
    from voiceos.models.encoder_files import build_cross

    build_cross(model, into, CROSS_ADAPTER)


def _hibari(model: Path, into: Path) -> None:
    from voiceos.models.pronunciation import tabulate

    tabulate(model, into)


def _voice(model: Path, into: Path) -> None:
    from voiceos.models.voices import cut

    cut(model, into)


ENCODERS = Recipe("encoders-1", _encoders, tuple(ADAPTERS.values()))
CROSS = Recipe("cross-1", _cross, (CROSS_ADAPTER,))
VOICE = Recipe("voice-1", _voice)
"""Of Piper's voices."""
HIBARI = Recipe("hibari-1", _hibari)


def recipe_of(model: Model) -> Recipe | None:
    """How a model is finished; None: it is used as it is fetched."""
    if model.purpose is Purpose.VOICE:
        return HIBARI if model.engine == "hibari" else VOICE
    return {Purpose.MEMORY: ENCODERS, Purpose.READER: CROSS}.get(model.purpose)


def finished(
    recipe: Recipe, model: Path, files: Sequence[Path], folder: Path, verified: Verified, *, fresh: bool = False
) -> Path:
    """The folder of finished files, inside `folder`; made if it is not there, or damaged.

    `files`: those of the model. `fresh`: hash everything again. Raises ModelError for a file that is not what it should
    be, and OSError if the disk is full.
    """
    digests = [verified.sha256(file) for file in (*files, *recipe.also)]
    place = folder / f"{recipe.name}-{hashlib.sha256(' '.join(digests).encode()).hexdigest()[:16]}"
    if _is_whole(place, verified, fresh):
        return place
    with locked(folder / f".{recipe.name}.lock", lambda: None):
        if not _is_whole(place, verified, fresh):  # another process may have made it meanwhile
            for old in folder.glob(f"{recipe.name.rpartition('-')[0]}-*"):
                shutil.rmtree(old)
            with tempfile.TemporaryDirectory(prefix=".finishing-", dir=folder) as fresh_folder:
                made = Path(fresh_folder, place.name)
                made.mkdir()
                recipe.make(model, made)
                _seal(made)
                made.rename(place)
            sync_folder(folder)
    return place


def _seal(made: Path) -> None:
    """Notes the hashes of the files, which are on the disk for good."""
    hashes = {file.name: sha256_of(file) for file in sorted(made.iterdir())}
    for name in hashes:
        with (made / name).open("rb") as file:
            os.fsync(file.fileno())
    write_atomically(made / RECEIPT, json.dumps(hashes, indent=1))


def _is_whole(place: Path, verified: Verified, fresh: bool) -> bool:
    try:
        hashes = json.loads((place / RECEIPT).read_text("utf-8"))
        return all(verified.sha256(place / name, fresh=fresh) == sha256 for name, sha256 in hashes.items())
    except (OSError, ValueError, AttributeError):
        return False
