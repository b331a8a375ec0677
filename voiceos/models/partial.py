"""A partly downloaded file, kept so that an interrupted download can resume."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from voiceos.models.disk import write_atomically


class Partial:
    """The bytes so far, and their source: bytes of different sources are never mixed."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / name
        self._state = folder / f"{name}.state"
        self._source = ""
        self._ends: list[int] = []

    def begin(self, source: str, *, in_parts: bool = False) -> None:
        """Resumes with what is here from `source`, or starts over.

        With `in_parts` only complete parts count: what was written of an interrupted one is dropped.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._source, self._ends = self._remembered()
        if self._source != source or self.size < self._end:
            self.restart(source)
        elif in_parts and self.size > self._end:
            os.truncate(self.path, self._end)

    def restart(self, source: str) -> None:
        """Drops what is here."""
        self.path.unlink(missing_ok=True)
        self._source, self._ends = source, []
        self._remember()

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def parts(self) -> int:
        """Complete parts that are here."""
        return len(self._ends)

    @property
    def _end(self) -> int:
        return self._ends[-1] if self._ends else 0

    @contextmanager
    def appending(self) -> Generator[BinaryIO]:
        """Where the next bytes go."""
        with self.path.open("ab") as file:
            yield file

    def part_done(self) -> None:
        """Everything written so far is a whole number of parts: keep it."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        self._ends.append(self.size)
        self._remember()

    def discard(self) -> None:
        """Leaves no trace."""
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)

    def _remember(self) -> None:
        write_atomically(self._state, json.dumps({"source": self._source, "ends": self._ends}))

    def _remembered(self) -> tuple[str, list[int]]:
        try:
            state = json.loads(self._state.read_text("utf-8"))
            return str(state["source"]), [int(end) for end in cast("list[int]", state["ends"])]
        except (OSError, ValueError, KeyError, TypeError):
            return "", []
