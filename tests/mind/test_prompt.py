"""The prompt: a prefix that stays the same from turn to turn, and a question with its time."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.core import Exchange, Recalled, Transcript, Turn
from voiceos.language.said_times import said_moment
from voiceos.language.sentences import say
from voiceos.mind import from_lines
from voiceos.mind.prompt import Persona, build_messages, remembered, stable_prefix

NINE = datetime(2026, 11, 22, 21, 5)
TEN = datetime(2026, 11, 23, 10, 0)
PARIS = Exchange("What is the capital of France?", "Paris.")

texts = st.text(max_size=60)
exchanges = st.builds(Exchange, texts, texts, st.booleans())


def test_who_it_is_then_what_was_said_then_the_question_with_its_time(ask: Callable[..., Turn]) -> None:
    system, user, assistant, question = build_messages(
        Persona("Ada", "You are dry."), ask("What day is it today?", PARIS), NINE, 12
    )
    assert "Ada" in system["content"]
    assert "You are dry." in system["content"]
    assert (user["content"], assistant["content"]) == ("What is the capital of France?", "Paris.")
    assert "Sunday, 22 November 2026" in question["content"]
    assert "9:05 PM" in question["content"]
    assert question["content"].endswith("What day is it today?")


@pytest.mark.parametrize("words", ["How do you spell necessary?", "Nothing", "Why is the sky blue?", "Pick a number"])
def test_a_question_that_needs_no_date_gets_none(ask: Callable[..., Turn], words: str) -> None:
    assert build_messages(Persona(), ask(words), NINE, 12)[-1]["content"] == words


def test_memories_come_with_the_date(ask: Callable[..., Turn]) -> None:
    turn = ask("Where is the key?")
    turn.recalled = [Recalled("passage:1", "The key is under the pot.", at=NINE)]
    content = build_messages(Persona(), turn, TEN, 12)[-1]["content"]
    assert content.startswith("[It is Monday, 23 November 2026, 10:00 AM.]\n")
    assert "under the pot" in content
    assert content.endswith("\nWhere is the key?")


def test_what_can_be_done_is_told_from_the_skills() -> None:
    system = stable_prefix(Persona(can=["do sums", "spell words"]), (), 3)[0]["content"]
    assert "do sums, spell words" in system
    assert "do sums" not in stable_prefix(Persona(), (), 3)[0]["content"]


@pytest.mark.parametrize(
    ("reply", "stays"),
    [
        ("Sorry, I can't set alarms.", False),
        ("I can't do that yet.", False),
        ("I'm sorry, but I can't help with that.", False),
        (say("honesty.act"), False),
        (say("honesty.state"), False),
        ("I'm sorry to hear that. Do you want to talk about it? " + "Loss is hard, and it takes time. " * 4, True),
        ("I can tell you a joke.", True),
        ("Can't is short for cannot.", True),
    ],
)
def test_a_refusal_is_not_shown_again_because_it_would_be_copied(reply: str, stays: bool) -> None:
    assert (len(stable_prefix(Persona(), (Exchange("Question.", reply),), 12)) == 3) is stays


def test_a_persona_may_hold_braces() -> None:
    assert "{curly}" in stable_prefix(Persona(character="You like {curly} things."), (), 3)[0]["content"]


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(0, 0, "12:00 AM"), (0, 5, "12:05 AM"), (11, 59, "11:59 AM"), (12, 0, "12:00 PM"), (23, 9, "11:09 PM")],
)
def test_the_time_of_day(hour: int, minute: int, said: str) -> None:
    assert said_moment(datetime(2026, 2, 1, hour, minute)) == f"Sunday, 1 February 2026, {said}"


def test_the_prefix_of_a_turn_begins_the_next_turn(ask: Callable[..., Turn]) -> None:
    first = build_messages(Persona(), ask("And Italy?", PARIS), NINE, 12)
    second = build_messages(Persona(), ask("And Spain?", PARIS, Exchange("And Italy?", "Rome.")), TEN, 12)
    assert second[: len(first) - 1] == first[:-1]


def test_an_interrupted_reply_is_marked() -> None:
    prefix = stable_prefix(Persona(), (Exchange("Tell me a story.", "Once upon a time, ", interrupted=True),), 12)
    assert prefix[-1]["content"] == "Once upon a time—"


@given(st.lists(exchanges, max_size=30), texts, st.integers(0, 20), st.integers(0, 400))
def test_roles_alternate_whatever_was_said(history: list[Exchange], question: str, turns: int, budget: int) -> None:
    turn = Turn("t", "c", history=history, transcript=Transcript(question))
    messages = build_messages(Persona(), turn, NINE, turns, budget)
    assert [message["role"] for message in messages[1:]] == ["user", "assistant"] * (len(messages) // 2 - 1) + ["user"]
    assert all(message["content"].strip() for message in messages)


def test_what_was_not_answered_is_left_out() -> None:
    history = (Exchange("Tell me a story.", "", interrupted=True), PARIS, Exchange("", "Yes?"))
    assert len(stable_prefix(Persona(), history, 12)) == 3


@given(st.lists(exchanges, max_size=30), st.integers(0, 20))
def test_never_more_turns_than_may_be_seen_and_always_the_last(history: list[Exchange], turns: int) -> None:
    kept = remembered(history, turns, 10_000)
    assert len(kept) <= turns
    assert list(kept) == history[len(history) - len(kept) :]
    assert len(kept) == len(history) or len(kept) > turns - max(1, turns // 3)


def test_the_oldest_go_several_at_a_time_so_that_the_prefix_changes_seldom() -> None:
    history = [Exchange(str(number), "yes") for number in range(40)]
    firsts = [remembered(history[:length], 12, 10_000)[0].user for length in range(13, 41)]
    assert len(set(firsts)) == 7


def test_a_long_history_is_cut_to_what_the_context_holds() -> None:
    history = [Exchange("word " * 100, "word " * 100) for _ in range(12)]
    assert 0 < len(remembered(history, 12, 2000)) < 6


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Where is the key?", "Question: Where is the key?"),
        ("Where was the key yesterday?", "Today is Friday, 1 May 2026.\nQuestion: Where was the key yesterday?"),
    ],
)
def test_lines_to_answer_from_have_no_more_than_is_needed(question: str, asked: str) -> None:
    now = datetime(2026, 5, 1, 9, tzinfo=UTC)
    told = [Recalled("p", "It's in the jar.", at=now.replace(year=year, month=4)) for year in (2026, 2025)]
    message = from_lines.messages(question, told, now)[-1]["content"]
    assert message == f"1 April, you: It's in the jar.\n1 April 2025, you: It's in the jar.\n{asked}"
