"""Remembers the hashes of unchanged files, because hashing a gigabyte takes seconds."""

import json
import logging
from pathlib import Path
from typing import cast

from voiceos.models.disk import sha256_of, write_atomically

_LOG = logging.getLogger(__name__)


class Verified:
    """Hashes by path, each with the file's size, modification time and inode.

    Losing an entry only costs time, so processes that write at once need no lock.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def sha256(self, path: Path, *, fresh: bool = False) -> str:
        """The file's hash: the remembered one if the file has not changed; computed if it has, or if `fresh`."""
        before = _identity(path)
        known = self._read().get(str(path))
        if not fresh and isinstance(known, list) and known[:-1] == before:
            return str(known[-1])
        sha256 = sha256_of(path)
        if _identity(path) == before:
            self._write(str(path), [*before, sha256])
        return sha256

    def _read(self) -> dict[str, object]:
        try:
            noted = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return cast("dict[str, object]", noted) if isinstance(noted, dict) else {}

    def _write(self, path: str, entry: list[int | str]) -> None:
        try:
            write_atomically(self._file, json.dumps(self._read() | {path: entry}, indent=1))
        except OSError as error:
            _LOG.debug("Could not remember the hash of %s: %s", path, error)


def _identity(path: Path) -> list[int | str]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino]
