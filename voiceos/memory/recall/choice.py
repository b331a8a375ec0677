"""Decides which recalled memories go into the prompt: not everything similar belongs there."""

import re
from collections.abc import Sequence
from dataclasses import replace

from voiceos.core import Recalled
from voiceos.language.data import pattern, table
from voiceos.language.questions import content
from voiceos.language.terms import Analyzer

LIKELY = 0.12
"""Probability from which a memory is worth the model's time: among many, that of the right one is often small."""
PRIVATE_LIKELY = 0.8
"""The same for private memories, if the question does not ask for that kind."""
FAR_BEHIND = 0.35
"""A memory that is less likely than this share of the best one only distracts from it."""
CHARACTERS_PER_TOKEN = 3.6
LINE_TOKENS = 14
"""Characters of the date, the author and the marks around a quotation."""

_LINE = re.compile(r"[^\n.!?]*[\n.!?]*")
_ANALYZER = Analyzer()


def choose(question: str, memories: Sequence[Recalled], *, tokens: int) -> list[Recalled]:
    """The same memories, best first, each with the reason if it is left out.

    `tokens`: about how many the prompt has room for.
    """
    memories = sorted(memories, key=lambda memory: -memory.score)
    best = memories[0].score if memories else 0.0
    room = float(tokens)
    judged: list[Recalled] = []
    texts: set[str] = set()
    for memory in memories:
        reason = memory.left_out or _reason(memory, best)
        if not reason and memory.score < PRIVATE_LIKELY:
            text, private = without_private(question, memory.text)
            memory, reason = replace(memory, text=text), f"private ({private}) and not asked for" if private else ""
        needed = len(memory.text) / CHARACTERS_PER_TOKEN + LINE_TOKENS
        plain = " ".join(memory.text.lower().split())
        if not reason and plain in texts:
            reason = "already covered by another memory"
        if not reason and needed > room:
            reason = "no room left for it"
        if not reason:
            room -= needed
            texts.add(plain)
        judged.append(replace(memory, left_out=reason))
    return judged


def _reason(memory: Recalled, best: float) -> str:
    if is_question(memory):
        return "only a question"
    if memory.score < LIKELY:
        return f"unlikely to be relevant ({memory.score:.2f})"
    if memory.score < best * FAR_BEHIND:
        return f"far less likely than the best ({memory.score:.2f})"
    return ""


def is_question(memory: Recalled) -> bool:
    """Whether it is a question of the owner's, which tells nothing."""
    return not memory.source and memory.author == "you" and memory.text.rstrip().endswith("?")


def without_private(question: str, text: str) -> tuple[str, str]:
    """A text without its lines on private subjects that the question does not ask for, and the first such subject.

    The whole text, where the other lines have no word of the question: then what is private is what came to mind.
    """
    unasked = [subject for subject in table("en", "private")["subjects"] if not asks_for(question, subject)]
    lines = [(line, next((one for one in unasked if _tells_of(one, line)), "")) for line in _LINE.findall(text)]
    subject = next((subject for _, subject in lines if subject), "")
    rest = "".join(line for line, private in lines if not private).strip()
    bears = subject and not _stems(rest).isdisjoint(_stems(question))
    return (rest, "") if bears else (text, subject)


def asks_for(question: str, subject: str) -> bool:
    """Whether a question is about a private subject itself."""
    return _tells_of(subject, question) or _tells_of(subject, question, "related")


def _tells_of(subject: str, text: str, kind: str = "subjects") -> bool:
    return subject in table("en", "private")[kind] and bool(pattern("en", "private", f"{kind}.{subject}").search(text))


def _stems(text: str) -> set[str]:
    return set(_ANALYZER(" ".join(content(text))))
