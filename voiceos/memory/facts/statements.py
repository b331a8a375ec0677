"""A statement's words made even, each with its place in the text, and whether they are meant as a statement at all."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from voiceos.memory.facts.vocabulary import is_relation, replaced, shape, words

LONGEST = 120
"""Words of a sentence; what runs on longer is cut, so that no text takes long."""
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^']*'(?!\w)|(?<!\w)‘[^’]*’(?!\w)")


@dataclass(frozen=True, slots=True)
class Token:
    """One even word, and the characters of the text that it comes from."""

    norm: str
    start: int
    end: int
    capital: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as even words, `norm`, that can be matched and led back to the text."""

    text: str
    tokens: tuple[Token, ...]
    norm: str
    starts: tuple[int, ...]
    """Where each token begins in `norm`."""
    cased: bool
    """Whether the text has capitals where they belong, so that a lower-case word is not a name."""
    asked: bool = False

    @classmethod
    def of(cls, text: str, tokens: Iterable[Token], *, cased: bool) -> "Sentence":
        kept = tuple(tokens)
        starts: list[int] = []
        at = 0
        for token in kept:
            starts.append(at)
            at += len(token.norm) + 1
        norm = " ".join(token.norm for token in kept)
        return cls(text, kept, norm, tuple(starts), cased, bool(kept) and kept[-1].norm == "?")

    def index(self, at: int) -> int:
        """The number of the token that covers, or follows, a place in `norm`."""
        return max(0, bisect_right(self.starts, at) - 1)

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Characters of the text, for those of `norm`."""
        first, last = self.index(begin), max(self.index(begin), bisect_left(self.starts, end) - 1)
        return self.tokens[first].start, self.tokens[last].end

    def end_of(self, place: int) -> int:
        """The end in `norm` of the token with a character of the text."""
        at = next((n for n, token in enumerate(self.tokens) if token.end >= place), len(self.tokens) - 1)
        return self.starts[at] + len(self.tokens[at].norm)

    def words(self, begin: int, end: int) -> str:
        """The words as written in the text."""
        start, stop = self.span(begin, end)
        return self.text[start:stop]

    def rest(self, token: int) -> "Sentence":
        """The words from a token on, without adverbs that change nothing."""
        kept = (t for t in self.tokens[token:] if t.norm not in words("adverbs"))
        return Sentence.of(self.text, kept, cased=self.cased)


def sentences(text: str) -> list[Sentence]:
    """The sentences of what was said, without what is only quoted in them."""
    cased = any(c.isupper() for c in text) and not text.isupper()
    found: list[Sentence] = []
    line: list[Token] = []
    for token in _tokens(text):
        if len(line) >= LONGEST:
            found.append(Sentence.of(text, line, cased=cased))
            line = []
        if token.norm in (".", "!", "?", ";", "\n", "…"):
            found.append(Sentence.of(text, [*line, token] if token.norm == "?" else line, cased=cased))
            line = []
        else:
            line.append(token)
    found.append(Sentence.of(text, line, cased=cased))
    return [sentence for sentence in found if sentence.tokens]


def _tokens(text: str) -> Iterator[Token]:
    quoted = [m.span() for m in QUOTED.finditer(text) if len(m[0].split()) > 3]
    raw = [m for m in shape("token").finditer(text) if not any(a <= m.start() < b for a, b in quoted)]
    before = ""
    for place, match in enumerate(raw):
        word = match[0].lower().replace("’", "'")
        after = raw[place + 1][0].lower() if place + 1 < len(raw) else ""
        if word in words("fillers") or (word == before and not word[0].isdigit()):
            continue  # "my my sister"
        before = word
        if place and "\n" in text[raw[place - 1].end() : match.start()]:
            yield Token("\n", match.start(), match.start(), capital=False)
        parts, end = _parts(word, after), match.end()
        for part in parts:
            owner = word.endswith("'s") and len(parts) > 1 and part == parts[0]  # a name ends before its 's
            yield Token(part, match.start(), end - (1 + ("'" in word)) if owner else end, match[0][0].isupper())


def _parts(word: str, after: str) -> list[str]:
    """A contraction's words; of a person who owns something, the name and 's."""
    if whole := replaced("contractions").get(word):
        return whole.split()
    if word.endswith("s") and is_relation(word[:-1]) and (after in words("owned") or is_relation(after)):
        return [word[:-1], "'s"]  # "my wifes birthday"
    for ending, apart in replaced("endings").items() if "'" in word else ():
        if word.endswith(ending) and len(word) > len(ending):
            has = ending == "'s" and after in words("has_done")
            return [word.removesuffix(ending), "has" if has else apart]
    return [word.rstrip(".") if word[0].isalpha() else word]


def is_doubtful(sentence: Sentence, begin: int, end: int, opening: int = 0) -> bool:
    """Whether the words between two places of `sentence.norm` should not be believed.

    `opening`: where the sentence begins after "guess what" and the like.
    """
    norm, begin, end = sentence.norm[opening:], begin - opening, end - opening
    return (
        asks(sentence, opening)
        or shape("before").search(norm[:begin]) is not None
        or shape("within").search(norm[begin:end]) is not None
        or shape("behind").match(norm[end:]) is not None
    )


def asks(sentence: Sentence, opening: int = 0) -> bool:
    """Whether it is a question or a request."""
    norm = sentence.norm[opening:]
    return sentence.asked or any(shape(name).match(norm) for name in ("asking", "request"))


def joking(said: Iterable[Sentence]) -> bool:
    """Whether the whole statement is a joke."""
    return any(shape("joke").search(sentence.norm) for sentence in said)
