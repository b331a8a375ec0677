"""A statement's words made even: lower case, contractions apart, fillers gone; each knows its place in the text."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from voiceos.memory.facts.predicates import RELATIONS

TOKEN = re.compile(
    r"(?:mr|mrs|ms|dr|st|prof)\.(?=\s)|\S+@\S+\.\w+|\d+(?:[.,:]\d+)+|[^\W_]+(?:[-'’.&][^\W_]+)*|[^\w\s]|_",
    re.IGNORECASE,
)
BARE = {
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "isnt": "is not", "arent": "are not",
    "wasnt": "was not", "werent": "were not", "wont": "will not", "cant": "can not", "cannot": "can not",
    "havent": "have not", "hasnt": "has not", "hadnt": "had not", "wouldnt": "would not", "couldnt": "could not",
    "im": "i am", "ive": "i have", "youre": "you are", "theyre": "they are", "anymore": "any more",
    "gonna": "going to", "wanna": "want to", "won't": "will not", "can't": "can not", "ain't": "is not",
    "cause": "because", "favorite": "favourite", "neighbor": "neighbour", "neighbors": "neighbours",
    "color": "colour", "mum's": "mother 's", "ok": "okay", "let's": "let us", "travelling": "traveling",
}  # fmt: skip
PARTS = {"n't": " not", "'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would", "'s": " 's"}
OWNED = {f"{who}s": who for who in RELATIONS if " " not in who}
OWNABLE = frozenset({*RELATIONS, "name", "birthday", "address", "car", "phone", "number", "favourite", "house", "job"})
FILLERS = frozenset("um uh er erm hmm mm ah eh umm uhm".split())
ADVERBS = frozenset(
    "really just also still actually currently finally recently already basically honestly obviously definitely totally"
    " absolutely originally officially both quite very simply truly seriously".split()
)
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
    """Whether the text has capitals where they belong, so that a lower-case word is no name."""
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

    def words(self, begin: int, end: int) -> str:
        """The words as they stand in the text."""
        start, stop = self.span(begin, end)
        return self.text[start:stop]

    def capital(self, at: int) -> bool:
        """Whether the word at a place in `norm` is written with a capital."""
        return self.tokens[self.index(at)].capital

    def rest(self, token: int) -> "Sentence":
        """What follows from a token on, without adverbs that change nothing."""
        kept = (t for t in self.tokens[token:] if t.norm not in ADVERBS)
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
    raw = [m for m in TOKEN.finditer(text) if not any(a <= m.start() < b for a, b in quoted)]
    before = ""
    for place, match in enumerate(raw):
        word = lower(match[0]).replace("’", "'")
        after = lower(raw[place + 1][0]) if place + 1 < len(raw) else ""
        if word in FILLERS or (word == before and word.isalpha()):
            continue  # "my my sister"
        before = word
        if "\n" in text[raw[place - 1].end() : match.start()] and place:
            yield Token("\n", match.start(), match.start(), capital=False)
        parts = _parts(word, after)
        for part in parts:
            yield Token(part, match.start(), _end(match, part, parts), match[0][0].isupper())


def _end(match: re.Match[str], part: str, parts: Sequence[str]) -> int:
    """A name before its 's ends before it; otherwise the whole word stands for each part."""
    if len(parts) == 2 and parts[1] == "'s" and part == parts[0]:
        return match.start() + len(part)
    return match.end()


def _parts(word: str, after: str) -> list[str]:
    if word in BARE:
        return BARE[word].split()
    if word in OWNED and after in OWNABLE:
        return [OWNED[word], "'s"]
    for ending, apart in PARTS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return [word.removesuffix(ending), *apart.split()]
    return [word.rstrip(".") if word in ("mr.", "mrs.", "ms.", "dr.", "st.", "prof.") else word]


def lower(text: str) -> str:
    """Lower case, of the same length."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
