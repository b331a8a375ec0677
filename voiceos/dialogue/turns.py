"""Takes turns: hears what was said, and answers, ends, resumes or passes over, as its words ask."""

import uuid
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import cache
from typing import Protocol

import anyio

from voiceos.audio.earcons import Earcon
from voiceos.core import NoticeKind, Outcome, Speech, Stage, Transcript, Turn
from voiceos.dialogue.acts import Act
from voiceos.dialogue.answer import Answer
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.equipment import Equipment
from voiceos.dialogue.floor import Floor
from voiceos.dialogue.manners import DOUBTFUL_SECONDS, Manners, may_complete
from voiceos.dialogue.ringing import Bell
from voiceos.dialogue.unfinished import ENDS, completes, is_doubtful, sounds_unfinished
from voiceos.errors import VoiceosError
from voiceos.language.sentences import apology, say
from voiceos.listen.gate import Gate
from voiceos.mind.replying import Saying


class Playing(Protocol):
    """Music in the same room."""

    @property
    def is_on(self) -> bool: ...

    def stop(self) -> None: ...


class Turns:
    """What is done for one utterance. Cancelling an answer's scope undoes it at any point."""

    def __init__(
        self,
        equipment: Equipment,
        conversation: Conversation,
        floor: Floor,
        gate: Gate,
        manners: Manners,
        *,
        chime: Callable[[Earcon], Coroutine[object, object, None]],
        bell: Bell | None = None,
        music: Playing | None = None,
    ) -> None:
        """`chime` plays the earcon of that name. `bell` knows what rings."""
        self._equipment = equipment
        self._conversation = conversation
        self._floor = floor
        self._gate = gate
        self._manners = manners
        self._chime = chime
        self._bell = bell
        self._music = music

    def prepare(self, speech: Speech, at: float) -> Answer:
        """An answer for the case that the speech ends here; `take` gives it."""
        floor, over = self._floor, self._floor.beneath
        rings, plays = self._bell is not None and self._bell.rings, self._music is not None and self._music.is_on
        speech = replace(speech, over_sound=over is not None or rings or plays)
        turn = Turn(uuid.uuid4().hex[:12], self._conversation.id, speech)
        turn.mark(Stage.SPEECH_START, speech.start)
        turn.mark(Stage.SPEECH_END, speech.end)
        if floor.called_at is not None:
            turn.mark(Stage.WAKE, floor.called_at)
        turn.mark(Stage.PAUSE, at)
        answer = Answer(self._equipment, self._conversation, turn, over=over, on_sound=self._gate.over_sound)
        if over and floor.goes_on and over.act is not Act.STOP and not speech.wake:
            answer.take_over(over)
        answer.is_overheard = floor.only_for_bell and not speech.wake
        asked = self._manners.always_open or (floor.last is not None and floor.last.has_asked)
        answer.is_for_us = asked or floor.called_at is not None or speech.wake is not None
        called = floor.called_at is not None and floor.called_at <= speech.start
        answer.was_called = asked or called or floor.follows_up
        floor.prepared = answer
        return answer

    async def take(self, answer: Answer) -> Outcome | None:
        """Hear, think, speak. Cancelling `answer.scope` undoes it at any point."""
        outcome: Outcome | None = None
        try:
            with answer.scope:
                outcome = await self._undertake(answer)
        except anyio.get_cancelled_exc_class():  # the conversation itself ends; what was heard of it still counts
            answer.end(Outcome.INTERRUPTED)
            raise
        answer.end(outcome)
        return outcome

    async def _undertake(self, answer: Answer) -> Outcome | None:
        try:
            await answer.understand()
            if self._passes_over(answer) and await answer.reconsider():
                answer.begin_anew()
                await answer.understand()
            if earlier := self._completed_by(answer):
                answer.take_over(earlier)
                await answer.understand()
            if not self._is_for_us(answer):
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

    def _completed_by(self, answer: Answer) -> Answer | None:
        """What this makes sense only as the end of: what the reply answers that it was said over, or one before."""
        turn, earlier, asks = answer.turn, answer.over or self._floor.last, self._equipment.is_request
        if not earlier or not turn.speech or turn.speech.wake or answer.goes_on_with or answer.act is not Act.WORDS:
            return None
        if not may_complete(earlier, turn.speech.start):
            return None
        is_heard = earlier.act is Act.WORDS  # else anything may be its end
        if not completes(turn.heard, earlier.turn.heard, is_request=is_heard and asks(turn)):
            return None
        whole = replace(turn, transcript=Transcript(f"{earlier.turn.heard.rstrip(ENDS)} {turn.heard}"))
        return earlier if not (is_heard and earlier.ended) or asks(whole) else None

    async def _answer(self, answer: Answer) -> Outcome | None:
        if speech := answer.turn.speech:
            answer.be_patient(speech.end + self._patience(answer.turn))
        if answer.over and answer.over.is_thinking:  # the mind thinks about one thing at a time
            self._floor.end_beneath(answer)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._supersede_when_certain, answer)
            await answer.reply()
            tasks.cancel_scope.cancel()
        if answer.meant:
            answer.begin_anew()
            return await self._undertake(answer)
        if answer.is_voiceless:  # it cannot say what is wrong
            await self._chime("error")
        self._floor.heard_out(answer)
        return Outcome.ANSWERED

    def _patience(self, turn: Turn) -> float:
        """How long after the last word the rest of the sentence is waited for; tells the gate where it is over."""
        if self._equipment.is_urgent(turn.heard) or not (heard := turn.transcript):
            return 0.0
        if sounds_unfinished(heard.text):
            return self._manners.unfinished_seconds
        tune = 1.0 if self._gate.completeness is None else self._gate.completeness
        is_request = cache(lambda: self._equipment.is_request(turn))
        self._gate.whole = heard.finality < 1.0 and not is_doubtful(heard, 1.0, is_request)  # 1: it cannot tell
        return DOUBTFUL_SECONDS if is_doubtful(heard, tune, is_request) else 0.0

    async def _supersede_when_certain(self, answer: Answer) -> None:
        """Ends the interrupted answer only when this turn has ended: until then it may resume."""
        await answer.certain()
        self._floor.end_beneath(answer)
        if self._floor.talked_over:
            self._gate.close()

    async def _stop(self, answer: Answer) -> Outcome:
        """Ends what rings, or else the reply, or else the music."""
        await answer.committed.wait()
        spoken = answer.over is not None or self._floor.cut_short
        self._floor.end_beneath(answer)
        if self._bell and self._bell.rings:
            await self._bell.keeper.silence()
        elif self._music and not spoken:
            self._music.stop()
        await self._chime("end")
        return Outcome.STOPPED

    async def _attend(self, answer: Answer) -> None:
        """Falls silent and listens: only the name was called."""
        await answer.committed.wait()
        self._floor.end_beneath(answer)
        self._floor.called_at = anyio.current_time()
        await self._chime("wake")

    async def _pass_over(self, answer: Answer) -> Outcome | None:
        """Lets the reply resume: the words were not for us."""
        if answer.over and not answer.hushed:  # else whatever is being said now decides
            answer.over.carry_on()
        await answer.committed.wait()
        if over := answer.over:
            self._floor.go_back(answer, over)
            if not over.hushed:
                self._equipment.notify(NoticeKind.STATE, "speaking" if over.playback.heard_seconds else "thinking")
            return None
        self._floor.last = answer
        if self._floor.called_at is not None and not self._manners.always_open:
            await answer.reply(Saying(say("sorry")))
        return Outcome.NOTHING_HEARD

    async def _apologise(self, answer: Answer, error: VoiceosError) -> None:
        answer.turn.error = str(error)
        await answer.committed.wait()
        if answer.over:
            self._floor.give_up(answer.over, Outcome.INTERRUPTED)
        self._equipment.notify(NoticeKind.PROBLEM, str(error))
        if answer.is_for_us:
            await self._chime("error")
            await answer.reply(Saying(apology(error)))

    def _passes_over(self, answer: Answer) -> bool:
        """Whether what was heard is not answered for itself."""
        is_nothing = answer.act in (Act.BACKCHANNEL, Act.NOTHING) or not self._is_for_us(answer)
        return is_nothing or self._completed_by(answer) is not None

    def _is_for_us(self, answer: Answer) -> bool:
        """Whether it was said to us, or about what rings, or of danger; other talk is none of ours."""
        if not answer.is_overheard:
            return True
        if answer.act is not Act.WORDS:
            return answer.act is Act.STOP
        is_for_bell = self._bell is not None and self._bell.is_for(answer.turn)
        return is_for_bell or self._equipment.is_urgent(answer.turn.heard)
