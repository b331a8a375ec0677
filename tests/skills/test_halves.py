"""Half a sentence was acted on, and then the rest came: the whole is done, once, and nothing else."""

import pytest

from tests.skills.conftest import Talk
from voiceos.store import lists, schedule

pytestmark = pytest.mark.anyio


def standing(talk: Talk) -> list[str]:
    """What there is of timers, alarms, reminders and lists."""
    db = talk.workshop.db
    assert db
    set_up = [f"{one.kind} {one.name} {one.length or one.wall}" for one in schedule.entries(db)]
    return sorted([*set_up, *(entry.key for one in lists.listings(db) for entry in lists.entries(db, one.id))])


@pytest.mark.parametrize(
    ("half", "whole"),
    [
        ("set a timer for", "set a timer for ten minutes"),
        ("set a timer for 4-5 minutes", "set a timer for 45 minutes"),
        ("set a timer for ten minutes", "set a timer for ten minutes for the eggs"),
        ("set a timer for ten minutes", "set a timer for ten minutes and another for twenty"),
        ("add milk", "add milk and eggs to the list"),
        ("add milk and bread", "add milk and bread and eggs to the list"),
        ("set an alarm for seven", "set an alarm for seven thirty tomorrow"),
        ("set an alarm for seven", "set an alarm for seven on weekdays"),
        ("remind me at five to call", "remind me at five to call my mother"),
        ("set a timer for ten minutes and add milk", "set a timer for ten minutes and add milk and eggs to the list"),
        ("set the volume to 3", "set the volume to 35 percent"),
    ],
)
async def test_the_whole_stands_as_if_nobody_had_paused(talk: Talk, half: str, whole: str) -> None:
    assert await talk("add milk to the list")
    alone = await talk(whole)
    wanted, level = standing(talk), talk.workshop.loudness.percent
    await talk("undo that")
    await talk(half)
    assert await talk(whole, half=True) == alone
    assert standing(talk) == wanted
    assert talk.workshop.loudness.percent == level
