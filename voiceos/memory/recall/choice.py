"""Decides which recalled memories go into the prompt: not everything similar belongs there."""

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from voiceos.core import Recalled
from voiceos.language.questions import begins_as_question, content
from voiceos.language.terms import Analyzer
from voiceos.memory.recall.privacy import without_private
from voiceos.memory.recall.ranking import copies
from voiceos.memory.recall.reading import SURE


class Bar(NamedTuple):
    """What a memory must reach."""

    least: float
    """Probability from which it is worth the model's time: among many, that of the right one is often small."""
    share: float
    """Of the best one's probability: what is far behind only distracts from it."""


FEW, FULL, ANY = Bar(0.08, 0.2), Bar(0.02, 0.02), Bar(0.0, 0.0)
"""For a small model, which takes the wrong one of many; for one that has the room; whatever there is."""
SMALL_ROOM = 300
"""Tokens that a small model on a small board has room for: it reads about forty a second."""
PRIVATE_LIKELY = 0.8
"""From here on it is told although it is private and the question does not ask for that kind."""
LISTED, ITEMS, MOST_LISTED = 0.3, 3, 6
"""How likely a line must be that is one of several, how many of one record are a list, and how many are told."""
CHARACTERS_PER_TOKEN = 3.6
_terms = Analyzer("en")
LINE_TOKENS = 14
"""Characters of the date, the author and the marks around a quotation."""


def choose(
    question: str,
    memories: Sequence[Recalled],
    *,
    tokens: int,
    private_from: float = PRIVATE_LIKELY,
    bar: Bar = FEW,
) -> list[Recalled]:
    """The same memories, best first, each with the reason if it is left out.

    `tokens`: about how many the prompt has room for; copies of what is in already get what is left of it.
    `private_from`: how likely what is private must be to be told.
    """
    memories = sorted(memories, key=lambda memory: -memory.score)
    best = memories[0].score if memories else 0.0
    room = float(tokens)
    judged: list[Recalled] = []
    texts: set[str] = set()
    alike = copies([memory.text for memory in memories])
    again = np.ones(len(memories), np.bool_)
    again[np.unique(alike, return_index=True)[1]] = False
    for memory, _ in sorted(zip(memories, again.tolist(), strict=True), key=itemgetter(1)):
        reason = memory.left_out or _reason(memory, best, bar)
        if not reason:
            sure = memory.score >= private_from or (memory.score >= LISTED and _is_headed(question, memory.text))
            text, private = without_private(question, memory.text, source=memory.source, sure=sure)
            memory = memory if text == memory.text else replace(memory, text=text)
            reason = f"private ({private}) and not asked for" if private else ""
        needed = len(memory.text) / CHARACTERS_PER_TOKEN + LINE_TOKENS
        plain = " ".join(memory.text.lower().split())
        if not reason and plain in texts:
            reason = "already covered by another memory"
        if not reason and needed > room:
            reason = "no room left for it"
        if not reason:
            room -= needed
            texts.add(plain)
        judged.append(memory if reason == memory.left_out else replace(memory, left_out=reason))
    return sorted(judged, key=lambda memory: -memory.score)


def of_each(lines: Sequence[Recalled], memories: Sequence[Recalled], bar: Bar = FEW) -> list[Recalled]:
    """The lines to choose from: those that are likely, and the best of each other record; memories without lines."""
    kept: list[Recalled] = []
    there = {one.record_id for one in lines}
    of = set[int]()
    for one in [*lines, *(memory for memory in memories if memory.record_id not in there)]:
        if one.score >= bar.least or one.record_id not in of:
            kept.append(one)
            of.add(one.record_id)
    return kept


def _is_headed(question: str, text: str) -> bool:
    """Whether a line begins with what a question names, and then lists something: "For Grandpa: …"."""
    head, colon, _ = text.partition(":")
    wanted = set(_terms(" ".join(content(head))))
    return bool(colon and wanted) and wanted <= set(_terms(question))


def _reason(memory: Recalled, best: float, bar: Bar) -> str:
    if is_question(memory):
        return "only a question"
    if memory.score < bar.least:
        return f"unlikely to be relevant ({memory.score:.2f})"
    if memory.score < best * bar.share:
        return f"far less likely than the best ({memory.score:.2f})"
    return ""


def is_question(memory: Recalled) -> bool:
    """Whether it is only a question of the owner's, which tells nothing: it begins and ends as one."""
    text = memory.text.strip()
    return not memory.source and memory.author == "you" and text.endswith("?") and begins_as_question(text)


def listed(memories: Sequence[Recalled]) -> list[Recalled]:
    """Those of some lines, the likeliest first, that answer together: more than one, or none.

    One of them surely answers, or they stand in one record, as the items of a list do.
    """
    likely = [one for one in memories if one.score >= LISTED]
    alone = [one for one in likely if one.record_id == likely[0].record_id]
    if len(alone) >= ITEMS:
        return alone[:MOST_LISTED]
    return likely[:MOST_LISTED] if len(likely) > 1 and likely[0].score >= SURE else []
