"""Checks what a language model says against the memories that it was given."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from math import exp, log

from voiceos.core import Recalled
from voiceos.language.data import pattern, table, words_in
from voiceos.language.numerals import digits
from voiceos.language.questions import content, only_asks
from voiceos.language.said_times import said_moment
from voiceos.language.sentences import say
from voiceos.language.terms import Analyzer, first_word
from voiceos.memory.quoting import dated_line
from voiceos.memory.recall.compared import NAME, names_in, shape_of
from voiceos.memory.recall.personal import may_be_of_life
from voiceos.memory.recall.reading import SURE
from voiceos.memory.recall.wanted import tells_itself

WITH_NUMBERS = ("money", "clock", "number", "when")
"""Kinds of answers whose numbers must stand in a memory."""
CODE = 5
"""Digits from which a number may be written in groups."""
LIKELY = 0.3
"""How likely a line must be to answer for what a model makes of it to be said."""
CHOSEN = 0.65
"""How likely a line must be, once a model has chosen it, to be told: see docs/research/answers.md."""
RIVAL = 0.5
"""Share of the best line's likelihood from which a third one may be chosen."""
LEAST = 0.01
"""What is taken for the least likely: no model alone makes a line sure that has nothing of the question."""
VALUE, ENOUGH = 2.0, 0.5
"""What a name or a number counts beside other words, and the share of what an answer adds that its lines must hold."""
_GROUP = re.compile(r"(?<=\d)[ -](?=\d)")
_GROUPS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_terms = Analyzer("en")


def must_be_borne_out(question: str, memories: Sequence[Recalled]) -> bool:
    """Whether the answer is a number of the owner's life, of which the memory tells something."""
    return bool(memories) and shape_of(question) in WITH_NUMBERS and may_be_of_life(question)


def is_borne_out(reply: str, question: str, memories: Sequence[Recalled], now: datetime) -> bool:
    """Whether each number of a reply is in the memories, their dates, or the question, or is worked out from them."""
    days = [said_moment(one.at.astimezone(now.tzinfo)) for one in memories if one.at]
    told = digits("\n".join([question, *days, *(dated_line(one, now) for one in memories)]))
    known = set(_NUMBER.findall(told)) | {number for one in memories for number in _worked_out(one, question)}
    joined = re.sub(r"\D", "", told)
    if known.issuperset(_NUMBER.findall(digits(reply))):
        return True
    grouped = digits(_GROUP.sub("", reply))
    return all(number in known or (len(number) >= CODE and number in joined) for number in _NUMBER.findall(grouped))


def has_no_other_numbers(reply: str, texts: Sequence[str]) -> bool:
    """Whether each number of a reply stands in a text, however it is written there: 04:30 has a 4."""
    known, said = ({float(one) for one in _NUMBER.findall(digits(text))} for text in ("\n".join(texts), reply))
    return said <= known


def may_be_borne_out(memories: Sequence[Recalled]) -> bool:
    """Whether lines are likely enough for anything that a model makes of them to be said; else it need not be asked."""
    return any(one.score >= LIKELY for one in memories)


def tells_of(question: str, memory: Recalled, around: Mapping[str, str], now: datetime) -> bool:
    """Whether a line tells something, and whom or what a question names stands in it, or around it."""
    if only_asks(memory.text):
        return False
    terms = {*_terms(digits(dated_line(memory, now))), *_terms(around.get(memory.text, ""))}
    return names_in(question) <= terms


def worth_choosing(memories: Sequence[Recalled]) -> Sequence[Recalled]:
    """The lines of which a model chooses one, likeliest first: each takes a small board a third of a second to read."""
    third = memories[2:3] if memories[2:] and memories[2].score >= RIVAL * memories[0].score else ()
    return [*memories[:2], *third]


def chosen(memories: Sequence[Recalled], odds: Sequence[float]) -> list[Recalled]:
    """The line that is sure, by how likely it was and the log of how much likelier than none a model finds it, first,
    and then the others; none: no line is.

    What both know is taken for independent, so their odds are multiplied.
    """
    likely = [replace(one, score=_after(one.score, more)) for one, more in zip(memories, odds, strict=True)]
    best, *others = sorted(likely, key=lambda one: -one.score)
    return [best, *others] if best.score >= CHOSEN else []


def _after(probability: float, log_odds: float) -> float:
    p = min(max(probability, LEAST), 1 - LEAST)
    return 1 / (1 + exp(-log(p / (1 - p)) - log_odds))


def told_by(
    reply: str, question: str, memories: Sequence[Recalled], around: Mapping[str, str], now: datetime
) -> list[Recalled]:
    """The lines that bear out what a reply adds to its question; none: it may be made up.

    `around`: all that a line is part of, by its text. What is added must stand in a line, and whom or what the question
    names in that line, too, or around it: the blood group is the owner's, and not Jonah's. After a "yes", all that the
    question says must.
    """
    asked = set(_terms(question))
    named = {term for word in NAME.findall(reply) for term in _terms(word.removesuffix("'s"))} - asked - _calendar()
    said = dict.fromkeys(_terms(digits(" ".join(content(reply)))))
    added = {term: VALUE if term in named or term[0].isdigit() else 1.0 for term in said if term not in asked}
    values = {term for term, weight in added.items() if weight == VALUE}
    if not added or not is_borne_out(reply, question, memories, now):
        return []
    wanted = names_in(question)
    if first_word(reply) == first_word(say("memory.yes")):  # which says all that was asked
        wanted |= set(_terms(" ".join(content(question))))
    best: list[Recalled] = []
    held = set[str]()
    for one in memories:
        terms = _worked_out(one, question).union(_terms(digits(dated_line(one, now))))
        if not wanted <= terms.union(_terms(around.get(one.text, ""))) or terms.isdisjoint(added):
            continue
        several = not tells_itself(question)
        if several or (values <= terms and _share(added, terms) >= ENOUGH):
            best.append(one)
            held |= terms
    return best if may_be_borne_out(best) and values <= held and _share(added, held) >= ENOUGH else []


def _worked_out(memory: Recalled, question: str) -> set[str]:
    """What two numbers of a sure line come to, where something is to be worked out: "needs 12, I have 9"."""
    if memory.score < SURE or not pattern("en", "questions", "computed").search(question.lower()):
        return set()
    pairs = [*combinations(map(float, dict.fromkeys(_NUMBER.findall(_GROUPS.sub("", digits(memory.text))))), 2)]
    results = [one for a, b in pairs for one in (a + b, abs(a - b), a * b)]
    return {f"{one:.2f}".rstrip("0").rstrip(".") for one in results}


def _share(added: Mapping[str, float], terms: Collection[str]) -> float:
    return sum(weight for term, weight in added.items() if term in terms) / sum(added.values())


def _calendar() -> set[str]:
    named = table("en", "calendar")
    return {term for key in ("days", "months") for term in _terms(named[key])} | words_in("en", "evidence", "when")
