"""Very many conversations with one daemon, with alarms and faults sprinkled in: `python -m tests.faults.soak`.

Most are typed, on the socket, because spoken ones would take days; each two hundredth is spoken through the card.
A run succeeds with no hang, nothing lost, memory that grows by less than 2 % after the first half, and as many open
files and threads at its end as there. Both times it is left alone first, until its upkeep has given free memory back.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import VirtualCard
from tests.faults.fault import Fault
from tests.faults.faults import FAULTS
from tests.faults.house import House, models_folder

SPRINKLED = (
    "the model's process is killed",
    "a server of tools is killed at work",
    "the sound server is killed",
    "clients flood the socket, and send half requests",
)
TURNS = (
    "what time is it?",
    "what's 17 times 23?",
    "what's on my shopping list?",
    "where is the spare key?",
    "how many days until Christmas?",
    "what timers do I have?",
    "convert 12 miles to kilometres",
    "flip a coin",
)
HANG_SECONDS = 120.0
ROOMS = 50
WARM = 0.5
"""The first part of a run, in which the pages of the store that are kept in memory become as many as may be."""
REST_SECONDS = 90.0
"""A minute without talk, after which the upkeep gives free memory back, and some seconds for it."""
GROWTH = 0.02


@dataclass(slots=True)
class Sample:
    """The daemon's own process after a conversation."""

    memory: int
    files: int
    threads: int


@dataclass(slots=True)
class Tally:
    """What came of it."""

    conversations: int = 0
    turns: int = 0
    spoken: int = 0
    rings: int = 0
    faults: Counter[str] = field(default_factory=Counter[str])
    hangs: int = 0
    lost: list[str] = field(default_factory=list[str])
    rested: list[Sample] = field(default_factory=list[Sample])


def soak(house: House, conversations: int) -> Tally:
    tally = Tally()
    house.ask("remember that the spare key is under the blue pot")
    faults = [fault for fault in FAULTS if fault.name in SPRINKLED]
    with ThreadPoolExecutor(1) as pool:
        for number in range(conversations):
            try:
                pool.submit(converse, house, number, faults, tally).result(HANG_SECONDS)
            except TimeoutError:
                tally.hangs += 1
                break  # whatever comes after it waits for it, too
            except AssertionError as error:
                tally.lost.append(f"conversation {number}: {error}")
            tally.conversations += 1
            if number % 100 == 99:
                print(number + 1, asdict(sample(house)), dict(tally.faults), file=sys.stderr)  # noqa: T201
            if number + 1 in (round(conversations * WARM), conversations):
                time.sleep(REST_SECONDS)
                tally.rested.append(sample(house))
    tally.lost += [*house.promises.missing(), *house.promises.denied(), *house.unkept(), *house.problems()]
    return tally


def sample(house: House) -> Sample:
    process = house.daemon
    return Sample(process.memory_info().rss, process.num_fds(), process.num_threads())


def converse(house: House, number: int, faults: Sequence[Fault], tally: Tally) -> None:
    """One conversation."""
    chance = house.chance
    for _ in range(chance.randrange(1, 5)):
        reply = house.ask(chance.choice(TURNS), device=f"room {number % ROOMS}")
        tally.turns += 1
        if not reply:
            tally.lost.append(f"no reply in conversation {number}")
    if number % 40 == 5:
        house.promises.make()
    if number % 200 == 10:
        house.thinks()
    if number % 40 == 15:
        ring(house)
        tally.rings += 1
    if number % 200 == 0:
        house.answers()
        tally.spoken += 1
    if number % 80 == 79:
        fault = chance.choice(faults)
        tally.faults[fault.name] += 1
        house.begin_log()
        try:
            with house.speaking():
                time.sleep(chance.uniform(0, 3))
                fault.inject(house)
        finally:
            fault.recover(house)


def ring(house: House) -> None:
    """A timer comes due, rings aloud, and is ended."""
    house.ask("set a timer for one second")
    house.until(lambda: house.state() == "ringing", 30)
    house.client.call("silence")
    house.until(lambda: house.state() != "ringing", 30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "card").mkdir()
        card = VirtualCard(Path(folder) / "card")
        card.start()
        began = time.monotonic()
        try:
            with House(Path(folder), card, models_folder(), seed=asked.seed).lived_in() as house:
                tally = soak(house, asked.conversations)
                restarts = house.systemd.restarts
        finally:
            card.kill()
    told: dict[str, Any] = {name: getattr(tally, name) for name in Tally.__slots__ if name != "rested"}
    failed = tally.hangs + len(tally.lost) + len(restarts)
    for what in ("memory", "files", "threads"):
        told[what] = [getattr(one, what) for one in tally.rested]
        failed += told[what][-1] > told[what][0] * (1 + GROWTH)
    print(json.dumps(told | {"restarts": restarts, "seconds": round(time.monotonic() - began)}, indent=2))  # noqa: T201
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
