"""Whether a memory can tell what a question asks: whose thing it is, and of which time."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from voiceos.core import Recalled
from voiceos.language.data import pattern, words_in
from voiceos.language.sentences import say
from voiceos.language.tenses import looks_back
from voiceos.language.terms import Analyzer, words
from voiceos.memory.recall.compared import names_in
from voiceos.memory.recall.periods import Period, periods
from voiceos.store.passages import sentences

TOLD_LATER = timedelta(days=31).total_seconds()
"""How long after a time it is told of without naming it."""
_terms = Analyzer("en")
_WHOSE = re.compile(r"(?<=[^\s.!?:] )([A-Z][\w-]+)['’]s\b")


class Applicable:
    """Knows what cannot tell of whom, or of when, a question asks."""

    def __init__(self, question: str, times: Sequence[Period], asked: float) -> None:
        """`times`: the periods that it names; `asked`: when it was asked, in seconds since the epoch."""
        self._names = [name.lower() for name in _WHOSE.findall(question)]
        did = pattern("en", "questions", "who_did").search(question)
        self._did = set(words(did["did"].lower())) if did else set[str]()
        self._terms = set(_terms(question)) - words_in("en", "evidence", "of_themself")
        self._of_owner = pattern("en", "questions", "owner_did").search(question) and not names_in(question)
        past = [one for one in times if one.end <= asked]
        text = question.rstrip(" ?.!")
        surely = looks_back(text, len(text), len(text)) and all(one in past for one in times if one.weight == 1.0)
        self._past = past if surely else []

    @classmethod
    def of(cls, question: str, now: datetime) -> "Applicable":
        return cls(question, periods(question.lower(), now)[0], now.timestamp())

    def __call__(self, memory: Recalled) -> bool:
        if not self._is_theirs(memory) or not self._is_of_time(memory):
            return False
        return self._is_by_them(memory) and self._is_of_owners(memory)

    def _is_theirs(self, memory: Recalled) -> bool:
        """Whether what names somebody in passing tells of what is theirs: they wrote it, it begins with them, or gives
        them something."""
        text, author = memory.text.lower().replace("’", "'"), memory.author.lower()
        return all(name in author or name not in text or _gives(name, text) for name in self._names)

    def _is_by_them(self, memory: Recalled) -> bool:
        """Whether what another than the owner says can tell what somebody did who is named: they say it themself, or it
        speaks of them; not if it speaks of its author, in the sentence with most words of the question.
        """
        if not self._did or memory.author in ("", say("sources.you")):
            return True
        if not self._did.isdisjoint(words(memory.author.lower())):
            return True
        text = pattern("en", "evidence", "vocative").sub(" ", memory.text.replace("’", "'"))
        said = self._said(text)
        of_author = not said.isdisjoint(words_in("en", "evidence", "of_themself"))
        addressed = not said.isdisjoint(words_in("en", "evidence", "addressed"))
        return addressed or not of_author or not self._did.isdisjoint(said)

    def _is_of_owners(self, memory: Recalled) -> bool:
        """Whether what another says can tell what the owner does, who names nobody: not if it tells of what is the
        author's, in the sentence with most words of the question.
        """
        if not self._of_owner or memory.author in ("", say("sources.you")):
            return True
        said = self._said(memory.text.replace("’", "'"))
        return said.isdisjoint(words_in("en", "evidence", "own")) or not said.isdisjoint(
            words_in("en", "evidence", "shared")
        )

    def _said(self, text: str) -> set[str]:
        """The words of the sentence with most words of the question, without what follows their apostrophe."""
        told = max((text[begin:end] for begin, end in sentences(text)), key=self._shared, default=text)
        return {word.partition("'")[0] for word in words(told.lower())}

    def _shared(self, sentence: str) -> int:
        return len(self._terms.intersection(_terms(sentence)))

    def _is_of_time(self, memory: Recalled) -> bool:
        """Whether it was said in, or soon after, a past time that the question names, or names such a time itself."""
        if not memory.at or not self._past:
            return True
        said = memory.at.timestamp()
        return self._is_near(Period(said, said)) or any(
            self._is_near(one) for one in periods(memory.text, memory.at)[0] if one.weight == 1.0
        )

    def _is_near(self, told: Period) -> bool:
        """Whether a time is one of the past times that the question names, or soon after it."""
        return any(told.start <= past.end + TOLD_LATER and told.end >= past.start for past in self._past)


def _gives(name: str, text: str) -> bool:
    having = pattern("en", "evidence", "having").pattern
    return text.lstrip("#-* ").startswith(name) or bool(re.search(rf"\b{re.escape(name)}(?:{having})", text))
