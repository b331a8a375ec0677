"""From Whisper's tokens to segments and words."""

from collections.abc import Sequence
from typing import Any

from voiceos.core import Word
from voiceos.engines.whisper_guard import Segment


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
