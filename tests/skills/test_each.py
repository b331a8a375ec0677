"""Several things in one breath: each is kept with its own time, and none with another's."""

import re

import pytest

from tests.skills.conftest import MODEL, Talk

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "remind me to take my pills at eight and to water the plants at nine",
            "Okay, today at 8:00 PM: take your pills and today at 9:00 PM: water the plants.",
        ),
        (
            "remind me tomorrow to take my pills at eight and water the plants at nine",
            "Okay, tomorrow at 8:00 AM: take your pills and tomorrow at 9:00 AM: water the plants.",
        ),
        ("remind me to call Bob at six and at seven", "Okay, today at 6:00 PM and today at 7:00 PM: call Bob."),
        (
            "Remind me tomorrow morning and again at six to take the pill",
            "Okay, tomorrow at 9:00 AM and tomorrow at 6:00 PM: take the pill.",
        ),
        (
            "remind me to take the pill every day at eight and again at ten",
            "Okay, every day at 8:00 AM and every day at 10:00 AM: take the pill.",
        ),
        (
            "remind me at 8, and once more on friday, to call mum",
            "Okay, today at 8:00 PM and on Friday at 9:00 AM: call mum.",
        ),
        (
            "remind me to check the oven in 20 minutes and then again 10 minutes later",
            "Okay, today at 12:20 PM and today at 12:30 PM: check the oven.",
        ),
        (
            "remind me twice, at five and again at seven, to stretch",
            "Okay, today at 5:00 PM and today at 7:00 PM: stretch.",
        ),
        ("remind me to wash and again dry the towels at six", "Okay, today at 6:00 PM: wash and again dry the towels."),
        (
            "remind me to buy bread and milk at 5 and call Bob at 6",
            "Okay, today at 5:00 PM: buy bread and milk and today at 6:00 PM: call Bob.",
        ),
        (
            "remind me on monday and wednesday at 7 to take pills",
            "Okay, tomorrow at 7:00 AM and on Wednesday at 7:00 AM: take pills.",
        ),
        (
            "wake me on tuesday, thursday and friday at 6:15",
            "Okay. Your alarms will ring on Tuesday at 6:15 AM, on Thursday at 6:15 AM and on Friday at 6:15 AM.",
        ),
    ],
)
async def test_each_has_its_own_time(talk: Talk, text: str, said: str) -> None:
    assert await talk(text) == said


async def test_all_of_one_breath_is_taken_back(talk: Talk) -> None:
    await talk("remind me to take my pills at eight and to water the plants at nine")
    await talk("undo that")
    assert await talk("what reminders do I have") == "You have no reminders."


async def test_a_list_of_ones_own_needs_not_be_called_a_list(talk: Talk) -> None:
    assert await talk("add crisps to the party") == MODEL
    await talk("make a list called party")
    assert await talk("add crisps and dips to the party") == "I've added crisps and dips to your party list."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("spell cat backwards", r"cat: T, A, C\."),
        ("spell it again slower", re.escape(MODEL)),
        ("roll 3 d20", r"\d+, \d+ and \d+\. That's \d+\."),
        ("how much is a 15 percent tip on 48 pounds", r"£7\.20\."),
        ("are you online", r"Nothing leaves this device\. .*"),
    ],
)
async def test_what_is_asked_is_what_is_answered(talk: Talk, text: str, said: str) -> None:
    assert re.fullmatch(said, await talk(text))
