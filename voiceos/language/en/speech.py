"""What stands on a page in English, as it is said: the steps of `speech.toml`, one after the other."""

import re
from functools import cache
from typing import Any

from voiceos.language.data import any_of, table
from voiceos.language.en import counting, measures, numbers, signs, spoken_dates

_STEPS: dict[str, dict[str, list[str]]] = table("en", "speech")["steps"]
_PATTERNS: dict[str, str] = table("en", "speech")["patterns"]
_FUNCTIONS = {**vars(counting), **vars(measures), **vars(numbers), **vars(signs), **vars(spoken_dates)}
_PIECE = re.compile(r"<(\w+)(?::(\w+))?>")


def say_addresses(text: str) -> str:
    """Before the markup goes, for an address may hold what looks like markup."""
    return _said(text, ["addresses"])


def say(text: str, *, day_first: bool) -> str:
    """Everything in words; plain numbers stay, for the voice reads those well. `day_first`: 5/6/2026 is in June."""
    return _said(text, [name for name in _STEPS if name != "addresses" and (day_first or name != "day_first")])


dotted, tail = signs.dotted, signs.tail


def _said(text: str, names: list[str]) -> str:
    for name in names:
        for pattern, words in _compiled(name):
            text = pattern.sub(words, text)
    return text


@cache
def _compiled(name: str) -> list[tuple[re.Pattern[str], Any]]:
    return [
        (re.compile(_full(pattern), re.IGNORECASE if flag else 0), _words(say))
        for pattern, say, *flag in _STEPS[name].values()
    ]


def _full(pattern: str) -> str:
    """With what {NAMES} stand for."""

    def named(found: re.Match[str]) -> str:
        name = found[1]
        return _full(_PATTERNS[name]) if name in _PATTERNS else any_of(_tables()[name.lower()])

    return re.sub(r"\{([A-Z_]+)\}", named, pattern)


@cache
def _tables() -> dict[str, Any]:
    """Words for words, by their names."""
    symbols, letters, money, units = (table("en", name) for name in ("symbols", "abbreviations", "currencies", "units"))
    return {
        **{name: symbols[name] for name in ("anywhere", "notes", "comparison", "either")},
        **{name: letters[name] for name in ("titles", "shortened", "sections", "words", "sites", "files")},
        **{
            "currencies": measures.CURRENCIES,
            "scales": money["scales"],
            "times": units["times"],
            "rates": units["rates"],
        },
        **{"units": measures.UNITS, "lengths": units["lengths"], "bare_per": units["bare_per"]},
        **{"month_names": spoken_dates.MONTH_NAMES, "short_months": spoken_dates.SHORT_MONTHS},
        **{"day_names": spoken_dates.DAY_NAMES, "short_days": spoken_dates.SHORT_DAYS},
        **table("en", "speech")["tables"],
    }


def _words(say: str) -> Any:
    """What stands in place of what is found: a function of it, or a text with pieces of it."""
    if say.startswith("="):
        return _FUNCTIONS[say[1:]]
    apart = _PIECE.split(say)
    if len(apart) == 1:
        return say

    def filled(found: re.Match[str]) -> str:
        words = apart[0]
        for group, name, after in zip(apart[1::3], apart[2::3], apart[3::3], strict=True):
            words += _piece(found[int(group)] or "", name) + after
        return words

    return filled


def _piece(value: str, name: str | None) -> str:
    if not name:
        return value
    if name in _FUNCTIONS:
        return _FUNCTIONS[name](value)
    words = _tables()[name]
    return words.get(value, words.get(value.lower(), value))
