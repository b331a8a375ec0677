"""From Whisper's tokens to segments and words."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.core import Word
from voiceos.engines.whisper_guard import Segment

STOPS = ".?!"
SILENT = frozenset(" .,;:?!…-–—\"'“”‘’()")
"""What nobody says: "%" is said."""


def split_at_timestamps(ids: Sequence[int], tokenizer: Any) -> tuple[Segment, ...]:
    """Splits tokens at pairs of timestamps."""
    found: list[Segment] = []
    start = 0.0
    words: list[int] = []
    for token in ids:
        if token < tokenizer.timestamp_begin:
            words.append(token)
            continue
        if words:
            found.append(Segment(start, tokenizer.decode(words)))
            words = []
        start = (token - tokenizer.timestamp_begin) * 0.02
    if words:
        found.append(Segment(start, tokenizer.decode(words), closed=False))
    return tuple(found)


def join_words(tokens: Sequence[tuple[str, float]]) -> list[Word]:
    """Joins tokens into words. A word is as sure as its least sure token, without punctuation."""
    found: list[Word] = []
    for token, probability in tokens:
        counts = any(c.isalnum() for c in token)
        if token.startswith(" ") or not found:
            found.append(Word(token.strip(), probability if counts else 1.0))
        else:
            before = found.pop()
            least = min(before.probability, probability) if counts else before.probability
            found.append(Word(before.text + token, least))
    return found


def finality(ids: Sequence[int], logits: Sequence[NDArray[np.float32]], tokenizer: Any) -> float:
    """How likely the last word was said and ends a sentence, 0 to 1, to the decoder that wrote these tokens.

    `logits` are those of the whole vocabulary at each token. A last word that is made up is less likely than one that
    was said, and after half a sentence the decoder rather goes on, trails off, or sets no full stop.
    """
    spoken = [place for place, token in enumerate(ids) if _is_spoken(token, tokenizer)]
    if not spoken or spoken[-1] + 1 >= len(logits):
        return 1.0
    end = begin = spoken[-1]
    while begin - 1 in spoken and not tokenizer.decode([ids[begin]]).startswith(" "):
        begin -= 1
    word = min(float(_probabilities(logits[place])[ids[place]]) for place in range(begin, end + 1))
    if tokenizer.decode([ids[end]]).endswith((*STOPS,)):  # some signs have a token with their full stop
        return word
    after = _probabilities(logits[end + 1])
    return word * float(sum(after[tokenizer.encode(stop)[0]] for stop in STOPS))


def hidden_finality(text: str, tokenizer: Any, align: Callable[[list[int]], Sequence[float]]) -> float:
    """The same where the decoder set no full stop: its rules for timestamps then hide how likely one was.

    `align`: how likely each token is in the sound, after those before it, if there are more words.
    """
    tokens: list[int] = tokenizer.encode(" " + text.strip())
    *spoken, stop = align([*tokens, tokenizer.encode(STOPS[0])[0]])
    pieces = [tokenizer.decode([token]) for token in tokens]
    return join_words([*zip(pieces, spoken, strict=True)])[-1].probability * stop


def _is_spoken(token: int, tokenizer: Any) -> bool:
    return token < tokenizer.timestamp_begin and not SILENT.issuperset(tokenizer.decode([token]))


def _probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    likelihoods = np.exp(logits - logits.max())
    return likelihoods / likelihoods.sum()
