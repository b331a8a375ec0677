"""Which files there are to take in, and whether they changed: no links are followed, nor what no person wrote."""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from voiceos.memory.ingest.mailboxes import is_maildir, maildir_files
from voiceos.memory.ingest.reading import Skipped, Unreadable, open_file

JUNK = frozenset(
    "node_modules __pycache__ site-packages venv env cache caches Cache Caches CachedData GPUCache lost+found"
    " $RECYCLE.BIN tmp temp Trash build dist target __MACOSX".split()
)
CHUNK_BYTES = 1 << 20
DEEPEST = 60
"""Folders within folders."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file, or a Maildir, to be taken in."""

    path: Path
    size: int
    """Bytes; of a Maildir the number of mails."""
    modified: float
    """Seconds since the epoch; of a Maildir a number that changes when a mail comes or goes."""
    asked: bool = False
    """It was named itself, not only a folder that holds it."""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What a file is, before it is read."""

    digest: str
    begins: str = ""
    """The digest of its beginning, as long as it was when it was last read."""


def walk(paths: Iterable[Path], *, named: bool = True) -> Iterator[Found | Skipped]:
    """Everything below the paths, in order of its names, each once."""
    seen: set[tuple[int, int]] = set()
    for path in paths:
        asked = path.expanduser().absolute()
        try:
            root = asked.resolve(strict=True)  # a link that is named is followed
            about = root.stat()
        except (OSError, RuntimeError) as error:
            yield Skipped(
                asked, "it does not exist" if isinstance(error, FileNotFoundError) else "it cannot be reached"
            )
            continue
        found = _folder(root, seen, 0) if stat.S_ISDIR(about.st_mode) else [_file(root, about, seen, asked=named)]
        yield from (one for one in found if one)


def _folder(folder: Path, seen: set[tuple[int, int]], depth: int) -> Iterator[Found | Skipped]:
    if is_maildir(folder):
        yield _maildir(folder)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield Skipped(folder, "this folder may not be read by this user")
        return
    for entry in entries:
        path = Path(entry.path)
        if is_maildir(folder) and not (entry.name.startswith(".") and is_maildir(path)):
            continue
        try:
            about = entry.stat(follow_symlinks=False)
        except OSError:
            yield Skipped(path, "it vanished while it was read")
            continue
        if stat.S_ISLNK(about.st_mode):
            yield Skipped(path, "it is a link; add what it leads to", lost=False)
        elif stat.S_ISDIR(about.st_mode):
            if depth >= DEEPEST:
                yield Skipped(path, f"it lies deeper than {DEEPEST} folders")
            elif reason := _unwanted(entry.name, path):
                yield Skipped(path, reason, lost=False)
            elif (about.st_dev, about.st_ino) not in seen:
                seen.add((about.st_dev, about.st_ino))
                yield from _folder(path, seen, depth + 1)
        elif not entry.name.startswith(".") and (found := _file(path, about, seen)):
            yield found


def _unwanted(name: str, path: Path) -> str:
    if name.startswith(".") and not is_maildir(path):
        return "it is a hidden folder"
    return "it is a folder of caches or programs" if name in JUNK else ""


def _file(path: Path, about: os.stat_result, seen: set[tuple[int, int]], asked: bool = False) -> Found | Skipped | None:
    if not stat.S_ISREG(about.st_mode):
        return Skipped(path, "it is no regular file")
    if (about.st_dev, about.st_ino) in seen:
        return None
    seen.add((about.st_dev, about.st_ino))
    return Found(path, about.st_size, about.st_mtime, asked, about.st_size)


def _maildir(folder: Path) -> Found:
    files = maildir_files(folder)
    modified = 0.0
    for name in ("cur", "new"):
        modified = max(modified, (folder / name).stat().st_mtime)
    return Found(folder, len(files), modified, bytes=len(files))


def within(path: Path, folder: Path) -> bool:
    """Whether a path that changed is one that walking the folder would reach."""
    try:
        inner = path.resolve().relative_to(folder.resolve())
    except (ValueError, OSError, RuntimeError):
        return False
    parents = [name for name in inner.parts[:-1] if name.startswith(".") or name in JUNK]
    return not parents and not inner.name.startswith(".") and path.is_file() and not path.is_symlink()


def content_of(found: Found, before: int) -> Content:
    """The digests of a file: whole, and of as many bytes as it had before. Raises Unreadable."""
    if found.path.is_dir():
        names = [file.name.partition(":2,")[0] for file in maildir_files(found.path)]
        return Content(hashlib.blake2b(json.dumps(names).encode("utf-8", "replace"), digest_size=16).hexdigest())
    whole = hashlib.blake2b(digest_size=16)
    begins = ""
    read = 0
    with open_file(found.path) as file:
        try:
            while chunk := file.read(CHUNK_BYTES if read >= before else min(CHUNK_BYTES, before - read)):
                whole.update(chunk)
                read += len(chunk)
                if read == before:
                    begins = whole.hexdigest()
        except OSError as error:
            raise Unreadable(f"it cannot be read ({error.strerror})") from None
    return Content(whole.hexdigest(), begins)
