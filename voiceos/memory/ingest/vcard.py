"""vCards of every version (2.1, 3, 4): a card as its properties."""

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from voiceos.memory.ingest.charsets import decode

MOST_CHARACTERS = 20_000
"""Of a property; a picture is longer, and is not read."""
_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True)
class Property:
    """One line of a card: `item1.TEL;TYPE=HOME:+48 …`."""

    name: str
    value: str
    types: tuple[str, ...] = ()
    group: str = ""

    @property
    def text(self) -> str:
        return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value).strip()

    @property
    def fields(self) -> list[str]:
        """The parts of a structured value, such as a name's."""
        pieces = re.split(r"(?<!\\);", self.value)
        return [" ".join(_ESCAPED.sub(lambda f: " " if f[1] in "nN" else f[1], piece).split()) for piece in pieces]


@dataclass(slots=True)
class Card:
    properties: list[Property] = field(default_factory=list[Property])

    def all(self, *names: str) -> list[Property]:
        return [one for one in self.properties if one.name in names and one.text]

    def first(self, name: str) -> str:
        return next((one.text for one in self.all(name)), "")


def cards(lines: Iterable[str]) -> Iterator[Card]:
    """The cards in lines of text; one that has no end ends where the next begins."""
    card: Card | None = None
    for line in _unfolded(lines):
        plain = line.strip().upper()
        if plain == "BEGIN:VCARD":
            if card and card.properties:
                yield card
            card = Card()
        elif plain == "END:VCARD":
            if card:
                yield card
            card = None
        elif card is not None and (found := _property(line)):
            card.properties.append(found)
    if card and card.properties:
        yield card


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    whole = ""
    for line in lines:
        if line[:1] in (" ", "\t") and whole:
            whole += line[1:] if len(whole) < MOST_CHARACTERS else ""
        elif whole.endswith("=") and "QUOTED-PRINTABLE" in whole.partition(":")[0].upper():
            whole = whole[:-1] + line if len(whole) < MOST_CHARACTERS else whole[:-1]
        else:
            if whole:
                yield whole
            whole = line
    if whole:
        yield whole


def _property(line: str) -> Property | None:
    head, colon, value = _parted(line)
    if not colon:
        return None
    name, *parameters = head.split(";")
    group, _, name = name.rpartition(".")
    types: list[str] = []
    encoding = charset = ""
    for parameter in parameters:
        key, equals, text = parameter.partition("=")
        key, text = (key.strip().upper(), text.strip('" ')) if equals else ("", key.strip())
        if key == "ENCODING" or text.upper() in ("QUOTED-PRINTABLE", "BASE64"):
            encoding = text.upper()
        elif key == "CHARSET":
            charset = text
        elif key in ("TYPE", ""):
            types += [one.strip().lower() for one in text.split(",") if one.strip()]
    if encoding in ("B", "BASE64") or value.startswith("data:") or len(value) >= MOST_CHARACTERS:
        return None
    if encoding == "QUOTED-PRINTABLE":
        value = decode(quopri.decodestring(value.encode("utf-8", "replace")), charset)
    return Property(name.strip().upper(), value, tuple(types), group.strip().upper())


def _parted(line: str) -> tuple[str, str, str]:
    """Before and after the first colon that no quotes hold."""
    quoted = False
    for place, letter in enumerate(line[:2_000]):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            return line[:place], ":", line[place + 1 :]
    return line.partition(":")
