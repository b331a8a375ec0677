"""A whole conversation, at exact times."""

from typing import Any

import pytest

from voiceos.core import NoticeKind, Outcome, Stage
from voiceos.dialogue.converse import Manners
from voiceos.engines.fake import FakeMind, FakeSpeechToText, FakeTextToSpeech
from voiceos.errors import EngineError, MindError

pytestmark = pytest.mark.anyio

LONG = "This is a long answer that goes on. " * 6
NOISE = "\x01" * 8
"""Taken for speech by the fake voice detector; the fake recogniser finds no words in it."""
OPEN = Manners(always_open=True)


async def test_wake_word_then_question_is_answered(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: "what time is it?"})
    assert scene.sounded == "You said: what time is it?"
    assert scene.outcome(0) is Outcome.ANSWERED
    assert [name for _, name in scene.chimes] == ["wake"]
    assert scene.states == ["asleep", "listening", "hearing", "thinking", "listening", "asleep"]


async def test_wake_word_and_question_in_one_breath(hold: Any) -> None:
    scene = await hold({1.0: "computer what time is it?"})
    (turn,) = scene.turns
    assert turn.transcript.text.lower() == "what time is it?"


async def test_without_the_wake_word_nothing_happens(hold: Any) -> None:
    scene = await hold({1.0: "what time is it?"})
    assert scene.turns == []
    assert scene.sounded == ""


async def test_the_answer_is_ready_when_the_turn_ends(hold: Any) -> None:
    """It is prepared in the pause, so that only the wait for the end of the turn is heard, not the work."""
    quick = FakeMind(first_token_seconds=0.02, token_seconds=0)
    scene = await hold({1.0: "what time is it?"}, manners=OPEN, recognition=FakeSpeechToText(0.1), mind=quick)
    marks = scene.turns[0].marks
    assert marks[Stage.FIRST_CLAUSE] < marks[Stage.TURN_END]
    assert marks[Stage.FIRST_SOUND] == pytest.approx(marks[Stage.TURN_END], abs=0.03)
    assert list(marks) == sorted(marks, key=lambda stage: marks[stage])


async def test_words_are_shown_once_the_turn_has_ended(hold: Any) -> None:
    """What was recognised at a pause that was none is not what they said."""
    said = "set a timer"
    scene = await hold({1.0: said, 1.0 + len(said) * 0.06 + 0.7: "for ten minutes."}, manners=OPEN)
    assert [n.text for n in scene.notices if n.kind is NoticeKind.TRANSCRIPT] == ["set a timer for ten minutes."]


async def test_every_stage_is_marked(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: "what time is it?"})
    assert set(scene.turns[0].marks) == set(Stage)


async def test_an_unfinished_sentence_gets_time(hold: Any) -> None:
    said = "set a timer for"
    scene = await hold({1.0: said, 1.0 + len(said) * 0.06 + 1.0: "ten minutes."}, manners=OPEN)
    (turn,) = scene.turns
    assert turn.transcript.text == "set a timer for ten minutes."
    assert scene.first_sound() > turn.marks[Stage.SPEECH_END] - scene.began


async def test_words_that_break_off_are_waited_for(hold: Any) -> None:
    """The turn-end model takes "Set a timer for." for a whole sentence; the words say otherwise."""
    said = "set a timer for."
    scene = await hold({1.0: said, 1.0 + len(said) * 0.06 + 1.2: "ten minutes."}, manners=OPEN)
    assert scene.turns[-1].transcript.text == "set a timer for. ten minutes."
    assert scene.sounded == "You said: set a timer for. ten minutes."


async def test_words_that_break_off_for_good_are_answered(hold: Any) -> None:
    said = "set a timer for."
    scene = await hold({1.0: said}, manners=OPEN)
    assert scene.first_sound() == pytest.approx(1.0 + len(said) * 0.06 + 1.6, abs=0.2)


async def test_going_on_before_the_reply_is_heard_makes_one_utterance(hold: Any) -> None:
    """The first half sounded complete; the answer to it is taken back."""
    said = "turn on the light."
    again = 1.0 + len(said) * 0.06 + 0.5
    scene = await hold({1.0: said, again: "in the kitchen."}, manners=OPEN, mind=FakeMind(first_token_seconds=1.0))
    assert [turn.outcome for turn in scene.turns] == [Outcome.MERGED, Outcome.ANSWERED]
    assert scene.turns[1].transcript.text == "turn on the light. in the kitchen."
    assert scene.sounded == "You said: turn on the light. in the kitchen."
    assert len(scene.turns[1].history) == 0


async def test_follow_up_needs_no_wake_word_for_a_while(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: "hello there.", 8.0: "how are you?", 30.0: "anyone?"}, seconds=40)
    assert [turn.transcript.text for turn in scene.turns] == ["hello there.", "how are you?"]
    assert scene.turns[1].history[0].user == "hello there."
    assert scene.states[-1] == "asleep"


async def test_silence_after_the_wake_word_ends_with_a_chime(hold: Any) -> None:
    scene = await hold({1.0: "computer"}, seconds=15)
    assert [name for _, name in scene.chimes] == ["wake", "end"]
    assert scene.turns == []
    assert scene.states[-1] == "asleep"


async def test_no_words_after_the_wake_word_is_asked_about_once(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: NOISE, 6.0: NOISE, 9.0: NOISE})
    assert scene.sounded == "Sorry?"
    assert scene.turns[0].outcome is Outcome.NOTHING_HEARD
    assert scene.states[-1] == "asleep"


async def test_noise_in_the_follow_up_does_not_keep_it_open(hold: Any) -> None:
    noise = {8.0 + 3 * i: NOISE for i in range(20)}
    scene = await hold({1.0: "computer", 2.5: "hello."} | noise, seconds=80)
    assert scene.sounded == "You said: hello."
    assert scene.states[-1] == "asleep"


async def test_the_conversation_lapses(hold: Any) -> None:
    scene = await hold({1.0: "hello.", 320.0: "hello again."}, seconds=330, manners=OPEN)
    assert scene.turns[1].history == ()
    assert scene.turns[0].conversation != scene.turns[1].conversation


async def test_a_recording_that_ends_in_mid_sentence_is_still_answered(hold: Any) -> None:
    scene = await hold({1.0: "tell me"}, seconds=1.0 + 7 * 0.06, manners=OPEN)
    assert scene.sounded == "You said: tell me"


class TestBargeIn:
    async def test_speaking_silences_the_reply_at_once(self, hold: Any) -> None:
        scene = await hold({1.0: "tell me a story.", 6.0: "what time is it?"}, manners=OPEN, mind=_story())
        stopped = scene.last_sound(before=7.5)
        assert 6.2 <= stopped <= 6.25
        assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]

    async def test_only_what_was_heard_is_remembered(self, hold: Any) -> None:
        scene = await hold({1.0: "tell me a story.", 6.0: "what time is it?"}, manners=OPEN, mind=_story())
        said = scene.turns[0].said
        assert LONG.startswith(said)
        assert scene.sounded.startswith(said)
        assert len(said) < len(LONG) / 2
        assert scene.turns[1].history[0].assistant == said
        assert scene.turns[1].history[0].interrupted

    @pytest.mark.parametrize("word", ["stop", "Never mind.", "stop talking please"])
    async def test_stop_just_stops(self, hold: Any, word: str) -> None:
        scene = await hold({1.0: "tell me a story.", 6.0: word}, manners=OPEN, mind=_story())
        assert [turn.outcome for turn in scene.turns] == [Outcome.STOPPED, Outcome.STOPPED]
        assert scene.last_sound() <= 6.25
        assert scene.chimes[-1][1] == "end"

    @pytest.mark.parametrize("word", ["mm-hm", "yeah", "uh-huh."])
    async def test_a_back_channel_does_not_stop_it(self, hold: Any, word: str) -> None:
        scene = await hold({1.0: "tell me a story.", 6.0: word}, seconds=40, manners=OPEN, mind=_story())
        (turn,) = scene.turns
        assert turn.outcome is Outcome.ANSWERED
        assert turn.said == LONG.strip()

    async def test_a_cough_does_not_stop_it(self, hold: Any) -> None:
        scene = await hold({1.0: "tell me a story.", 6.0: NOISE}, seconds=40, manners=OPEN, mind=_story())
        assert scene.turns[0].outcome is Outcome.ANSWERED

    async def test_its_own_words_coming_back_do_not_stop_it(self, hold: Any) -> None:
        echo = "is a long answer that goes on"
        scene = await hold({1.0: "tell me a story.", 6.0: echo}, seconds=40, manners=OPEN, mind=_story())
        (turn,) = scene.turns
        assert turn.outcome is Outcome.ANSWERED

    async def test_the_wake_word_interrupts(self, hold: Any) -> None:
        scene = await hold({1.0: "computer", 2.5: "tell me a story.", 8.0: "computer", 9.5: "hi."}, mind=_story())
        assert scene.turns[0].outcome is Outcome.INTERRUPTED
        assert scene.turns[-1].transcript.text == "Hi."

    async def test_its_name_alone_silences_it_and_it_listens(self, hold: Any) -> None:
        scene = await hold({1.0: "computer", 2.5: "tell me a story.", 8.0: "computer", 11.5: "hi."}, mind=_story())
        assert [turn.outcome for turn in scene.turns] == [Outcome.INTERRUPTED, Outcome.ANSWERED]
        assert scene.last_sound(before=11.0) <= 8.25
        assert [name for _, name in scene.chimes] == ["wake", "wake"]

    async def test_before_the_first_sound(self, hold: Any) -> None:
        """The answer was still being thought out when they asked something else."""
        slow = FakeMind({"wait.": "never heard"}, first_token_seconds=4.0)
        scene = await hold({1.0: "question one.", 4.5: "question two."}, manners=OPEN, mind=slow)
        assert scene.turns[-1].transcript.text == "question one. question two."
        assert scene.sounded == "You said: question one. question two."

    async def test_again_and_again(self, hold: Any) -> None:
        script = {1.0: "tell me a story."} | {5.0 + 3 * i: "tell me a story." for i in range(5)}
        scene = await hold(script, seconds=60, manners=OPEN, mind=_story())
        assert [t.outcome for t in scene.turns] == [Outcome.INTERRUPTED] * 5 + [Outcome.ANSWERED]


class TestFailures:
    async def test_recognition_fails_and_says_so(self, hold: Any) -> None:
        broken = FakeSpeechToText(failure=EngineError("recognition crashed", spoken="I could not make that out."))
        scene = await hold({1.0: "hello."}, manners=OPEN, recognition=broken)
        assert scene.sounded == "I could not make that out."
        assert scene.turns[0].outcome is Outcome.FAILED
        assert scene.chimes[0][1] == "error"
        assert any(n.kind is NoticeKind.PROBLEM for n in scene.notices)

    async def test_the_mind_fails_and_the_next_turn_works(self, hold: Any) -> None:
        mind = FakeMind({"hello.": MindError("refused", spoken="My language model is not answering.")})
        scene = await hold({1.0: "hello.", 8.0: "hello again."}, manners=OPEN, mind=mind)
        assert scene.sounded == "My language model is not answering. You said: hello again."
        assert [turn.outcome for turn in scene.turns] == [Outcome.FAILED, Outcome.ANSWERED]

    async def test_an_empty_reply_is_owned_up_to(self, hold: Any) -> None:
        scene = await hold({1.0: "hello."}, manners=OPEN, mind=FakeMind({"hello.": "  "}))
        assert scene.sounded == "I have no answer to that."

    async def test_an_answer_that_cannot_be_spoken_is_owned_up_to(self, hold: Any) -> None:
        mind = FakeMind({"hello.": "```\nprint(1)\n``` 🙂"})
        scene = await hold({1.0: "hello."}, manners=OPEN, mind=mind)
        assert scene.sounded == "I have an answer but not one that can be said aloud."

    async def test_the_voice_fails_and_the_conversation_goes_on(self, hold: Any) -> None:
        scene = await hold({1.0: "hello."}, manners=OPEN, voice=FakeTextToSpeech(failure=EngineError("no voice")))
        assert scene.turns[0].outcome is Outcome.FAILED
        assert scene.turns[0].error == "no voice"


def _story() -> FakeMind:
    return FakeMind({"tell me a story.": LONG.strip()})
