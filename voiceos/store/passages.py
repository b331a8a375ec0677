"""Cuts a record's text into passages: whole sentences and paragraphs, joined to what one would quote at once."""

import re

ENOUGH = 60
"""Words from which a passage may end with a paragraph."""
MOST = 120
"""Words that a passage may hold; a sentence that is longer is cut between words."""
SHORT = 480
"""Characters up to which nobody counts: it is one passage."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+|\n\s*|(?<=[。！？])")
_WORD = re.compile(r"\S+")


def cut(text: str) -> list[tuple[int, int]]:
    """Where passages begin and end, in characters, in order and without overlap; space around them belongs to none.

    There is always one, so that a record with nothing but a title is found, too.
    """
    if len(text) <= SHORT:
        start = len(text) - len(text.lstrip())
        return [(start, max(start, len(text.rstrip())))]
    passages: list[tuple[int, int]] = []
    start, words = -1, 0
    end = 0
    for begin, stop, count, paragraph in _pieces(text):
        if start >= 0 and (words + count > MOST or (paragraph and words >= ENOUGH)):
            passages.append((start, end))
            start, words = -1, 0
        if start < 0:
            start = begin
        end, words = stop, words + count
    if start >= 0:
        passages.append((start, end))
    return passages or [(0, 0)]


def sentences(text: str) -> list[tuple[int, int]]:
    """Where sentences, and lines, begin and end."""
    return [(begin, end) for begin, end, _, _ in _pieces(text)]


def _pieces(text: str) -> list[tuple[int, int, int, bool]]:
    """Sentences, cut where too long: begin, end, number of words, whether a paragraph begins."""
    pieces: list[tuple[int, int, int, bool]] = []
    for first, last in _between(_PARAGRAPH, text, 0, len(text)):
        opens = True
        for begin, end in _between(_SENTENCE, text, first, last):
            for start, stop, count in _bounded(text, begin, end):
                pieces.append((start, stop, count, opens))
                opens = False
    return pieces


def _between(gap: re.Pattern[str], text: str, begin: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for found in gap.finditer(text, begin, end):
        spans.append((begin, found.start()))
        begin = found.end()
    return [*spans, (begin, end)]


def _bounded(text: str, begin: int, end: int) -> list[tuple[int, int, int]]:
    words = [found.span() for found in _WORD.finditer(text, begin, end)]
    longest = MOST * 8  # characters; a script without spaces, or a wall of base64
    parts: list[tuple[int, int, int]] = []
    run: list[tuple[int, int]] = []
    for start, stop in words:
        while stop - start > longest:
            if run:
                parts.append((run[0][0], run[-1][1], len(run)))
                run = []
            parts.append((start, start + longest, MOST))
            start += longest
        if run and (len(run) >= MOST or stop - run[0][0] > longest):
            parts.append((run[0][0], run[-1][1], len(run)))
            run = []
        run.append((start, stop))
    if run:
        parts.append((run[0][0], run[-1][1], len(run)))
    return parts
