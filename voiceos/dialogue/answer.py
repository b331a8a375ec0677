"""One answer: hear what was said, think, speak. It may be prepared in a pause, then committed or discarded."""

import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from math import inf

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from voiceos.core import Exchange, Notice, NoticeKind, Outcome, Speech, Stage, Transcript, Turn
from voiceos.dialogue.acts import Act, act_of, is_again, is_echo, said_since, without_names, without_wake_word
from voiceos.dialogue.clauses import ClauseCutter
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.equipment import Equipment
from voiceos.dialogue.playback import Playback
from voiceos.dialogue.unfinished import ENDS
from voiceos.dialogue.voicing import Voicing
from voiceos.errors import VoiceosError
from voiceos.language.sentences import apology
from voiceos.mind.replying import words_of
from voiceos.protocols import Mind

log = logging.getLogger(__name__)


class Answer:
    """The work on one utterance. Nothing sounds, and nothing is remembered, before `commit`."""

    def __init__(
        self,
        equipment: Equipment,
        conversation: Conversation,
        turn: Turn,
        *,
        over: "Answer | None",
        on_sound: Callable[[], None],
    ) -> None:
        """`over` is the answer that this utterance interrupts. `on_sound` is called when the reply sounds."""
        self._equipment = equipment
        self._conversation = conversation
        self.turn = turn
        self._speech = turn.speech
        self._over = over
        self._on_sound = on_sound
        self.goes_on_with: Answer | None = None
        """The answer to the start of this utterance, if this is the same utterance with more words."""
        self.act = Act.NOTHING
        self.scope = anyio.CancelScope()
        self.committed = anyio.Event()
        self.ended = False
        self.is_thinking = False
        self.is_overheard = False
        """Whether it was said without the wake word while something rings: only what is about that counts."""
        self.is_for_us = True
        """Whether it is known that the assistant was spoken to. Else no failure is told aloud."""
        self.was_called = True
        """The same of when the utterance began, which may hold the call."""
        self.hushed = False
        """Whether somebody spoke over it and the reason is not known yet."""
        self.is_voiceless = False
        """Whether the voice failed to speak some of it."""
        self.meant: Transcript | None = None
        """What was said instead of what was heard."""
        self._heard: Transcript | None = None  # with the wake word, while it may have been something else
        self._settled = anyio.Event()  # it was nothing else
        self._is_due = False
        self._begun = anyio.Event()  # it may sound, and do what was asked
        self._untold = ""
        self._patient_until = -inf
        self.playback = Playback(equipment.audio, self._began_to_sound, equipment.thinking)

    def commit(self, at: float) -> None:
        """Lets it sound: the turn has ended."""
        self.turn.mark(Stage.TURN_END, at)
        self.committed.set()

    def be_patient(self, until: float) -> None:
        """Waits until then, on the loop's clock, before it sounds or does anything: they may not have finished."""
        self._patient_until = until

    def hush(self) -> None:
        """Falls silent until it is known why somebody is speaking."""
        self.hushed = True
        self.playback.hold()

    def carry_on(self) -> None:
        """Resumes where it stopped: it was nothing."""
        self.hushed = False
        if self._is_due:
            self._begin()

    @property
    def over(self) -> "Answer | None":
        """What this utterance interrupts: the latest answer beneath it that has not ended."""
        while self._over and self._over.ended:
            self._over = self._over._over
        return self._over

    @property
    def first_part(self) -> Speech | None:
        """Its utterance as far as it was said before anything was joined to it."""
        return self.goes_on_with.first_part if self.goes_on_with else self._speech

    def includes(self, other: "Answer") -> bool:
        """Whether this is the utterance of `other` with more words."""
        earlier = self.goes_on_with
        return earlier is not None and (earlier is other or earlier.includes(other))

    @property
    def has_asked(self) -> bool:
        """Whether it ends with a question that has sounded but for a syllable, so that a bare "yes" answers it."""
        return self.playback.nearly_over and self.turn.reply.rstrip().endswith("?")

    def take_over(self, earlier: "Answer") -> None:
        """This is the end of what `earlier` answers: both are one utterance, which is not understood yet."""
        before, turn = earlier.turn, self.turn
        self.goes_on_with = earlier
        turn.took_over = (before.id, *before.took_over)
        turn.transcript = None
        if before.speech and turn.speech:
            turn.speech = before.speech.then(turn.speech)
            turn.marks[Stage.SPEECH_START] = turn.speech.start

    async def understand(self) -> None:
        """Turns speech into words, and finds what they ask for."""
        turn, earlier = self.turn, self.goes_on_with
        if turn.transcript is None and turn.speech:
            self._heard = await self._recognised(turn.speech)
            turn.transcript = self._without_wake_word(self._heard, turn.speech)
            turn.mark(Stage.TRANSCRIPT, anyio.current_time())
        text = turn.heard
        if earlier and not (text := said_since(text, earlier.turn.heard)):
            text = await self._added_to(earlier)
        if earlier and turn.transcript and is_again(text, earlier.turn.heard):
            turn.transcript = replace(turn.transcript, text=text)
        over = self.over
        self.act = act_of(text, over_reply=over is not None and not over.has_asked)
        if over and not earlier and is_echo(text, over.playback.nearly_heard):
            self.act = Act.NOTHING
        elif self.act is Act.NOTHING and not earlier and turn.speech and turn.speech.wake:
            self.act = Act.CALLED

    async def _recognised(self, speech: Speech) -> Transcript:
        recognition = self._equipment.recognition
        self.turn.engines["recognition"] = recognition.name
        return await recognition.transcribe(speech, self._equipment.hotwords)

    def _without_wake_word(self, heard: Transcript, speech: Speech | None) -> Transcript:
        text = without_wake_word(heard.text, speech.wake if speech else None)
        return replace(heard, text=without_names(text, self._equipment.names, self._is_asked))

    def _is_asked(self, before: str) -> bool:
        """Whether what was said before a call is asked, too, or was said to somebody else."""
        is_request = self._equipment.is_request(replace(self.turn, transcript=Transcript(before)))
        return self.was_called or is_request or self._equipment.is_urgent(before)

    async def _added_to(self, earlier: "Answer") -> str:
        """What was said since, heard by itself: both as one did not show it."""
        self._heard = None
        if (
            not self._speech
            or not (heard := self._without_wake_word(await self._recognised(self._speech), self._speech)).text
        ):
            return ""
        whole = f"{earlier.turn.heard.rstrip(ENDS)} {heard.text}".strip()
        self.turn.transcript = replace(heard, text=whole)
        return heard.text

    async def reply(self, mind: Mind | None = None) -> None:
        """Thinks and speaks until all of it was heard. Where something else was `meant`, ends before any sounds."""
        if mind:
            self._heard = None  # whatever was said, this is what is answered
        mind = mind or self._equipment.mind
        self.turn.engines |= {"mind": mind.name, "voice": self._equipment.voice.name}
        self.turn.history = (*self._conversation.history(anyio.current_time()), *self._beneath())
        self.turn.conversation = self._conversation.id
        voicing = Voicing(self._equipment.voice, self.turn, self.playback, self._lost_voice)
        units_in, units_out = anyio.create_memory_object_stream[str](max_buffer_size=16)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._think, mind, units_in)
            tasks.start_soon(voicing.run, units_out, self.committed.wait)
            tasks.start_soon(self._begin_when_due)
            tasks.start_soon(self._settle, tasks.cancel_scope)
            await self.playback.run()

    async def reconsider(self) -> bool:
        """Whether something else was `meant` than what was heard, or it is doubtful. It takes as long again."""
        if self._heard and self.turn.speech and self._equipment.look_again:
            found = await self._equipment.look_again(self.turn.speech, self._heard)
            self.meant = found if found != self._heard else None
        return self.meant is not None

    async def _settle(self, preparing: anyio.CancelScope) -> None:
        """Looks whether something else was meant, while the answer to what was heard is prepared."""
        if await self.reconsider():
            preparing.cancel()
        else:
            self._settled.set()

    def begin_anew(self) -> None:
        """Forgets all that was prepared: `meant` was said."""
        assert self.meant
        turn, said = self.turn, self._without_wake_word(self.meant, self.turn.speech)
        marks = {stage: at for stage, at in turn.marks.items() if stage not in (Stage.FIRST_TOKEN, Stage.FIRST_CLAUSE)}
        engines = {"recognition": turn.engines["recognition"]}
        self.turn = Turn(turn.id, turn.conversation, turn.speech, transcript=said, took_over=turn.took_over)
        self.turn.marks, self.turn.engines = marks, engines
        self.playback = Playback(self._equipment.audio, self._began_to_sound, self._equipment.thinking)
        self.meant, self._heard, self._untold, self.is_voiceless = None, None, "", False

    def _beneath(self) -> Sequence[Exchange]:
        """What will be remembered of the interrupted replies once they have certainly ended."""
        over = self.over
        if over is None:
            return ()
        return over._beneath() if self.includes(over) else over.as_heard()

    def as_heard(self) -> Sequence[Exchange]:
        """What would be remembered of it, and of what it interrupted, if it ended now."""
        text, heard = self.turn.words, self.playback.heard
        return (*self._beneath(), *([Exchange(text, heard, True)] if text and heard else []))

    def end(self, outcome: Outcome | None) -> None:
        """Closes the turn's record, silences it, and remembers what was heard of it. Only the first call counts.

        No outcome, or no commitment: it leaves no record.
        """
        if self.ended:
            return
        self.ended = True
        turn = self.turn
        turn.said = self.playback.heard
        self.playback.hold()
        if outcome is None or not self.committed.is_set():
            return
        turn.outcome = Outcome.FAILED if turn.error and outcome is Outcome.ANSWERED else outcome
        now = anyio.current_time()
        turn.mark(Stage.END, now)
        self._conversation.remember(turn)
        self._equipment.keep(turn)

    async def certain(self) -> None:
        """Waits until the turn has ended and nothing else can have been meant."""
        await self.committed.wait()
        await self._settled.wait()

    async def _begin_when_due(self) -> None:
        await self.certain()
        if self.act is Act.WORDS:
            self._equipment.notify(NoticeKind.TRANSCRIPT, self.turn.heard)
        if self._untold:  # it failed before the turn had ended
            self._equipment.notify(NoticeKind.PROBLEM, self._untold)
        await anyio.sleep_until(self._patient_until)
        self._is_due = True
        if not self.hushed:
            self._begin()

    def _begin(self) -> None:
        self._begun.set()
        self.playback.go()

    async def _think(self, mind: Mind, out: MemoryObjectSendStream[str]) -> None:
        cutter = ClauseCutter()
        failure: VoiceosError | None = None
        self.is_thinking = True
        async with out:
            try:
                async with aclosing(words_of(mind, self.turn, self._begun)) as pieces:
                    async for piece in pieces:
                        self.playback.expect()
                        for unit in cutter.feed(piece):
                            await out.send(unit)
            except VoiceosError as error:
                failure = error
            self.is_thinking = False
            for unit in cutter.flush():
                await out.send(unit)
            if failure:
                self._failed(failure)
            if failure and (self.is_for_us or self.turn.reply):
                await out.send(apology(failure))

    def _lost_voice(self, error: VoiceosError) -> None:
        self.is_voiceless = True
        self._failed(error)

    def _failed(self, error: VoiceosError) -> None:
        log.warning("turn %s: %s", self.turn.id, error)
        self.turn.error = self.turn.error or str(error)
        if self.committed.is_set():
            self._equipment.notify(NoticeKind.PROBLEM, str(error))
        else:
            self._untold = self.turn.error

    def _began_to_sound(self, text: str, at: float) -> None:
        self._on_sound()
        if Stage.FIRST_SOUND not in self.turn.marks:
            self._equipment.notify(NoticeKind.STATE, "speaking")
        self.turn.mark(Stage.FIRST_SOUND, at)
        self._equipment.observer(Notice(NoticeKind.SAYING, at, text=text))
