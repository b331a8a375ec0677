"""Saved prompts: what was asked is kept under a name, and asked again by it, in the words of whoever saved it."""

from typing import Any

import pytest

from tests.skills.conftest import MODEL, model
from voiceos.core import Transcript, Turn
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.prompts import prompts

pytestmark = pytest.mark.anyio
ASKED = "What's 3 times 4 and how do I look today?"
BRIEFING = "Tell me what day it is."


@pytest.mark.parametrize(
    "words",
    [
        "run my morning briefing",
        "Give me my morning briefing, please.",
        "Can you run my morning briefing again?",
        "Morning briefing!",
        "let's have the morning briefing",
        "run the morning briefing prompt",
    ],
)
async def test_its_name_asks_for_it_in_the_words_of_its_owner(talk: Any, db: Connection, words: str) -> None:
    await talk(BRIEFING)
    said = await talk("Save this as my morning briefing.")
    assert said == 'Okay. Say "run my morning briefing" to ask: Tell me what day it is.'
    assert await talk(words) == await talk(BRIEFING)
    turn = talk.turns[-2]
    assert (turn.heard, turn.words, turn.engines["prompt"]) == (words, BRIEFING, "morning briefing")
    (saved,) = prompts(db)
    assert (saved.text, saved.who, saved.turn) == (BRIEFING, "owner", "t1")
    assert [one.act for one in receipts(db)] == ["prompts.save"]


async def test_the_model_is_asked_for_what_no_skill_does(talk: Any) -> None:
    await talk("Explain the news to me like a pirate")
    await talk("save that as my pirate news")
    assert await talk("Give me my pirate news") == MODEL
    assert talk.turns[-1].words == "Explain the news to me like a pirate"
    assert "pirate news" in await talk("What prompts do I have?")
    assert talk.turns[-1].stands_for == ""


async def test_it_is_nobody_elses(talk: Any) -> None:
    await talk(BRIEFING)
    await talk("Save this as my morning briefing.")
    turn = Turn("other", "c", who="guest", transcript=Transcript("run my morning briefing"))
    assert [part.text async for part in talk.router.reply(turn, model)] == [MODEL]
    assert turn.stands_for == ""


@pytest.mark.parametrize(
    ("said", "answers", "kept"),
    [
        (["Save this as my morning briefing"], ["There is nothing to save yet. Ask something first"], []),
        ([BRIEFING, "Save this as a prompt", "Day"], ["", "What shall I call it?", "Okay."], [("day", BRIEFING)]),
        (
            ["Make a new prompt", "Party talk", "Tell me three jokes about cheese."],
            ["What shall I call it?", "What shall party talk ask?", "Okay."],
            [("party talk", "Tell me three jokes about cheese.")],
        ),
        (
            ["Create a prompt called cheese that says tell me three jokes about cheese"],
            ["Okay."],
            [("cheese", "tell me three jokes about cheese")],
        ),
        (["My sister's name is Ann.", "Save this as my sister"], [MODEL, ""], []),
        ([BRIEFING, "Save this as a prompt", "What time is it?"], ["", "What shall", "It's"], []),
        (
            [BRIEFING, "Save this as my day", "Undo that", "What is 2 plus 2?", "Save this as my day"],
            ["", "Okay.", "The prompt day is gone.", "4", "Okay."],
            [("day", "What is 2 plus 2?")],
        ),
        (
            [BRIEFING, "Save it as my day", "What is 2 plus 2?", "Save this as my day", "Undo that"],
            ["", "", "", 'Okay. From now on "run my day" asks: What is 2 plus 2.', "The prompt day is as it was."],
            [("day", BRIEFING)],
        ),
        (
            [BRIEFING, "Save it as my day", "What's in my day prompt?", "Delete my day prompt", "run my day"],
            ["", "", '"day" asks: Tell me what day it is.', "The prompt day is gone.", MODEL],
            [],
        ),
        (
            ["When I say hush, set an alarm for seven", "yes", BRIEFING, "Save this as my hush", "My evening"],
            ["", "", "", "There is a routine called hush already. What else", "Okay."],
            [("evening", BRIEFING)],
        ),
        (
            ["Set a timer", "Five minutes", "Save this as my egg", "Run my egg"],
            ["For how long", "", "Okay.", "For how long"],
            [("egg", "Set a timer")],
        ),
        (
            [BRIEFING, "Save this as my day", "When I say hi, run my day and then set a timer for 1 hour", "yes", "Hi"],
            ["", "", "Hi: run your day, then set", "Okay.", "It's Sunday, 29 November 2026. "],
            [("day", BRIEFING)],
        ),
        (
            [BRIEFING, "Save this as my dawn", "When I say dawn, set an alarm for seven", "yes", "Dawn"],
            ["", "", "", "Okay.", "Okay. Your alarm will ring"],
            [("dawn", BRIEFING)],
        ),
        (["What prompts do I have?"], ["You have no prompts yet."], []),
    ],
)  # fmt: skip
async def test_what_is_kept(
    talk: Any, db: Connection, said: list[str], answers: list[str], kept: list[tuple[str, str]]
) -> None:
    told = [await talk(words) for words in said]
    for answer, expected in zip(told, answers, strict=True):
        assert answer.startswith(expected), told
    assert [(one.name, one.text) for one in prompts(db)] == kept


async def test_what_a_name_stands_for_is_no_answer_to_a_question(talk: Any, db: Connection) -> None:
    await talk("Create a prompt called agree that says yes")
    await talk("When I say good night, set an alarm for seven")
    await talk("run my agree")
    assert "no routines" in await talk("What routines do I have?")


async def test_a_store_that_cannot_be_read_spoils_no_other_turn(talk: Any, db: Connection) -> None:
    db.execute("DROP TABLE prompt")
    assert await talk("What's 3 times 4?") == "12."
