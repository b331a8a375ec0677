"""The conversation: one answer at a time. Speech over it silences it, then the words decide what happens."""

from collections.abc import Callable, Coroutine, Sequence
from math import inf

import anyio
from anyio.abc import TaskGroup

from voiceos.audio.earcons import Earcon
from voiceos.core import Cut, Exchange, Heard, NoticeKind, Outcome, Speech
from voiceos.dialogue.answer import Answer
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.equipment import Equipment
from voiceos.dialogue.floor import After, Floor, Holder, Next, next_after
from voiceos.dialogue.manners import Manners
from voiceos.dialogue.partials import show_partials
from voiceos.dialogue.ringing import Bell
from voiceos.dialogue.turns import Playing, Turns
from voiceos.listen.ears import Ears
from voiceos.listen.gate import State


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
        self._floor = Floor(always_open=manners.always_open)
        self._turns = Turns(
            equipment, conversation, self._floor, ears.gate, manners, chime=chime, bell=bell, music=music
        )
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
        self._equipment.notify(NoticeKind.WAKE, heard.wake or "")
        self._floor.wake(heard.at)
        self._tasks.start_soon(self._chime, "wake")
        self._warm_mind(heard.at)
        self._state("listening")

    def _on_start(self, heard: Heard) -> None:
        self._floor.start(heard.at)
        over = self._floor.beneath
        if over and over.playback.heard_seconds > 0:
            self._equipment.notify(NoticeKind.INTERRUPT)
        self._state("hearing")
        if not (over and over.is_thinking):  # then the mind is busy
            self._warm_mind(heard.at, over.as_heard() if over else ())
        self._partial.cancel()
        if self._manners.partials:
            self._partial = anyio.CancelScope()
            self._tasks.start_soon(show_partials, self._ears, self._equipment, self._partial)

    def _on_pause(self, heard: Heard) -> None:
        self._partial.cancel()
        self._floor.pause()
        if heard.speech:
            self._prepare(heard.speech, heard.at)

    def _on_resume(self, heard: Heard) -> None:
        self._floor.resume()

    def _on_end(self, heard: Heard) -> None:
        self._partial.cancel()
        said = self._floor.prepared and self._floor.prepared.turn.speech
        if heard.speech and said and heard.speech.wake and not said.wake:  # the wake word was found after the pause
            self._floor.withdraw()
        if not self._floor.prepared and heard.speech:
            self._prepare(heard.speech, heard.at)
        if answer := self._floor.end():
            if self._floor.talked_over:
                self._ears.gate.close()
            else:
                self._ears.gate.open(over_reply=True)
            self._state("thinking")
            if self._bell and self._bell.sounds:
                answer.hush()  # until the round is over
            answer.commit(heard.at)

    def _on_lapse(self, heard: Heard) -> None:
        if self._floor.lapse():
            self._tasks.start_soon(self._chime, "end")
        if self._bell and self._bell.rings:  # between two rounds, too
            self._listen_for_bell()
        else:
            self._rest()

    def _prepare(self, speech: Speech, at: float) -> None:
        self._tasks.start_soon(self._take_turn, self._turns.prepare(speech, at))

    async def _take_turn(self, answer: Answer) -> None:
        outcome = await self._turns.take(answer)
        if self._floor.reply is answer:
            self._floor.reply = None
            self._after_reply(outcome, asks=answer.has_asked)

    # What rings

    async def _ring(self, bell: Bell) -> None:
        with self._bell_scope:
            await bell.run(self)

    def is_free(self) -> bool:
        """Whether nobody speaks, is about to, or is answered."""
        speaking = self._ears.gate.state in (State.SPEECH, State.PAUSE, State.WOKEN)
        return not speaking and self._floor.holder is Holder.NOBODY

    def before_round(self) -> None:
        """It rings: a reply waits, and what is said of it needs no wake word."""
        if self._floor.reply:
            self._floor.reply.hush()
        self._listen_for_bell()
        if self.is_free():
            self._ears.gate.over_sound()
            self._state("ringing")

    def _listen_for_bell(self) -> None:
        if self._ears.gate.asleep:
            self._ears.gate.open()
            self._floor.only_for_bell = True

    def after_round(self) -> None:
        """The reply goes on, unless somebody speaks over it."""
        if self._floor.reply and self._ears.gate.state not in (State.SPEECH, State.PAUSE):
            self._floor.reply.carry_on()

    def rung(self) -> None:
        """Nothing rings any more."""
        if self._floor.only_for_bell and self._ears.gate.state is State.OPEN and not self._floor.reply:
            self._floor.only_for_bell = False
            self._ears.gate.close()
            self._rest()

    def told(self) -> None:
        """Something was told: one may answer without the wake word."""
        if self._ears.gate.asleep and self._manners.follow_up_seconds:
            self._ears.gate.open(self._manners.follow_up_seconds)
            self._state("listening")

    # Between turns

    def _after_reply(self, outcome: Outcome | None, *, asks: bool) -> None:
        floor, gate, manners = self._floor, self._ears.gate, self._manners
        floor.cut_short = False
        after = After(
            outcome,
            called=floor.called_at is not None,
            asks=asks,
            always_open=manners.always_open,
            follows_up=manners.follow_up_seconds > 0,
            talked_over=floor.talked_over,
            music=self._music is not None and self._music.is_on,
            for_bell=floor.only_for_bell,
        )
        then = next_after(after)
        if then not in (Next.OF_THE_BELL, Next.PATIENTLY):
            floor.called_at = None
        floor.follows_up = then not in (Next.OF_THE_BELL, Next.BY_NAME)
        match then:
            case Next.OF_THE_BELL:
                gate.open() if self._bell and self._bell.rings else self.rung()
                return
            case Next.BY_NAME:
                gate.close()
                if gate.asleep:
                    self._rest()
                return
            case Next.PATIENTLY:
                gate.open(manners.patience_seconds)
            case Next.ALWAYS:
                gate.open(inf)
            case Next.AGAIN:
                gate.reopen()
            case Next.AT_ONCE:
                gate.open(manners.follow_up_seconds)
                if after.music:
                    gate.over_sound()
        self._state("listening")

    def _rest(self) -> None:
        if self._manners.always_open:
            self._ears.gate.open(inf)
        self._state("listening" if self._manners.always_open else "asleep")

    def _warm_mind(self, now: float, spoken_over: Sequence[Exchange] = ()) -> None:
        self._tasks.start_soon(self._warm, (*self._conversation.history(now), *spoken_over))

    def _state(self, name: str) -> None:
        self._equipment.notify(NoticeKind.STATE, name)
