"""Detects when a reply is too long or repeats itself."""

import re

LOOP = re.compile(r"(.{1,80}?)\1{4,}$", re.DOTALL)
"""The same stretch five times in a row, at the end."""
LOOP_CHARACTERS = 60
"""A repetition shorter than this may be meant: "ha ha ha ha ha"."""
SAME_SENTENCE_TIMES = 4
"""A refrain may come back; the fourth time it is a loop."""
SENTENCE_END = re.compile(r"[.!?\n]+")
WORD = re.compile(r"\w+")


class Measure:
    """Detects when a reply is too long or repeats itself."""

    def __init__(self, longest_characters: int) -> None:
        self._left = longest_characters
        self._tail = ""
        self._unfinished = ""
        self._times_said: dict[str, int] = {}
        self.enough = ""
        """Why the reply should end; empty while it may go on."""

    def __call__(self, piece: str) -> str:
        """As much of the piece as is wanted."""
        if len(piece) > self._left:
            piece, self.enough = piece[: self._left], "is too long"
        self._left -= len(piece)
        self._tail = (self._tail + piece)[-480:]
        loop = LOOP.search(self._tail)
        if (loop and len(loop[0]) >= LOOP_CHARACTERS) or self._said_before(piece):
            self.enough = "repeats itself"
        return piece

    def _said_before(self, piece: str) -> bool:
        """Whether a sentence of three words or more has just been finished once too often."""
        *finished, self._unfinished = SENTENCE_END.split(self._unfinished + piece)
        for sentence in finished:
            words = " ".join(WORD.findall(sentence.lower()))
            if words.count(" ") >= 2:
                self._times_said[words] = self._times_said.get(words, 0) + 1
                if self._times_said[words] >= SAME_SENTENCE_TIMES:
                    return True
        return False
