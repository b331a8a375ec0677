"""Judges what Whisper heard: accept it, decode again in a longer window, or reject it as noise.

A window shorter than the 30 s that Whisper was trained on makes it quick, but sometimes it repeats a phrase until the
window is full. Where nobody speaks it makes up a sentence, most often one from the end of a video. The figures behind
the limits are in docs/research/recognition.md.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from voiceos.core import RATE
from voiceos.language.data import table
from voiceos.language.terms import words

MUTE_DBFS = -66.0
"""Sound that is never louder than this is not decoded."""
CLEAR = 1.1
"""Strangeness up to which a first pass is accepted."""
NOISE = 1.6
"""Strangeness from which a first pass is enough to tell that there are no words."""
STRANGE = 1.4
"""Strangeness from which a second pass means that there are no words, where it gave few."""
FEW_WORDS = 3
"""Single words are strange by themselves; a phrase that is still not clear at the second pass is made up of noise."""
GHOSTLY = 0.8
"""Strangeness from which a phrase that Whisper often invents counts as invented."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Words between two of Whisper's timestamps, which are seconds from the beginning of the audio."""

    start: float
    text: str
    closed: bool = True
    """False: generation ran into its limit before the segment's end."""


@dataclass(frozen=True, slots=True)
class Look:
    """The result of one pass over one window."""

    segments: tuple[Segment, ...]
    logprob: float
    """Mean log-probability of a token."""
    no_speech: float
    """Probability that there is no speech, 0 to 1."""
    finality: float = 1.0
    """How likely the last word was said and ends a sentence, 0 to 1."""

    @property
    def strangeness(self) -> float:
        """Near 0: clear speech. Above 1.5: probably none. Neither of its two parts tells as much alone."""
        return self.no_speech - self.logprob


class Verdict(StrEnum):
    TAKE = "take"
    NOTHING = "nothing"
    """There are no words in it."""
    AGAIN = "again"
    """Look at a longer window."""


def judge(look: Look, text: str, sound_seconds: float, *, first: bool) -> Verdict:
    """`text` is what `settled` made of it. `first`: a short window, after which a longer one can be tried."""
    strange = look.strangeness
    limit = NOISE if first else STRANGE if len(words(text)) <= FEW_WORDS else CLEAR
    if not text or strange > limit:
        return Verdict.NOTHING
    if looping(text) or crowded(text, sound_seconds) or not look.segments[0].closed:
        return Verdict.AGAIN
    if first and strange > CLEAR:
        return Verdict.AGAIN
    if strange > GHOSTLY and ghost(text):
        return Verdict.NOTHING
    return Verdict.TAKE


def settled(segments: Sequence[Segment], sound_seconds: float) -> str:
    """The text without segments that begin after the sound has ended or only repeat the one before."""
    texts: list[str] = []
    for segment in segments:
        if segment.start > max(0.0, sound_seconds - 0.1) or (not segment.closed and texts):
            break
        if texts and words(segment.text) == words(texts[-1]):
            continue
        texts.append(segment.text.strip())
    text = " ".join(filter(None, texts))
    return text if any(c.isalnum() for c in text) else ""


def ghost(text: str) -> bool:
    """Whether Whisper often says this where nobody speaks."""
    said, ghosts = words(text), table("en", "recogniser")["ghosts"]
    return " ".join(said) in ghosts or (len(set(said)) == 1 and said[0] in ghosts)


def looping(text: str) -> bool:
    """Whether a phrase repeats as in no real speech."""
    said = words(text)
    encoded = text.encode()
    if len(encoded) > 40 and len(encoded) / len(zlib.compress(encoded)) > 2.4:
        return True
    for size in range(1, len(said) // 2 + 1):
        enough = 2 if size > 2 or (size == 2 and len(said) == 4) else {1: 5, 2: 3}[size]
        same = 0  # words in a row that are those of `size` words before
        for earlier, word in zip(said, said[size:], strict=False):
            same = same + 1 if word == earlier else 0
            if 1 + same // size >= enough:
                return True
    return False


def crowded(text: str, sound_seconds: float) -> bool:
    """Whether these are more words than anybody can say in this time."""
    return len(words(text)) > 3 + 5.5 * sound_seconds


def loudness(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """dBFS (RMS) of every 20 ms."""
    size = RATE // 50
    blocks = samples[: len(samples) // size * size].reshape(-1, size)
    return 20 * np.log10(np.sqrt(np.mean(blocks**2, axis=1)) + 1e-6)


def sound_seconds(samples: NDArray[np.float32]) -> float:
    """Seconds until the sound has died away, 35 dB below its loudest or into the noise. 0 if it is mute throughout."""
    levels = loudness(samples)
    if not len(levels) or (loudest := float(levels.max())) < MUTE_DBFS:
        return 0.0
    floor = max(loudest - 35, min(float(np.percentile(levels, 10)) + 4, loudest - 6))
    return float(np.flatnonzero(levels >= floor)[-1] + 1) / 50
