"""Finds model files inside installed Python packages, without importing them."""

import base64
import importlib.metadata
import importlib.util
from pathlib import Path

from voiceos.models.model import ModelFile, Packaged


def locate(packaged: Packaged) -> Path | None:
    """Where the file is, or None when the package is not installed. The file itself may be missing."""
    try:
        spec = importlib.util.find_spec(packaged.module)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / packaged.path


def expected_hash(file: ModelFile, packaged: Packaged) -> str | None:
    """The hash that the file must have: the catalogue's for the version it knows, else the package's own record."""
    try:
        distribution = importlib.metadata.distribution(packaged.distribution)
    except importlib.metadata.PackageNotFoundError:
        return file.sha256
    if distribution.version == packaged.version:
        return file.sha256
    for entry in distribution.files or ():
        if entry.as_posix() == f"{packaged.module}/{packaged.path}" and entry.hash and entry.hash.mode == "sha256":
            return base64.urlsafe_b64decode(entry.hash.value + "=").hex()
    return None
