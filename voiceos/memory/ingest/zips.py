"""Untrusted zip files and the XML in them: opened with limits, against zip and XML bombs."""

import contextlib
import zipfile
import zlib
from collections.abc import Callable, Generator
from xml.etree.ElementTree import Element, ParseError, fromstring

from voiceos.memory.ingest.reading import Reading, Unreadable

MOST_MEMBERS = 20_000
MOST_BYTES = 64_000_000
"""Largest member, unpacked."""
MOST_BYTES_TOGETHER = 500_000_000
MOST_RATIO = 200
"""Ratio of unpacked to packed size, for members larger than a megabyte."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, EOFError, RuntimeError, ValueError)


class Zip:
    """The members of a zip, by name. Raises Unreadable."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        infos = archive.infolist()
        if len(infos) > MOST_MEMBERS:
            raise Unreadable(f"it contains {len(infos)} files, more than the limit of {MOST_MEMBERS}")
        if sum(info.file_size for info in infos) > MOST_BYTES_TOGETHER:
            raise Unreadable("it unpacks to more than 500 MB")
        self._archive, self._read = archive, 0
        self.members = {info.filename: info for info in infos}

    def read(self, name: str) -> bytes:
        """One member, whole."""
        info = self.members.get(name)
        if info is None:
            raise Unreadable(f"it is incomplete: {name} is missing")
        if info.flag_bits & 1:
            raise Unreadable("it is encrypted")
        if info.file_size > 1_000_000 and info.file_size > MOST_RATIO * max(1, info.compress_size):
            raise Unreadable(f"{name} in it unpacks to more than {MOST_RATIO} times its size: a zip bomb")
        try:
            with self._archive.open(info) as member:
                content = member.read(MOST_BYTES + 1)
        except _DAMAGE as error:
            raise Unreadable(f"{name} in it is damaged ({error})") from None
        self._read += len(content)
        if len(content) > MOST_BYTES or self._read > MOST_BYTES_TOGETHER:
            raise Unreadable(f"{name} in it unpacks to more than the limit")
        return content

    def tree(self, name: str) -> Element:
        """The root of a member that is XML."""
        data = self.read(name)
        if any("<!ENTITY".encode(encoding) in data for encoding in ("ascii", "utf-16-le", "utf-16-be")):
            raise Unreadable(f"{name} in it declares entities, which could be an XML bomb")
        try:
            return fromstring(data)  # noqa: S314 - entities are refused above
        except (ParseError, ValueError, LookupError) as error:
            raise Unreadable(f"{name} in it is damaged ({error})") from None


@contextlib.contextmanager
def opened(reading: Reading) -> Generator[Zip]:
    """The file as a zip. Raises Unreadable."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(reading.open())
        try:
            archive = stack.enter_context(zipfile.ZipFile(file))
        except _DAMAGE as error:
            raise Unreadable(f"it is damaged ({error})") from None
        yield Zip(archive)


def holds(name: str) -> Callable[[Reading, bytes], bool]:
    """For `Format.recognises`: whether a file is a zip with a member of this name. Raises Unreadable."""

    def recognises(reading: Reading, head: bytes) -> bool:
        if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return False
        with opened(reading) as archive:
            return name in archive.members

    return recognises


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def named(root: Element, name: str) -> list[Element]:
    """The elements of a local name."""
    return [element for element in root.iter() if local(element) == name]


def text_in(root: Element, name: str) -> str:
    """The first text of an element of a local name."""
    return next((text for element in named(root, name) if (text := (element.text or "").strip())), "")
