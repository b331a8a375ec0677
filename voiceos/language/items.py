"""What is put on a list, out of what was said: several in one breath, with their amounts.

items_in("salt, pepper and two loaves of bread")  →  salt; pepper; bread, 2 loaves
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from voiceos.language.data import any_of, table
from voiceos.language.terms import Analyzer

LONGEST = 120
"""Characters of one thing's name."""
MOST = 100_000
"""A larger amount was misheard."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing."""

    name: str
    amount: float | None = None
    """None: how much was not said."""
    unit: str = ""
    """For one, as in "litre"; empty: pieces."""


def items_in(text: str, *, tasks: bool = False, language: str = "en") -> list[Item]:
    """What a text names, in order. `tasks`: they are things to do, in which "and" may join people."""
    words = _words(language)
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    text = text.strip()
    pieces = words.pieces(words.together.sub(keep, text if tasks else words.in_digits(text)), tasks=tasks)
    items: list[Item] = []
    for piece in pieces:
        whole = re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], piece)
        item = Item(whole) if tasks else words.item(whole) if whole == piece else words.item(piece, kept)
        if not item.name and items and items[-1].amount is None:  # "milk, two litres"
            items[-1] = replace(items[-1], amount=item.amount, unit=item.unit)
        elif not item.name and item.unit:  # "two bottles"
            items.append(Item(words.plurals[item.unit], item.amount))
        else:
            items.append(replace(item, name=item.name[:LONGEST]))
    return [item for item in items if key_of(item.name)]


def key_of(name: str, language: str = "en") -> str:
    """What several names of the same thing have in common: "egg" and "the eggs"."""
    words = _words(language)
    return " ".join(words.terms(words.trimmed(name)))


def together(one: Item, other: Item, language: str = "en") -> Item | None:
    """Both amounts of the same thing as one; None if their units do not agree."""
    name = max(one.name, other.name, key=len)
    if one.amount is None or other.amount is None:
        return replace(one if other.amount is None else other, name=name)
    measures: Mapping[str, list[Any]] = table(language, "items")["measures"]
    (kind, size), (others, other_size) = (measures.get(item.unit, (item.unit, 1)) for item in (one, other))
    return Item(name, round(one.amount + other.amount * other_size / size, 3), one.unit) if kind == others else None


def said_item(item: Item, language: str = "en") -> str:
    """As in "2 litres of milk"."""
    if item.amount is None:
        return item.name
    if not item.unit:
        return f"{item.amount:.12g} {item.name}"
    words = _words(language)
    if item.amount == 0.5:
        return words.said["half"].format(unit=words.with_article[item.unit], name=item.name)
    unit = item.unit if item.amount == 1 else words.plurals[item.unit]
    return words.said["measured"].format(amount=f"{item.amount:.12g}", unit=unit, name=item.name)


def is_goods(text: str, language: str = "en") -> bool:
    """Whether all that is named is bought every day, or is measured as such things are."""
    items = items_in(text, language=language)
    return bool(items) and all(item.unit or _words(language).is_good(item.name) for item in items)


def is_task(text: str, language: str = "en") -> bool:
    """Whether it begins as a thing to do."""
    first, _, rest = text.strip().lower().partition(" ")
    return bool(rest) and first in _words(language).verbs


@cache
def _words(language: str) -> "_Words":
    return _Words(language)


class _Words:
    """The data of a language, ready for use."""

    def __init__(self, language: str) -> None:
        data = table(language, "items")
        parts = data["parts"]
        self.amounts: Mapping[str, float] = data["amounts"]
        self.times: Mapping[str, float] = data["times"]
        self.units = {word: one for one, others in data["units"].items() for word in (one, *others.split())}
        self.plurals: Mapping[str, str] = {one: others.split()[0] for one, others in data["units"].items()}
        vowels: str = data["said"]["vowels"]
        self.with_article = {one: f"{'an' if one[0] in vowels else 'a'} {one}" for one in self.plurals}
        self.said: Mapping[str, str] = data["said"]
        self.measured, self.of, self.articles = (
            frozenset(parts[key].split()) for key in ("measured", "of", "articles")
        )
        self.verbs = frozenset(data["tasks"]["verbs"].split())
        self.together = _pattern(rf"\b(?:{'|'.join(parts['together'])})(?!\w)")
        self._analyze = Analyzer(language)
        self._before = _pattern(rf"\A{parts['before']}(?=\S)")
        self._after = _pattern("".join(parts["after"].splitlines()) + r"\Z")
        self._between = _pattern(parts["between"])
        number = rf"(?:\d+(?:\.\d+)?|{any_of(self.amounts)})"
        self._half = _pattern(rf"\b(?P<number>{number})(?P<unit>\s+(?:{any_of(self.units)}))?{parts['and_a_half']}")
        self._point = _pattern(rf"\b(?P<whole>{number}){parts['point']}(?P<tenths>{number})\b")
        self._hundred_and = _pattern(parts["hundred_and"])

    @cached_property
    def _goods(self) -> tuple[frozenset[str], frozenset[str]]:
        """The terms of what is bought, and of those that make one thing with the word before."""
        goods = table("en", "items")["goods"]
        return frozenset(self.terms(goods["words"])), frozenset(self.terms(goods["heads"]))

    def terms(self, text: str) -> list[str]:
        return self._analyze(text)

    def trimmed(self, text: str) -> str:
        """Without what is said around a thing."""
        return self._before.sub("", self._after.sub("", text.strip(" ,.;:!?")))

    def in_digits(self, text: str) -> str:
        """With amounts of several words as one."""
        text = re.sub(r"(?<=\d),(?=\d{1,2}\b)", ".", text)
        text = self._point.sub(lambda found: f"{self._value(found['whole']):g}.{self._value(found['tenths']):g}", text)
        text = self._half.sub(lambda found: f"{(self._value(found['number']) or 0) + 0.5:g}{found['unit'] or ''}", text)
        return self._hundred_and.sub(" ", text)

    def pieces(self, text: str, *, tasks: bool) -> list[str]:
        if tasks:
            return [trimmed for piece in self._tasks(text) if (trimmed := self.trimmed(piece))]
        pieces = [
            trimmed for piece in self._between.split(self._after.sub("", text)) if (trimmed := self.trimmed(piece))
        ]
        return [part for piece in pieces for part in self._apart(piece, several=len(pieces) > 1)]

    def _tasks(self, text: str) -> Iterator[str]:
        """Things to do: another one begins only with another verb."""
        begin = 0
        for joint in self._between.finditer(text):
            if text[joint.end() :].partition(" ")[0].lower() in self.verbs:
                yield text[begin : joint.start()]
                begin = joint.end()
        yield text[begin:]

    def _apart(self, piece: str, *, several: bool) -> list[str]:
        """Things that are listed without a word between them: "milk eggs and bread"."""
        goods, heads = self._goods
        words = piece.split()
        terms = [(self.terms(word) or [""])[0] for word in words]
        if not several or len(words) < 2 or not all(term in goods for term in terms):
            return [piece]
        parts = [words[0]]
        for word, term, before in zip(words[1:], terms[1:], words, strict=False):
            if term in heads and not before.endswith("s"):
                parts[-1] += f" {word}"
            else:
                parts.append(word)
        return parts

    def item(self, text: str, kept: Sequence[str] = ()) -> Item:
        """One thing with its amount. `kept`: the words behind the marks in it."""

        def name(words: Sequence[str]) -> str:
            return self.trimmed(re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], " ".join(words)))

        words = text.split()
        amount, unit, used = self._measure(words)
        if not used:
            for at in range(max(1, len(words) - 3), len(words)):  # "milk two litres"
                amount, unit, more = self._measure(words[at:])
                if unit and more == len(words) - at:
                    return Item(name(words[:at]), amount, unit)
            return Item(name(words))
        return Item(name(words[used:]), amount, unit)

    def _measure(self, words: Sequence[str]) -> tuple[float | None, str, int]:
        """An amount and its unit at the beginning, and how many words they are."""
        amount, at, exact = self._amount(words)
        if amount is None:
            return None, "", 0
        if glued := re.fullmatch(r"([\d.]+)([a-z]+)", words[at - 1].lower()):
            return amount, self.units.get(glued[2], ""), at + (at < len(words) and words[at].lower() in self.of)
        ahead = at
        while ahead < len(words) and words[ahead].lower() in self.of:
            ahead += 1
        word = words[ahead].lower() if ahead < len(words) else ""
        following = words[ahead + 1].lower() if ahead + 1 < len(words) else ""
        unit = self.units.get(word, "")
        if unit and (
            not following
            or following in self.of
            or (exact and following not in self.units and (unit in self.measured or (amount > 1 and word != unit)))
        ):
            return amount, unit, ahead + 1 + (following in self.of)
        return (amount if exact else None), "", ahead if exact else at

    def _amount(self, words: Sequence[str]) -> tuple[float | None, int, bool]:
        """A number at the beginning, how many words it is, and whether it is more than an article."""
        amount: float | None = None
        exact = False
        for at, word in enumerate(map(str.lower, words)):
            value = self._value(word)
            if value is not None and not (amount and word in self.articles):
                amount, exact = (amount if exact and amount else 0) + value, exact or word not in self.articles
            elif word in self.times:
                amount, exact = (amount or 1) * self.times[word], True
            elif amount is None or word not in self.articles:
                return (amount if amount is None or 0 < amount <= MOST else None), at, exact
        return amount, len(words), exact

    def _value(self, word: str) -> float | None:
        if found := re.fullmatch(r"(\d+(?:[.,]\d{1,2})?)(?:/(\d+)|([½¼¾])|x)?", word):
            value = float(found[1].replace(",", "."))
            return value / int(found[2]) if found[2] and int(found[2]) else value + self.amounts.get(found[3] or "", 0)
        if (glued := re.fullmatch(r"(\d+(?:\.\d+)?)([a-z]+)", word)) and glued[2] in self.units:
            return float(glued[1])
        return self.amounts.get(word.lower())

    def is_good(self, name: str) -> bool:
        """Whether its last word, or one before "for" or the like, is bought every day."""
        return bool(terms := self.terms(name)) and terms[-1] in self._goods[0]


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
