"""Finished turns are kept, also those that still wait when it ends."""

from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from voiceos.core import Outcome, Speech, Transcript, Turn
from voiceos.store.keeper import Save, turn_keeper
from voiceos.store.turns import TurnStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


BEGAN = datetime(2026, 3, 1, 12, 0, 6, tzinfo=UTC)


def save_in(folder: Path) -> Save:
    def save(turn: Turn, began: datetime) -> None:
        with TurnStore(folder) as store:
            store.save(turn, began)

    return save


def turn(number: int) -> Turn:
    return Turn(
        f"turn{number}", "c", Speech(b"\0\0", 100.0, 102.0), transcript=Transcript("hi"), outcome=Outcome.ANSWERED
    )


async def test_what_waits_is_saved_before_it_closes(tmp_path: Path) -> None:
    problems: list[str] = []
    async with turn_keeper(save_in(tmp_path), problems.append) as keeper:
        for number in range(50):
            keeper.keep(turn(number), BEGAN)
    with TurnStore(tmp_path) as store:
        assert [record.id for record in store.recent(100)] == [f"turn{n}" for n in reversed(range(50))]
        assert store.recent(1)[0].started_at == BEGAN
    assert problems == []


async def test_also_when_cancelled(tmp_path: Path) -> None:
    with anyio.CancelScope() as scope:
        async with turn_keeper(save_in(tmp_path), print) as keeper:
            keeper.keep(turn(1), BEGAN)
            scope.cancel()
            await anyio.sleep_forever()
    with TurnStore(tmp_path) as store:
        assert store.get("turn1")


async def test_a_full_disk_is_said_once_and_the_conversation_goes_on(tmp_path: Path) -> None:
    problems: list[str] = []
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    async with turn_keeper(save_in(blocked / "state"), problems.append) as keeper:
        keeper.keep(turn(1), BEGAN)
        keeper.keep(turn(2), BEGAN)
    assert len(problems) == 1


async def test_turns_wait_for_room_and_are_kept_when_there_is_some(tmp_path: Path) -> None:
    problems: list[str] = []
    blocked = tmp_path / "state"
    blocked.write_text("in the way")
    kept: list[str] = []
    saved = anyio.Event()

    def saving(turn: Turn, began: datetime) -> None:
        save_in(blocked)(turn, began)
        kept.append(turn.id)
        if len(kept) == 3:
            anyio.from_thread.run_sync(saved.set)

    failed = anyio.Event()

    def problem(sentence: str) -> None:
        problems.append(sentence)
        failed.set()

    async with turn_keeper(saving, problem) as keeper:
        keeper.keep(turn(1), BEGAN)
        keeper.keep(turn(2), BEGAN)
        await failed.wait()
        blocked.unlink()
        keeper.keep(turn(3), BEGAN)
        await saved.wait()
    assert sorted(kept) == ["turn1", "turn2", "turn3"]
    assert len(problems) == 1
    with TurnStore(blocked) as store:
        assert {record.id for record in store.recent()} == set(kept)
