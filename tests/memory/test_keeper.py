"""Finished turns are kept, also those that still wait when it ends."""

from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from voiceos.core import Notice, NoticeKind, Outcome, Speech, Transcript, Turn
from voiceos.memory.keeper import keep_turns
from voiceos.store.turns import TurnStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def now() -> datetime:
    return datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)


def turn(number: int) -> Turn:
    return Turn(
        f"turn{number}", "c", Speech(b"\0\0", 100.0, 102.0), transcript=Transcript("hi"), outcome=Outcome.ANSWERED
    )


async def test_what_waits_is_saved_before_it_closes(tmp_path: Path) -> None:
    problems: list[str] = []
    async with keep_turns(tmp_path, now, problems.append) as observe:
        for number in range(50):
            observe(Notice(NoticeKind.TURN, 104.0, turn=turn(number)))
    with TurnStore(tmp_path) as store:
        assert [record.id for record in store.recent(100)] == [f"turn{n}" for n in reversed(range(50))]
        assert store.recent(1)[0].started_at == datetime(2026, 3, 1, 12, 0, 6, tzinfo=UTC)
    assert problems == []


async def test_also_when_cancelled(tmp_path: Path) -> None:
    with anyio.CancelScope() as scope:
        async with keep_turns(tmp_path, now, print) as observe:
            observe(Notice(NoticeKind.TURN, 104.0, turn=turn(1)))
            scope.cancel()
            await anyio.sleep_forever()
    with TurnStore(tmp_path) as store:
        assert store.get("turn1")


async def test_a_full_disk_is_said_once_and_the_conversation_goes_on(tmp_path: Path) -> None:
    problems: list[str] = []
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    async with keep_turns(blocked / "state", now, problems.append) as observe:
        observe(Notice(NoticeKind.TURN, 104.0, turn=turn(1)))
        observe(Notice(NoticeKind.TURN, 104.0, turn=turn(2)))
    assert len(problems) == 1


async def test_turns_wait_for_room_and_are_kept_when_there_is_some(tmp_path: Path) -> None:
    problems: list[str] = []
    blocked = tmp_path / "state"
    blocked.write_text("in the way")
    kept: list[str] = []
    saved = anyio.Event()

    def told(turn: Turn) -> None:
        kept.append(turn.id)
        if len(kept) == 3:
            saved.set()

    failed = anyio.Event()

    def problem(sentence: str) -> None:
        problems.append(sentence)
        failed.set()

    async with keep_turns(blocked, now, problem, kept=told) as observe:
        observe(Notice(NoticeKind.TURN, 104.0, turn=turn(1)))
        observe(Notice(NoticeKind.TURN, 104.0, turn=turn(2)))
        await failed.wait()
        blocked.unlink()
        observe(Notice(NoticeKind.TURN, 104.0, turn=turn(3)))
        await saved.wait()
    assert sorted(kept) == ["turn1", "turn2", "turn3"]
    assert len(problems) == 1
    with TurnStore(blocked) as store:
        assert {record.id for record in store.recent()} == set(kept)
