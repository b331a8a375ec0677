"""The upkeep works while nobody speaks, and steps aside when somebody does."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from trio.testing import MockClock

from voiceos.config.settings import MemorySettings
from voiceos.engines import heap
from voiceos.memory.index.lexical import HELD
from voiceos.memory.memory import Memory
from voiceos.store.records import OWNER, Kind, Record, Source
from voiceos.store.said import CONVERSATIONS
from voiceos.upkeep import CONSOLIDATE_SECONDS, QUIET_SECONDS, Upkeep

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0.02)})


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path) as memory:
        said = Record(Kind.SAID, "1", "The boiler was repaired by Mr Petit.", author=OWNER, at=NOON, thread="c")
        memory.ledger.add(CONVERSATIONS, [said])
        yield memory


class Model:
    """A language model that takes its time."""

    def __init__(self) -> None:
        self.asked = anyio.Event()
        self.cancelled = anyio.Event()

    async def __call__(self, text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.set()
        try:
            await anyio.sleep(1_000)
        except BaseException:
            self.cancelled.set()
            raise
        return {}


def state(upkeep: Upkeep, text: str) -> None:
    upkeep.heed(text)


async def until(holds: Callable[[], bool]) -> float:
    """The time at which it holds."""
    with anyio.fail_after(600):
        while not holds():  # noqa: ASYNC110 - on a virtual clock, and there is no event for it
            await anyio.sleep(2)
    return anyio.current_time()


async def test_what_is_new_is_indexed_once_it_is_quiet(memory: Memory) -> None:
    memory.ledger.add(Source("/notes", "text"), [Record(Kind.NOTE, f"{n}", f"Box {n} is full.") for n in range(HELD)])
    upkeep = Upkeep(memory)
    state(upkeep, "hearing")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(upkeep.run, MemorySettings())
        await anyio.sleep(30)
        assert memory.to_index() == HELD + 1
        quiet_at = anyio.current_time()
        state(upkeep, "listening")
        assert await until(lambda: memory.to_index() == 0) - quiet_at >= QUIET_SECONDS
        tasks.cancel_scope.cancel()
    assert memory.search("Who repaired the boiler?", NOON)


async def test_what_turns_left_free_goes_back_in_a_long_silence(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back, upkeep = list[float](), Upkeep(memory)
    monkeypatch.setattr(heap, "give_back", lambda: given_back.append(anyio.current_time()))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(upkeep.run, MemorySettings())
        await anyio.sleep(CONSOLIDATE_SECONDS - 10)
        state(upkeep, "hearing")
        await anyio.sleep(CONSOLIDATE_SECONDS)
        assert not given_back
        state(upkeep, "asleep")
        silent_at = anyio.current_time()
        await until(lambda: bool(given_back))
        assert given_back[0] - silent_at >= CONSOLIDATE_SECONDS
        upkeep.want()
        await until(lambda: len(given_back) == 2)
        await anyio.sleep(10 * CONSOLIDATE_SECONDS)  # there was no turn
        tasks.cancel_scope.cancel()
    assert len(given_back) == 2


async def test_the_model_steps_aside_when_somebody_speaks(memory: Memory) -> None:
    told = Record(
        Kind.SAID, "2", "I gave in and took up pottery with my sister Lena.", author=OWNER, at=NOON, thread="c"
    )
    memory.ledger.add(CONVERSATIONS, [told])
    model = Model()
    upkeep = Upkeep(memory)
    upkeep.extract = model
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(upkeep.run, MemorySettings())
        began = anyio.current_time()
        await model.asked.wait()
        assert anyio.current_time() - began >= CONSOLIDATE_SECONDS
        with anyio.fail_after(600):
            spoken_at = anyio.current_time()
            state(upkeep, "hearing")
            await model.cancelled.wait()
            assert anyio.current_time() - spoken_at < 0.05
        tasks.cancel_scope.cancel()


@pytest.mark.threads
async def test_a_watched_folder_is_taken_in(memory: Memory, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "travel.md").write_text("# Travel\n\nFerries to Elba leave at nine.\n")
    taken = anyio.Event()

    class Watching(Upkeep):
        def want(self) -> None:
            super().want()
            taken.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Watching(memory).run, MemorySettings(watch=(notes,)))
        await taken.wait()
        await until(lambda: memory.to_index() == 0)
        tasks.cancel_scope.cancel()
    assert memory.search("When do ferries to Elba leave?", NOON)
