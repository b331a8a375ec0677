"""Ears: frames go in, and wake words, starts, pauses and complete utterances come out."""

import logging
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from math import inf

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream

from voiceos.config.settings import ListenSettings
from voiceos.core import FRAME_SECONDS, Cut, Frame, Heard, Speech, Wake
from voiceos.errors import VoiceosError
from voiceos.listen.gate import Evidence, Gate, State
from voiceos.listen.hush import Hush
from voiceos.protocols import TurnEnd, VoiceActivity, WakeWord

log = logging.getLogger(__name__)

PREROLL_SECONDS = 0.3
"""Audio kept from before speech was noticed, because the first consonant is quiet."""
OVER_ECHO_SECONDS = 0.35
"""More is kept over the assistant's own voice, where speech must last longer to count."""
WAKE_SECONDS = 1.5
"""Audio kept from before the wake word was found: it holds the word itself."""
JUST_ENDED_SECONDS = 1.0
"""A press this soon after an utterance ended was meant to end it."""
ASLEEP_FRAMES = 4
"""Frames processed at once while only a wake word counts: waking up for each costs more than processing it (ADR 9)."""
STILL_SECONDS = 0.16
LEAD_SECONDS = 0.14
"""Of a pause within an utterance so much noise is kept, after the words and before the next ones: where a recogniser
hears a longer one, it breaks the sentence off (docs/research/pauses.md)."""
ASK_SECONDS = (0.2, 0.32)
"""Silence after which the turn-end model is asked, and asked again if it judged the sentence unfinished."""


class Ears:
    """Listens for wake words and speech. Everything but `listen` is called from the conversation, on the same loop."""

    def __init__(
        self,
        settings: ListenSettings,
        voice_activity: VoiceActivity,
        *,
        wake_word: WakeWord | None = None,
        turn_end: TurnEnd | None = None,
    ) -> None:
        self._settings = settings
        self._voice_activity = voice_activity
        self._hush = Hush()
        self._wake_word = wake_word
        self._turn_end = turn_end
        self.gate = Gate(settings, has_turn_end=turn_end is not None)
        self._before: deque[Frame] = deque(maxlen=round(WAKE_SECONDS / 0.02))
        self._unheard: list[Frame] = []
        self._kept: list[Frame] = []
        self._still: list[int] = []  # which of these are noise in this pause
        self._since_wake = 0  # frames since the wake word was found
        self._wake: str | None = None
        self._pressed: list[Heard] = []
        self._judgement: anyio.CancelScope | None = None
        self._to_ask: list[float] = []
        self._ended_at = -inf

    def press(self) -> None:
        """The push-to-talk button: wakes, or ends what is being said."""
        now = anyio.current_time()
        if now - self._ended_at < JUST_ENDED_SECONDS:
            return  # silence has ended the utterance just before the button could
        if cut := self.gate.finish():
            self._pressed.append(Heard(cut, now, speech=self._speech(now)))
        else:
            self._pressed.append(Heard(self.gate.wake(), now, wake="button"))

    @property
    def speech_so_far(self) -> Speech | None:
        """The utterance so far, for a partial transcript."""
        if self.gate.state is not State.SPEECH or not self._kept:
            return None
        return self._speech(self._kept[-1].at)

    async def listen(self, frames: AsyncGenerator[Frame, None], out: MemoryObjectSendStream[Heard]) -> None:
        """Runs until the frames end."""
        async with out, anyio.create_task_group() as tasks, aclosing(frames):
            async for frame in frames:
                self._unheard.append(frame)
                if self.gate.state is State.ASLEEP and len(self._unheard) < ASLEEP_FRAMES:
                    continue
                await self._hear_all(tasks, out)
            await self._hear_all(tasks, out)
            self._forget_judgement()
            if self.gate.finish():  # a recording that ends in mid-speech
                now = anyio.current_time()
                await out.send(Heard(Cut.END, now, speech=self._speech(now)))

    async def _hear_all(self, tasks: TaskGroup, out: MemoryObjectSendStream[Heard]) -> None:
        unheard, self._unheard = self._unheard, []
        for frame in unheard:
            for heard in self._hear(frame):
                self._judge(heard)
                await out.send(heard)
            self._ask_when_due(frame.at, tasks)

    def _hear(self, frame: Frame) -> list[Heard]:
        pressed, self._pressed = self._pressed, []
        wake = self._wake_word(frame) if self._wake_word else None
        judged = frame.to_judge
        speech = self._voice_activity(judged)
        self._hush.hear(judged)
        hush = self._hush.seconds() if self.gate.state in (State.SPEECH, State.PAUSE) else 0.0
        cut = self.gate(Evidence(frame.seconds, speech, wake is not None, hush))
        self._keep(frame, cut, wake)
        self._mark_still(cut, hush)
        return pressed if cut is None else [*pressed, self._heard(cut, frame.at)]

    def _keep(self, frame: Frame, cut: Cut | None, wake: Wake | None) -> None:
        self._since_wake += 1
        if wake:
            self._wake = wake.word
            self._since_wake = 0
        if cut is Cut.START:
            self._kept = self._preroll()
        if self.gate.state in (State.SPEECH, State.PAUSE) or cut is Cut.END:
            self._kept.append(frame)
        self._before.append(frame)

    def _mark_still(self, cut: Cut | None, hush: float) -> None:
        """Notes the noise in a pause, and leaves it out once they have gone on."""
        if cut is Cut.RESUME:
            for place in reversed(self._still[: -round(LEAD_SECONDS / FRAME_SECONDS)]):
                del self._kept[place]
        if self.gate.state is not State.PAUSE:
            self._still.clear()
        elif hush > STILL_SECONDS:
            self._still.append(len(self._kept) - 1)

    def _preroll(self) -> list[Frame]:
        before = list(self._before)
        if self.gate.from_wake:
            return before
        self._wake = None
        late = OVER_ECHO_SECONDS if before and before[-1].without_echo is not None else 0.0
        count = round((PREROLL_SECONDS + self._settings.start_seconds + late) / 0.02)
        # Not back into the wake word itself, whose end is still in the buffer when someone goes on quickly.
        return before[-min(count, max(self._since_wake, 1)) :]

    def _heard(self, cut: Cut, at: float) -> Heard:
        if cut is Cut.END:
            self._ended_at = at
        if cut is Cut.WAKE:
            return Heard(cut, at, wake=self._wake or "")
        if cut in (Cut.PAUSE, Cut.END):
            return Heard(cut, at, speech=self._speech(at))
        return Heard(cut, at)

    def _speech(self, at: float) -> Speech:
        pcm = b"".join(frame.pcm for frame in self._kept)
        start = self._kept[0].at - self._kept[0].seconds if self._kept else at
        return Speech(pcm, start, max(start, at - self.gate.silence), self._wake)

    def _judge(self, heard: Heard) -> None:
        """Drops the turn-end model's score of an older pause."""
        if heard.cut is Cut.PAUSE:
            self._to_ask = list(ASK_SECONDS)
        elif heard.cut in (Cut.RESUME, Cut.END, Cut.WAKE):
            self._forget_judgement()

    def _ask_when_due(self, at: float, tasks: TaskGroup) -> None:
        if self.gate.state is not State.PAUSE or not self._to_ask or self.gate.silence < self._to_ask[0] - 1e-6:
            return
        score, first = self.gate.completeness, len(self._to_ask) == len(ASK_SECONDS)
        del self._to_ask[0]
        if first or (score is not None and score < self._settings.complete_threshold):
            self._begin_judgement(self._speech(at), tasks)

    def _begin_judgement(self, speech: Speech, tasks: TaskGroup) -> None:
        self._forget_judgement()
        if self._turn_end:
            self._judgement = anyio.CancelScope()
            tasks.start_soon(self._ask_turn_end, self._turn_end, speech, self._judgement)

    def _forget_judgement(self) -> None:
        if self._judgement:
            self._judgement.cancel()
            self._judgement = None

    async def _ask_turn_end(self, turn_end: TurnEnd, speech: Speech, scope: anyio.CancelScope) -> None:
        with scope:
            try:
                self.gate.completeness = await turn_end.completeness(speech)
            except VoiceosError:
                log.exception("the turn-end model failed; silence alone decides")
