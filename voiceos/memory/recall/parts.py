"""Questions of several parts ("who signs, and what is the number?"), and those that only go on with what was said."""

from collections.abc import Sequence
from dataclasses import replace

from voiceos.core import Recalled
from voiceos.language.data import pattern, words_in
from voiceos.language.questions import asks, content
from voiceos.memory.recall.recollection import Recollection

LEAST = 0.45
"""How likely a part's line must be where that of another part is sure."""
OF_EACH = 2
"""Lines of each part that a model answers from."""


def parts_of(question: str) -> list[str]:
    """The parts of a question, each as a question of its own; none: it has only one."""
    first, *others = pattern("en", "questions", "parts").split(question.strip().rstrip("?"))
    if not others:
        return []
    about = " ".join(content(first))
    refer = [pattern("en", "questions", "refers").search(other) for other in others]
    return [f"{first}?", *(f"{o}, {about}?" if r else f"{o}?" for o, r in zip(others, refer, strict=True))]


def of_parts(whole: Recollection, parts: Sequence[Recollection]) -> Recollection:
    """What there is for the whole question: the line of each part if one is sure and all are likely."""
    best = [next((one for one in part.memories if not one.left_out), None) for part in parts]
    sure = [one for one, part in zip(best, parts, strict=True) if one and part.sure]
    told = [one for one in best if one and (one.score >= LEAST or any(_same(one, other) for other in sure))]
    if whole.of_life and sure and len(told) == len(parts):
        least = min(max(one.score, LEAST) for one in told)
        lines = _each([replace(one, score=least) for one in told])
        rest = [one for one in whole.memories if not any(_same(one, line) for line in lines)]
        return whole._replace(memories=[*lines, *rest], sure=True, near=())
    near = _each([one for part in parts for one in ([*_surely(part), *part.near])[:OF_EACH]]) or whole.near
    return whole._replace(
        near=near, around={**whole.around, **{k: v for part in parts for k, v in part.around.items()}}
    )


def _surely(part: Recollection) -> list[Recalled]:
    return [one for one in part.memories if not one.left_out][:1] if part.sure else []


def _each(lines: Sequence[Recalled]) -> list[Recalled]:
    """Those that differ, in their order."""
    return [one for at, one in enumerate(lines) if not any(_same(one, other) for other in lines[:at])]


def _same(one: Recalled, other: Recalled) -> bool:
    return one.record_id == other.record_id and one.text == other.text


def in_full(question: str, earlier: Sequence[str]) -> str:
    """A question that names nothing ("so when is it?") after what was said just before it; any other as it is."""
    idle = words_in("en", "questions", "names_nothing")
    if not earlier or not asks(question) or any(word not in idle for word in content(question)):
        return question
    return f"{earlier[-1].rstrip(' .!?')}. {question}"
