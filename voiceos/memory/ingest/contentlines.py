"""The lines of calendars and cards: folded ones made whole, each as a name, its parameters and its value."""

import quopri
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from voiceos.memory.ingest.charsets import decode, is_binary

MOST_CHARACTERS = 20_000
"""Longest line; pictures are longer, and are skipped."""
_SPLIT_LETTER = re.compile(rb"([\x80-\xff])\r?\n[ \t](?=[\x80-\xbf])")
_ESCAPED = re.compile(r"\\(.)")
_TIME = re.compile(r":(?=\d{4}-?\d\d-?\d\d)")
_QUOTED = re.compile(r'"[^"]*"')
_SPLIT_NAME = re.compile(r"^([A-Za-z-]+)\n[ \t]([A-Za-z-]*[;:])", re.MULTILINE)
_NAME = re.compile(r"(?:[\w-]+\.)?([A-Za-z][\w-]*)[;:]")


@dataclass(slots=True)
class Property:
    """One line of a calendar or card: `item1.TEL;TYPE=HOME:+48 …`."""

    name: str
    value: str
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    """By their names in capitals; those of vCard 2.1 without a name are the type."""
    group: str = ""

    @property
    def types(self) -> tuple[str, ...]:
        """What kind of number or address it is."""
        return tuple(one.strip().lower() for one in self.parameters.get("TYPE", "").split(",") if one.strip())

    @property
    def text(self) -> str:
        """The value in words."""
        return _unescaped(self.value).strip()

    @property
    def fields(self) -> list[str]:
        """The parts of a structured value, such as a name's."""
        return [" ".join(_unescaped(piece).split()) for piece in re.split(r"(?<!\\);", self.value)]

    @property
    def line(self) -> str:
        """The parts that there are, on one line."""
        return ", ".join(part for part in self.fields if part)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)


def text_of(data: bytes) -> str:
    """A file's text, also where a fold parts the bytes of a letter, and whatever ends its lines."""
    text = decode(_SPLIT_LETTER.sub(rb"\1", data))
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")


def properties(text: str, begins: Callable[[str], bool] | None = None) -> Iterator[Property]:
    """The lines as properties; `begins` tells which names are some, so that other lines go on with the text before."""
    return (found for line in _unfolded(text, begins) if (found := _property(line)))


def _unfolded(text: str, begins: Callable[[str], bool] | None) -> Iterator[str]:
    if begins:
        text = _SPLIT_NAME.sub(
            lambda found: found[1] + found[2] if begins(f"{found[1]}{found[2]}"[:-1].upper()) else found[0], text
        )
    whole, blank = "", False
    for line in text.split("\n"):
        found = _NAME.match(line)
        is_property = found is not None and (begins is None or begins(found[1].upper()))
        if _breaks_softly(whole) and not (begins and is_property):
            whole = _joined(whole[:-1], line)
        elif line[:1] in (" ", "\t") and whole:
            whole = _joined(whole, line[1:])
        elif is_property:
            yield whole
            whole = line
        elif line.strip() and whole:  # it was not folded
            whole = _joined(whole, ("\\n\\n" if blank else "\\n") + line.replace("\\", "\\\\"))
        blank = not line.strip()
    yield whole


def _joined(whole: str, more: str) -> str:
    return whole + more if len(whole) < MOST_CHARACTERS else whole


def _breaks_softly(line: str) -> bool:
    return line.endswith("=") and "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def _property(line: str) -> Property | None:
    head, colon, value = _parted(line.removesuffix("=") if _breaks_softly(line) else line)
    if not colon:
        return None
    name, *pieces = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', head) if '"' in head else head.split(";")
    group, _, name = name.rpartition(".")
    parameters: dict[str, str] = {}
    for piece in pieces:
        key, equals, text = piece.partition("=")
        key, text = (key.strip().upper(), text.strip('" ')) if equals else ("TYPE", key.strip())
        if text.upper() in ("QUOTED-PRINTABLE", "BASE64"):
            key = "ENCODING"
        parameters[key] = f"{parameters[key]},{text}" if key in parameters else text
    encoding = parameters.get("ENCODING", "").upper()
    if value.startswith("data:") or len(value) >= MOST_CHARACTERS:
        return None
    if encoding in ("B", "BASE64"):
        data = b""
        with suppress(ValueError):
            data = b64decode("".join(value.split()))
        if is_binary(data):
            return None
        value = decode(data, parameters.get("CHARSET", ""))
    if encoding == "QUOTED-PRINTABLE":
        value = decode(quopri.decodestring(value.encode("utf-8", "replace")), parameters.get("CHARSET", ""))
    return Property(name.strip().upper(), value.strip("\r"), parameters, group.strip().upper())


def _parted(line: str) -> tuple[str, str, str]:
    """Before and after the first colon that no quotes hold, nor a zone's name."""
    if "TZID=" in line[:200].upper() and (found := _TIME.search(line)):
        return line[: found.start()], ":", line[found.start() + 1 :]
    end = len(_QUOTED.sub(lambda found: "_" * len(found[0]), line).partition(":")[0])
    return line[:end], line[end : end + 1], line[end + 1 :]
