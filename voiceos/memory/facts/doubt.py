"""What is not meant as a statement of fact: questions, requests, jokes, hypotheses, what others are quoted with."""

from collections.abc import Iterable

from voiceos.memory.facts.statements import Sentence
from voiceos.memory.facts.vocabulary import shape


def is_doubtful(sentence: Sentence, begin: int, end: int, opening: int = 0) -> bool:
    """Whether what stands between two places of `sentence.norm` is not to be believed.

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
    """Whether the whole is taken back as a joke."""
    return any(shape("joke").search(sentence.norm) for sentence in said)
