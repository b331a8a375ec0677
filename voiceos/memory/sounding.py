"""Finds names that sound like something in a transcript: "core vella" may have been "Quorvella".

Both are turned into phonemes, and every name is laid along the transcript with an edit distance that knows which
sounds are alike. What is found is only worth a second look by the recogniser, which heard the sound itself.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from voiceos.core import Word

Pronounce = Callable[[Iterable[str]], list[str]]
"""The sounds of words in IPA, without stress."""

ALIKE = 0.5
"""Distance up to which a name sounds like a stretch of the transcript; 0: the same sounds, 1: nothing in common."""
LONGEST = 24
"""Phonemes of a name that are compared; the rest of a longer one counts for nothing."""
WORDS = 60
"""Words of a transcript that are searched."""
SHORTLIST = 600
"""Names that are laid along the transcript: those that have most consonants in common with it."""
DOUBTED = 0.6
"""Probability of a word below which it may not be what was said."""
AROUND = 1
"""Words around a doubtful one that may be part of the name."""
FEWEST = 3
"""Phonemes that a name has at least: two sounds are in every sentence."""

_GROUPS = ("iɪɨyʏeɛæ", "əɜɚɐʌʊɵøœɤɯʉ", "aɑɒɔoʌ", "uʊʉwʋ", "pb", "td", "kɡgqcxχ", "fvʋw", "θðtdsz", "szʃʒ", "ʃʒç", "mn",
           "nŋɲ", "lɫɬʎ", "ɹrɾʁʀɻ", "hxχçɦ", "jiɪʝ", "tɾd", "bvβ", "lɹr")  # fmt: skip
_VOWELS = frozenset("iɪɨyʏeɛæəɜɚɐʌʊɵøœɤɯʉaɑɒɔou")
_WEAK = frozenset("hɦʔjwɹrɚ")

Costs = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A name, and the words of a transcript that sound like it."""

    name: str
    heard: tuple[str, ...]
    distance: float
    """0: the same sounds; at most ALIKE."""
    worth: float
    """How much the likeness says, in phonemes or so: more for a long name than for a short one."""


class Sounding:
    """A list of names by their sound. Any thread may ask; the names cannot be changed."""

    def __init__(self, names: Iterable[str], pronounce: Pronounce) -> None:
        """Takes some 0.2 ms for each. Raises what `pronounce` raises."""
        self._pronounce = pronounce
        every = list(dict.fromkeys(filter(None, (name.strip() for name in names))))
        spoken = [(name, s) for name, s in zip(every, pronounce(every), strict=True) if len(s) >= FEWEST]
        self._names = [name for name, _ in spoken]
        self._codes = np.full((len(spoken), LONGEST), _PAD, np.intp)
        self._pairs = np.zeros((len(spoken), _PAIRS), np.float32)
        for index, (_, sounds) in enumerate(spoken):
            self._codes[index, : len(sounds)] = _encode(sounds[:LONGEST])
            self._pairs[index, _pairs(sounds)] = 1
        self._weights = _DROP[self._codes].sum(1)
        self._missing = 0.4 * self._pairs.sum(1)

    def __len__(self) -> int:
        return len(self._names)

    def near(self, words: Sequence[Word]) -> list[Likeness]:
        """The names that sound like what was hard to hear in a transcript, likeliest first."""
        text = ["".join(c for c in word.text if c.isalnum() or c in "'-") for word in words]
        found: dict[str, Likeness] = {}
        for first, last in doubtful([word.probability for word in words][:WORDS]):
            for likeness in self._lying_in(text[first:last]):
                before = found.get(likeness.name)
                if before is None or likeness.worth > before.worth:
                    found[likeness.name] = likeness
        return sorted(found.values(), key=lambda likeness: -likeness.worth)

    def _lying_in(self, words: Sequence[str]) -> Iterator[Likeness]:
        """Names that are like some of these words."""
        sounds = self._pronounce(words)
        stream = "".join(sounds)
        if not stream or not self._names:
            return
        some = self._shortlist(stream)
        costs, firsts, lasts = _lay(self._codes[some], _encode(stream), np.cumsum([0, *map(len, sounds)]))
        distances = costs / self._weights[some]
        for at in np.flatnonzero(distances < ALIKE):
            distance = float(distances[at])
            worth = float(self._weights[some[at]]) * (ALIKE - distance)
            yield Likeness(self._names[some[at]], tuple(words[firsts[at] : lasts[at]]), distance, worth)

    def _shortlist(self, sounds: str) -> Codes:
        """Names that share consonants, and pairs of them, with the transcript: laying along costs more than a look."""
        have = np.zeros(_PAIRS, np.float32)
        have[_pairs(sounds)] = 1
        return np.argsort(self._missing - self._pairs @ have, kind="stable")[:SHORTLIST]


def doubtful(likely: Sequence[float]) -> list[tuple[int, int]]:
    """Stretches of a transcript that were hard to hear, with the words around them: the first, and after the last."""
    found: list[tuple[int, int]] = []
    for index, probability in enumerate(likely):
        if probability >= DOUBTED:
            continue
        first, last = max(0, index - AROUND), min(len(likely), index + 1 + AROUND)
        if found and first <= found[-1][1]:
            first = found.pop()[0]
        found.append((first, last))
    return found


def _lay(names: Codes, stream: Codes, edges: Codes) -> tuple[NDArray[np.float64], Codes, Codes]:
    """Lays each name along whole words where it fits best: the cost, the first word, and the one after the last."""
    skipped = np.concatenate([[0], np.cumsum(_DROP[stream])])
    origin = np.broadcast_to(np.arange(len(stream) + 1), (len(names), len(stream) + 1))
    row = np.full(origin.shape, np.inf)
    row[:, edges[:-1]] = 0.0
    row, origin = _run(row, origin, skipped)
    for code in names.T:
        above = row + _DROP[code][:, None]
        across = np.full(row.shape, np.inf)
        across[:, 1:] = row[:, :-1] + _SWAP[code][:, stream]
        came = origin.copy()
        came[:, 1:] = np.where(across[:, 1:] < above[:, 1:], origin[:, :-1], origin[:, 1:])
        row, origin = _run(np.minimum(above, across), came, skipped)
    best = np.argmin(row[:, edges[1:]], axis=1)
    each = np.arange(len(names))
    ends = edges[1:][best]
    firsts = np.searchsorted(edges, origin[each, ends], "right") - 1
    return row[each, ends], firsts, best + 1


def _run(row: NDArray[np.float64], origin: Codes, skipped: NDArray[np.float64]) -> tuple[NDArray[np.float64], Codes]:
    """Lets sounds of the transcript be left out, each at its own cost: a running minimum, with where it began."""
    level = row - skipped
    least = np.minimum.accumulate(level, axis=1)
    source = np.maximum.accumulate(np.where(level <= least, np.arange(row.shape[1]), 0), axis=1)
    return least + skipped, np.take_along_axis(origin, source, axis=1)


def _encode(sounds: str) -> Codes:
    return np.array([_CODE.get(sound, _OTHER) for sound in sounds], np.intp)


def _pairs(sounds: str) -> list[int]:
    """Neighbouring sounds as numbers, by their kinds; vowels are all of one kind, and left out but at the edges."""
    kinds = [_KIND[sound] for sound in sounds if sound in _KIND and sound not in _VOWELS]
    return [a * _KINDS + b for a, b in pairwise(kinds)] + [_KINDS**2 + a for a in kinds]


def _kinds() -> dict[str, int]:
    groups = ("pbfvʋβw", "tdθðɾ", "szʃʒç", "kɡgqcxχ", "mnŋɲ", "lɫɬʎɹrʁʀɻ", "hɦjʝ")
    return {sound: kind for kind, group in enumerate(groups) for sound in group}


def _swaps() -> tuple[dict[str, int], Costs, Costs]:
    sounds = sorted({*"".join(_GROUPS)})
    code = {sound: index for index, sound in enumerate(sounds)}
    other = len(sounds)
    swap = np.ones((other + 2, other + 2), np.float32)
    drop = np.full(other + 2, 0.8, np.float32)
    for a in sounds:
        drop[code[a]] = 0.4 if a in _VOWELS or a in _WEAK else 0.8
        for b in sounds:
            if a in _VOWELS and b in _VOWELS:
                swap[code[a], code[b]] = 0.3
            if any(a in group and b in group for group in _GROUPS):
                swap[code[a], code[b]] = 0.15 if a in _VOWELS else 0.25
    np.fill_diagonal(swap, 0.0)
    drop[-1], swap[-1] = 0.0, np.inf  # after a name's end
    return code, swap, drop


_KIND = _kinds()
_KINDS = 7
_PAIRS = _KINDS**2 + _KINDS
_CODE, _SWAP, _DROP = _swaps()
_OTHER = len(_CODE)
_PAD = _OTHER + 1
