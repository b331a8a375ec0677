"""Blocking calls run one at a time, and nobody waits for one that was cancelled."""

import threading

import anyio
import pytest

from voiceos.engines.worker import Abandoned, Call, Worker, suitable_threads

pytestmark = pytest.mark.anyio


async def test_the_result_comes_back_and_so_does_the_failure() -> None:
    worker = Worker()
    assert await worker.run(lambda _: 42) == 42

    def fail(_: Call) -> None:
        raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        await worker.run(fail)
    assert await worker.run(lambda _: 43) == 43


async def test_a_cancelled_call_returns_at_once_and_the_next_one_does_not_overlap_it() -> None:
    worker = Worker()
    begun, release = anyio.Event(), threading.Event()
    running: list[str] = []
    told: list[bool] = []

    def slow(call: Call) -> None:
        running.append("slow begins")
        anyio.from_thread.run_sync(begun.set)
        release.wait(10)
        try:
            call.check()
        except Abandoned:
            told.append(True)
        running.append("slow ends")

    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run, slow)
            await begun.wait()
            scope.cancel()
    assert scope.cancelled_caught
    assert running == ["slow begins"]

    async with anyio.create_task_group() as tasks:

        async def next_call() -> None:
            await worker.run(lambda _: running.append("next"))

        tasks.start_soon(next_call)
        await anyio.lowlevel.checkpoint()
        release.set()
    assert running == ["slow begins", "slow ends", "next"]
    assert told == [True]


async def test_a_call_cancelled_while_it_waits_its_turn_never_runs() -> None:
    worker = Worker()
    begun, release = anyio.Event(), threading.Event()
    ran: list[str] = []

    def late(_: Call) -> None:
        ran.append("late")

    def slow(_: Call) -> None:
        anyio.from_thread.run_sync(begun.set)
        release.wait(10)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.run, slow)
        await begun.wait()
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as waiting:
                waiting.start_soon(worker.run, late)
                await anyio.lowlevel.checkpoint()
                scope.cancel()
        release.set()
    assert await worker.run(lambda _: "after") == "after"
    assert ran == []


async def test_threads_suit_the_machine() -> None:
    assert suitable_threads(3, 1) == 3
    assert 1 <= suitable_threads(0, 2) <= 2
