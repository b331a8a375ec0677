"""Reads the data of a language: the TOML files in its folder."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_PART = re.compile(r"\{(\w+)\}")


@cache
def table(language: str, name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The contents of one file of a language's folder. Do not change it. `folder`: another package's languages."""
    return tomllib.loads((folder / language / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def words_in(language: str, name: str, key: str) -> frozenset[str]:
    """The words listed under a key, separated by spaces."""
    return frozenset(table(language, name)[key].split())


@cache
def pattern(language: str, name: str, key: str, *, whole: bool = False) -> re.Pattern[str]:
    """The pattern under a key, whatever the case of letters; in the file it may go over several lines.

    `whole`: between the file's `polite` beginnings and `end`.
    """
    value: Any = table(language, name)
    around = ("".join(value["polite"].splitlines()), value["end"]) if whole else ("", "")
    for part in key.split("."):
        value = value[part]
    found = "".join(value.splitlines())
    return re.compile(found.join(around), re.IGNORECASE | re.DOTALL)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))


def with_parts(text: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern, which may go over several lines, with what its {names} stand for, and the names in those."""
    text = "".join(text.splitlines())
    while (full := _PART.sub(lambda found: "".join(parts.get(found[1], found[0]).splitlines()), text)) != text:
        text = full
    return re.compile(text, re.IGNORECASE)
