"""Which of what was recalled answers a question: it is about the same people, and holds an answer of the asked kind."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from voiceos.core import Recalled
from voiceos.language.data import pattern, table, words_in
from voiceos.language.questions import asks
from voiceos.language.sentences import say
from voiceos.language.terms import words
from voiceos.memory.recall.choice import is_question
from voiceos.memory.recall.provenance import LONGEST_WHOLE
from voiceos.skills.person.wanted import DATA, WORD, Names, Wanted, is_name, is_one, shows, stem
from voiceos.store.passages import sentences

SURE, LIKELY = 0.7, 0.55
"""How likely a memory must be to be quoted: of what a question may not be asked of the memory, and of what is."""
WORDED = 0.15
"""How much likelier a memory is that has all words of a question."""
RIVAL, RIVAL_IN_TIME = 0.8, 0.3
"""Share of the best one's likelihood from which a newer memory may be meant: also, where "now" is asked for."""
HELD = 0.5
"""Share of the words of a question of yes or no that its answer must hold."""
SURER = 0.75
"""How likely must be what holds none of the words that are asked about, or too few of them."""
BESIDE = 8
"""Words between what is asked about and what answers."""
_PIECE = re.compile(r"[^\n;]+")


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, and how likely a memory must be to answer it."""

    text: str
    wanted: Wanted
    names: Names
    now: datetime
    least: float = SURE


def answering(asking: Asking, recalled: Sequence[Recalled], worded: Collection[int] = ()) -> list[Recalled]:
    """What answers, narrowed to the words that do: the likeliest, or a newer or an older one that is about as likely.

    `worded`: the records that have all words of the question.
    """
    if pattern("en", DATA, "computed").search(asking.text):
        return []
    found = [part for memory in recalled for part in _part(asking, memory)]
    best = max(found, key=lambda one: _likely(one, worded) + WORDED * held(asking, one.text), default=None)
    if not best or _likely(best, worded) < asking.least:
        return []
    first = pattern("en", DATA, "at_first").search(asking.text) is not None
    in_time = first or pattern("en", DATA, "by_now").search(asking.text) is not None
    least, share = best.score * (RIVAL_IN_TIME if in_time else RIVAL), held(asking, best.text)
    rivals = [one for one in found if one.at and one.score >= least and held(asking, one.text) >= share > 0]
    if best not in rivals or not _asked_of(asking):
        return [best]
    return [(min if first else max)(rivals, key=lambda one: one.at.timestamp() if one.at else 0.0)]


def fits(asking: Asking, memory: Recalled) -> bool:
    """Whether the words of a memory answer, and not only name somebody."""
    return bool(asking.wanted.kind or _asked_of(asking)) and _fits(asking, memory, memory.text, whole=True)


def of_life(asking: Asking) -> bool:
    """Whether a question is about the owner, or somebody by name."""
    return asking.wanted.own or asking.wanted.doer or names_somebody(asking)


def names_somebody(asking: Asking) -> bool:
    return bool(asking.wanted.who) or any(_strangers(asking))


def _likely(memory: Recalled, worded: Collection[int]) -> float:
    return memory.score + WORDED * (memory.record_id in worded)


def _part(asking: Asking, memory: Recalled) -> Iterator[Recalled]:
    """The words of a memory that answer, once; none if there are none."""
    if not tells(memory):
        return
    text = memory.text.strip()
    short = not memory.source and len(text) <= LONGEST_WHOLE
    parts = [text] if short else list(_sentences(text))
    fit = [part for part in parts if _fits(asking, memory, part, whole=short)]
    if fit:
        yield replace(memory, text=max(fit, key=lambda part: held(asking, part)))


def _sentences(text: str) -> Iterator[str]:
    for begin, end in sentences(text):
        for piece in _PIECE.finditer(text[begin:end]):
            if piece[0].strip():
                yield piece[0].strip()


def _fits(asking: Asking, memory: Recalled, part: str, *, whole: bool) -> bool:
    wanted = asking.wanted
    around = {stem(word) for word in words(f"{memory.author} {memory.source} {part if whole else memory.text}")}
    if not all(any(is_one(one, group) for one in around) for group in wanted.who):
        return False
    if not {stem(name) for name in _strangers(asking)} <= around:
        return False
    share = held(asking, part)
    if wanted.kind in table("en", DATA)["strict"]:
        return share >= HELD or memory.score >= SURER
    if _asked_of(asking) and not share and (not whole or memory.score < SURER):
        return False
    if not wanted.kind or wanted.kind in table("en", DATA)["loose"]:
        return True
    beside = _beside(asking, part)
    return shows(wanted.kind, beside, WORD.findall(beside), wanted, memory.at or asking.now)


def _beside(asking: Asking, part: str) -> str:
    """What stands near the words that are asked about; all, if there are none."""
    found = [(one.start(), one.end(), stem(one[0].lower())) for one in WORD.finditer(part)]
    near = [at for at, (_, _, word) in enumerate(found) if any(is_one(word, group) for group in _asked_of(asking))]
    if not near:
        return part
    first, last = max(0, min(near) - BESIDE), min(len(found) - 1, max(near) + BESIDE)
    return part[found[first][0] : found[last][1]]


def held(asking: Asking, part: str) -> float:
    """The share of what is asked about that some words hold."""
    stems, groups = {stem(word) for word in words(part)}, _asked_of(asking)
    found = [any(is_one(one, group) for one in stems) for group in groups]
    return sum(found) / len(found) if found else 1.0


def _asked_of(asking: Asking) -> Sequence[frozenset[str]]:
    """What is asked about somebody, without names."""
    strangers = {stem(name) for name in _strangers(asking)}
    return [group for group in asking.wanted.what if group.isdisjoint(strangers)]


def _strangers(asking: Asking) -> Iterator[str]:
    """Names in a question, besides those that are known to be somebody's."""
    said = WORD.findall(asking.text)
    for at, word in enumerate(said):
        bare = re.sub(r"['’]\w+$", "", word)
        if (
            at
            and is_name(word)
            and bare.lower() not in asking.names
            and bare.lower() not in words_in("en", DATA, "no_names")
        ):
            yield bare.lower()


def tells(memory: Recalled) -> bool:
    """Whether a memory tells something: the owner's own questions and requests do not."""
    if memory.source or memory.author != say("sources.you"):
        return True
    unmarked = asks(memory.text) and not memory.text.rstrip().endswith(".")
    return not (is_question(memory) or unmarked or pattern("en", "skills/notes", "said.requests").search(memory.text))
