"""What a language model may say: honest sentences pass, and claims without a receipt do not, however they are cut."""

import re
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from voiceos.core import Action, Exchange, Part, Recalled, Transcript, Turn
from voiceos.errors import MindError
from voiceos.language.sentences import say
from voiceos.mind.claims import Judge
from voiceos.mind.honest import Guard, HonestMind
from voiceos.mind.replying import Saying

ROWS = [line.split("\t") for line in Path(__file__).with_name("claims.tsv").read_text(encoding="utf-8").splitlines()]
CLAIMS = [text for _, kind, text in ROWS if kind == "claim"]
HONEST = [text for _, kind, text in ROWS if kind == "honest"]
PROMPTS = [
    line.split("\t")[1]
    for line in Path(__file__).with_name("claim_prompts.tsv").read_text(encoding="utf-8").splitlines()
]
ORDER, QUESTION, CHAT = "Turn on the lights.", "Is the door locked?", "What do you think about that?"
NOT_DONE, NOT_KNOWN = say("honesty.act"), say("honesty.state")


def test_there_are_three_hundred_of_each() -> None:
    assert min(map(len, (CLAIMS, HONEST, PROMPTS))) >= 300


def test_claims_are_caught_after_what_invites_them() -> None:
    ordered, asked = Judge(ORDER), Judge(QUESTION)
    missed = [text for text in CLAIMS if not ordered(text) and not asked(text)]
    assert len(missed) <= 0.02 * len(CLAIMS), missed


def test_honest_sentences_pass() -> None:
    judge = Judge(CHAT)
    blocked = [text for text in HONEST if judge(text)]
    assert len(blocked) <= 0.02 * len(HONEST), blocked


def test_what_invites_a_claim_is_recognised() -> None:
    missed = []
    for prompt in PROMPTS:
        first, *more = prompt.split(" || ")
        if not Judge((more or [first])[0], [first] if more else []).invited:
            missed.append(prompt)
    assert len(missed) <= 0.05 * len(PROMPTS), missed


async def told(
    reply: list[str],
    question: str,
    *,
    failing: bool = False,
    recalled: str = "",
    score: float = 0.0,
    at: datetime | None = None,
    receipts: tuple[str, ...] = (),
) -> tuple[str, int]:
    """What is said, and how many pieces of the reply were taken."""
    taken = 0

    class Model:
        name = "model"

        async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
            nonlocal taken
            for piece in reply:
                taken += 1
                yield Part(piece)
            if failing:
                raise MindError("It broke.", spoken="")

    turn = Turn("t", "c", transcript=Transcript(question), receipts=receipts)
    turn.recalled = [Recalled("fact:1", recalled, at=at, score=score)] if recalled else []
    said = ""
    try:
        async for part in HonestMind(Model()).reply(turn):
            assert isinstance(part, Part)
            said += part.text
    except MindError:
        said += "[failed]"
    return said, taken


async def test_a_claim_is_not_said_and_the_model_is_stopped(anyio_backend: str) -> None:
    said, taken = await told(
        ["Sure", ", I", "'ve turned", " them on", ".", " Anything", " else?"], "Get the lights on."
    )
    assert said == NOT_DONE
    assert taken < 7


async def test_an_invented_state_is_not_said(anyio_backend: str) -> None:
    assert (await told(["Yes,", " it's locked."], QUESTION))[0] == NOT_KNOWN


async def test_what_is_told_after_an_order_was_not_done(anyio_backend: str) -> None:
    assert (await told(["The fan is on."], "Get the fan going."))[0] == NOT_DONE


@pytest.mark.parametrize("question", ["Help Tom with it.", "Did you send it?"])
async def test_a_yes_alone_may_be_a_claim(anyio_backend: str, question: str) -> None:
    assert (await told(["Yes", "."], question))[0] == NOT_DONE
    assert (await told(["Yes", "."], "Are dolphins clever?"))[0] == "Yes."


@pytest.mark.parametrize("reply", ["I'd be happy to save it for you.", "I am now Max.", "I'm listening for the baby."])
async def test_an_offer_and_a_pretence_are_claims_too(anyio_backend: str, reply: str) -> None:
    assert (await told([reply], "Help me with the baby, and be Max."))[0] == NOT_DONE


@pytest.mark.parametrize(
    ("question", "kinds", "recalled", "said"),
    [
        ("Draw the curtains.", (), "", say("beyond.do")),
        ("Draw me a picture in words.", (), "", "Hm."),
        ("Get me some sushi.", ("beyond.buy",), "I love sushi.", say("beyond.buy")),
        ("When does the library open?", ("beyond.lookup",), "", say("beyond.lookup")),
        ("When does the library open?", ("beyond.lookup",), "The library opens at nine.", "Hm."),
        ("Why is the sky blue?", (), "", "Hm."),
        ("My locker code at work is 4417.", ("beyond.account",), "", "Hm."),
        ("Priyanka's favourite cake is lemon drizzle.", ("beyond.buy",), "", "Hm."),
        ("I'd like a lemon cake.", ("beyond.buy",), "", say("beyond.buy")),
    ],
)
async def test_what_nobody_here_can_do_is_declined_without_the_model(
    anyio_backend: str, question: str, kinds: tuple[str, ...], recalled: str, said: str
) -> None:
    mind = HonestMind(Saying("Hm."), beyond=lambda text: dict.fromkeys(kinds, 0.9))
    turn = Turn("t", "c", transcript=Transcript(question))
    turn.recalled = [Recalled("fact:1", recalled, score=0.9)] if recalled else []
    assert "".join([part.text async for part in mind.reply(turn) if isinstance(part, Part)]) == said


@pytest.mark.parametrize(("reply", "said"), [("It closes at nine.", NOT_KNOWN), ("I don't know.", "I don't know.")])
async def test_the_model_may_only_admit_what_it_cannot_know(anyio_backend: str, reply: str, said: str) -> None:
    """Where the judge suspects that only a tool could know."""
    mind = HonestMind(Saying(reply), beyond=lambda text: {"beyond.lookup": 0.4, "": 0.6})
    turn = Turn("t", "c", transcript=Transcript("What about the chemist?"))
    assert "".join([part.text async for part in mind.reply(turn) if isinstance(part, Part)]) == said


async def test_a_claim_in_reply_to_what_is_only_told_gives_way_to_thanks(anyio_backend: str) -> None:
    mind = HonestMind(Saying("I've called the hospital for you."))
    turn = Turn("t", "c", transcript=Transcript("My dad is in hospital."))
    assert "".join([part.text async for part in mind.reply(turn) if isinstance(part, Part)]) == "Thanks for telling me."


async def test_what_was_told_just_now_is_known_but_an_order_is_not(anyio_backend: str) -> None:
    for earlier, answer, said in (
        ("My dentist appointment is on Friday.", "Your appointment is on Friday.", "Your appointment is on Friday."),
        ("Turn on the lamp.", "Yes, the lamp is on.", NOT_KNOWN),
    ):
        question = "When is my appointment?" if "appointment" in earlier else "Is the lamp on?"
        turn = Turn("t", "c", transcript=Transcript(question), history=[Exchange(earlier, "Hm.")])
        mind = HonestMind(Saying(answer))
        assert "".join([part.text async for part in mind.reply(turn) if isinstance(part, Part)]) == said


async def test_a_small_model_is_stopped_after_some_sentences_but_not_in_a_story(anyio_backend: str) -> None:
    reply = "One is here. Two is here. Three is here. Four"
    for question, said in (("Tell me about it.", "One is here. Two is here."), ("Tell me a story.", reply)):
        mind = HonestMind(Saying(reply), most_sentences=2)
        turn = Turn("t", "c", transcript=Transcript(question))
        parts = [part.text async for part in mind.reply(turn) if isinstance(part, Part)]
        assert "".join(parts).strip() == said


async def test_what_was_just_told_may_be_said_back(anyio_backend: str) -> None:
    said, _ = await told(["I'm sorry that your dog is at the vet."], "My dog is at the vet and I'm worried.")
    assert said == "I'm sorry that your dog is at the vet."


async def test_what_came_before_a_claim_stays_said(anyio_backend: str) -> None:
    said, _ = await told(["Lamps are nice. ", "I've turned", " on the lamp. Bye."], "Tell me about lamps.")
    assert said == f"Lamps are nice. {NOT_DONE}"


async def test_a_sentence_that_ends_in_a_claim_is_broken_off(anyio_backend: str) -> None:
    said, _ = await told(["It is a nice lamp and", " a cheap one, I've turned it on."], "Tell me about the lamp.")
    assert said == f"It is a nice lamp and a cheap one, — {NOT_DONE}"


async def test_who_owned_to_it_need_not_say_it_twice(anyio_backend: str) -> None:
    said, _ = await told(["Sorry, I can't do that yet. ", "I'll remind you."], "Remind me at six.")
    assert said.strip() == "Sorry, I can't do that yet."


async def test_a_receipt_lets_it_pass(anyio_backend: str) -> None:
    assert (await told(["I've set it."], "Set a timer.", receipts=("timers.set",)))[0] == "I've set it."


async def test_what_the_memory_says_may_be_told(anyio_backend: str) -> None:
    said, _ = await told(["The boiler is off."], "Is the boiler off?", recalled="I turned off the boiler, it is off.")
    assert said == "The boiler is off."
    assert (await told(["The boiler is off."], "Is the boiler off?", recalled="We have a cat."))[0] == NOT_KNOWN


async def test_the_day_of_a_memory_may_be_told(anyio_backend: str) -> None:
    memory, at = "2:20 PM, Dentist: filling. At Boroughgate.", datetime(2027, 1, 14, 14, 20, tzinfo=UTC)
    reply = "Your next dentist appointment is on January 14, 2027, at 2:20 PM."
    question = "When is my next dentist appointment?"
    assert (await told([reply], question, recalled=memory, at=at))[0] == reply
    assert (await told([reply], question, recalled=memory))[0] != reply


async def test_in_place_of_a_claim_the_memory_answers_where_it_is_likely_to(anyio_backend: str) -> None:
    question, memory = "How many boxes had I packed?", "I have packed thirty-one boxes."
    assert memory in (await told(["I've packed 31 boxes."], question, recalled=memory, score=0.9))[0]
    assert memory not in (await told(["I've packed 31 boxes."], question, recalled=memory, score=0.1))[0]
    assert memory not in (await told(["I've packed a box."], "Pack a box.", recalled=memory, score=0.9))[0]


@pytest.mark.parametrize("reply", ["It cost 210 euros.", "Karim serviced the boiler.", "Yes, it was Karim."])
async def test_the_memory_may_be_told_in_other_words(anyio_backend: str, reply: str) -> None:
    memory = "The boiler was serviced by Karim, and it cost two hundred and ten euros."
    assert (await told([reply], "Who serviced the boiler?", recalled=memory))[0] == reply


async def test_what_was_held_back_is_said_before_a_failure(anyio_backend: str) -> None:
    assert (await told(["I think it"], CHAT, failing=True))[0] == "I think it[failed]"


@pytest.mark.parametrize(
    ("piece", "passed"),
    [
        ("It's about eight thousand eight", "It's about eight thousand"),
        ("I'm well,", "I'm well,"),
        ("Yes,", "Yes,"),
        ("I've turned it", ""),
        ("Your alarm is set for the", ""),
    ],
)
def test_what_cannot_become_a_claim_is_not_kept_waiting(piece: str, passed: str) -> None:
    assert Guard(Judge(CHAT))(piece) == passed


def test_a_yes_waits_where_it_would_be_a_claim_itself() -> None:
    assert Guard(Judge(QUESTION))("Yes, it") == ""


def test_the_assistant_may_speak_of_itself_by_name() -> None:
    judge = Judge(CHAT, name="Nova")
    assert judge("Nova will turn on the lights.") == judge("The assistant has sent it.") == "act"
    assert judge("I'm Nova, your voice assistant.") == ""


@pytest.mark.parametrize(
    ("reply", "given", "claim"),
    [
        ("Today you said: I have a sister named Leila.", "", "quote"),
        ("You told me that you went to school in Berkeley. Nice!", "", "quote"),
        ("You said you moved to Ghent, in spring. Nice!", "You said you moved to Ghent, in spring. Nice!", ""),
        ("You say that often.", "You say that often.", ""),
    ],
)
def test_nobody_is_said_to_have_said_what_they_did_not(reply: str, given: str, claim: str) -> None:
    guard = Guard(Judge("What's my sister's name?", told=["I moved to Ghent in spring"]))
    said = "".join([*map(guard, re.findall(r"\S+\s*", reply)), guard.rest()])
    assert (said, guard.claim) == (given, claim)


def test_a_question_for_advice_is_no_question_about_a_state() -> None:
    assert not Judge("How can I jump start my car if the battery is dead?")("First, the cables are red and black.")


def test_a_question_about_the_turn_before_invites_too() -> None:
    assert Judge("Is it off now?", ["Turn the torch off."]).invited
    assert not Judge("What is a torch?", ["Turn the torch off."]).invited


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.sampled_from(HONEST[:40] + CLAIMS[:40]), st.lists(st.integers(0, 200)))
def test_how_it_is_cut_changes_nothing(text: str, cuts: list[int]) -> None:
    whole, cut = Guard(Judge(ORDER)), Guard(Judge(ORDER))
    expected = whole(text) + whole.rest()
    places = sorted({place % (len(text) + 1) for place in cuts} | {0, len(text)})
    given_text = "".join(cut(text[begin:end]) for begin, end in pairwise(places)) + cut.rest()
    assert (given_text, cut.claim) == (expected, whole.claim)


def test_history_is_a_tuple_of_exchanges(ask: Callable[..., Turn]) -> None:
    turn = ask("Is it on?", Exchange("Switch the lamp on.", "Sorry."))
    assert Judge(turn.words, [one.user for one in turn.history]).invited
