"""Chooses the reader for a file by its content and name. Recognises binary data that poses as text."""

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath

from voiceos import plugins
from voiceos.memory.ingest.charsets import HEAD_BYTES, is_binary
from voiceos.memory.ingest.reading import Format, Reading, Unreadable
from voiceos.memory.ingest.tables import wordlist

log = logging.getLogger(__name__)

GROUP = "voiceos.readers"
"""Entry point group. Each entry names a `Format`."""


def recognise(reading: Reading, asked: bool = False) -> Format:
    """The format of a file; with `asked` text of any extension counts. Raises Unreadable, with what the file is."""
    head = reading.head(HEAD_BYTES)
    if not head.strip(b"\0 \r\n\t") and not reading.path.is_dir():
        raise Unreadable("it is empty", lost=False)
    for one in installed():
        if one.recognises and one.recognises(reading, head):
            return one
    suffix = reading.path.suffix.lower()
    if is_binary(head):
        magic = wordlist("formats")["magic"]
        what = next((what for begin, what in magic.items() if head.startswith(bytes.fromhex(begin))), "")
        raise Unreadable(f"it is {what or 'binary, not text'}")
    if suffix in (".pdf", ".epub", ".docx"):
        raise Unreadable(f"it is damaged and cannot be read as {suffix[1:].upper()}")
    if found := of_suffix(suffix):
        return found
    if suffix in (".json", ".jsonl", ".ndjson"):
        raise Unreadable("it is JSON, but not a known chat export")
    text = of_suffix(".txt")
    if text and (asked or (not suffix and not reading.path.name.startswith("."))):
        return text
    raise Unreadable(f"voiceos cannot read {suffix} files")


def suffix_of(name: str, type: str) -> str:
    """The extension under which a file of this name or MIME type can be read; empty if it cannot."""
    suffix = PurePath(name).suffix.lower()
    if of_suffix(suffix):
        return suffix
    return next((one.suffixes[0] for one in installed() if type in one.types), "")


def of_suffix(suffix: str) -> Format | None:
    """The format of files with this extension."""
    return next((one for one in installed() if suffix in one.suffixes), None)


@cache
def installed() -> tuple[Format, ...]:
    """The formats that voiceos and what is installed beside it can read; of two that claim a file the first has it."""
    return tuple(_load())


def _load() -> Iterator[Format]:
    """Other packages' first. Broken ones are logged and left out. Raises VoiceosError without our own."""
    for one in plugins.installed(GROUP):
        if plugins.is_ours(one):
            yield one.load()
            continue
        package = plugins.package_of(one)
        try:
            part = one.load()
        except Exception as error:
            log.warning("Ignoring %s of %s, which cannot be loaded: %s", one.name, package, error)
            continue
        if isinstance(part, Format):
            yield part
        else:
            log.warning("Ignoring %s of %s, which is not a Format.", one.name, package)
