"""The values of a call, one by one, each with its part of the schema; and the texts that hold a value."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

from voiceos.language.numerals import digits
from voiceos.language.speakable import speakable
from voiceos.tools.schema import pointed

Schema = Mapping[str, object]
Scalar = str | int | float | bool | None

DEEPEST = 12
"""How far a foreign schema's references are followed."""
LONGEST_TEXT = 200_000
"""Characters of a text in which a value is looked for."""
_EDGES = re.compile(r"^[^\w+@/#~-]+|[^\w/]+$")
_OWNERS = re.compile(r"'s?$")
_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_SIGNS = re.compile(r"^[^\w+-]+|[^\w]+$")
"""What stands around a number: a currency, a per cent."""
_ADDRESS = re.compile(
    r"\w@\w|://|\bwww\.|^[~./]*/\w|\w\.[^\W\d_]{2,}(?:$|[/:?#])"  # a mailbox, a link, a path, a site, a file
    r"|^(?=.*\d)(?=.*[^\W\d_])[\w+-]{6,}$|^\+?[\d\s()./-]{5,}$|\d{5,}"  # an account, a key, a telephone's number
)
_INSIDE = re.compile(r"\w@\w|://|^www\.|\w\.[^\W\d_]{2,}(?:$|[/:?#])|^(?!\d{4}-\d\d-\d\d)(?=(?:\D*\d){6})[\w-]+$")
"""The same inside a longer text, or six digits, as a card has."""
_KINDS = {
    "mailbox": re.compile(r"\w@\w"),
    "link": re.compile(r"://|^www\.|^[\w-]+(?:\.[\w-]+)+/"),
    "account": re.compile(r"^(?=(?:\D*\d){6})(?=.*[^\W\d_])\w{10,}$"),
}
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)?[T ]?(\d\d:\d\d(?::\d\d)?)?(?:\.0+)?(?:Z|[+-]\d\d:?\d\d)?")
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a call's arguments, or of a name that the caller gave to one."""

    path: str
    """Where it is: `to.0` is the first of the list `to`."""
    value: Scalar
    schema: Schema
    """The part of the tool's schema that is about it; empty where there is none."""
    optional: bool = False
    """Whether the schema can do without it."""


def values(arguments: Mapping[str, object], schema: Schema) -> list[Value]:
    """All values, lists and objects item by item."""
    return list(_within(arguments, schema, schema, "", optional=False))


def _within(value: object, schema: Schema, root: Schema, path: str, *, optional: bool) -> Iterator[Value]:
    schema = resolved(schema, root)
    if isinstance(value, Mapping):
        properties = _mapping(_among(schema, root, "properties").get("properties"))
        required = _among(schema, root, "properties").get("required")
        needed: Sequence[object] = cast(Sequence[object], required) if isinstance(required, list) else ()
        for name, inner in cast(Mapping[str, object], value).items():
            deeper = f"{path}.{name}" if path else name
            if name not in properties:
                yield Value(deeper, name, {}, optional=True)
            part = _mapping(properties.get(name))
            yield from _within(inner, part, root, deeper, optional=optional or name not in needed)
    elif isinstance(value, list | tuple):
        items = _mapping(_among(schema, root, "items").get("items"))
        for place, inner in enumerate(cast(Sequence[object], value)):
            yield from _within(inner, items, root, f"{path}.{place}", optional=optional)
    else:
        scalar = value if isinstance(value, str | int | float | bool) or value is None else str(value)
        yield Value(path, scalar, schema, optional)


def resolved(schema: Schema, root: Schema) -> Schema:
    """A part of a schema with its reference followed, if that leads anywhere inside it."""
    for _ in range(DEEPEST):
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return schema
        schema = _mapping(pointed(reference, root))
    return {}


def alternatives(schema: Schema, root: Schema) -> Iterator[Schema]:
    """A part of a schema, and those that it may be instead."""
    yield schema
    for key in ("anyOf", "oneOf", "allOf"):
        found = schema.get(key)
        for one in cast(Sequence[object], found) if isinstance(found, list) else ():
            yield resolved(_mapping(one), root)


def _among(schema: Schema, root: Schema, key: str) -> Schema:
    """The alternative that has a key."""
    return next((one for one in alternatives(schema, root) if key in one), {})


def _mapping(value: object) -> Schema:
    return cast(Schema, value) if isinstance(value, Mapping) else {}


# What holds a value


@lru_cache(4096)
def even(text: str) -> str:
    """A text in small letters, with straight quotes, and without what nobody sees."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_TEXT].translate(_STRAIGHT))
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf").casefold()


def is_address(text: str) -> bool:
    """Whether a text without spaces names one thing or place for machines: a mailbox, link, file, account or number."""
    return bool(text.strip()) and len(text.split()) <= 2 and _ADDRESS.search(text.strip()) is not None


def time_in(value: Scalar) -> re.Match[str] | None:
    """The day and the time of day that a value is, as machines write them; None if it is neither."""
    return _TIME.fullmatch(value.strip()) if isinstance(value, str) and value.strip() else None


def address_kind(text: str) -> str:
    """Of which kind an address is, by its form; "" if it is none."""
    text = text.strip()
    return next((kind for kind, form in _KINDS.items() if form.search(text)), "") if len(text.split()) == 1 else ""


def addresses(value: Scalar) -> list[str]:
    """The mailboxes, links and accounts inside a longer text."""
    if not isinstance(value, str) or is_address(value):
        return []
    return list(dict.fromkeys(part for part in pieces(value) if _INSIDE.search(part)))


def pieces(text: str) -> list[str]:
    """What stands between the spaces of an even text, without the marks around it."""
    bare = (_OWNERS.sub("", _EDGES.sub("", part)) for part in text.split())
    return [part for part in bare if part]


@lru_cache(4096)
def _read(text: str) -> tuple[list[str], list[str]]:
    """The pieces and words of a text. The parts of an address are no words of it."""
    text = even(text)
    found = pieces(text)
    words = [word for part in found for word in ([part] if _is_one(part) else _WORD.findall(part))]
    return found, words


@lru_cache(4096)
def _numbers(text: str) -> frozenset[float]:
    return frozenset(number for part in pieces(digits(even(text))) if (number := _number(part)) is not None)


def _is_one(part: str) -> bool:
    return len(part) > 2 and ("@" in part or "/" in part or bool(re.search(r"\w[._]\w", part)))


@lru_cache(1024)
def _longest_word(value: str) -> str:
    """The longest of its words, which every way of saying it has; "" if it has none without digits."""
    return max(_LETTERS.findall(even(value)), key=len, default="")


def _number(part: str) -> float | None:
    bare = _SIGNS.sub("", part)
    return float(bare) if _NUMBER.fullmatch(bare) else None


def holds(text: str, value: Scalar) -> bool:
    """Whether a text has a value: a number in any way of saying it, words in their order."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return float(value) in _numbers(text)
    if _longest_word(value) not in even(text):
        return False
    found, words = _read(text)
    wanted = pieces(even(value))
    if _runs(wanted, found):
        return True
    if any(_is_one(part) for part in wanted) or is_address(value):
        return _is_spelt_out(_spoken(value), [part for part in found if not _is_one(part)])
    own = [word for part in wanted for word in _WORD.findall(part)]
    return _runs(own, words)


@lru_cache(64)
def _spoken(text: str) -> list[str]:
    """The words with which a text is read aloud: "eve at evil dot com"."""
    return _WORD.findall(even(speakable(text)))


def _is_spelt_out(wanted: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether an address is said aloud, and not only the beginning or end of a longer one."""
    there, size = _WORD.findall(" ".join(parts)), len(wanted)
    joints = _joints()
    return any(
        list(wanted) == there[at : at + size]
        and (not at or there[at - 1] not in joints)
        and (at + size == len(there) or there[at + size] not in joints)
        for at in range(len(there) - size + 1)
    )


@cache
def _joints() -> frozenset[str]:
    """The words for the signs in an address: "dot"."""
    return frozenset(word for sign in "@./-_" for word in _spoken(f"xx{sign}yy.zz") if word not in ("xx", "yy", "zz"))


def _runs(wanted: Sequence[str], there: Sequence[str]) -> bool:
    size = len(wanted)
    return bool(wanted) and any(there[at : at + size] == list(wanted) for at in range(len(there) - size + 1))
