"""Calls and confirmations without end, to be killed at any moment; and what must hold afterwards.

`python -m tests.tools.killed COUNT` kills that many times.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio

from voiceos.store.acts import Progress, receipts, unended, verify_acts
from voiceos.store.database import open_database
from voiceos.tools.gate import OwnersGate
from voiceos.tools.permission import Support
from voiceos.tools.tool import Arguments, Call, Done, Effect, Origin, Result, Seen, Tool, Trail, Waits, Whence

LONGEST_SECONDS = 0.3
SCHEMA = {"type": "object", "properties": {"recipient": {"type": "string"}, "amount": {"type": "number"}}}


class World:
    """A store, and a tool whose effect is a line in a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "world"
        self.file.touch()
        self.db = open_database(folder / "memory.db")
        self.tool = Tool("bank.pay", "Pays.", SCHEMA, Effect.ACT, self._pay)
        self.gate = OwnersGate(self, self, _plain)

    @property
    def paid(self) -> list[float]:
        return [float(line) for line in self.file.read_text().split()]

    @property
    def signed(self) -> dict[float, Progress]:
        """By amount how far it came."""
        return {float(str(one.arguments["amount"])): one.progress for one in receipts(self.db, count=-1)}

    async def stored(self, work: Any) -> Any:
        return work(self.db)

    async def tools(self) -> Sequence[Tool]:
        return [self.tool]

    async def _pay(self, arguments: Arguments) -> Result:
        with self.file.open("a") as file:
            file.write(f"{arguments['amount']}\n")
        return Result("Paid.")

    async def pay(self, number: int, words: str, read: Sequence[Seen] = ()) -> object:
        trail = Trail(f"t{number}", "owner", "", [words], read)
        return await self.gate.call(Call(self.tool, {"recipient": "Bob", "amount": number}), trail)


def _plain(said: Sequence[str], tool: Tool, tools: Sequence[Tool]) -> Support:
    return Support.PLAIN


async def live(folder: Path, first: int) -> None:
    """Pays one amount after another: by the owner's words, and by a yes."""
    world = World(folder)
    print("alive", flush=True)  # noqa: T201 - for who kills it
    for number in range(first, first + 100_000, 2):
        assert isinstance(await world.pay(number, f"Pay Bob {number} pounds"), Done)
        bill = Seen(f"Bob is owed {number + 1}", Origin(Whence.TOOL, "the bill"))
        assert isinstance(await world.pay(number + 1, "Pay Bob what he is owed", [bill]), Waits)
        assert isinstance(await world.gate.answer("yes", f"yes{number}", f"t{number + 1}"), Done)


async def after(folder: Path) -> int:
    """What must hold after a kill. Returns how many doubts were told."""
    world = World(folder)
    for one in await world.gate.waiting():
        assert isinstance(await world.gate.answer("yes", "late", one.turn), Done)
    doubts = await world.gate.doubts()
    for receipt in doubts:
        await world.gate.told(receipt)
    assert unended(world.db) == []
    assert await world.gate.doubts() == {}
    assert len(world.paid) == len(set(world.paid)), "paid twice"
    signed = world.signed
    assert set(world.paid) <= set(signed), "paid without a receipt"
    assert {amount for amount, how in signed.items() if how is Progress.DONE} <= set(world.paid), "claimed"
    every = range(1, int(max(signed, default=0)) + 1)
    assert set(every) <= set(signed), "lost"
    assert verify_acts(world.db).wrong == []
    world.db.close()
    return len(doubts)


def kill(folder: Path, count: int) -> int:
    """Kills so often, each time at another moment. Returns how many doubts were told."""
    doubts = 0
    for _ in range(count):
        world = World(folder)
        first = 1 + int(max(world.signed, default=0))  # one that is in doubt is not made again
        world.db.close()  # only one process has it open
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.tools.killed", "live", str(folder), str(first)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout
        assert child.stdout.readline() == "alive\n"
        time.sleep(random.uniform(0, LONGEST_SECONDS))
        child.kill()
        child.communicate()
        doubts += anyio.run(after, folder)
    return doubts


if __name__ == "__main__":
    if sys.argv[1] == "live":
        anyio.run(live, Path(sys.argv[2]), int(sys.argv[3]))
    else:
        with tempfile.TemporaryDirectory() as place:
            told = kill(Path(place), int(sys.argv[1]))
            print(f"{sys.argv[1]} kills, {len(World(Path(place)).paid)} acts, {told} doubts told")  # noqa: T201
