"""Finds files to add, and whether they changed. Skips links and what no person wrote."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from voiceos.memory.ingest.mailboxes import FOLDERS, is_maildir, maildir_files
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
    """A file or a Maildir to add."""

    path: Path
    size: int
    """Bytes; of a Maildir the number of mails."""
    modified: float
    """Seconds since the epoch; of a Maildir a number that changes when a mail comes or goes."""
    asked: bool = False
    """It was named itself, not only a folder that holds it."""
    bytes: int = 0


def walk(paths: Iterable[Path], *, named: bool = True) -> Iterator[Found | Skipped]:
    """Everything below the paths, sorted by name, each once."""
    seen: set[tuple[int, int]] = set()
    for path in paths:
        asked = path.expanduser().absolute()
        try:
            root = asked.resolve(strict=True)  # a link that is named is followed
            about = root.stat()
        except (OSError, RuntimeError) as error:
            missing = isinstance(error, FileNotFoundError)
            yield Skipped(asked, "it does not exist" if missing else "it cannot be reached")
            continue
        found = _folder(root, seen, 0) if stat.S_ISDIR(about.st_mode) else [_file(root, about, seen, asked=named)]
        yield from (one for one in found if one)


def _folder(folder: Path, seen: set[tuple[int, int]], depth: int) -> Iterator[Found | Skipped]:
    if maildir := is_maildir(folder):
        count = len(maildir_files(folder))
        yield Found(folder, count, max((folder / name).stat().st_mtime for name in FOLDERS), bytes=count)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield Skipped(folder, "voiceos has no permission to read this folder")
        return
    for entry in entries:
        path, hidden = Path(entry.path), entry.name.startswith(".")
        if maildir and not (hidden and is_maildir(path)):
            continue
        try:
            about = entry.stat(follow_symlinks=False)
        except OSError:
            yield Skipped(path, "it disappeared while it was being read")
            continue
        if stat.S_ISLNK(about.st_mode):
            yield Skipped(path, "it is a link; add its target instead", lost=False)
        elif stat.S_ISDIR(about.st_mode):
            if depth >= DEEPEST:
                yield Skipped(path, f"it is more than {DEEPEST} folders deep")
            elif hidden and not is_maildir(path):
                yield Skipped(path, "it is a hidden folder", lost=False)
            elif entry.name in JUNK:
                yield Skipped(path, "it is a folder of caches or programs", lost=False)
            elif (about.st_dev, about.st_ino) not in seen:
                seen.add((about.st_dev, about.st_ino))
                yield from _folder(path, seen, depth + 1)
        elif not hidden and (found := _file(path, about, seen)):
            yield found


def _file(path: Path, about: os.stat_result, seen: set[tuple[int, int]], asked: bool = False) -> Found | Skipped | None:
    if not stat.S_ISREG(about.st_mode):
        return Skipped(path, "it is not a regular file")
    if (about.st_dev, about.st_ino) in seen:
        return None
    seen.add((about.st_dev, about.st_ino))
    return Found(path, about.st_size, about.st_mtime, asked, about.st_size)


def within(path: Path, folder: Path) -> bool:
    """Whether a path that changed is one that walking the folder would reach."""
    try:
        inner = path.resolve().relative_to(folder.resolve())
    except (ValueError, OSError, RuntimeError):
        return False
    parents = [name for name in inner.parts[:-1] if name.startswith(".") or name in JUNK]
    return not parents and not inner.name.startswith(".") and path.is_file() and not path.is_symlink()


def digests(found: Found, before: int) -> tuple[str, str]:
    """The digest of a file, and that of its beginning, as long as it was before. Raises Unreadable."""
    whole = hashlib.blake2b(digest_size=16)
    if found.path.is_dir():
        names = [file.name.partition(":2,")[0] for file in maildir_files(found.path)]
        whole.update("/".join(names).encode("utf-8", "replace"))
        return whole.hexdigest(), ""
    begins = ""
    with open_file(found.path) as file:
        try:
            while chunk := file.read(min(CHUNK_BYTES, before - file.tell()) if file.tell() < before else CHUNK_BYTES):
                whole.update(chunk)
                begins = whole.hexdigest() if file.tell() == before else begins
        except OSError as error:
            raise Unreadable(f"it cannot be read ({error.strerror})") from None
    return whole.hexdigest(), begins
