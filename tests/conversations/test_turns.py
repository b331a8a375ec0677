"""A whole conversation, at exact times."""

from collections.abc import Sequence
from typing import Any

import pytest

from voiceos.core import NoticeKind, Outcome, Speech, Stage, Transcript
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import FakeMind, FakeSpeechToText, FakeTextToSpeech
from voiceos.errors import EngineError, MindError

pytestmark = pytest.mark.anyio

OPEN = Manners(always_open=True)


async def test_wake_word_then_question_is_answered(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: "what time is it?"})
    assert scene.sounded == "You said: what time is it?"
    assert scene.outcome(0) is Outcome.ANSWERED
    assert [name for _, name in scene.chimes] == ["wake"]
    assert scene.states == ["asleep", "listening", "hearing", "thinking", "speaking", "listening", "asleep"]


async def test_wake_word_and_question_in_one_breath(hold: Any) -> None:
    scene = await hold({1.0: "computer what time is it?"})
    (turn,) = scene.turns
    assert turn.transcript.text.lower() == "what time is it?"


async def test_without_the_wake_word_nothing_happens(hold: Any) -> None:
    scene = await hold({1.0: "what time is it?"})
    assert scene.turns == []
    assert scene.sounded == ""


async def test_every_stage_is_marked(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: "what time is it?"})
    assert set(scene.turns[0].marks) == set(Stage)


async def test_follow_up_needs_no_wake_word_for_a_while(hold: Any) -> None:
    scene = await hold({1.0: "computer", 2.5: "hello there.", 8.0: "how are you?", 30.0: "anyone?"}, seconds=40)
    assert [turn.transcript.text for turn in scene.turns] == ["hello there.", "how are you?"]
    assert scene.turns[1].history[0].user == "hello there."
    assert scene.states[-1] == "asleep"


async def test_the_conversation_lapses(hold: Any) -> None:
    scene = await hold({1.0: "hello.", 80.0: "hello again."}, seconds=85, manners=OPEN)
    assert scene.turns[1].history == ()
    assert scene.turns[0].conversation != scene.turns[1].conversation


async def test_a_recording_that_ends_in_mid_sentence_is_still_answered(hold: Any) -> None:
    scene = await hold({1.0: "tell me"}, seconds=1.0 + 7 * 0.06, manners=OPEN)
    assert scene.sounded == "You said: tell me"


class TestFailures:
    async def test_recognition_fails_and_says_so(self, hold: Any) -> None:
        broken = FakeSpeechToText(failure=EngineError("recognition crashed", spoken="I could not make that out."))
        scene = await hold({1.0: "hello."}, manners=OPEN, recognition=broken)
        assert scene.sounded == "I could not make that out."
        assert scene.turns[0].outcome is Outcome.FAILED
        assert scene.chimes[0][1] == "error"
        assert any(n.kind is NoticeKind.PROBLEM for n in scene.notices)

    @pytest.mark.parametrize("fails", ["recognition", "mind"])
    async def test_nothing_is_said_of_what_failed_where_nobody_called(self, hold: Any, fails: str) -> None:
        """Without the wake word after a reply: perhaps it was somebody else who was spoken to."""
        error = MindError("it crashed", spoken="I could not make that out.")

        class Deaf(FakeSpeechToText):
            async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
                heard = await super().transcribe(speech, hotwords)
                if fails == "recognition" and heard.text == "did you see that?":
                    raise error
                return heard

        mind = FakeMind({"did you see that?": error})
        scene = await hold({1.0: "computer", 2.5: "hello.", 8.0: "did you see that?"}, recognition=Deaf(), mind=mind)
        assert [turn.outcome for turn in scene.turns] == [Outcome.ANSWERED, Outcome.FAILED]
        assert scene.sounded == "You said: hello."
        assert "error" not in [chime for _, chime in scene.chimes]
        assert "it crashed" in [notice.text for notice in scene.notices if notice.kind is NoticeKind.PROBLEM]

    async def test_the_mind_fails_and_the_next_turn_works(self, hold: Any) -> None:
        mind = FakeMind({"hello.": MindError("refused", spoken="My language model is not answering.")})
        scene = await hold({1.0: "hello.", 8.0: "hello again."}, manners=OPEN, mind=mind)
        assert scene.sounded == "My language model is not answering. You said: hello again."
        assert [turn.outcome for turn in scene.turns] == [Outcome.FAILED, Outcome.ANSWERED]

    async def test_an_empty_reply_is_owned_up_to(self, hold: Any) -> None:
        scene = await hold({1.0: "hello."}, manners=OPEN, mind=FakeMind({"hello.": "  "}))
        assert scene.sounded == "Sorry I don't have an answer to that. Try asking another way."

    async def test_an_answer_that_cannot_be_spoken_is_owned_up_to(self, hold: Any) -> None:
        mind = FakeMind({"hello.": "```\nprint(1)\n``` 🙂"})
        scene = await hold({1.0: "hello."}, manners=OPEN, mind=mind)
        assert scene.sounded == "I have an answer but I can't say it aloud."

    async def test_the_voice_fails_and_the_conversation_goes_on(self, hold: Any) -> None:
        scene = await hold({1.0: "hello."}, manners=OPEN, voice=FakeTextToSpeech(failure=EngineError("no voice")))
        assert scene.turns[0].outcome is Outcome.FAILED
        assert scene.turns[0].error == "no voice"
        assert scene.turns[0].said == ""
        assert [name for _, name in scene.chimes] == ["error"]

    async def test_a_recogniser_that_fails_on_partial_words_is_no_end(self, hold: Any) -> None:
        broken = FakeSpeechToText(failure=EngineError("recognition crashed", spoken="I could not make that out."))
        scene = await hold(
            {1.0: "tell me a rather long story, if you please."},
            manners=Manners(always_open=True, partials=True),
            recognition=broken,
        )
        assert scene.sounded == "I could not make that out."
