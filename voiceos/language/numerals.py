"""Numbers in words to digits: "two hundred and forty" is 240, "two and a half" 2.5, "a dozen" 12."""

import re
from functools import cache, lru_cache

from voiceos.language.data import table

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@lru_cache(256)
def digits(text: str, language: str = "en") -> str:
    """A text with its numbers in digits."""
    from text_to_num import alpha2digit

    for words, sign in _before(language):
        text = words.sub(sign, text)
    return re.sub(r"(\d),(?=\d{3}\b)", r"\1", alpha2digit(text, language, threshold=0))


def years(text: str) -> list[int]:
    """The years that stand in a text, in its order: 1900 to 2099."""
    return [int(year) for year in _YEAR.findall(text)]


@cache
def _before(language: str) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(words, re.IGNORECASE), sign) for words, sign in table(language, "arithmetic")["numbers"]]
