"""The floor's tables, walked through: every holder with every cut, every act over a reply, every end of a reply."""

from collections.abc import Callable
from itertools import product
from typing import Any, cast

import pytest

from voiceos.core import Cut, Outcome
from voiceos.dialogue.acts import Act
from voiceos.dialogue.answer import Answer
from voiceos.dialogue.floor import BENEATH, NEXT, PASSES, After, Floor, Holder, Next, next_after


class Given:
    """An answer, as far as the floor sees it."""

    def __init__(self, over: "Given | None" = None, *, act: Act = Act.WORDS, heard: float = 1.0) -> None:
        self.over = over
        self.act = act
        self.ended: Outcome | None = None
        self.hushed = self.is_overheard = False
        self.scope = self.playback = self
        self.cancel_called = False
        self.heard_seconds = heard
        self.part: Given | None = None
        self.turn = self
        self.speech = None

    def hush(self) -> None:
        self.hushed = True

    def cancel(self) -> None:
        self.cancel_called = True

    def end(self, outcome: Outcome) -> None:
        self.ended = self.ended or outcome

    def includes(self, other: "Given") -> bool:
        return self.part is other


def given(*args: Any, **kwargs: Any) -> Answer:
    return cast(Answer, Given(*args, **kwargs))


def as_given(answer: Answer | None) -> Given:
    assert answer
    return cast(Given, answer)


def floor_of(holder: Holder, *, over_reply: bool) -> Floor:
    """A floor that this one holds, with or without a reply beneath."""
    floor = Floor(always_open=False)
    if over_reply or holder is Holder.REPLY:
        floor.start(0.0)
        floor.prepared = given()
        floor.end()
    if holder is Holder.CALLED:
        floor.wake(0.0)
    if holder in (Holder.USER, Holder.PAUSE):
        floor.start(1.0)
    if holder is Holder.PAUSE:
        floor.pause()
        floor.prepared = given(floor.beneath)
    assert floor.holder is holder
    return floor


def cut(floor: Floor, what: Cut) -> None:
    """What the conversation does with it."""
    if what in (Cut.PAUSE, Cut.END) and not floor.prepared:
        floor.prepared = given(floor.beneath)
    steps: dict[Cut, Callable[[], object]] = {
        Cut.WAKE: lambda: floor.wake(2.0),
        Cut.START: lambda: floor.start(2.0),
        Cut.PAUSE: floor.pause,
        Cut.RESUME: floor.resume,
        Cut.END: floor.end,
        Cut.LAPSE: floor.lapse,
    }
    steps[what]()


@pytest.mark.parametrize(
    ("holder", "what", "over_reply"),
    [
        (holder, what, over)
        for holder, cuts in PASSES.items()
        for what in cuts
        for over in ([False, True] if holder in (Holder.USER, Holder.PAUSE) else [False])
    ],
)
def test_each_cut_passes_the_floor(holder: Holder, what: Cut, over_reply: bool) -> None:
    floor = floor_of(holder, over_reply=over_reply)
    reply, prepared = floor.reply, floor.prepared
    cut(floor, what)
    assert floor.holder is PASSES[holder][what]
    if reply:
        assert as_given(reply).hushed is (what is not Cut.WAKE or over_reply), "who is spoken over is silent"
        assert as_given(reply).ended is (Outcome.INTERRUPTED if what is Cut.WAKE else None)
    if prepared:
        assert prepared.scope.cancel_called is (what in (Cut.WAKE, Cut.RESUME)), "an answer to half a sentence goes"
        assert (floor.reply is prepared) is (what is Cut.END)


@pytest.mark.parametrize("holder", [holder for holder, cuts in PASSES.items() if Cut.LAPSE not in cuts])
def test_a_cut_that_is_not_in_the_row_passes_nothing(holder: Holder) -> None:
    floor = floor_of(holder, over_reply=False)
    cut(floor, Cut.LAPSE)
    assert floor.holder is holder


def test_the_table_has_every_holder() -> None:
    assert set(PASSES) == set(Holder)
    assert set(BENEATH) == set(Act)


@pytest.mark.parametrize(("act", "outcome"), BENEATH.items())
def test_what_is_said_over_a_reply_ends_it_or_not(act: Act, outcome: Outcome | None) -> None:
    floor, lowest = Floor(always_open=False), given()
    beneath = given(lowest)
    answer = given(beneath, act=act)
    floor.reply = answer
    floor.end_beneath(answer)
    assert as_given(beneath).ended is outcome
    assert as_given(lowest).ended is outcome
    assert beneath.scope.cancel_called is (outcome is not None)
    if outcome is None:
        floor.go_back(answer, beneath)
        assert floor.reply is beneath


def test_words_that_go_on_are_merged_with_those_before() -> None:
    floor, lowest = Floor(always_open=False), given()
    beneath = given(lowest)
    answer = given(beneath)
    as_given(answer).part = as_given(beneath)
    floor.end_beneath(answer)
    assert as_given(beneath).ended is Outcome.MERGED
    assert as_given(lowest).ended is Outcome.INTERRUPTED


@pytest.mark.parametrize(("always_open", "expected"), [(False, True), (True, False)])
def test_who_talks_over_every_reply_talks_to_somebody_else(always_open: bool, expected: bool) -> None:
    floor = Floor(always_open=always_open)
    for _ in range(3):
        assert not floor.talked_over
        floor.end_beneath(given(given()))
    floor.heard_out(given())
    assert floor.talked_over is expected
    floor.wake(0.0)
    assert not floor.talked_over


ENDS = [None, Outcome.ANSWERED, Outcome.STOPPED, Outcome.NOTHING_HEARD, Outcome.FAILED]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (After(Outcome.ANSWERED), Next.AT_ONCE),
        (After(Outcome.ANSWERED, called=True), Next.AT_ONCE),
        (After(None, called=True), Next.PATIENTLY),
        (After(None, called=True, always_open=True), Next.PATIENTLY),
        (After(Outcome.ANSWERED, always_open=True), Next.ALWAYS),
        (After(Outcome.STOPPED, always_open=True), Next.ALWAYS),
        (After(Outcome.STOPPED), Next.BY_NAME),
        (After(Outcome.ANSWERED, follows_up=False), Next.BY_NAME),
        (After(Outcome.ANSWERED, talked_over=True), Next.BY_NAME),
        (After(Outcome.ANSWERED, music=True), Next.BY_NAME),
        (After(Outcome.ANSWERED, music=True, asks=True), Next.AT_ONCE),
        (After(Outcome.NOTHING_HEARD), Next.AGAIN),
        (After(Outcome.NOTHING_HEARD, called=True), Next.AT_ONCE),
        (After(Outcome.ANSWERED, for_bell=True, always_open=True), Next.OF_THE_BELL),
    ],
)
def test_how_one_may_speak_next(after: After, expected: Next) -> None:
    assert next_after(after) is expected


def test_each_row_decides_something() -> None:
    flags = [After(outcome, *rest) for outcome in ENDS for rest in product([False, True], repeat=7)]
    first = {next(number for number, (fits, _) in enumerate(NEXT) if fits(after)) for after in flags}
    assert first == set(range(len(NEXT)))
    assert {next_after(after) for after in flags} == set(Next)
