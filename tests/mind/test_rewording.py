"""What no skill took is reworded by a language model: only into plain requests, in the words that were said."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.skills.household import Household
from voiceos.config.settings import MindSettings
from voiceos.core import Action, Outcome, Part, Transcript, Turn
from voiceos.engines.llama import Endpoint
from voiceos.language.data import table
from voiceos.mind import rewording
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.plain_forms import forms, is_said, kinds_worth, numbers_of, shape
from voiceos.mind.rewording import Rewording
from voiceos.mind.router import REWORDED

pytestmark = pytest.mark.anyio
NOW = datetime(2027, 3, 10, 8, 30)
BUTTER = "knock the butter off the shopping"
SURE = {"lists.remove": 0.9, "": 0.1}


@asynccontextmanager
async def asking(endpoint: Endpoint) -> AsyncGenerator[Rewording]:
    async with ChatMind(MindSettings(), endpoint) as mind:
        yield Rewording(mind.client)


def answering(content: object) -> Any:
    async def behave(talk: Any) -> None:
        await talk.head(kind="application/json")
        talk.writer.write(json.dumps({"choices": [{"message": {"content": content}}]}).encode())

    return behave


async def test_our_own_server_may_only_fill_forms_with_words_that_were_said(server: Any) -> None:
    server.will(answering("remove the butter from my shopping list"))
    async with asking(server.endpoint(local=True)) as reword:
        assert await reword(BUTTER, SURE, NOW) == "remove the butter from my shopping list"
    (talk,) = server.talks
    assert talk.body["temperature"] == 0
    assert '"remove " thing " from my shopping list"' in talk.body["grammar"]
    assert talk.body["messages"][-1]["content"] == BUTTER


@pytest.mark.parametrize(
    "content",
    ["none", "", None, "remove the jam from my shopping list", "clear my shopping list", "I have removed the butter."],
)
async def test_what_was_not_said_or_is_no_plain_request_is_nothing(server: Any, content: object) -> None:
    server.will(answering(content))
    async with asking(server.endpoint()) as reword:
        assert await reword(BUTTER, SURE, NOW) == ""
    assert "grammar" not in server.talks[0].body


async def test_a_model_that_fails_rewords_nothing(server: Any) -> None:
    async def fail(talk: Any) -> None:
        await talk.error("500 Internal Server Error", "no memory")

    server.will(fail)
    async with asking(server.endpoint()) as reword:
        assert await reword(BUTTER, SURE, NOW) == ""


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("how long does an egg take", {"timers.left": 0.3, "": 0.7}),
        ("let me lie in, no alarm", {"alarms.set": 0.5, "alarms.cancel": 0.45, "": 0.05}),
        ("how do I delete an event", {"calendar.remove": 0.9, "": 0.1}),
        ("beep in a while", {"timers.set": 0.9, "": 0.1}),
        ("word " * 40, SURE),
    ],
)
async def test_nothing_is_asked_of_a_model_where_nothing_fits(text: str, likely: Mapping[str, float]) -> None:
    async def nobody() -> Any:
        raise AssertionError("it was asked")

    assert await Rewording(nobody)(text, likely, NOW) == ""


@pytest.mark.parametrize(
    ("text", "kind", "sentence", "said"),
    [
        ("beep at me in forty five seconds", "timers.set", "set a timer for forty five seconds", True),
        ("beep at me in forty five seconds", "timers.set", "set a timer for forty seconds", False),
        ("slot in a call tomorrow at ten", "calendar.put", "add a call to my calendar tomorrow at ten", True),
        ("slot in a call tomorrow at ten", "calendar.put", "add a call to my calendar tomorrow", False),
        ("give us a roll of two dice", "chance.dice", "roll two dice", True),
        ("give us a roll of two dice", "chance.dice", "roll a dice", False),
        ("how far is twenty miles", "units.convert", "convert twenty miles to miles", False),
    ],
)
def test_no_time_or_number_is_lost_and_no_word_used_twice(text: str, kind: str, sentence: str, said: bool) -> None:
    assert is_said(sentence, text, forms(text, [kind], NOW), NOW) is said


def test_a_thing_goes_on_to_where_nothing_of_it_is_lost() -> None:
    text = "slot in a call with the bank tomorrow at ten"
    rules = dict(rule.split(" ::= ") for rule in shape(text, forms(text, ["calendar.put"], NOW), NOW).splitlines())
    ends = [rule for rule in rules.values() if re.fullmatch(r'"[^"]*"|"[^"]*" \(.*\)\?', rule)]
    assert '"bank"' in ends
    assert not [rule for rule in ends if rule.startswith(('"call"', '"with"', '"the"'))]


def test_numbers_are_as_long_as_they_can_be() -> None:
    assert numbers_of("split a hundred and eighty pounds four ways", NOW) == ["a hundred and eighty", "four"]
    assert numbers_of("call me at ten", NOW) == []


def test_only_what_is_likely_is_worth_it() -> None:
    assert kinds_worth({"lists.add": 0.5, "lists.read": 0.2, "sums.calculate": 0.05, "": 0.25}) == [
        "lists.add",
        "lists.read",
    ]
    assert kinds_worth({"lists.add": 0.3, "": 0.7}) == []
    assert kinds_worth({"": 1.0}) == []


@pytest.fixture
def household(tmp_path: Path) -> Household:
    return Household(tmp_path, likely=lambda text: {})


async def hear(household: Household, words: str, sentence: str = "") -> tuple[str, Turn]:
    async def reword(text: str, likely: Mapping[str, float], now: datetime) -> str:
        return sentence

    async def model(turn: Turn) -> AsyncGenerator[Part | Action, None]:
        yield Part("The model answers.")

    household.count += 1
    turn = Turn(f"turn{household.count}", "c", transcript=Transcript(words))
    async with aclosing(household.router.reply(turn, model, reword)) as parts:
        async for part in parts:
            turn.reply += await part.do() if isinstance(part, Action) else part.text
    turn.outcome = Outcome.ANSWERED
    household.router.ended(turn)
    return turn.reply, turn


async def test_every_plain_request_is_known_to_the_grammar(household: Household) -> None:
    for order in ("put the vet in my calendar on monday at ten", "put lunch in my calendar today at one"):
        await hear(household, order)
    await hear(household, "put the class in my calendar on tuesday at ten")
    for kind, plains in table("en", "rewording")["forms"].items():
        for plain in plains:
            sentence = re.sub("[{}]", "", plain)
            assert [one.intent for one in household.router.asked(Turn("t", "c", transcript=Transcript(sentence)))] == [
                kind
            ], sentence


async def test_what_changes_anything_is_asked_first_and_done_once_agreed(household: Household) -> None:
    await hear(household, "add milk and butter to my shopping list")
    said, turn = await hear(household, BUTTER, "remove the butter from my shopping list")
    assert said == "Shall I remove the butter from your shopping list?"
    assert turn.engines[REWORDED] == "remove the butter from my shopping list"
    assert not turn.receipts
    said, turn = await hear(household, "yes please")
    assert turn.receipts == ["lists.remove"]
    assert "butter" in said
    assert (await hear(household, "read my shopping list"))[0].endswith("milk.")


@pytest.mark.parametrize("answer", ["no", "what a day", "no, leave it"])
async def test_without_a_yes_nothing_is_done(household: Household, answer: str) -> None:
    await hear(household, "add milk and butter to my shopping list")
    await hear(household, BUTTER, "remove the butter from my shopping list")
    _, turn = await hear(household, answer)
    assert not turn.receipts
    _, turn = await hear(household, "yes")
    assert not turn.receipts


async def test_what_changes_nothing_is_answered(household: Household) -> None:
    said, turn = await hear(household, "what do you get if you take nineteen off fifty two", "what is 52 minus 19")
    assert said == "33."
    assert turn.engines[REWORDED] == "what is 52 minus 19"


@pytest.mark.parametrize("sentence", ["", "sing me the moon"])
async def test_what_the_grammar_does_not_know_the_model_answers(household: Household, sentence: str) -> None:
    said, turn = await hear(household, "bumble the wotsit", sentence)
    assert said == "The model answers."
    assert REWORDED not in turn.engines


def test_the_prompt_is_the_same_up_to_the_request() -> None:
    one, other = (rewording.messages(text) for text in (BUTTER, "beep"))
    assert one[:-1] == other[:-1]


async def test_a_question_about_the_owner_is_not_reworded_into_one_about_a_list(household: Household) -> None:
    plain = "is coffee on my shopping list"
    assert (await hear(household, "Do I still drink coffee?", plain))[0] == "The model answers."
    assert (await hear(household, "Is that coffee somewhere among the groceries?", plain))[0].startswith("No")
