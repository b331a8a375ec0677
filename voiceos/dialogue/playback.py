"""Plays one reply: it can be held and resumed, and it knows what was heard."""

from collections.abc import Callable, Sequence
from math import inf

import anyio

from voiceos.core import Frame
from voiceos.dialogue.heard import Spoken, heard_until
from voiceos.protocols import Audio

AHEAD_SECONDS = 8.0
"""Sound made before it is needed. More would only cost work that an interruption discards."""
BACK_SECONDS = 0.3
"""A held reply resumes slightly before where it stopped, so that no word is lost."""
HAVE_SOUNDED_SECONDS = 0.02
"""A word that lacks no more than this counts as heard."""
NEARLY_SECONDS = 0.6
"""With less than this to go it is nearly over: people answer a question before its last syllable."""

THINKING_SECONDS = 0.8
"""Once it may sound and there is nothing to say, this long until a sound tells that they were heard. With the silence
that ended the turn it comes 1.1 to 1.3 s after the last word, where people begin to wonder."""


class Playback:
    """The sound of one reply. Held until `go`; `hold` silences it within a frame."""

    def __init__(
        self, audio: Audio, on_sound: Callable[[str, float], None], meanwhile: Callable[[], Sequence[Frame]] = tuple
    ) -> None:
        """`on_sound` gets each unit's text and when it began to sound, on the loop's clock.

        `meanwhile`: what sounds where there is nothing to say yet, once; it is no part of the reply.
        """
        self._meanwhile = meanwhile
        self._audio = audio
        self._on_sound = on_sound
        self._frames: list[Frame] = []
        self._starts: list[float] = []  # where each frame begins, in seconds of the reply
        self._units: list[Spoken] = []
        self._seconds = 0.0  # of sound known so far
        self._announced = 0
        self._whole = False
        self._near = False
        self._changed = anyio.Event()
        self._going = anyio.Event()
        self._feeding: anyio.CancelScope | None = None
        self._next = 0  # the frame to be fed next
        self._from = 0.0  # the reply's position at which feeding (re)began ...
        self._base = inf  # ... and the speaker's count at that moment, once it is known
        self._furthest = 0.0

    def expect(self) -> None:
        """Its first words are there: their sound will be soon."""
        self._near = True
        self._wake()

    def begin(self, text: str) -> None:
        """A new spoken unit; its sound follows with `add`."""
        self._units.append(Spoken(text))
        self.expect()

    def add(self, frame: Frame) -> None:
        self._starts.append(self._seconds)
        self._frames.append(frame)
        self._seconds += frame.seconds
        self._units[-1].seconds += frame.seconds
        self._wake()

    def end_unit(self) -> None:
        self._units[-1].whole = True

    def finish(self) -> None:
        """No more sound will come."""
        self._whole = True
        self.expect()

    def go(self) -> None:
        """It may sound (again)."""
        self._going.set()

    def hold(self) -> None:
        """Silence now. It may resume later."""
        if not self._going.is_set():
            return
        self._going = anyio.Event()
        if self._feeding:
            self._note()
            self._audio.stop()
            self._feeding.cancel()
            self._feeding = None
            self._next = self._frame_at(max(0.0, self._furthest - BACK_SECONDS))

    @property
    def heard_seconds(self) -> float:
        """Seconds of the reply that have sounded."""
        self._note()
        return self._furthest

    @property
    def heard(self) -> str:
        """The words that have sounded."""
        return heard_until(self._units, self.heard_seconds + HAVE_SOUNDED_SECONDS)

    @property
    def nearly_heard(self) -> str:
        """The words that may have sounded; their place in the sound is an estimate."""
        return heard_until(self._units, self.heard_seconds + NEARLY_SECONDS)

    @property
    def nearly_over(self) -> bool:
        """Whether only a syllable or two is left to sound."""
        return self._whole and self._seconds - self.heard_seconds < NEARLY_SECONDS

    async def room(self) -> None:
        """Waits while enough sound has been made ahead."""
        while self._seconds - self.heard_seconds > AHEAD_SECONDS:
            await self._changed.wait()

    async def run(self) -> None:
        """Runs until everything has sounded. Waits while held."""
        while True:
            while not self._going.is_set():  # held again before this task could begin
                await self._going.wait()
            self._from = self._starts[self._next] if self._next < len(self._starts) else self._seconds
            self._base = inf
            with anyio.CancelScope() as feeding:
                self._feeding = feeding
                await self._feed()
                self._feeding = None
                return

    async def _feed(self) -> None:
        await self._bridge()
        self._base = self._audio.played
        while True:
            while self._next < len(self._frames):
                frame = self._frames[self._next]
                self._next += 1
                await self._audio.play(frame)
                self._note()
                self._wake()
            if self._whole:
                break
            await self._changed.wait()
        await self._audio.drain()
        self._furthest = self._seconds
        self._note()

    async def _bridge(self) -> None:
        """Lets them know that they were heard, unless there soon is something to say."""
        with anyio.move_on_after(THINKING_SECONDS):
            while not self._near:
                await self._changed.wait()
        if not self._near:
            meanwhile, self._meanwhile = self._meanwhile, tuple
            for frame in meanwhile():
                await self._audio.play(frame)
            await self._audio.drain()

    def _note(self) -> None:
        if self._feeding:
            position = self._from + self._audio.played - self._base
            self._furthest = max(self._furthest, min(position, self._seconds))
        start = 0.0
        for index, unit in enumerate(self._units):
            if index >= self._announced and self._furthest > start:
                self._announced = index + 1
                self._on_sound(unit.text, anyio.current_time() - (self._furthest - start))
            start += unit.seconds

    def _frame_at(self, seconds: float) -> int:
        return next((i for i, start in enumerate(self._starts) if start >= seconds), len(self._frames))

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
