"""Merging: whoever goes on after the answer was begun is answered as a whole."""

from collections.abc import Sequence
from typing import Any

import pytest

from voiceos.core import Outcome, Speech, Transcript, Turn
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind, FakeSpeechToText

pytestmark = pytest.mark.anyio

LONG = "This is a long answer that goes on. " * 6
OPEN = Manners(always_open=True)
SAID = "turn on the light."
SAID_BY = 1.0 + len(SAID) * 0.06


def _story() -> FakeMind:
    return FakeMind({"tell me a story.": LONG.strip()})


async def test_going_on_before_the_reply_is_heard_makes_one_utterance(hold: Any) -> None:
    """The first half sounded complete; the answer to it is taken back."""
    said = "turn on the light."
    again = 1.0 + len(said) * 0.06 + 0.5
    scene = await hold({1.0: said, again: "in the kitchen."}, manners=OPEN, mind=FakeMind(first_token_seconds=1.0))
    assert [turn.outcome for turn in scene.turns] == [Outcome.MERGED, Outcome.ANSWERED]
    assert scene.turns[1].transcript.text == "turn on the light. in the kitchen."
    assert scene.sounded == "You said: turn on the light. in the kitchen."
    assert len(scene.turns[1].history) == 0


async def test_before_the_first_sound(hold: Any) -> None:
    """The answer was still being thought out when they asked something else."""
    slow = FakeMind({"wait.": "never heard"}, first_token_seconds=4.0)
    scene = await hold({1.0: "question one.", 4.5: "question two."}, manners=OPEN, mind=slow)
    assert scene.turns[-1].transcript.text == "question one. question two."
    assert scene.sounded == "You said: question one. question two."


async def test_stop_before_the_words_were_made_out_still_stops(hold: Any) -> None:
    said = "tell me a story."
    again = 1.0 + len(said) * 0.06 + 0.6
    scene = await hold({1.0: said, again: "stop."}, manners=OPEN, recognition=FakeSpeechToText(1.0), mind=_story())
    assert [turn.outcome for turn in scene.turns] == [Outcome.STOPPED, Outcome.STOPPED]
    assert scene.sounded == ""


@pytest.mark.parametrize("first", ["stop.", "turn on the light."])
async def test_who_calls_again_begins_again(hold: Any, first: str) -> None:
    """However soon, and though the first words are not made out yet."""
    again = 1.0 + len(first) * 0.06 + 0.8
    recognition = FakeSpeechToText(1.5)
    scene = await hold({1.0: first, again: "computer add sugar."}, manners=OPEN, recognition=recognition)
    assert scene.turns[-1].outcome is Outcome.ANSWERED
    assert scene.sounded == "You said: Add sugar."


async def test_what_was_only_prepared_leaves_no_trace(hold: Any) -> None:
    """They go on within the pause: the answer to the first half was ready, and is thrown away."""
    scene = await hold({1.0: SAID, SAID_BY + 0.24: "in the kitchen."}, manners=OPEN)
    (turn,) = scene.turns
    assert turn.transcript.text == "turn on the light. in the kitchen."
    assert scene.sounded == "You said: turn on the light. in the kitchen."


async def test_three_parts_are_one(hold: Any) -> None:
    second, third = SAID_BY + 0.6, SAID_BY + 0.6 + 15 * 0.06 + 0.6
    script = {1.0: SAID, second: "in the kitchen.", third: "and in the hall."}
    scene = await hold(script, manners=OPEN, mind=FakeMind(first_token_seconds=1.2))
    assert [turn.outcome for turn in scene.turns] == [Outcome.MERGED, Outcome.MERGED, Outcome.ANSWERED]
    assert scene.sounded == "You said: turn on the light. in the kitchen. and in the hall."


async def test_a_word_or_two_that_sounded_are_no_answer(hold: Any) -> None:
    """They went on when half a second of it had sounded: it stops, and the user's words are remembered once."""
    began = (await hold({1.0: SAID}, manners=OPEN)).first_sound()
    scene = await hold({1.0: SAID, began + 0.34: "in the kitchen.", 12.0: "thanks."}, manners=OPEN)
    assert [turn.outcome for turn in scene.turns] == [Outcome.MERGED, Outcome.ANSWERED, Outcome.ANSWERED]
    assert scene.turns[0].said
    assert [exchange.user for exchange in scene.turns[2].history] == ["turn on the light. in the kitchen."]


async def test_who_has_heard_more_of_it_says_something_new(hold: Any) -> None:
    began = (await hold({1.0: SAID}, manners=OPEN)).first_sound()
    scene = await hold({1.0: SAID, began + 1.0: "what time is it?"}, manners=OPEN)
    assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]
    assert scene.turns[1].transcript.text == "what time is it?"


@pytest.mark.parametrize("heard", [0.8, 1.5])
async def test_a_fragment_completes_the_sentence_however_much_was_heard(hold: Any, heard: float) -> None:
    said = "turn off all of the lights in there."
    mind = FakeMind(otherwise=lambda turn: f"You said: {turn.words} Or so I think.")
    began = (await hold({1.0: said}, manners=OPEN, mind=mind)).first_sound()
    scene = await hold({1.0: said, began + heard: "office."}, manners=OPEN, mind=mind)
    assert [turn.outcome for turn in scene.turns] == [Outcome.MERGED, Outcome.ANSWERED]
    assert scene.turns[1].took_over == (scene.turns[0].id,)
    assert scene.sounded.endswith("You said: turn off all of the lights in there. office. Or so I think.")


LIGHTS = "turn off the lights."


@pytest.mark.parametrize(
    ("after", "rest", "answered"),
    [
        (0.3, "in the office.", "turn off the lights. in the office."),
        (0.3, "awesome.", "awesome."),  # no request together with what was done
        (4.5, "in the office.", "in the office."),
    ],
)
async def test_the_rest_of_a_request_joins_it_though_the_reply_was_heard_out(
    hold: Any, after: float, rest: str, answered: str
) -> None:
    def is_request(turn: Turn) -> bool:
        said = turn.heard.replace(".", "")
        return said.startswith("turn off the lights") and said.endswith(("lights", "office"))

    brief = FakeMind({LIGHTS: "Okay."}, otherwise=lambda turn: f"You said: {turn.words}")
    heard_by = (await hold({1.0: LIGHTS}, manners=OPEN, mind=brief)).last_sound()
    scene = await hold({1.0: LIGHTS, heard_by + after: rest}, manners=OPEN, mind=brief, is_request=is_request)
    half, whole = scene.turns
    assert (half.outcome, whole.transcript.text) == (Outcome.ANSWERED, answered)
    assert whole.took_over == ((half.id,) if answered != rest else ())


@pytest.mark.parametrize(
    ("script", "last"),
    [
        ({1.0: "question one.", 8.0: "question two."}, "question two."),
        ({1.0: "question one.", 4.5: "question two.", 8.5: "three."}, "question one. question two. three."),
        ({1.0: "question one.", 4.5: "they talk.", 8.0: "and talk.", 11.5: "question two."}, "question two."),
    ],
)
async def test_what_is_said_long_after_joins_nothing_though_nothing_was_answered(
    hold: Any, script: dict[float, str], last: str
) -> None:
    scene = await hold(script, seconds=30, manners=OPEN, mind=FakeMind(first_token_seconds=8.0))
    assert scene.turns[-1].transcript.text == last


async def test_a_fragment_long_after_is_something_new(hold: Any) -> None:
    scene = await hold({1.0: "tell me a story.", 7.0: "office."}, manners=OPEN, mind=_story())
    assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]
    assert scene.turns[1].transcript.text == "office."


async def test_a_fragment_that_both_as_one_do_not_show_is_heard_by_itself(hold: Any) -> None:
    """The recogniser ends the longer recording where it ended the shorter one."""

    class Deaf(FakeSpeechToText):
        async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
            heard = await super().transcribe(speech, hotwords)
            return Transcript(heard.text.removesuffix(" office.")) if "light" in heard.text else heard

    scene = await hold({1.0: SAID, SAID_BY + 0.6: "office."}, manners=OPEN, recognition=Deaf(0.05))
    assert scene.turns[-1].transcript.text == "turn on the light office."
    assert scene.sounded.endswith("You said: turn on the light office.")


@pytest.mark.parametrize(
    ("rest", "answered"),
    [("ten minutes.", "set a timer. ten minutes."), ("what time is it?", "what time is it?")],
)
async def test_a_fragment_just_after_what_was_not_made_out_is_its_end(hold: Any, rest: str, answered: str) -> None:
    class Unsure(FakeSpeechToText):
        async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
            heard = await super().transcribe(speech, hotwords)
            return Transcript("") if heard.text == "set a timer." else heard

    scene = await hold({1.0: "set a timer.", 1.72 + 1.2: rest}, manners=OPEN, recognition=Unsure())
    assert scene.turns[-1].transcript.text == answered
    assert scene.sounded == f"You said: {answered}"


async def test_a_reply_beneath_a_merged_question_was_interrupted(hold: Any) -> None:
    script = {1.0: "tell me a story.", 6.0: "what time is it?", 7.6: "and what day?"}
    scene = await hold(script, seconds=30, manners=OPEN, mind=_story(), recognition=FakeSpeechToText(1.0))
    story = next(turn for turn in scene.turns if turn.transcript and turn.transcript.text == "tell me a story.")
    assert story.outcome is Outcome.INTERRUPTED
    assert scene.turns[-1].history[0].assistant == story.said
    assert scene.turns[-1].transcript.text == "what time is it? and what day?"


async def test_what_is_heard_again_is_not_joined_to_itself(hold: Any) -> None:
    said = "they're in the drawer."
    again = 1.0 + len(said) * 0.06 + 0.5
    mind = FakeMind(first_token_seconds=1.0)
    scene = await hold({1.0: said, again: "they are in the drawer."}, manners=OPEN, mind=mind)
    assert scene.turns[-1].transcript.text == "they are in the drawer."
