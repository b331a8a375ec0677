"""The gate: a pure state machine that cuts a stream of evidence into wake, start, pause, resume, end and lapse.

It counts seconds of audio and never asks the time, so the same evidence always gives the same cuts, at any speed.
"""

from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from voiceos.config.settings import ListenSettings
from voiceos.core import Cut

HYSTERESIS = 0.15
"""Speech continues while its score stays above the threshold minus this."""
GAP_SECONDS = 0.06
"""A dip this short does not break a run of speech, because the closure of a plosive is silent."""
RESUME_SECONDS = 0.1
"""Speech needed to cancel a pause. A click or a smack of the lips is not speech, and the silence goes on beneath it."""
SETTLE_SECONDS = 0.12
"""Silence after the wake word that distinguishes it from a command in the same breath."""
SURE_SECONDS = 0.3
"""Silence, also by loudness alone, that ends a turn where tune and words both say that it is over."""
SURE_TUNE = 0.95
"""The turn-end model's score from which it is sure."""
FLOWING_SECONDS = 0.45
"""Speech that continues this long after the wake word was found is a command in the same breath."""


class State(Enum):
    ASLEEP = auto()
    """Only a wake word counts."""
    WOKEN = auto()
    """The wake word may still be sounding."""
    OPEN = auto()
    """Speech may begin."""
    SPEECH = auto()
    PAUSE = auto()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the detectors say about the next stretch of audio."""

    seconds: float
    speech: float
    """Probability of speech."""
    wake: bool = False
    hush: float = 0.0
    """Seconds for which loudness says that there was only noise. `speech` falls later."""


class Gate:
    """Call it with each frame's evidence. `completeness` and `whole` may be set at any time during a pause."""

    def __init__(self, settings: ListenSettings, *, has_turn_end: bool = False) -> None:
        self._settings = settings
        self._has_turn_end = has_turn_end
        self.state = State.ASLEEP
        self.completeness: float | None = None
        """The turn-end model's score for the utterance up to this pause, once known."""
        self.whole = False
        """Whether the words of the utterance up to this pause are certainly a whole sentence."""
        self.from_wake = False
        """Whether this utterance began with the wake word, in the same breath."""
        self._start_seconds = settings.start_seconds
        self._time_left = inf
        self._window = inf  # time left in which no wake word is needed
        self._run = 0.0  # seconds of speech in the current run
        self._gap = 0.0  # seconds since the last speech
        self._silence = 0.0  # the same, but for a sound within a pause that was too short to be speech
        self._hush = 0.0  # seconds of nothing but noise
        self._length = 0.0  # seconds since the utterance began
        self._after_wake = 0.0

    @property
    def silence(self) -> float:
        """Seconds since speech was last heard."""
        return max(self._silence, self._hush)

    @property
    def asleep(self) -> bool:
        """Only a wake word counts."""
        return self.state is State.ASLEEP

    def open(self, seconds: float = inf, *, over_reply: bool = False) -> None:
        """Lets speech begin without a wake word, for this long. `over_reply` keeps what was left of that time."""
        if not over_reply:
            self._window = seconds
        self._time_left = seconds
        self._start_seconds = self._settings.start_seconds
        if self.state is State.ASLEEP:
            self._enter_open()

    def over_sound(self) -> None:
        """The reply is sounding: speech over it must last longer to count."""
        self._start_seconds = self._settings.barge_in_seconds

    def reopen(self) -> None:
        """Lets speech begin for the rest of the time that `open` last gave. A noise does not extend it."""
        self.open(self._window)

    def close(self) -> None:
        """Goes back to sleep, but hears speech under way to its end."""
        if self.state is State.OPEN:
            self.state = State.ASLEEP

    def wake(self) -> Cut:
        """A button was pressed: as if the wake word had been heard and were over."""
        self._time_left = self._window = self._settings.patience_seconds
        self._start_seconds = self._settings.start_seconds
        self._enter_open()
        return Cut.WAKE

    def finish(self) -> Cut | None:
        """Ends the utterance now: the button was released."""
        if self.state not in (State.SPEECH, State.PAUSE):
            return None
        self._enter_open()
        return Cut.END

    def __call__(self, evidence: Evidence) -> Cut | None:
        speaking = self._count(evidence)
        if evidence.wake and self.state in (State.ASLEEP, State.OPEN):
            return self._woken()
        match self.state:
            case State.ASLEEP:
                return None
            case State.WOKEN:
                return self._settle(evidence.seconds, speaking)
            case State.OPEN:
                return self._await_start(evidence.seconds)
            case State.SPEECH:
                return self._await_pause(evidence.seconds)
            case State.PAUSE:
                return self._await_end(evidence.seconds)

    def _count(self, evidence: Evidence) -> bool:
        going = self._run > 0 and self._gap <= GAP_SECONDS
        threshold = self._settings.speech_threshold - (HYSTERESIS if going else 0)
        speaking = evidence.speech >= threshold
        fading = speaking and evidence.hush > 0 and self.state is State.PAUSE  # the detector's score falls late
        if speaking and not fading:
            self._run = (self._run if going else 0.0) + evidence.seconds
            self._gap = 0.0
        else:
            self._gap += evidence.seconds
            if self._gap > GAP_SECONDS:
                self._run = 0.0
        self._hush = evidence.hush
        if self.state is State.PAUSE:
            self._silence = 0.0 if fading else self._silence + evidence.seconds
        else:
            self._silence = self._gap
        return speaking

    def _woken(self) -> Cut:
        self.state = State.WOKEN
        self._after_wake = 0.0
        self._time_left = self._window = self._settings.patience_seconds
        self._start_seconds = self._settings.start_seconds
        return Cut.WAKE

    def _settle(self, seconds: float, speaking: bool) -> Cut | None:
        self._after_wake += seconds
        if self._silence >= SETTLE_SECONDS:
            self._enter_open()
        elif speaking and self._after_wake >= FLOWING_SECONDS:
            return self._enter_speech(from_wake=True)
        return None

    def _await_start(self, seconds: float) -> Cut | None:
        if self._run >= self._start_seconds:
            return self._enter_speech(from_wake=False)
        if self._run == 0:
            self._time_left -= seconds
            if self._time_left < self._window:
                self._window = self._time_left
            if self._time_left <= 0:
                self.state = State.ASLEEP
                return Cut.LAPSE
        return None

    def _await_pause(self, seconds: float) -> Cut | None:
        self._length += seconds
        if self._length >= self._settings.longest_seconds:
            self._enter_open()
            return Cut.END
        if self.silence >= self._settings.pause_seconds:
            self.state = State.PAUSE
            self.completeness, self.whole = None, False
            self._run = 0.0
            return Cut.PAUSE
        return None

    def _await_end(self, seconds: float) -> Cut | None:
        self._length += seconds
        if self._run >= RESUME_SECONDS:
            self.state = State.SPEECH
            self._silence = self._hush = 0.0
            return Cut.RESUME
        if self._run == 0 and (self._is_surely_over() or self._silence >= self._silence_that_ends()):
            self._enter_open()
            return Cut.END
        return None

    def _is_surely_over(self) -> bool:
        sure = self.whole and self.completeness is not None and self.completeness >= SURE_TUNE
        return sure and self.silence >= min(SURE_SECONDS, self._settings.end_seconds)

    def _silence_that_ends(self) -> float:
        settings = self._settings
        if not self._has_turn_end:
            return settings.silence_seconds
        if self.completeness is None:  # the model is late or has failed
            return max(settings.silence_seconds, settings.end_seconds)
        return settings.end_seconds if self.completeness >= settings.complete_threshold else settings.unfinished_seconds

    def _enter_open(self) -> None:
        self.state = State.OPEN
        self._run = 0.0

    def _enter_speech(self, *, from_wake: bool) -> Cut:
        self.state = State.SPEECH
        self.from_wake = from_wake
        self._length = 0.0
        return Cut.START
