"""What stands on a page in English, as it is said: the steps of `speech.toml`, one after the other."""

from typing import Any

from voiceos.language.data import table
from voiceos.language.en import counting, measures, numbers, signs, spoken_dates
from voiceos.language.rewriting import Rewriting

dotted, tail = signs.dotted, signs.tail


def _tables() -> dict[str, Any]:
    """Words for words, by their names."""
    symbols, letters, money, units = (table("en", name) for name in ("symbols", "abbreviations", "currencies", "units"))
    return {
        **{name: symbols[name] for name in ("anywhere", "notes", "comparison", "either")},
        **{name: letters[name] for name in ("titles", "shortened", "sections", "words", "sites", "files")},
        **{name: units[name] for name in ("times", "rates", "lengths", "bare_per")},
        **{"currencies": measures.CURRENCIES, "scales": money["scales"], "units": measures.UNITS},
        **{"month_names": spoken_dates.MONTH_NAMES, "short_months": spoken_dates.SHORT_MONTHS},
        **{"day_names": spoken_dates.DAY_NAMES, "short_days": spoken_dates.SHORT_DAYS},
        **table("en", "speech")["tables"],
    }


_said = Rewriting(
    table("en", "speech"),
    {**vars(counting), **vars(measures), **vars(spoken_dates), **vars(numbers), **vars(signs)},
    _tables,
)


def say_addresses(text: str) -> str:
    """Before the markup goes, for an address may hold what looks like markup."""
    return _said(text, "addresses")


def say(text: str, *, day_first: bool) -> str:
    """Everything in words; plain numbers stay, for the voice reads those well. `day_first`: 5/6/2026 is in June."""
    left_out = {"addresses"} if day_first else {"addresses", "day_first"}
    return _said(text, *(name for name in _said.sections if name not in left_out))
