"""The floor: who may speak, what is held beneath them, and how one may speak next. Tables, which the code follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from voiceos.core import Cut, Outcome
from voiceos.dialogue.acts import Act
from voiceos.dialogue.answer import Answer
from voiceos.dialogue.manners import TALKED_OVER, went_on


class Holder(Enum):
    """Who has the floor."""

    NOBODY = auto()
    CALLED = auto()
    """Nobody, but the assistant was called: a request is awaited."""
    USER = auto()
    """Somebody speaks. A reply that they speak over is silent, beneath them."""
    PAUSE = auto()
    """They may have finished: an answer is prepared, of which nothing sounds."""
    REPLY = auto()
    """The assistant: it thinks or speaks."""


PASSES: Mapping[Holder, Mapping[Cut, Holder]] = {
    Holder.NOBODY: {Cut.WAKE: Holder.CALLED, Cut.START: Holder.USER, Cut.LAPSE: Holder.NOBODY},
    Holder.CALLED: {Cut.WAKE: Holder.CALLED, Cut.START: Holder.USER, Cut.LAPSE: Holder.NOBODY},
    Holder.USER: {Cut.WAKE: Holder.CALLED, Cut.PAUSE: Holder.PAUSE, Cut.END: Holder.REPLY},
    Holder.PAUSE: {Cut.WAKE: Holder.CALLED, Cut.RESUME: Holder.USER, Cut.END: Holder.REPLY},
    Holder.REPLY: {Cut.WAKE: Holder.CALLED, Cut.START: Holder.USER},
}
"""To whom each cut passes the floor; one that is not in the row passes nothing. With the end of a reply it falls to
nobody, or to who was called."""

BENEATH: Mapping[Act, Outcome | None] = {
    Act.WORDS: Outcome.INTERRUPTED,  # merged, where the words go on with what it answers
    Act.STOP: Outcome.STOPPED,
    Act.CALLED: Outcome.INTERRUPTED,
    Act.BACKCHANNEL: None,
    Act.NOTHING: None,
}
"""How a reply ends once what was said over it has ended; None: it goes on."""


class Next(Enum):
    """How one may speak after a reply."""

    BY_NAME = auto()
    """After the wake word."""
    AT_ONCE = auto()
    """Without the wake word, for a while."""
    AGAIN = auto()
    """The same, for what was left of that while: a noise does not make it longer."""
    PATIENTLY = auto()
    """The same, for as long as after the wake word: only that was said."""
    ALWAYS = auto()
    """The wake word is never needed."""
    OF_THE_BELL = auto()
    """Without the wake word, of what rings."""


@dataclass(frozen=True, slots=True)
class After:
    """How a reply ended, and what goes on around it."""

    outcome: Outcome | None
    called: bool = False
    """Whether the wake word was said before it."""
    asks: bool = False
    """Whether it ended with a question."""
    always_open: bool = False
    follows_up: bool = True
    """Whether one may go on without the wake word at all."""
    talked_over: bool = False
    """Whether they talk to somebody else."""
    music: bool = False
    for_bell: bool = False
    """Whether only what rings had opened the ears."""


NEXT: Sequence[tuple[Callable[[After], bool], Next]] = (
    (lambda after: after.for_bell, Next.OF_THE_BELL),
    (lambda after: after.outcome is None and after.called, Next.PATIENTLY),
    (lambda after: after.always_open, Next.ALWAYS),
    (lambda after: after.outcome is Outcome.STOPPED or not after.follows_up or after.talked_over, Next.BY_NAME),
    (lambda after: after.music and not after.asks, Next.BY_NAME),
    (lambda after: after.outcome is Outcome.NOTHING_HEARD and not after.called, Next.AGAIN),
    (lambda _: True, Next.AT_ONCE),
)
"""The first row that fits decides."""


def next_after(after: After) -> Next:
    """How one may speak after a reply."""
    return next(then for fits, then in NEXT if fits(after))


class Floor:
    """Who has it: the answer that is being given, one that is prepared, and what somebody speaks over."""

    def __init__(self, *, always_open: bool) -> None:
        self._always_open = always_open
        self._holder = Holder.NOBODY
        self._talked_over = 0  # recent replies that were not heard to the end
        self.reply: Answer | None = None
        """The answer that was committed, perhaps sounding."""
        self.prepared: Answer | None = None
        """One for the case that this pause is the end."""
        self.beneath: Answer | None = None
        """What the current utterance is spoken over."""
        self.last: Answer | None = None
        """The last that was answered to its end, or not made out."""
        self.goes_on = False
        """Whether it goes on with what that was about to answer."""
        self.called_at: float | None = None
        self.cut_short = False
        """Whether the wake word ended a reply that sounded."""
        self.follows_up = False
        """Whether one may go on without the wake word, since a reply has just ended."""
        self.only_for_bell = False
        """Whether it is asleep but for what is said of what rings."""

    @property
    def holder(self) -> Holder:
        if self._holder is not Holder.REPLY or self.reply:
            return self._holder
        return Holder.NOBODY if self.called_at is None else Holder.CALLED

    def _pass(self, cut: Cut) -> None:
        self._holder = PASSES[self.holder].get(cut, self.holder)

    @property
    def talked_over(self) -> bool:
        """Whether they are talking to somebody else, so that only our name counts."""
        return self._talked_over >= TALKED_OVER and not self._always_open

    # What the ears report

    def wake(self, at: float) -> None:
        self._pass(Cut.WAKE)
        self.only_for_bell = False
        self.withdraw()
        self.cut_short = self.reply is not None and self.reply.playback.heard_seconds > 0
        if self.reply:
            self.give_up(self.reply, Outcome.INTERRUPTED)
        self._talked_over = 0
        self.called_at = at

    def start(self, at: float) -> None:
        self._pass(Cut.START)
        self.beneath = self.reply if self.reply and not self.reply.ended else None
        self.goes_on = self.beneath is not None and went_on(self.beneath, at)
        if self.beneath:
            self.beneath.hush()

    def pause(self) -> None:
        self._pass(Cut.PAUSE)

    def resume(self) -> None:
        self._pass(Cut.RESUME)
        if self.prepared and self.prepared.over:
            self.prepared.over.hush()
        self.withdraw()

    def end(self) -> Answer | None:
        """The answer that was prepared has the floor."""
        self._pass(Cut.END)
        answer, self.prepared = self.prepared, None
        if answer:
            self.reply, self.follows_up = answer, False
            self.only_for_bell &= answer.is_overheard
        return answer

    def lapse(self) -> bool:
        """Nobody spoke. Whether the assistant had been called."""
        self._pass(Cut.LAPSE)
        was_called, self.called_at, self.follows_up = self.called_at is not None, None, False
        return was_called

    # What becomes of answers

    def withdraw(self) -> None:
        """Discards what was prepared: the pause was not the end."""
        if self.prepared:
            self.prepared.scope.cancel()
            self.prepared = None

    def give_up(self, answer: Answer, outcome: Outcome) -> None:
        """Ends it and what lies beneath it. Whatever comes instead decides how to listen from then on."""
        if over := answer.over:
            is_part = outcome is not Outcome.MERGED or answer.includes(over)
            self.give_up(over, outcome if is_part else Outcome.INTERRUPTED)
        answer.end(outcome)
        answer.scope.cancel()
        if self.reply is answer:
            self.reply = None

    def end_beneath(self, answer: Answer) -> None:
        """Ends the reply that `answer` is given over, as the table says."""
        over, outcome = answer.over, BENEATH[answer.act]
        if not over or not outcome:
            return
        speaks, merged = answer.act is Act.WORDS, answer.act is Act.WORDS and answer.includes(over)
        self.give_up(over, Outcome.MERGED if merged else outcome)
        self._talked_over += speaks and (not merged or over.playback.heard_seconds > 0)

    def go_back(self, answer: Answer, over: Answer) -> None:
        """What was said over a reply was nothing: the reply has the floor again."""
        if self.reply is answer:
            self.reply = over

    def heard_out(self, answer: Answer) -> None:
        """A reply was given to its end."""
        self.last = answer
        if not self.talked_over:
            self._talked_over = max(0, self._talked_over - 1)
