"""Reads a text by rules that are data: words and rules become items, and items other items, from right to left."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, TypeVar

from voiceos.language.data import table

T = TypeVar("T")

LONGEST = 20
"""Tokens of one item."""
MOST_ALIKE = 3
"""Items of one kind over the same tokens; more readings than these are not looked at."""
_TOKEN = re.compile(r"\b[^\W\d_]\d\b|\d+|'s\b|[^\W\d_]+(?:'(?!s\b)[^\W\d_]+)*|[^\s]")


class Token(NamedTuple):
    word: str
    start: int
    end: int
    joins: bool = False
    """A hyphen within a word ("~" in rules), that may be passed over: "mid-March", "20-minute", "Mon-Fri"."""


class Item(NamedTuple):
    """Tokens from somewhere up to `end` that together are something of a kind."""

    kind: str
    end: int
    value: Any
    rank: int
    begin: int = 0
    """The first of its tokens that tell the time, if words before it were needed too."""


class Rule(NamedTuple):
    kind: str
    operation: str
    given: dict[str, Any]
    """The constant that is with the operation's name, if there is one."""
    guard: str
    rank: int


@dataclass(slots=True)
class Node:
    """Where some rules stand after the same beginning."""

    words: dict[str, "Node"] = field(default_factory=lambda: {})
    slots: dict[str, dict[str, "Node"]] = field(default_factory=lambda: {})
    """By the kind of an item, and the name that the operation knows it by."""
    ends: list[Rule] = field(default_factory=lambda: [])


class Grammar(NamedTuple):
    root: Node
    words: Mapping[str, list[tuple[tuple[str, ...], str, Any]]]
    """By their first token: phrases, their kind, their value."""
    forms: list[tuple[str, str, re.Pattern[str]]]
    kinds: Mapping[str, tuple[str, ...]]
    """Each kind with itself and the names of all groups that it is in."""
    after: frozenset[str]
    counted: frozenset[str]


Apply = Callable[[str, dict[str, Any]], Any]
"""Calls an operation by its name; None where there is no such time."""


def tokens(text: str) -> list[Token]:
    """Words, numbers and signs of a text, and where they stand."""
    found = [Token(match[0], *match.span()) for match in _TOKEN.finditer(_even(text))]
    for place, (before, sign, after) in enumerate(zip(found, found[1:], found[2:], strict=False), 1):
        glued = before.end == sign.start and sign.end == after.start
        if sign.word == "-" and glued and not (before.word.isdigit() and after.word.isdigit()):
            found[place] = sign._replace(word="~", joins=True)
    return found


def _even(text: str) -> str:
    """Lower case with plain signs, character by character."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low.replace("’", "'").replace("–", "-")


@cache
def grammar(language: str) -> Grammar:
    data = table(language, "times")
    words: dict[str, list[tuple[tuple[str, ...], str, Any]]] = {}
    for kind, values in data["words"].items():
        for value, phrases in values.items():
            for phrase in _spellings(phrases):
                words.setdefault(phrase[0], []).append((phrase, kind, _number(value)))
    root = Node()
    rank = itertools.count()
    for kind, operations in data["rules"].items():
        for name, patterns in operations.items():
            operation, _, constant = name.partition("/")
            given = {"constant": _number(constant)} if constant else {}
            for pattern in patterns:
                guard = pattern[-1] if pattern[-1] in "!?$" else ""
                rule = Rule(kind, operation, given, guard, next(rank))
                for sequence in sequences(pattern.rstrip("!?$")):
                    _add(root, sequence, rule)
    kinds: dict[str, tuple[str, ...]] = {}
    for group, names in data["kinds"].items():
        for name in names.split():
            kinds[name] = (*kinds.get(name, (name,)), group)
    forms = [(kind, name, re.compile(form)) for kind, by in data["forms"].items() for name, form in by.items()]
    return Grammar(root, words, forms, kinds, frozenset(data["after"].split()), frozenset(data["counted"].split()))


def _number(text: str) -> int | float | str:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def _spellings(phrases: str) -> Iterator[tuple[str, ...]]:
    for phrase in map(str.strip, phrases.split(",")):
        for spelling in dict.fromkeys((phrase, phrase.replace("'s ", "s "))):  # "mother's day", "mothers day"
            yield tuple(token.word for token in tokens(spelling))


def sequences(pattern: str) -> list[tuple[str, ...]]:
    """All that a pattern stands for: "[on] (the|this) {day}" for four sequences."""
    inner = re.search(r"([\[(])([^\[\]()]*)[\])]", pattern)
    if not inner:
        return [tuple(pattern.split())]
    begin, end = pattern[: inner.start()], pattern[inner.end() :]
    every = (sequences(f"{begin}{one}{end}") for one in [*inner[2].split("|"), *[""] * (inner[1] == "[")])
    return list(dict.fromkeys(itertools.chain.from_iterable(every)))


def _add(root: Node, sequence: Iterable[str], rule: Rule) -> None:
    node = root
    for piece in sequence:
        if piece[0] == "{":
            name, _, kind = piece[1:-1].rpartition(":")
            node = node.slots.setdefault(kind, {}).setdefault(name or kind, Node())
        else:
            node = node.words.setdefault(piece, Node())
    node.ends.append(rule)


class Chart:
    """The items of one text. Those that begin later are known first, so each rule is tried once at each token."""

    def __init__(self, grammar: Grammar, text: str, apply: Apply) -> None:
        self.grammar = grammar
        self.tokens = tokens(text)
        self.apply = apply
        self.items: list[dict[str, list[Item]]] = [{} for _ in self.tokens]
        self.text = _even(text)
        for at in reversed(range(len(self.tokens))):
            self._fill(at)

    def _fill(self, at: int) -> None:
        waiting = list(self._leaves(at))
        items, kinds, beginning = self.items[at], self.grammar.kinds, self.grammar.root.slots
        for item in waiting:
            alike = [old for old in items.get(item.kind, ()) if old.end == item.end]
            if len(alike) >= MOST_ALIKE or item.end - at > LONGEST or item in alike:
                continue
            for kind in kinds.get(item.kind, (item.kind,)):
                items.setdefault(kind, []).append(item)
                for name, node in beginning[kind].items() if kind in beginning else ():
                    waiting += self._made(node, item.end, {name: item.value} if name != "_" else {})

    def _leaves(self, at: int) -> Iterator[Item]:
        token = self.tokens[at]
        for phrase, kind, value in self.grammar.words.get(token.word, ()):
            if phrase == tuple(other.word for other in self.tokens[at : at + len(phrase)]):
                yield Item(kind, at + len(phrase), value, -1)
        inside = at and self.tokens[at - 1].end == token.start and self.tokens[at - 1].word.isalnum()
        if not (token.word[0].isalpha() or inside):
            for kind, name, form in self.grammar.forms:
                if match := form.match(self.text, token.start):
                    end = next((n for n in range(at, len(self.tokens)) if self.tokens[n].end == match.end()), None)
                    value = self.apply(name, match.groupdict()) if end is not None else None
                    if end is not None and value is not None:
                        yield Item(kind, end + 1, value, -1)
        if node := self.grammar.root.words.get(token.word):
            yield from self._made(node, at + 1, {})

    def _made(self, node: Node, at: int, slots: dict[str, Any], begin: int = 0) -> Iterator[Item]:
        """What the rules that have come as far as `node` make of what stands from token `at` on."""
        for rule in node.ends:
            if self._allowed(rule.guard, at):
                value = self.apply(rule.operation, {**rule.given, **slots})
                if value is not None:
                    yield Item(rule.kind, at, value, rule.rank, begin)
        if at == len(self.tokens):
            return
        token = self.tokens[at]
        if following := node.words.get(">"):
            yield from self._made(following, at, slots, at)
        if token.joins:
            yield from self._made(Node(node.words, node.slots), at + 1, slots, begin)
        if token.word != ">" and (following := node.words.get(token.word)):
            yield from self._made(following, at + 1, slots, begin)
        items = self.items[at]
        for kind, names in node.slots.items() if items else ():
            for item in items.get(kind, ()):
                for name, following in names.items():
                    more = {name: item.value} if name != "_" else {}
                    yield from self._made(following, item.end, {**slots, **more}, begin)

    def _allowed(self, guard: str, at: int) -> bool:
        """`!`: no noun follows; `?`: nothing that is counted; `$`: nothing of the same clause."""
        if not guard or at == len(self.tokens):
            return True
        following = self.tokens[at].word
        if guard == "?":
            return following not in self.grammar.counted and not following.endswith("s")
        if not following[0].isalnum():
            return following not in "/%$€£°'" and not self.tokens[at].joins
        return guard == "!" and following in self.grammar.after

    def wholes(self, make: Callable[[Any, int, int], T | None]) -> list[T]:
        """What `make` makes, of a value and its characters, of the longest times that do not overlap, in order."""
        every = [(at, item) for at, by in enumerate(self.items) for item in (*by.get("whole", ()), *by.get("none", ()))]
        every.sort(key=lambda one: (max(one[0], one[1].begin) - one[1].end, one[1].kind, one[1].rank, one[0]))
        never = {(at, item.end) for at, item in every if item.kind == "none"}
        taken: dict[int, tuple[int, T | None]] = {}  # an impossible one must not hide shorter ones
        for at, item in every:
            again = taken.get(at) == (item.end, None) and (at, item.end) not in never
            if again or all(item.end <= begin or at >= end for begin, (end, _) in taken.items()):
                begin, end = self.tokens[max(at, item.begin)].start, self.tokens[item.end - 1].end
                taken[at] = item.end, make(item.value, begin, end) if item.kind == "whole" else None
        return [made for _, (_, made) in sorted(taken.items(), key=lambda one: one[0]) if made]
