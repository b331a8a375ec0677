"""Which reader for which file: by its content and its name; binary that poses as text is recognised."""

from collections.abc import Iterable
from functools import cache
from pathlib import PurePath

from voiceos.memory.ingest.charsets import HEAD_BYTES, is_binary
from voiceos.memory.ingest.reading import Empty, Format, Reading, Unreadable
from voiceos.plugins import load

GROUP = "voiceos.readers"
"""Of entry points: each names a `Format`."""

_ARCHIVE = "an archive: unpack it first, and add the folder"
_BINARIES = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"SQLite format 3": "a database",
    b"PK\x03\x04": _ARCHIVE,
    b"PK\x05\x06": _ARCHIVE,
    b"\x1f\x8b": _ARCHIVE,
    b"Rar!": _ARCHIVE,
    b"7z\xbc\xaf": _ARCHIVE,
    b"BZh": _ARCHIVE,
    b"\xfd7zXZ": _ARCHIVE,
    b"\xd0\xcf\x11\xe0": "an old or encrypted Office file: save it as DOCX, or as EML if it is a mail",
    b"OggS": "sound",
    b"ID3": "sound",
    b"fLaC": "sound",
    b"RIFF": "sound or a film",
}


class Readers:
    """All formats that can be read."""

    def __init__(self, formats: Iterable[Format]) -> None:
        """Of two that claim a file the first one has it."""
        self._formats = tuple(formats)
        self._by_suffix = {suffix: one for one in reversed(self._formats) for suffix in one.suffixes}
        self._by_type = {type: one for one in reversed(self._formats) for type in one.types}

    def suffix_of(self, name: str, type: str) -> str:
        """The extension under which a file of this name or MIME type can be read; empty if it cannot."""
        suffix = PurePath(name).suffix.lower()
        if suffix in self._by_suffix:
            return suffix
        return self._by_type[type].suffixes[0] if type in self._by_type else ""

    def recognise(self, reading: Reading, asked: bool = False) -> Format:
        """The format of a file; with `asked` text of any extension counts. Raises Unreadable, with what the file is."""
        head = b"" if reading.is_folder else reading.head(HEAD_BYTES)
        if not reading.is_folder and not head.strip(b"\0 \r\n\t"):
            raise Empty
        for one in self._formats:
            if one.recognises and one.recognises(reading, head):
                return one
        suffix = reading.path.suffix.lower()
        if is_binary(head):
            what = next((what for magic, what in _BINARIES.items() if head.startswith(magic)), "binary, not text")
            raise Unreadable(f"it is {what}")
        if suffix in (".pdf", ".epub", ".docx"):
            raise Unreadable(f"it is damaged: no {suffix[1:].upper()} can be made out in it")
        if found := self._by_suffix.get(suffix):
            return found
        if suffix in (".json", ".jsonl", ".ndjson"):
            raise Unreadable("it is JSON, but no export of a chat that is known")
        if asked or (not suffix and not reading.path.name.startswith(".")):
            return self._by_suffix[".txt"]
        raise Unreadable(f"nobody here reads {suffix} files")


@cache
def installed() -> Readers:
    """The formats that voiceos and what is installed beside it can read."""
    return Readers(one for _, one in load(GROUP, Format))
