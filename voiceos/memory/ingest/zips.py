"""Zip files that come from anywhere: opened with limits, so that no bomb goes off."""

import contextlib
import zipfile
import zlib
from collections.abc import Generator

from voiceos.memory.ingest.reading import Reading, Unreadable

MOST_MEMBERS = 20_000
MOST_BYTES = 64_000_000
"""Of one member, unpacked."""
MOST_BYTES_TOGETHER = 500_000_000
MOST_RATIO = 200
"""Unpacked to packed, of a member larger than a megabyte."""


class Zip:
    """The members of a zip, by name. Raises Unreadable."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        infos = archive.infolist()
        if len(infos) > MOST_MEMBERS:
            raise Unreadable(f"it is a zip of {len(infos)} files, more than the {MOST_MEMBERS} that are read")
        if sum(info.file_size for info in infos) > MOST_BYTES_TOGETHER:
            raise Unreadable("it unpacks to more than 500 MB")
        self._infos = {info.filename: info for info in infos}
        self._read = 0

    @property
    def names(self) -> list[str]:
        return list(self._infos)

    def read(self, name: str) -> bytes:
        """One member, whole."""
        info = self._infos.get(name)
        if info is None:
            raise Unreadable(f"it is incomplete: {name} is missing")
        if info.flag_bits & 1:
            raise Unreadable("it is encrypted")
        if info.file_size > 1_000_000 and info.file_size > MOST_RATIO * max(1, info.compress_size):
            raise Unreadable(f"{name} in it unpacks to more than {MOST_RATIO} times its size: a zip bomb")
        try:
            with self._archive.open(info) as member:
                content = member.read(MOST_BYTES + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            NotImplementedError,
            EOFError,
            RuntimeError,
            ValueError,
        ) as error:
            raise Unreadable(f"{name} in it is damaged ({error})") from None
        self._read += len(content)
        if len(content) > MOST_BYTES or self._read > MOST_BYTES_TOGETHER:
            raise Unreadable(f"{name} in it unpacks to more than is read")
        return content


@contextlib.contextmanager
def opened(reading: Reading) -> Generator[Zip]:
    """The file as a zip. Raises Unreadable."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(reading.open())
        try:
            archive = stack.enter_context(zipfile.ZipFile(file))
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            EOFError,
            RuntimeError,
            UnicodeError,
        ) as error:
            raise Unreadable(f"it is damaged ({error})") from None
        yield Zip(archive)


def names_within(reading: Reading, head: bytes) -> list[str]:
    """The names of a zip's members; none if the file is no zip. Raises Unreadable."""
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return []
    with opened(reading) as archive:
        return archive.names
