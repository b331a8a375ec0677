"""What is done when a timer ends: agreed to with all that it does, once, and gone with the timer."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import anyio
import pytest

from voiceos.clock import Clocks
from voiceos.skills.schedule.said import told
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.schedule import advance, entries, taken
from voiceos.store.under_way import UnderWay
from voiceos.timekeeper import Timekeeper

pytestmark = pytest.mark.anyio
PASTA, ASKED = "Set a pasta timer for ten minutes.", "When your pasta timer ends: {}. Shall I do that?"
BREAD = ("add bread to my shopping list",)


def kept(db: Connection) -> list[tuple[str, Sequence[str]]]:
    return [(one.name, one.afterwards) for one in entries(db)]


@pytest.mark.parametrize(
    ("words", "steps"),
    [
        ("When the pasta timer ends, add bread to my shopping list.", BREAD),
        ("Add bread to my shopping list when the pasta timer goes off, please.", BREAD),
        ("Once my timer is done, add bread to my shopping list", BREAD),
        (
            "When the pasta timer ends, set an alarm for seven and then say good night to everyone",
            ("set an alarm for seven", "say good night to everyone"),
        ),
    ],
)
async def test_it_is_agreed_to_with_all_that_it_does(
    talk: Any, db: Connection, words: str, steps: Sequence[str]
) -> None:
    await talk(PASTA)
    assert await talk(words) == ASKED.format(", then ".join(steps).replace("my", "your"))
    assert kept(db) == [("pasta", ())]
    assert await talk("Yes.") == "Okay, when your pasta timer ends."
    assert kept(db) == [("pasta", tuple(steps))]
    assert receipts(db)[0].arguments["afterwards"] == [*steps]
    assert "Then: " in await talk("How long is left on the pasta timer?")
    assert await talk("What happens when the timer ends?") == ASKED.format(", then ".join(steps)).replace(
        "my", "your"
    ).removesuffix(" Shall I do that?")


@pytest.mark.parametrize(
    "words",
    [
        "Set a pasta timer for ten minutes and then add bread to my shopping list.",
        "Set a pasta timer for ten minutes, and when it's done add bread to my shopping list.",
        "Set a pasta timer for ten minutes and add bread to my shopping list when it ends.",
    ],
)
async def test_a_timer_is_set_at_once_and_what_follows_it_is_asked(talk: Any, db: Connection, words: str) -> None:
    said = await talk(words)
    assert said == f"Pasta timer set for 10 minutes. {ASKED.format('add bread to your shopping list')}"
    await talk("yes")
    assert kept(db) == [("pasta", BREAD)]


@pytest.mark.parametrize(
    "words", ["No.", "What time is it?", "Cancel the pasta timer.", "When the timer ends, polish the moon."]
)
async def test_without_a_yes_nothing_follows(talk: Any, db: Connection, words: str) -> None:
    await talk(PASTA)
    await talk("When the pasta timer ends, add bread to my shopping list.")
    await talk(words)
    await talk("Yes.")
    assert not any(one.afterwards for one in entries(db))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("When the timer ends, add bread to my shopping list.", "You have no timer for that. Set one first."),
        (
            "Cancel the timer and then add bread to my shopping list.",
            "You have no timers. I've started",
        ),
        (
            "Set a timer for ten minutes and add bread to my shopping list.",
            "Timer set for 10 minutes. I've started your",
        ),
    ],
)
async def test_what_is_meant_otherwise(talk: Any, words: str, said: str) -> None:
    assert (await talk(words)).startswith(said)


async def agreed(talk: Any) -> None:
    await talk(PASTA)
    await talk("When the pasta timer ends, add bread to my shopping list.")
    await talk("Yes.")


async def test_it_goes_with_the_timer_and_comes_back_with_it(talk: Any, db: Connection) -> None:
    await agreed(talk)
    assert await talk("Cancel the pasta timer") == "I've cancelled your pasta timer. What was to happen then won't."
    await talk("Undo that")
    assert kept(db) == [("pasta", BREAD)]
    assert await talk("Do nothing when the timer ends") == "Okay, your pasta timer will just ring."
    assert kept(db) == [("pasta", ())]


async def test_which_timer_is_asked(talk: Any, db: Connection) -> None:
    await talk(PASTA)
    await talk("Set an egg timer for five minutes")
    talk.workshop.spoken_of.clear()
    assert (await talk("When my timer ends, add bread to my shopping list")).startswith("Which one?")
    assert await talk("the egg timer") == "When your egg timer ends: add bread to your shopping list. Shall I do that?"


@pytest.mark.parametrize(("seconds", "done"), [(601, True), (630, True), (800, False)])
async def test_it_is_done_once_and_not_when_late(talk: Any, db: Connection, seconds: float, *, done: bool) -> None:
    await agreed(talk)
    now = talk.clock[0] + timedelta(seconds=seconds)
    clocks = Clocks(now, now.timestamp(), "b")  # after a restart
    advance(db, clocks, resumed=True)
    assert [one.steps for one in taken(db, clocks)] == [BREAD] * done
    assert taken(db, clocks) == []
    (timer,) = entries(db)
    if not done:
        assert told(timer, clocks, 60).endswith("I was off, so I didn't do this: add bread to your shopping list.")


async def test_the_timekeeper_starts_it(talk: Any) -> None:
    await agreed(talk)
    talk.clock[0] += timedelta(minutes=10, seconds=1)
    keeper, begun, started = Timekeeper(talk.workshop, print), anyio.Event(), list[UnderWay]()

    def begin(entry: UnderWay) -> None:
        started.append(entry)
        begun.set()

    keeper.on_due.append(begin)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keeper.run)
        with anyio.fail_after(5):
            await begun.wait()
        tasks.cancel_scope.cancel()
    assert [one.steps for one in started] == [BREAD]


async def test_only_what_is_done_by_itself_is_said(talk: Any) -> None:
    assert await talk("say good night to everyone", device="schedule") == "Good night to everyone."
    assert await talk("say good night to everyone") == "(the model answers)"
