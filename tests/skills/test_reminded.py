"""Whether somebody was reminded: what is only set has not come yet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.skills.conftest import MODEL, Talk
from voiceos.clock import Clocks
from voiceos.store.database import Connection
from voiceos.store.schedule import advance, save_entry

pytestmark = pytest.mark.anyio
PILLS = "remind me to take the pills tomorrow at 8"
DID = "Did you remind me to take the pills?"


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (
            "remind me every other Thursday at 9 to put the recycling out|When am I supposed to put the recycling out?",
            "You have one reminder. Every other Thursday, next on Thursday at 9:00 AM: put the recycling out.",
        ),
        (
            "remind me on Thursday at 9 to put the recycling out|When is the recycling?",
            "You have one reminder. On Thursday at 9:00 AM: put the recycling out.",
        ),
        (
            "remind me on friday to pay the rent|when's the rent due again",
            "You have one reminder. On Friday at 9:00 AM: pay the rent.",
        ),
        ("remind me on Thursday at 9 to call the dentist|When is the dentist?", MODEL),
        ("when should I put the bins out?", MODEL),
        ("remind me to have lunch tomorrow at one", "Okay, tomorrow at 1:00 PM: have lunch."),
        ("remind me at lunch tomorrow to ring Ann", "Okay, tomorrow at 12:00 PM: ring Ann."),
        (f"{PILLS}|{DID}", "Not yet: take the pills, due tomorrow at 8:00 AM."),
        (f"{PILLS}|Did you already remind me to take the pills?", "Not yet: take the pills, due tomorrow at 8:00 AM."),
        (f"{PILLS}|Have you reminded me about the pills yet?", "Not yet: take the pills, due tomorrow at 8:00 AM."),
        (f"{PILLS}|Was I reminded to take my pills today?", "Not yet: take the pills, due tomorrow at 8:00 AM."),
        (f"{PILLS}|+20|{DID}", "Yes, today at 8:00 AM: take the pills."),
        (f"{PILLS}|+20|did you remind me of the pills this morning", "Yes, today at 8:00 AM: take the pills."),
        (f"{PILLS}|!20|{DID}", "Not yet: take the pills. It was due today at 8:00 AM."),
        (f"{PILLS}|make it nine|+20|{DID}", "Not yet: take the pills, due today at 9:00 AM."),
        (f"{PILLS}|make it nine|+22|{DID}", "Yes, today at 9:00 AM: take the pills."),
        (f"{PILLS}|cancel the pills reminder|+20|{DID}", "No. I have no reminder of that."),
        (f"{PILLS}|undo that|+20|{DID}", "No. I have no reminder of that."),
        (f"{PILLS}|+20|Did you remind me to take the bins out?", "No. I have no reminder of that."),
        (
            f"remind me to take the pills every day at 8|+20|{DID}",
            "Yes, today at 8:00 AM: take the pills. The next time is tomorrow at 8:00 AM.",
        ),
        (
            f"{PILLS}|did you set a reminder for the pills",
            "Yes, at 12:00 PM: Okay, tomorrow at 8:00 AM: take the pills.",
        ),
        (
            f"{PILLS}|+20|{PILLS}|{DID}",
            "Yes, today at 8:00 AM: take the pills. The next time is tomorrow at 8:00 AM.",
        ),
        (f"{PILLS}|did you remind me yet", "Not yet: take the pills, due tomorrow at 8:00 AM."),
        (f"{PILLS}|has my pills reminder gone off?", "Not yet: take the pills, due tomorrow at 8:00 AM."),
        (
            f"{PILLS}|+20|remind me to feed the cat at 9|did you remind me",
            "Yes, today at 8:00 AM: take the pills. Not yet: feed the cat, due today at 9:00 AM.",
        ),
        (DID, "No. I have no reminder of that."),
    ],
)
async def test_yes_only_once_it_has_come(talk: Talk, db: Connection, said: str, reply: str) -> None:
    """`+20`: so many hours later, all that came due is told; `!20`: nothing is."""
    last = ""
    for text in said.split("|"):
        if text[0] not in "+!":
            last = await talk(text)
            continue
        talk.clock[0] += timedelta(hours=int(text[1:]), seconds=1)
        for one in advance(db, Clocks(talk.clock[0], talk.clock[0].timestamp(), "a")):
            if one.missed is not None and text[0] == "+":
                save_entry(db, replace(one, missed=None, times=0))
    assert last == reply
