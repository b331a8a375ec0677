"""What of a model's output is a reply: without its thoughts, and cut where it runs on for ever."""

import re

LOOP = re.compile(r"(.{1,80}?)\1{4,}$", re.DOTALL)
"""The same stretch five times in a row, at the end."""
LOOP_CHARACTERS = 60
"""A repetition shorter than this may be meant: "ha ha ha ha ha"."""
SAME_SENTENCE_TIMES = 4
"""A refrain may come back; the fourth time it is a loop."""
SENTENCE_END = re.compile(r"[.!?\n]+")
WORD = re.compile(r"\w+")
TAG = re.compile(r"<(/?)(think|thinking|reasoning)>", re.IGNORECASE)
PARTIAL_TAG = re.compile(r"</?[a-z]{0,9}$", re.IGNORECASE)


class Thoughts:
    """Drops `<think>…</think>` from a stream of text, however it is cut into pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False

    def __call__(self, piece: str) -> str:
        """What of the text so far is now known to be for the ear."""
        text, spoken = self._held + piece, ""
        while tag := TAG.search(text):
            spoken += "" if self._thinking else text[: tag.start()]
            self._thinking, text = not tag[1], text[tag.end() :]
        partial = PARTIAL_TAG.search(text)
        self._held = partial[0] if partial else ""
        return spoken if self._thinking else spoken + text[: len(text) - len(self._held)]

    def rest(self) -> str:
        """What was held back as the possible beginning of a tag, at the end of the stream."""
        return "" if self._thinking else self._held


class Measure:
    """Tells when a reply has gone on for too long, or goes round in circles."""

    def __init__(self, longest_characters: int) -> None:
        self._left = longest_characters
        self._tail = ""
        self._unfinished = ""
        self._times_said: dict[str, int] = {}
        self.enough = ""
        """Why it is enough; empty while it is not."""

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
