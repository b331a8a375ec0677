"""The second stage of a wake word: the recogniser checks what the first stage may have heard (ADR 7).

The first stage listens all the time with a threshold so low that it misses little. Whatever passes is checked here by
a very different model.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

from voiceos.core import RATE, Frame, Wake
from voiceos.errors import VoiceosError

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.4
"""The most audio that is checked: a longer phrase, and little of what came before it. A short one is checked in less,
because others may have spoken before it."""


@dataclass(frozen=True, slots=True)
class View:
    """When to check, and when to agree."""

    candidate: float
    """The first stage's score that is worth a check."""
    log_probability: float
    """Whisper agrees above this."""
    look_seconds: float = LOOK_SECONDS


PHRASES: Mapping[str, View] = {
    "alexa": View(0.005, -7.5, 1.1),
    "hey jarvis": View(0.003, -10.0),
    "okay nabu": View(0.1, -18.0),
}
"""The phrases it covers, as measured: see ADR 7.

Whisper finds a longer phrase of rarer names less likely when it is said, and much less likely when it is not. For a
phrase that was not measured the first stage decides.
"""
GAP_SECONDS = 0.12
"""Audio between two checks while the first stage goes on scoring: at the first, the word may not have ended."""
OVERDUE_SECONDS = 0.3
"""Audio after which the recogniser counts as busy: the first stage decides alone, by its author's threshold."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A word that is checked."""

    phrase: str
    threshold: float
    """The first stage's score that decides when the recogniser is busy; 1: never."""
    log_probability: float
    """Whisper agrees above this."""
    look_seconds: float = LOOK_SECONDS


LogProbability = Callable[[bytes, str], float]
"""The natural logarithm of how likely sound (16 kHz s16le) begins with a phrase. Blocks."""


class SecondStage:
    """Checks candidates in its own thread; the verdict comes a few frames later. Counts seconds of audio."""

    def __init__(self, judge: LogProbability, executor: Executor | None = None) -> None:
        self._judge = judge
        self._executor = executor or ThreadPoolExecutor(1, "wake word")
        self._words: dict[str, Checked] = {}
        self._heard: deque[bytes] = deque()
        self._seconds = 0.0
        self._verdict: Future[float] | None = None
        self._candidate: Wake | None = None
        self._since_look = GAP_SECONDS

    def add(self, name: str, word: Checked) -> None:
        self._words[name] = word

    def __call__(self, frame: Frame, found: Wake | None) -> Wake | None:
        """The next frame, and what the first stage found in it. Returns what both agree on, once they do."""
        self._remember(frame)
        self._since_look += frame.seconds
        if found and found.word not in self._words:
            self._forget()
            return found
        if self._verdict and self._candidate:
            if found and found.word == self._candidate.word and found.score > self._candidate.score:
                self._candidate = found
            if agreed := self._settle(self._verdict, self._candidate):
                return agreed
        if found and not self._verdict and self._since_look >= GAP_SECONDS:
            self._look(found)
            if self._verdict and self._verdict.done():  # an executor that works at once, as in benchmarks and tests
                return self._settle(self._verdict, found)
        return None

    def reset(self) -> None:
        """Forgets what was heard, and what was asked about it."""
        self._heard.clear()
        self._seconds = 0.0
        self._forget()
        self._since_look = GAP_SECONDS

    def _remember(self, frame: Frame) -> None:
        self._heard.append(frame.pcm)
        self._seconds += frame.seconds
        while self._seconds > LOOK_SECONDS + frame.seconds / 2:
            self._seconds -= len(self._heard.popleft()) / 2 / frame.rate

    def _look(self, found: Wake) -> None:
        self._candidate = found
        self._since_look = 0.0
        word = self._words[found.word]
        heard = b"".join(self._heard)[-2 * round(word.look_seconds * RATE) :]
        self._verdict = self._executor.submit(self._judge, heard, word.phrase)

    def _settle(self, verdict: "Future[float]", candidate: Wake) -> Wake | None:
        word = self._words[candidate.word]
        if verdict.done():
            self._forget()
            agrees = self._agrees(verdict, candidate, word)
        elif self._since_look >= OVERDUE_SECONDS and candidate.score > word.threshold:
            log.debug("no second opinion on %s in time: its score of %.2f decides", candidate.word, candidate.score)
            self._forget()
            agrees = True
        else:
            return None
        return candidate if agrees else None

    def _agrees(self, verdict: "Future[float]", candidate: Wake, word: Checked) -> bool:
        try:
            likely = verdict.result()
        except VoiceosError:
            log.exception("the recogniser could not check the wake word; its own model decides")
            return candidate.score > word.threshold
        log.debug("wake word %s: score %.2f, log-probability %.1f", candidate.word, candidate.score, likely)
        return likely > word.log_probability

    def _forget(self) -> None:
        if self._verdict:
            self._verdict.cancel()
        self._verdict = self._candidate = None
