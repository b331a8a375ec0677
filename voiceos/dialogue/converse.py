"""The conversation: one answer at a time. Speech over it silences it, then the words decide what happens."""

import uuid
from collections.abc import Callable, Coroutine, Sequence
from math import inf
from typing import Protocol, TypeGuard

import anyio
from anyio.abc import TaskGroup

from voiceos.audio.earcons import Earcon
from voiceos.core import Cut, Exchange, Heard, Notice, NoticeKind, Outcome, Speech, Stage, Turn
from voiceos.dialogue.acts import Act
from voiceos.dialogue.answer import Answer, Equipment, Saying
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.manners import TALKED_OVER, Manners, may_complete, went_on
from voiceos.dialogue.partials import show_partials
from voiceos.dialogue.ringing import Bell
from voiceos.dialogue.unfinished import completes, sounds_unfinished
from voiceos.errors import VoiceosError
from voiceos.language.sentences import apology, say
from voiceos.listen.ears import Ears
from voiceos.listen.gate import State

WARM_SECONDS = 20.0
"""How long a warmed mind stays warm; its prompt holds the time of day."""


class Playing(Protocol):
    """Music in the same room."""

    @property
    def is_on(self) -> bool: ...

    def stop(self) -> None: ...


class Dialogue:
    """Answers what is heard. Handlers are plain functions on one loop, and everything that takes time is a task."""

    def __init__(
        self,
        ears: Ears,
        equipment: Equipment,
        conversation: Conversation,
        manners: Manners,
        *,
        chime: Callable[[Earcon], Coroutine[object, object, None]],
        warm: Callable[[Sequence[Exchange]], Coroutine[object, object, None]],
        bell: Bell | None = None,
        music: Playing | None = None,
    ) -> None:
        """`chime` plays the earcon of that name. `warm` prepares the mind when somebody is about to speak.

        `bell` rings and tells what is due. While `music` plays, only the wake word counts, unless something was asked.
        """
        self._ears = ears
        self._equipment = equipment
        self._conversation = conversation
        self._manners = manners
        self._chime = chime
        self._warm = warm
        self._bell = bell
        self._music = music
        self._bell_scope = anyio.CancelScope()
        self._only_for_bell = False  # asleep but for what is said of what rings
        self._current: Answer | None = None  # committed, perhaps sounding
        self._prepared: Answer | None = None  # in case this pause is the end
        self._over: Answer | None = None  # what the current utterance is spoken over
        self._goes_on = False  # whether it goes on with what `_over` was about to answer
        self._spoken_over = 0  # recent replies that were not heard to the end
        self._woken_at: float | None = None
        self._cut_short = False  # whether the wake word ended a reply that sounded
        self._warmed_at = -inf
        self._warmed_with: Sequence[Exchange] = ()
        self._partial = anyio.CancelScope()
        self._tasks: TaskGroup

    async def run(self) -> None:
        """Listens and answers until there is nothing more to hear and the last answer has been given."""
        out, heard = anyio.create_memory_object_stream[Heard](max_buffer_size=64)
        handlers: dict[Cut, Callable[[Heard], None]] = {
            Cut.WAKE: self._on_wake,
            Cut.START: self._on_start,
            Cut.PAUSE: self._on_pause,
            Cut.RESUME: self._on_resume,
            Cut.END: self._on_end,
            Cut.LAPSE: self._on_lapse,
        }
        self._rest()
        async with anyio.create_task_group() as listening, anyio.create_task_group() as self._tasks, heard:
            listening.start_soon(self._ears.listen, self._equipment.audio.frames(), out)
            if self._bell:
                self._tasks.start_soon(self._ring, self._bell)
            async for event in heard:
                if self._bell and event.cut in (Cut.WAKE, Cut.START):
                    self._bell.hush()
                handlers[event.cut](event)
            self._bell_scope.cancel()

    # What the ears report

    def _on_wake(self, heard: Heard) -> None:
        self._notify(NoticeKind.WAKE, heard.wake or "")
        self._only_for_bell = False
        self._withdraw()
        self._cut_short = self._current is not None and self._current.playback.heard_seconds > 0
        if self._current:
            self._give_up(self._current, Outcome.INTERRUPTED)
        self._spoken_over = 0
        self._woken_at = heard.at
        self._tasks.start_soon(self._chime, "wake")
        self._warm_mind(heard.at)
        self._state("listening")

    def _on_start(self, heard: Heard) -> None:
        self._over = self._current if self._current and not self._current.ended else None
        self._goes_on = False
        if self._over:
            self._goes_on = went_on(self._over, heard.at)
            if self._over.playback.heard_seconds > 0:
                self._notify(NoticeKind.INTERRUPT)
            self._over.hush()
        self._state("hearing")
        if not self._over:  # while it answers, the mind is busy
            self._warm_mind(heard.at)
        self._partial.cancel()
        if self._manners.partials:
            self._partial = anyio.CancelScope()
            self._tasks.start_soon(show_partials, self._ears, self._equipment, self._partial)

    def _on_pause(self, heard: Heard) -> None:
        self._partial.cancel()
        if heard.speech:
            self._prepare(heard.speech, heard.at)

    def _on_resume(self, heard: Heard) -> None:
        if self._prepared and self._prepared.over:
            self._prepared.over.hush()
        self._withdraw()

    def _on_end(self, heard: Heard) -> None:
        self._partial.cancel()
        said = self._prepared and self._prepared.turn.speech
        if heard.speech and said and heard.speech.wake and not said.wake:  # the wake word was found after the pause
            self._withdraw()
        if not self._prepared and heard.speech:
            self._prepare(heard.speech, heard.at)
        if answer := self._prepared:
            self._prepared = None
            self._current = answer
            self._only_for_bell &= answer.is_overheard
            if self._is_talked_over:
                self._ears.gate.close()
            else:
                self._ears.gate.open(over_reply=True)
            self._state("thinking")
            if self._bell and self._bell.sounds:
                answer.hush()  # until the round is over
            answer.commit(heard.at)

    def _on_lapse(self, heard: Heard) -> None:
        if self._woken_at is not None:  # called, and then nothing was said
            self._woken_at = None
            self._tasks.start_soon(self._chime, "end")
        self._rest()

    # A turn

    def _prepare(self, speech: Speech, at: float) -> None:
        over = self._over
        turn = Turn(uuid.uuid4().hex[:12], self._conversation.id, speech)
        turn.mark(Stage.SPEECH_START, speech.start)
        turn.mark(Stage.SPEECH_END, speech.end)
        if self._woken_at is not None:
            turn.mark(Stage.WAKE, self._woken_at)
        turn.mark(Stage.PAUSE, at)
        answer = Answer(self._equipment, self._conversation, turn, over=over, on_sound=self._ears.gate.over_sound)
        if over and self._goes_on and over.act is not Act.STOP:
            answer.take_over(over)
        answer.is_overheard = self._only_for_bell and not speech.wake
        self._prepared = answer
        self._tasks.start_soon(self._take_turn, answer)

    async def _take_turn(self, answer: Answer) -> None:
        """Hear, think, speak. Cancelling `answer.scope` undoes it at any point."""
        outcome: Outcome | None = None
        try:
            with answer.scope:
                outcome = await self._undertake(answer)
        except anyio.get_cancelled_exc_class():  # the conversation itself ends; what was heard of it still counts
            answer.end(Outcome.INTERRUPTED)
            raise
        answer.end(outcome)
        if self._current is answer:
            self._current = None
            self._after_reply(outcome, asks=answer.has_asked)

    async def _undertake(self, answer: Answer) -> Outcome | None:
        try:
            await answer.understand()
            if self._is_end_of(answer.over, answer):
                answer.take_over(answer.over)
                await answer.understand()
            if answer.is_overheard and not self._is_for_bell(answer):
                await answer.committed.wait()
                return None
            match answer.act:
                case Act.WORDS:
                    return await self._answer(answer)
                case Act.STOP:
                    return await self._stop(answer)
                case Act.CALLED:
                    return await self._attend(answer)
                case Act.BACKCHANNEL | Act.NOTHING:
                    return await self._pass_over(answer)
        except VoiceosError as error:
            await self._apologise(answer, error)
            return Outcome.FAILED

    def _is_end_of(self, over: Answer | None, answer: Answer) -> TypeGuard[Answer]:
        """Whether what was said over a reply makes sense only as the end of what that answers."""
        turn = answer.turn
        if not over or not turn.speech or turn.speech.wake or answer.goes_on_with or answer.act is not Act.WORDS:
            return False
        return may_complete(over, turn.speech.start) and completes(
            turn.heard, over.turn.heard, is_request=self._equipment.is_request(turn)
        )

    async def _answer(self, answer: Answer) -> Outcome:
        if answer.turn.speech and sounds_unfinished(answer.turn.heard):
            answer.be_patient(answer.turn.speech.end + self._manners.unfinished_seconds)
        if answer.over and answer.over.is_thinking:  # the mind thinks about one thing at a time
            self._supersede(answer)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._supersede_when_committed, answer)
            await answer.reply()
        if answer.is_voiceless:  # it cannot say what is wrong
            await self._chime("error")
        if not self._is_talked_over:
            self._spoken_over = max(0, self._spoken_over - 1)
        return Outcome.ANSWERED

    async def _supersede_when_committed(self, answer: Answer) -> None:
        """Ends the interrupted answer only when this turn has ended: until then it may resume."""
        await answer.committed.wait()
        self._supersede(answer)

    def _supersede(self, answer: Answer) -> None:
        if over := answer.over:
            merged = answer.includes(over)
            self._give_up(over, Outcome.MERGED if merged else Outcome.INTERRUPTED)
            self._spoken_over += not merged or over.playback.heard_seconds > 0
            if self._is_talked_over:
                self._ears.gate.close()

    async def _stop(self, answer: Answer) -> Outcome:
        """Ends what rings, or else the reply, or else the music."""
        await answer.committed.wait()
        spoken = answer.over is not None or self._cut_short
        if answer.over:
            self._give_up(answer.over, Outcome.STOPPED)
        if self._bell and self._bell.rings:
            await self._bell.keeper.silence()
        elif self._music and not spoken:
            self._music.stop()
        await self._chime("end")
        return Outcome.STOPPED

    async def _attend(self, answer: Answer) -> None:
        """Falls silent and listens: only the name was called."""
        await answer.committed.wait()
        if answer.over:
            self._give_up(answer.over, Outcome.INTERRUPTED)
        self._woken_at = anyio.current_time()
        await self._chime("wake")

    async def _pass_over(self, answer: Answer) -> Outcome | None:
        """Lets the reply resume: the words were not for us."""
        if answer.over and not answer.hushed:  # else whatever is being said now decides
            answer.over.carry_on()
        await answer.committed.wait()
        if over := answer.over:
            if self._current is answer:
                self._current = over
            if not over.hushed:
                self._state("speaking" if over.playback.heard_seconds else "thinking")
            return None
        if self._woken_at is not None and not self._manners.always_open:
            await answer.reply(Saying(say("sorry")))
        return Outcome.NOTHING_HEARD

    async def _apologise(self, answer: Answer, error: VoiceosError) -> None:
        answer.turn.error = str(error)
        await answer.committed.wait()
        if answer.over:
            self._give_up(answer.over, Outcome.INTERRUPTED)
        self._notify(NoticeKind.PROBLEM, str(error))
        await self._chime("error")
        await answer.reply(Saying(apology(error)))

    def _give_up(self, answer: Answer, outcome: Outcome) -> None:
        """Ends it and what lies beneath it. Whatever comes instead decides how to listen from then on."""
        if over := answer.over:
            is_part = outcome is not Outcome.MERGED or answer.includes(over)
            self._give_up(over, outcome if is_part else Outcome.INTERRUPTED)
        answer.end(outcome)
        answer.scope.cancel()
        if self._current is answer:
            self._current = None

    def _withdraw(self) -> None:
        """Discards what was prepared: the pause was not the end."""
        if self._prepared:
            self._prepared.scope.cancel()
            self._prepared = None

    # What rings

    async def _ring(self, bell: Bell) -> None:
        with self._bell_scope:
            await bell.run(self)

    def _is_for_bell(self, answer: Answer) -> bool:
        """Whether what was said without the wake word is about what rings; other talk is none of our business."""
        return answer.act is Act.STOP or (
            answer.act is Act.WORDS and self._bell is not None and self._bell.is_for(answer.turn)
        )

    def is_free(self) -> bool:
        """Whether nobody speaks, is about to, or is answered."""
        speaking = self._ears.gate.state in (State.SPEECH, State.PAUSE, State.WOKEN)
        return not (speaking or self._current or self._prepared or self._woken_at is not None)

    def before_round(self) -> None:
        """It rings: a reply waits, and what is said of it needs no wake word."""
        if self._current:
            self._current.hush()
        if self._ears.gate.asleep:
            self._ears.gate.open()
            self._only_for_bell = True
        if self.is_free():
            self._ears.gate.over_sound()
            self._state("ringing")

    def after_round(self) -> None:
        """The reply goes on, unless somebody speaks over it."""
        if self._current and self._ears.gate.state not in (State.SPEECH, State.PAUSE):
            self._current.carry_on()

    def rung(self) -> None:
        """Nothing rings any more."""
        if self._only_for_bell and self._ears.gate.state is State.OPEN and not self._current:
            self._only_for_bell = False
            self._ears.gate.close()
            self._rest()

    def told(self) -> None:
        """Something was told: one may answer without the wake word."""
        if self._ears.gate.asleep and self._manners.follow_up_seconds:
            self._ears.gate.open(self._manners.follow_up_seconds)
            self._state("listening")

    # Between turns

    def _after_reply(self, outcome: Outcome | None, *, asks: bool) -> None:
        self._cut_short = False
        music = self._music is not None and self._music.is_on
        if self._only_for_bell:
            self.rung() if not (self._bell and self._bell.rings) else self._ears.gate.open()
            return
        woken = self._woken_at is not None
        if outcome is None and woken:  # called: patience, until they say what they want
            self._ears.gate.open(self._manners.patience_seconds)
            self._state("listening")
            return
        self._woken_at = None
        self._warm_mind(anyio.current_time())
        if self._manners.always_open:
            self._rest()
        elif (
            outcome is Outcome.STOPPED
            or not self._manners.follow_up_seconds
            or self._is_talked_over
            or (music and not asks)
        ):
            self._ears.gate.close()
            if self._ears.gate.asleep:
                self._rest()
        elif outcome is Outcome.NOTHING_HEARD and not woken:
            self._ears.gate.reopen()
            self._state("listening")
        else:
            self._ears.gate.open(self._manners.follow_up_seconds)
            if music:
                self._ears.gate.over_sound()
            self._state("listening")

    @property
    def _is_talked_over(self) -> bool:
        """Whether they are talking to somebody else, so that only our name counts."""
        return self._spoken_over >= TALKED_OVER and not self._manners.always_open

    def _rest(self) -> None:
        if self._manners.always_open:
            self._ears.gate.open(inf)
        self._state("listening" if self._manners.always_open else "asleep")

    def _warm_mind(self, now: float) -> None:
        history = self._conversation.history(now)
        if now - self._warmed_at > WARM_SECONDS or history != self._warmed_with:
            self._warmed_at, self._warmed_with = now, history
            self._tasks.start_soon(self._warm, history)

    def _state(self, name: str) -> None:
        self._notify(NoticeKind.STATE, name)

    def _notify(self, kind: NoticeKind, text: str = "", turn: Turn | None = None) -> None:
        self._equipment.observer(Notice(kind, anyio.current_time(), text=text, turn=turn))
