"""What of the memories that came up may go into the prompt: not everything similar belongs there."""

import re
from collections.abc import Sequence
from dataclasses import replace

from voiceos.core import Recalled

LIKELY = 0.12
"""Probability from which a memory is worth the model's time: among many, that of the right one is often small."""
PRIVATE_LIKELY = 0.8
"""And from which something private is, when the question does not ask for that kind of thing."""
FAR_BEHIND = 0.35
"""A memory that is less likely than this share of the best one only distracts from it."""
CHARACTERS_PER_TOKEN = 3.6
LINE_TOKENS = 14
"""Of the date, the author and the marks around a quotation."""

_PRIVATE = {
    "health": r"diagnos\w+|doctor|hospital|clinic|therap\w+|medicine|medication|tablets?|pills?|symptom\w*|surgery|"
    r"cancer|depress\w+|anxi\w+|pregnan\w+|blood|disease|illness|allerg\w+|inject\w+|prescri\w+|psych\w+|dentist|"
    r"biopsy|hiv|diabet\w+",
    "money": r"salary|debts?|loans?|mortgage|bank|account number|iban|credit card|overdraft|tax(?:es)?|pension|invoice",
    "secrets": r"password|passcode|pin(?: code)?|secret|wi-?fi key|combination",
    "love and faith": r"divorc\w+|affair|sex\w*|intimate|pray\w*|church|mosque|synagogue|religio\w+",
}
PRIVATE = {subject: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for subject, words in _PRIVATE.items()}
_RELATED = {
    "health": re.compile(r"\b(?:sick|ill|pain|hurt|eat|allowed|appointment|health\w*|feel\w*|sleep)\b", re.IGNORECASE)
}


def gate(question: str, memories: Sequence[Recalled], *, tokens: int, likely: float = LIKELY) -> list[Recalled]:
    """The same memories, best first, each with the reason why it is left out, if it is.

    `tokens`: about how many the prompt has room for.
    """
    memories = sorted(memories, key=lambda memory: -memory.score)
    best = memories[0].score if memories else 0.0
    room = float(tokens)
    judged: list[Recalled] = []
    texts: set[str] = set()
    for memory in memories:
        needed = len(memory.text) / CHARACTERS_PER_TOKEN + LINE_TOKENS
        plain = " ".join(memory.text.lower().split())
        reason = memory.left_out or _reason(question, memory, likely, best)
        if not reason and plain in texts:
            reason = "said already by another memory"
        if not reason and needed > room:
            reason = "no room for it"
        if not reason:
            room -= needed
            texts.add(plain)
        judged.append(replace(memory, left_out=reason))
    return judged


def _reason(question: str, memory: Recalled, likely: float, best: float) -> str:
    if is_question(memory):
        return "only a question"
    if memory.score < likely:
        return f"unlikely to bear on it ({memory.score:.2f})"
    if memory.score < best * FAR_BEHIND:
        return f"far less likely than the best ({memory.score:.2f})"
    for subject in private_subjects(memory.text):
        if memory.score < PRIVATE_LIKELY and not asks_for(question, subject):
            return f"private ({subject}), and not asked for"
    return ""


def is_question(memory: Recalled) -> bool:
    """Whether it is something that the owner asked: it tells nothing."""
    return not memory.source and memory.author == "you" and memory.text.rstrip().endswith("?")


def private_subjects(text: str) -> list[str]:
    """Which private subjects a text touches."""
    return [subject for subject, words in PRIVATE.items() if words.search(text)]


def asks_for(question: str, subject: str) -> bool:
    """Whether a question is about a private subject itself."""
    related = _RELATED.get(subject)
    return bool(PRIVATE[subject].search(question) or (related and related.search(question)))
