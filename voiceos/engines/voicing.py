"""What every voice needs: a text in parts that it can pronounce, and its sound without silences, in frames."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from voiceos.core import FRAME_SECONDS, Frame

LONGEST = 240
"""Characters synthesised at once: a voice's memory and time grow with them."""
QUIET = 10 ** (-42 / 20)
"""Below this a sample of a voice counts as silence (its loudest is 1)."""
LEAD_SECONDS = 0.01
TRAIL_SECONDS = 0.2
WITHIN_SECONDS = 0.1
"""The same after a comma: the text goes on."""
LEVEL = 10 ** (-20 / 20)
"""Loudness of every voice (RMS of a word). A sentence's own peak is not known when it begins."""


def pieces(text: str) -> Iterator[str]:
    """The text in parts of at most LONGEST characters, cut after a sentence, else a clause, else a word."""
    rest = re.sub(r"\s+", " ", text).strip()
    while len(rest) > LONGEST:
        window = rest[: LONGEST + 1]
        cuts = [
            max((m.end() for m in re.finditer(mark, window)), default=0) for mark in (r"[.!?…]\s", r"[,;:]\s", r"\s")
        ]
        at = next((cut for cut in cuts if cut > LONGEST // 4), LONGEST)
        if piece := rest[:at].strip():
            yield piece
        rest = rest[at:].strip()
    if rest:
        yield rest


def speakable(text: str, *, latin: bool = True) -> str:
    """The text without what voices stumble over; empty if nothing is left to pronounce.

    Control characters and lone surrogates make espeak raise, and "[[" would begin raw phonemes. A voice for a language
    in Latin letters names the letters of other scripts one by one, so they go, and so do pictures.
    """
    kept = "".join(c if _can_say(c, latin) else " " for c in unicodedata.normalize("NFC", text))
    kept = re.sub(r"\s+", " ", kept.replace("[[", "[").replace("]]", "]")).strip()
    return kept if any(c.isalnum() for c in kept) else ""


def _can_say(char: str, latin: bool) -> bool:
    kind = unicodedata.category(char)
    if kind[0] == "C" or kind == "So":
        return False
    if kind[0] in "LM" and latin and char > "\u024f":
        return unicodedata.name(char, "").startswith(("LATIN", "COMBINING", "MODIFIER"))
    return True


def trimmed(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Without the silence at the start, and with a short one at the end; empty if all is silence."""
    return np.concatenate([samples[:0], *without_silence([samples], rate)])


def without_silence(
    chunks: Iterable[NDArray[np.float32]], rate: int, trail_seconds: float = TRAIL_SECONDS
) -> Iterator[NDArray[np.float32]]:
    """The sound of a sentence, trimmed. Silence is held back until sound follows it."""
    lead, trail = int(LEAD_SECONDS * rate), int(trail_seconds * rate)
    held = np.zeros(0, np.float32)
    begun = False
    spare = 0  # samples of silence that may still follow the last sound
    for chunk in chunks:
        held = np.concatenate([held, chunk])
        loud = np.flatnonzero(np.abs(held) > QUIET)
        start, stop = 0, spare
        if len(loud):
            start, stop = 0 if begun else max(0, int(loud[0]) - lead), int(loud[-1]) + 1 + trail
            begun = True
        elif not begun:
            held = held[max(0, len(held) - lead) :]
            continue
        spare = max(0, stop - len(held))
        if len(held[start:stop]):
            yield held[start:stop]
        held = held[stop:]


def whole(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in parts that are multiples of `size`, except the last."""
    rest = b""
    for part in parts:
        rest += part
        cut = len(rest) // size * size
        if cut:
            yield rest[:cut]
        rest = rest[cut:]
    if rest:
        yield rest


def frames(pcm: bytes, rate: int) -> Iterator[Frame]:
    """Sound in frames of 20 ms; the last may be shorter."""
    size = frame_bytes(rate)
    for at in range(0, len(pcm), size):
        yield Frame(pcm[at : at + size], rate=rate)


def frame_bytes(rate: int) -> int:
    return round(FRAME_SECONDS * rate) * 2


def gain_of(word: NDArray[np.float32], rate: int) -> float:
    """What brings a voice to LEVEL, by how it says a word."""
    heard = trimmed(word, rate)
    return LEVEL / float(np.sqrt(np.mean(heard**2))) if len(heard) else 1.0


def pcm(
    chunks: Iterable[NDArray[np.float32]], gain: float, rate: int, trail_seconds: float = TRAIL_SECONDS
) -> Iterator[bytes]:
    """A sentence as 16-bit PCM in whole frames, except the last, without the silence around it."""
    sound = (np.clip(chunk * gain, -1, 1) for chunk in chunks)
    parts = ((samples * 32767).astype("<i2").tobytes() for samples in without_silence(sound, rate, trail_seconds))
    yield from whole(parts, frame_bytes(rate))
