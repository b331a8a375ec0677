"""What the conversation itself is asked: what was said before, and to be spoken otherwise from now on."""

from typing import Any

import pytest

from voiceos.core import Exchange, Transcript, Turn
from voiceos.skills.conversation import make
from voiceos.skills.skill import Asked, Pass, Workshop

pytestmark = pytest.mark.anyio


async def said(text: str, intent: str, *history: str) -> str:
    """What is answered after these, each of which was answered with "Hm, yes."."""
    turn = Turn("t", "c", transcript=Transcript(text), history=[Exchange(one, "Hm, yes.") for one in history])
    handle = next(one.handle for one in make(Workshop(None)).intents if one.name == f"conversation.{intent}")  # type: ignore[arg-type] - it asks for no settings
    return (await handle(Asked(f"conversation.{intent}", text, None, turn))).text  # type: ignore[arg-type] - nor for the time


async def test_a_yes_needs_a_question(talk: Any) -> None:
    assert await talk("Yes.") == "Yes to what?"
    assert await talk("Yes, how are you?") != "Yes to what?"
    turn = Turn("t", "c", transcript=Transcript("yes"), history=[Exchange("Hi", "Would you like a story? I know one.")])
    (yes,) = [one for one in make(talk.workshop).intents if one.name == "conversation.yes"]
    with pytest.raises(Pass):
        await yes.handle(Asked("conversation.yes", "yes", talk.clock[0], turn))


async def test_each_before_that_goes_one_back() -> None:
    talk = ["How far is the moon?", "Set a timer.", "Who was Mozart?"]
    assert await said("what did I just say", "mine", *talk) == "You said: Who was Mozart?"
    assert await said("what did I ask before that", "before", *talk, "What did I just say?") == (
        "Before that you said: Set a timer."
    )
    assert await said("and before that", "before", *talk, "What did I just say?", "What did I ask before that?") == (
        "Before that you said: How far is the moon?"
    )
    assert await said("what was my second question", "first", *talk) == "You said: Who was Mozart?"
    assert await said("what was the second thing I said", "first", *talk) == "You said: Set a timer."


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("What did I ask you two questions ago?", "You said: How far is the moon?"),
        ("what was my question 2 questions ago", "You said: How far is the moon?"),
        ("What did I say two sentences ago?", "You said: Set a timer."),
        ("What did I tell you one thing ago?", "You said: Who was Mozart?"),
        ("What did I ask nine questions ago?", "You haven't said that much yet."),
        ("What did I just say?", "You said: Who was Mozart?"),
    ],
)
async def test_so_many_ago(talk: Any, question: str, reply: str) -> None:
    spoken = [Exchange(one, "Hm, yes.") for one in ("How far is the moon?", "Set a timer.", "Who was Mozart?")]
    assert await talk(question, history=spoken) == reply


async def test_no_long_text_is_read_back() -> None:
    told = await said("What did I just say?", "mine", "word " * 20_000)
    assert len(told) < 220
    assert told.endswith("word …")


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        ("Cats purr when they are happy. Some purr in pain.", "Cats purr when they are happy."),
        ("A pound is about half a kilo, which is sixteen ounces.", "A pound is about half a kilo."),
        ("You said: What time is it?", "You said: What time is it?"),
        ("Yes, they do.", "Yes, they do."),
    ],
)
async def test_shorter_keeps_what_says_enough(whole: str, short: str) -> None:
    turn = Turn("t", "c", transcript=Transcript("shorter"), history=[Exchange("Why?", whole)])
    handle = next(one.handle for one in make(Workshop(None)).intents if one.name == "conversation.shorter")  # type: ignore[arg-type] - it asks for no settings
    assert (await handle(Asked("conversation.shorter", "shorter", None, turn))).text == short  # type: ignore[arg-type] - nor for the time


async def test_slower_lasts_on_its_device_and_can_be_undone(talk: Any) -> None:
    assert await talk("you're talking too fast") == "I'll speak more slowly."
    slow = talk.turns[-1].pace
    assert slow < 1
    await talk("what's your name")
    assert talk.turns[-1].pace == slow
    await talk("what's your name", device="attic")
    assert talk.turns[-1].pace == 1
    assert await talk("undo that") == "I'll speak as fast as before."
    await talk("what's your name")
    assert talk.turns[-1].pace == 1


async def test_something_is_said_slowly_only_once(talk: Any) -> None:
    await talk("say it slower")
    assert talk.turns[-1].pace < 1
    await talk("what's your name")
    assert talk.turns[-1].pace == 1
