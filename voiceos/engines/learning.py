"""Learns a wake word from a few recordings of it: by a linear discriminant, and thresholds from what is not the word.

The discriminant is Fisher's, with its covariance shrunk towards the identity, because there are more values than sound
(Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004): the covariance of
talk says which differences between embeddings are those between any two sounds. What helps, and what does not, is in
docs/research/wake-words.md.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voiceos.core import RATE
from voiceos.engines.learned_words import Embedded, LearnedModel, Vectors, frames
from voiceos.engines.speech_embedding import STEP
from voiceos.engines.takes import Samples, Take

VARIANTS = ((1.0, None), (0.92, 15.0), (1.09, 10.0), (1.0, 5.0))
"""Speeds at which a take is learnt, and how much louder than other talk it is then, in dB."""
SHRINK = 0.3
LATE_SECONDS = 0.2
"""After the end of a word: its last embedding that counts."""
LEAD_SECONDS, TAIL_SECONDS = 0.6, 0.4
FEWEST_LOOKS, MOST_LOOKS = 60.0, 300.0
"""Candidates in an hour of talk: a second look at each takes 0.1 s."""
APART_SECONDS = 1.0
"""Between two candidates: the same sound scores for several frames."""
HARDEST = 12
"""Of what is not the word, how many stretches the recogniser looks at."""
LOOK_SECONDS = 1.4
UNALIKE = 0.15
"""Cosine below which a take is not the same word as any other."""
SURE = 0.9
"""The score of a take in the middle, which sets the scale."""

DOWN = 0.75
"""From what is said to what is not: where ADR 7's thresholds are, since noise makes what is said less likely."""

LogProbability = Callable[[bytes, str], float]
"""As `Whisper.log_probability`."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Sound that is not the word: its vectors, and the sample at which each ends."""

    pcm: Samples
    vectors: Vectors
    ends: NDArray[np.int64]


def hear(embedded: Embedded, samples: Samples) -> Heard:
    """All vectors of a sound, as a detector would have them."""
    embedded.reset()
    vectors: list[Vectors] = []
    ends: list[int] = []
    for count, frame in enumerate(frames(samples.astype("<i2").tobytes()), start=1):
        for vector in embedded(frame):
            vectors.append(vector)
            ends.append(count * RATE // 50)
    return Heard(samples, np.array(vectors), np.array(ends, np.int64))


class Lesson:
    """What a word is learnt from. `others`: talk and noise without it, of which a minute or more is wanted."""

    def __init__(self, others: Sequence[Samples], seed: int = 0) -> None:
        self._chance = np.random.default_rng(seed)
        self._embedded = Embedded()
        self._others = [heard for one in others if len((heard := hear(self._embedded, one)).vectors)]
        self._talk = np.concatenate(others)
        every = np.concatenate([one.vectors for one in self._others])
        self._mean, self._spread = every.mean(axis=0), every.std(axis=0) + 1e-3
        normal = self._normal(every)
        covariance = normal.T @ normal / len(normal)
        self._inverse = np.linalg.inv((1 - SHRINK) * covariance + SHRINK * np.eye(len(covariance)))

    def vectors(self, take: Take) -> Vectors:
        """Normalised vectors of a take, as it is, at other speeds and amid other talk."""
        found = [self._normal(self._at_end(take.word, speed, louder)) for speed, louder in VARIANTS]
        return np.concatenate(found)

    def alike(self, takes: Sequence[Vectors]) -> list[float]:
        """For each take how alike it is to the others, as the cosine of their means; from -1 to 1."""
        root = np.linalg.cholesky(self._inverse)
        means = [np.mean(take, axis=0) @ root for take in takes]
        units = np.array([mean / np.linalg.norm(mean) for mean in means])
        likeness = units @ units.T - 2 * np.eye(len(units))
        return [float(one) for one in np.max(likeness, axis=1)]

    def learn(
        self, name: str, phrase: str, takes: Sequence[Take], vectors: Sequence[Vectors], judge: LogProbability
    ) -> LearnedModel:
        """The word as a model. `vectors`: of each take. Blocks; raises what `judge` does."""
        line = self._line(vectors)
        said = [self._best(self._line(self._without(vectors, at)), one) for at, one in enumerate(vectors)]
        scores = [self._scores(line, one) for one in self._others]
        middle, lowest = float(np.median(said)), min(said)
        rare, often = (self._exceeded(scores, rate) for rate in (FEWEST_LOOKS, MOST_LOOKS))
        candidate = min(max(lowest - (middle - lowest), often), rare)
        scale = np.log(SURE / (1 - SURE)) / max(middle - candidate, 1e-3)
        weights = line / self._spread * scale
        return LearnedModel(
            name=name,
            phrase=phrase,
            weights=tuple(round(float(one), 6) for one in weights),
            bias=float(-self._mean @ weights - candidate * scale),
            log_probability=self._agreed(takes, phrase, scores, judge),
            recordings=len(takes),
        )

    def _normal(self, vectors: Vectors) -> Vectors:
        return (vectors - self._mean) / self._spread

    def _line(self, takes: Iterable[Vectors]) -> Vectors:
        """The direction of the word, of length 1 where talk varies by 1."""
        line = self._inverse @ np.mean([np.mean(take, axis=0) for take in takes], axis=0)
        return line / np.sqrt(line @ np.linalg.solve(self._inverse, line))

    def _without(self, vectors: Sequence[Vectors], at: int) -> list[Vectors]:
        return [one for index, one in enumerate(vectors) if index != at or len(vectors) == 1]

    def _best(self, line: Vectors, take: Vectors) -> float:
        return float(np.median(np.sort(take @ line)[-len(take) // 2 :]))

    def _scores(self, line: Vectors, heard: Heard) -> Vectors:
        return self._normal(heard.vectors) @ line

    def _exceeded(self, scores: Sequence[Vectors], an_hour: float) -> float:
        """The score that talk exceeds so often, at least once."""
        seconds = sum(len(one.pcm) for one in self._others) / RATE
        peaks = sorted((peak for one in scores for peak in peaks_of(one)), reverse=True)
        return peaks[min(len(peaks) - 1, round(an_hour * seconds / 3600))]

    def _agreed(self, takes: Sequence[Take], phrase: str, scores: Sequence[Vectors], judge: LogProbability) -> float:
        """Between what the recogniser thinks of the takes, and of what is likest to them without being them."""
        look = round(LOOK_SECONDS * RATE)
        said = [judge(_last(take.samples[: take.end + RATE // 10], look), phrase) for take in takes]
        hardest = sorted(
            ((score, at, one) for one, found in enumerate(scores) for at, score in enumerate(found)), reverse=True
        )
        looked: list[tuple[int, int]] = []
        not_said: list[float] = []
        for _, at, one in hardest:
            end = int(self._others[one].ends[at])
            if len(looked) < HARDEST and all(
                one != other or abs(end - there) > APART_SECONDS * RATE for other, there in looked
            ):
                looked.append((one, end))
                not_said.append(judge(_last(self._others[one].pcm[:end], look), phrase))
        middle = float(np.median(said))
        return middle + DOWN * (max(not_said) - middle)

    def _at_end(self, word: Samples, speed: float, louder: float | None) -> Vectors:
        """Vectors around the end of a word that is played so."""
        lead = round(LEAD_SECONDS * RATE) + int(self._chance.integers(STEP))
        said = np.interp(np.arange(0, len(word) - 1, speed), np.arange(len(word)), word.astype(np.float64))
        sound = np.pad(said, (lead, round(TAIL_SECONDS * RATE)))
        noise = self._chance.normal(0, 8, len(sound))
        if louder is not None:
            talk = np.resize(np.roll(self._talk, -int(self._chance.integers(len(self._talk)))), len(sound))
            noise = (
                talk * np.sqrt(np.mean(said**2) / (np.mean(talk.astype(np.float64) ** 2) + 1)) * 10 ** (-louder / 20)
            )
        heard = hear(self._embedded, np.clip(sound + noise, -32_768, 32_767).astype(np.int16))
        end = lead + len(said)
        there = heard.vectors[(heard.ends >= end) & (heard.ends <= end + LATE_SECONDS * RATE)]
        return there if len(there) else heard.vectors[-2:]


def peaks_of(scores: Vectors) -> list[float]:
    """The highest score of each stretch of APART_SECONDS."""
    size = round(APART_SECONDS * RATE / STEP)
    return [float(np.max(scores[at : at + size])) for at in range(0, len(scores), size)]


def _last(samples: Samples, count: int) -> bytes:
    return samples[-count:].astype("<i2").tobytes()
