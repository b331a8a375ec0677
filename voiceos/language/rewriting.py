"""Rewrites a text step by step, by patterns and words that are data.

A step is a pattern, and what stands in place of what it finds: words, or the function that makes them ("=money").
"<1>" is what a group found, "<1:names>" the word for it in a table, or what a function makes of it. {NAME} in a pattern
stands for another pattern or for any word of a table. Sections that `of_digits` names have nothing to say without any.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from voiceos.language.data import any_of

_DIGIT = re.compile(r"\d")
_PIECE = re.compile(r"<(\w+)(?::(\w+))?>")


class Rewriting:
    """The steps of a file, in sections. Their patterns are made when a section is first asked for."""

    def __init__(
        self, data: Mapping[str, Any], functions: Mapping[str, Any], tables: Callable[[], Mapping[str, Any]] = dict
    ) -> None:
        self.sections: dict[str, dict[str, list[str]]] = data["steps"]
        self._of_digits: Sequence[str] = data.get("of_digits", ())
        self._patterns: Mapping[str, str] = data.get("patterns", {})
        self._functions = functions
        self._tables = cache(tables)
        self._steps = cache(self._compiled)

    def __call__(self, text: str, *sections: str) -> str:
        for section in sections:
            if section in self._of_digits and not _DIGIT.search(text):
                continue
            for pattern, words in self._steps(section):
                text = pattern.sub(words, text)
        return text

    def _compiled(self, section: str) -> list[tuple[re.Pattern[str], Any]]:
        return [(re.compile(self._full(pattern)), self._words(say)) for pattern, say in self.sections[section].values()]

    def _full(self, pattern: str) -> str:
        """With what {NAMES} stand for."""

        def named(found: re.Match[str]) -> str:
            name = found[1]
            return self._full(self._patterns[name]) if name in self._patterns else any_of(self._tables()[name.lower()])

        return re.sub(r"\{([A-Z_]+)\}", named, pattern)

    def _words(self, say: str) -> Any:
        """What stands in place of what is found: a function of it, or a text with pieces of it."""
        if say.startswith("="):
            return self._functions[say[1:]]
        apart = _PIECE.split(say)
        if len(apart) == 1:
            return say.replace("\\", r"\\")

        def filled(found: re.Match[str]) -> str:
            words = apart[0]
            for group, name, after in zip(apart[1::3], apart[2::3], apart[3::3], strict=True):
                words += self._piece(found[int(group)] or "", name) + after
            return words

        return filled

    def _piece(self, value: str, name: str | None) -> str:
        if not name:
            return value
        if name in self._functions:
            return self._functions[name](value)
        words = self._tables()[name]
        return words.get(value, words.get(value.lower(), value))
