"""Judges sentences of a language model: whether one claims or promises an act, or tells what only a tool could know."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from voiceos.language.data import pattern, table, with_parts
from voiceos.language.questions import asks, content
from voiceos.language.terms import words

Claim = Literal["", "act", "state", "prompt", "quote"]

_QUOTED = re.compile(r'(?<=\S)\s"[^"]*(?:"|$)')
_CLAUSES = re.compile(r"[,;:—]\s+|(?<!ahead)\s+(?:and|but|so)\s+|\.\s+|!\s+")
RECITED = 7
"""Words in a row of what the model is told by which it recites that."""
SUPPORTED = 0.5
"""Share of the new words of a state that what was recalled must have: a model says the same in other words."""


class Judge:
    """Judges the sentences of one reply."""

    def __init__(
        self,
        question: str,
        earlier: Sequence[str] = (),
        told: Sequence[str] = (),
        *,
        name: str = "",
        invites: bool = False,
        live: bool = False,
        language: str = "en",
    ) -> None:
        """`earlier`: what the user said before. `told`: what the memory says, which may be repeated.

        `name`: what the assistant calls itself; "Nova will turn it on" is a promise, too. `invites`: it invites a
        claim, however it is put. `live`: it asks for a state that only a tool could know.
        """
        self._language = language
        self._name = re.compile(rf"\b{re.escape(name.lower())}\b" if name else r"(?!)")
        self._told = set(content(" ".join(told)))
        self._asked = set(content(question))
        self.is_tale = bool(self._pattern("invites", "tale").search(question.lower()))
        self.invited = invites or self._invites(question, earlier)
        """Whether the question invites a claim."""
        self.wants_hands = not self.is_tale and self._found("invites", "hands", _bare(question, language))
        """Whether the question is an order that no words could fulfil."""
        self._live = asks(question) and self._found("invites", "live", question.lower())
        self._live = live or (self._live and not self._found("invites", "advice", question.lower()))

    def __call__(self, sentence: str) -> Claim:
        """What a sentence, or its beginning up to the end of a clause, claims.

        "prompt": it recites its orders; "quote": it has the user say what they never said.
        """
        if not _told(self._language).isdisjoint(_runs(sentence)):
            return "prompt"
        text = _plain(sentence).replace("“", '"').replace("”", '"')
        if self.quotes(text) and not self._is_told(self._pattern("quotes", "said").sub("", text, count=1)):
            return "quote"
        text = self._name.sub(table(self._language, "claims")["self"], text)
        if self._found("passes", "attributed", _QUOTED.sub(" ", text)):
            return ""
        text = _QUOTED.sub(" ", text).strip('"* ')
        conditional = bool(self._pattern("passes", "conditional").match(text))
        clauses, alone = _CLAUSES.split(text), True
        for clause in clauses[:-1] if text.endswith("?") else clauses:
            if self.is_interjection(clause) and len(clauses) > 1:
                continue
            if claim := self._judge(clause.strip(), conditional, alone):
                return claim
            alone = False
        return ""

    def _judge(self, clause: str, conditional: bool, alone: bool) -> Claim:
        """`alone`: only interjections precede it."""
        bare = self._pattern("passes", "opener").sub("", clause, count=1) if self._opens(clause) else clause
        if self.is_tale or any(self._pattern("passes", kind).match(bare) for kind in ("subordinate", "question")):
            return ""
        bare = self._pattern("passes", "cannot_say").sub("", bare)
        if self._any("act", bare):
            return "act"
        if alone and self._any("alone", bare):
            return self._as_asked(bare)
        if self._found("passes", "advises", bare):
            return ""
        bare = self._pattern("passes", "inner").sub("", bare)
        if conditional or self._found("passes", "generic", bare):
            return ""
        if self._any("effect", bare):
            return self._as_asked(bare)
        if self._any("state", bare):
            return "" if self._is_told(bare) else "act" if self.invited and not self._live else "state"
        if not self.invited or self._found("passes", "admits", bare):
            return ""
        if self._any("invited_act", bare or clause) or (self._live and self._any("invited_state", bare or clause)):
            return self._as_asked(bare)
        return ""

    def _as_asked(self, clause: str) -> Claim:
        """A claim of an act, or of a state if a state was asked for; none if the memory says so."""
        return "" if self._is_told(clause) else "state" if self._live else "act"

    def quotes(self, text: str) -> bool:
        """Whether a sentence begins as one that has the user say something: as a memory is quoted."""
        return bool(self._pattern("quotes", "said").match(_plain(text)))

    def is_interjection(self, text: str) -> bool:
        """Whether this is no more than a "Yes," or "Sure!"."""
        return bool(self._pattern("passes", "interjection").fullmatch(text.strip().lower()))

    def is_risky(self, clause: str) -> bool:
        """Whether a clause that goes on may become a claim."""
        return self._found("passes", "risky", clause.lower().replace("’", "'"))

    def admits(self, text: str) -> bool:
        """Whether this says that something can't be done or isn't known."""
        return self._found("passes", "admits", text.lower().replace("’", "'"))

    def _invites(self, question: str, earlier: Sequence[str]) -> bool:
        whole, text = _plain(question), _bare(question, self._language)
        if any(self._found("invites", kind, one) for kind in ("request", "did_you", "live") for one in (text, whole)):
            return not self.is_tale
        follows = bool(self._pattern("invites", "about_it").match(text))
        return follows and bool(earlier) and self._invites(earlier[-1], ())

    def _is_told(self, clause: str) -> bool:
        """Whether the memory says this: what goes beyond the question, or all of it if nothing does."""
        words = content(clause)
        new = [word for word in words if word not in self._asked]
        if not new:
            return bool(words) and self._told.issuperset(words)
        return sum(word in self._told for word in new) >= SUPPORTED * len(new)

    def _opens(self, clause: str) -> bool:
        return bool(self._pattern("passes", "opener").match(clause))

    def _any(self, group: str, text: str) -> bool:
        return any(pattern.search(text) for pattern in _group(group, self._language))

    def _found(self, group: str, name: str, text: str) -> bool:
        return bool(self._pattern(group, name).search(text))

    def _pattern(self, group: str, name: str) -> re.Pattern[str]:
        return _pattern(table(self._language, "claims")[group][name], self._language)


@cache
def _told(language: str) -> frozenset[tuple[str, ...]]:
    """The model's orders, less who it is and the examples, which may be said."""
    lines = table(language, "prompt")["system"].strip().splitlines()[1:]
    return frozenset(run for line in lines if not line.startswith('"') for run in _runs(line))


def _runs(text: str) -> set[tuple[str, ...]]:
    """All the words in a row that are long enough to be known again."""
    said = words(text)
    return {tuple(said[at : at + RECITED]) for at in range(len(said) - RECITED + 1)}


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _bare(question: str, language: str) -> str:
    """A question without what is said before it only to be polite."""
    text, before = _plain(question), ""
    while before != text:
        before, text = text, pattern(language, "politeness", "before").sub("", text).strip() or text
    return text


@cache
def _group(name: str, language: str) -> Sequence[re.Pattern[str]]:
    return [_pattern(text, language) for text in table(language, "claims")[name].values()]


@cache
def _pattern(text: str, language: str) -> re.Pattern[str]:
    return with_parts(text, _parts(language))


@cache
def _parts(language: str) -> Mapping[str, str]:
    """What the {names} in patterns stand for."""
    data = table(language, "claims")
    return data["parts"] | {name: f"(?:{'|'.join(_listed(words))})" for name, words in data["words"].items()}


def _listed(words: str) -> Sequence[str]:
    """The words of a list; a blank within one has a backslash."""
    return list(dict.fromkeys(part.replace("\0", " ") for part in words.replace("\\ ", "\0").split()))


def warm(language: str = "en") -> None:
    """Reads all patterns, which takes a moment. Blocks."""
    judge = Judge("Is it on?", ["Turn it on."], language=language)
    judge("It's on.")
    judge.is_risky("")
    Judge("Hello.", language=language)("Hello, my name is Nova.")
