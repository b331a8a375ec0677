"""Timers, alarms and reminders in few words: what is left out is that of what was spoken of, and nothing else."""

import re

import pytest

from tests.skills.conftest import Talk

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("said", "last"),
    [
        (["set an alarm for 7", "no, half past"], "today at 7:30 PM"),
        (["wake me tomorrow at seven", "make it half past"], "tomorrow at 7:30 AM"),
        (["wake me tomorrow at seven", "no, quarter to"], "tomorrow at 6:45 AM"),
        (["set an alarm for 6:30 on Thursday", "no, quarter past"], "on Thursday at 6:15 AM"),
        (["set an alarm for 6 pm on Thursday", "move it to half past"], "on Thursday at 6:30 PM"),
        (["set an alarm for 7 every weekday", "make it half past"], "every weekday at 7:30 AM"),
        (
            ["wake me at 7 on Saturday", "wake me at 8 today", "move the Saturday one to ten past"],
            "Saturday at 7:10 AM",
        ),
        (["remind me to feed the tortoise at 8 tomorrow", "no, twenty past"], "tomorrow at 8:20 AM"),
        (["wake me at seven tomorrow, no, half past"], "tomorrow at 7:30 AM"),
        (["set an alarm for 7 pm on Thursday, no wait, at half past"], "on Thursday at 7:30 PM"),
        (["wake me at seven and at half past"], "tomorrow at 7:00 AM and tomorrow at 7:30 AM"),
        (["put a lunch in my calendar friday at 1", "make it half past"], "on Friday at 1:30 PM, not"),
    ],
)
async def test_a_minute_is_of_the_hour_that_was_told(talk: Talk, said: list[str], last: str) -> None:
    *_, answer = [await talk(words) for words in said]
    assert last in answer


@pytest.mark.parametrize(
    ("said", "last"),
    [
        (
            ["wake me at 7 on Friday", "cancel the Friday alarm and set one for 7:15 on Monday"],
            "I've cancelled your alarm for 7:00 AM. Okay. Your alarm will ring tomorrow at 7:15 AM.",
        ),
        (["set one for 7:15 on Monday"], "Okay. Your alarm will ring tomorrow at 7:15 AM."),
        (["set one for ten minutes"], "Timer set for 10 minutes."),
        (
            ["remind me to feed the cat at 5", "cancel my reminder and set one for 8 to feed the dog"],
            "I've cancelled your reminder: feed the cat. Okay, today at 8:00 PM: feed the dog.",
        ),
        (
            [
                "set a pasta timer for ten minutes",
                "delete the pasta timer and start a new one for ten minutes for rice",
            ],
            "I've cancelled your pasta timer. Rice timer set for 10 minutes.",
        ),
        (
            ["set a timer for ten minutes and an alarm for 7 and set one for 8"],
            "Timer set for 10 minutes. Okay. Your alarm will ring today at 7:00 PM. "
            "Okay. Your alarm will ring today at 8:00 PM.",
        ),
        (["add one for the eggs"], "I've started your shopping list with 1 for the eggs."),
    ],
)
async def test_one_is_of_what_was_named_or_of_what_has_such_a_time(talk: Talk, said: list[str], last: str) -> None:
    *_, answer = [await talk(words) for words in said]
    assert answer == last


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "set a timer for six minutes for the eggs and one for a quarter of an hour for the potatoes",
            "Eggs timer set for 6 minutes. Potatoes timer set for 15 minutes.",
        ),
        (
            "set a timer for the eggs for six minutes and another for the potatoes for ten",
            "Eggs timer set for 6 minutes. Potatoes timer set for 10 minutes.",
        ),
        (
            "set two timers, one for six minutes for the eggs and bacon and one for ten minutes for the potatoes",
            "Eggs and bacon timer set for 6 minutes. Potatoes timer set for 10 minutes.",
        ),
        (
            "set an egg timer for six minutes and one for ten minutes",
            "Egg timer set for 6 minutes. Timer set for 10 minutes.",
        ),
        ("set three timers: 5, 10 and 15 minutes", "Timers set for 5 minutes, 10 minutes and 15 minutes."),
        ("set two timers, five and ten minutes", "Timers set for 5 minutes and 10 minutes."),
        ("start timers for 5 and 10 and 15 minutes", "Timers set for 5 minutes, 10 minutes and 15 minutes."),
        ("set two timers for ten minutes", "Timers set for 10 minutes and 10 minutes."),
        ("set three timers for 5 and 10 minutes", "I don't know how long each is to run. For how long?"),
        ("set two timers, one for five minutes", "I don't know how long each is to run. For how long?"),
        ("set two timers for one hour and ten minutes", "I don't know how long each is to run. For how long?"),
    ],
)
async def test_each_of_several_timers_has_its_length_and_its_name(talk: Talk, text: str, answer: str) -> None:
    assert await talk(text) == answer


FIVE_AND_TEN = ["set a timer for five minutes", "set a timer for ten minutes"]


@pytest.mark.parametrize(
    ("said", "last"),
    [
        ([*FIVE_AND_TEN, "wake me at 8", "cancel the longest one"], "I've cancelled your timer for 10 minutes."),
        ([*FIVE_AND_TEN, "wake me at 8", "cancel the first one"], "I've cancelled your timer for 5 minutes."),
        ([*FIVE_AND_TEN, "wake me at 8", "cancel the last one"], "I've cancelled your alarm for 8:00 AM."),
        (
            [*FIVE_AND_TEN, "wake me at 8", "cancel the other one"],
            "Which one? You have these: timer for 5 minutes and timer for 10 minutes.",
        ),
        (
            [*FIVE_AND_TEN, "wake me at 8", "cancel the other one", "the first one"],
            "I've cancelled your timer for 5 minutes.",
        ),
        (
            ["set a timer for ten minutes", "wake me at 8", "cancel the other one"],
            "I've cancelled your timer for 10 minutes.",
        ),
        (
            ["wake me at 7", "wake me at 8", "set a timer for ten minutes", "cancel the first one"],
            "I've cancelled your alarm for 7:00 AM.",
        ),
    ],
)
async def test_a_place_is_among_what_there_is_several_of(talk: Talk, said: list[str], last: str) -> None:
    *_, answer = [await talk(words) for words in said]
    assert answer == last


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("add two minutes to all timers", [7, 12]),
        ("add two minutes to both timers", [7, 12]),
        ("add another minute to each of them", [6, 11]),
        ("give both timers two more minutes", [7, 12]),
        ("take a minute off both", [4, 9]),
        ("take six minutes off all timers", [5, 10]),
        ("make all timers two minutes longer", [7, 12]),
        ("set all timers to 8 minutes instead", [8, 8]),
        ("add two minutes to the ten minute timer", [5, 12]),
    ],
)
async def test_all_timers_are_given_more_or_none_is(talk: Talk, text: str, left: list[int]) -> None:
    for words in [*FIVE_AND_TEN, text]:
        await talk(words)
    told = await talk("how long is left")
    assert re.findall(r"(\d+) minutes left", told) == [str(minutes) for minutes in left]


@pytest.mark.parametrize(
    ("said", "last"),
    [
        (["remind me to", "feed the tortoise tomorrow at noon"], "Okay, tomorrow at 12:00 PM: feed the tortoise."),
        (["remind me", "feed the tortoise every day at noon"], "Okay, every day at 12:00 PM: feed the tortoise."),
        (["remind me tomorrow", "to feed the tortoise at noon."], "Okay, tomorrow at 12:00 PM: feed the tortoise."),
        (
            ["set a reminder", "feed the cat at noon tomorrow and water the plants at four tomorrow"],
            "Okay, tomorrow at 12:00 PM: feed the cat and tomorrow at 4:00 PM: water the plants.",
        ),
        (["remind me at four", "watch the five o'clock news"], "Okay, today at 4:00 PM: watch the five o'clock news."),
        (["remind me tomorrow", "call Ann about Friday"], "Okay, tomorrow at 9:00 AM: call Ann about Friday."),
    ],
)
async def test_what_to_remind_of_may_tell_when(talk: Talk, said: list[str], last: str) -> None:
    *_, answer = [await talk(words) for words in said]
    assert answer == last
