"""Barge-in: whoever speaks over the assistant silences it at once, at any stage of its answer."""

from typing import Any

import pytest

from voiceos.core import Exchange, Outcome, Stage
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind, FakeSpeechToText, FakeTextToSpeech

pytestmark = pytest.mark.anyio

LONG = "This is a long answer that goes on. " * 6
OPEN = Manners(always_open=True)


def _story() -> FakeMind:
    return FakeMind({"tell me a story.": LONG.strip()})


@pytest.mark.parametrize(
    ("stage", "after", "outcome"),
    [
        (Stage.TURN_END, 0.1, Outcome.MERGED),  # recognising
        (Stage.TRANSCRIPT, 0.1, Outcome.MERGED),  # thinking
        (Stage.FIRST_CLAUSE, 0.1, Outcome.MERGED),  # synthesising
        (Stage.FIRST_SOUND, 0.1, Outcome.INTERRUPTED),  # first word
        (Stage.FIRST_SOUND, 3.0, Outcome.INTERRUPTED),
        (Stage.END, -0.5, Outcome.INTERRUPTED),  # last word
    ],
)
async def test_at_every_stage(hold: Any, stage: Stage, after: float, outcome: Outcome) -> None:
    async def scene_of(script: dict[float, str]) -> Any:
        return await hold(
            script,
            seconds=32,
            manners=OPEN,
            recognition=FakeSpeechToText(1.0),
            mind=FakeMind({"tell me a story.": LONG.strip()}, first_token_seconds=0.6),
            voice=FakeTextToSpeech(0.6),
        )

    alone = await scene_of({1.0: "tell me a story."})
    speaks = round(alone.turns[0].marks[stage] - alone.began + after, 2)
    scene = await scene_of({1.0: "tell me a story.", speaks: "what time is it?"})
    assert [turn.outcome for turn in scene.turns] == [outcome, Outcome.ANSWERED]
    assert scene.turns[1].transcript.text.endswith("what time is it?")
    assert scene.sounded.endswith("what time is it?")
    assert not [at for at, _ in scene.audio.sounded if speaks + 0.24 < at < speaks + 16 * 0.06]


async def test_speaking_silences_the_reply_at_once(hold: Any) -> None:
    scene = await hold({1.0: "tell me a story.", 6.0: "what time is it?"}, manners=OPEN, mind=_story())
    stopped = scene.last_sound(before=7.5)
    assert 6.169 <= stopped <= 6.25
    assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]


async def test_only_what_was_heard_is_remembered(hold: Any) -> None:
    scene = await hold({1.0: "tell me a story.", 6.0: "what time is it?"}, manners=OPEN, mind=_story())
    said = scene.turns[0].said
    assert LONG.startswith(said)
    assert scene.sounded.startswith(said)
    assert len(said) < len(LONG) / 2
    assert scene.turns[1].history[0].assistant == said
    assert scene.turns[1].history[0].interrupted


@pytest.mark.parametrize("word", ["stop", "Never mind.", "stop talking please"])
async def test_stop_just_stops(hold: Any, word: str) -> None:
    scene = await hold({1.0: "tell me a story.", 6.0: word}, manners=OPEN, mind=_story())
    assert [turn.outcome for turn in scene.turns] == [Outcome.STOPPED, Outcome.STOPPED]
    assert scene.last_sound() <= 6.25
    assert scene.chimes[-1][1] == "end"


async def test_the_wake_word_interrupts(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: "tell me a story.", 8.0: "computer", 9.5: "hi."}, mind=_story())
    assert scene.turns[0].outcome is Outcome.INTERRUPTED
    assert scene.turns[-1].transcript.text == "Hi."


async def test_its_name_alone_silences_it_and_it_listens(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: "tell me a story.", 8.0: "computer", 11.5: "hi."}, mind=_story())
    assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]
    assert scene.last_sound(before=11.0) <= 8.25
    assert [name for _, name in scene.chimes] == ["wake", "wake"]


async def test_again_and_again(hold: Any) -> None:
    script = {1.0: "tell me a story."} | {5.0 + 3 * i: "tell me a story." for i in range(5)}
    scene = await hold(script, seconds=60, manners=OPEN, mind=_story())
    assert [t.outcome for t in scene.turns] == [Outcome.INTERRUPTED] * 5 + [Outcome.ANSWERED]


async def test_what_is_said_right_after_stop_is_heard(hold: Any) -> None:
    manners = Manners(partials=True)
    script = {1.0: "computer", 2.5: "tell me a story.", 8.0: "stop.", 8.8: "what time is it?"}
    scene = await hold(script, manners=manners, mind=_story(), chime_seconds=0.5)
    assert scene.turns[-1].transcript.text.endswith("what time is it?")
    assert scene.turns[-1].outcome is Outcome.ANSWERED


async def test_words_that_it_was_only_going_to_say_are_the_users(hold: Any) -> None:
    reply = "The first thing that comes to my mind is a song. The second thing is that dinner is ready."
    mind = FakeMind({"hello.": reply})
    scene = await hold({1.0: "hello.", 4.0: "dinner is ready."}, manners=OPEN, mind=mind)
    assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]
    assert scene.turns[1].transcript.text == "dinner is ready."


@pytest.mark.parametrize(("token_seconds", "expected"), [(0.0, True), (0.12, False)])
async def test_the_mind_is_warmed_with_what_was_heard_of_the_reply(
    hold: Any, token_seconds: float, expected: bool
) -> None:
    """But not while it still thinks about that reply. What it read then is the beginning of the next prompt."""
    mind = FakeMind({"tell me a story.": LONG}, token_seconds=token_seconds)
    scene = await hold({1.0: "tell me a story.", 5.0: "what time is it?"}, manners=OPEN, mind=mind)
    told, asked = scene.turns
    assert (asked.history in scene.warmed) is expected
    assert asked.history == (Exchange("tell me a story.", told.said, True),)


async def test_the_mind_is_warmed_once_for_each_turn(hold: Any) -> None:
    scene = await hold({1.0: "hello.", 6.0: "how are you?", 11.0: "bye."}, manners=OPEN)
    assert [len(history) for history in scene.warmed] == [0, 1, 2]
