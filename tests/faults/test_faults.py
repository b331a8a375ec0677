"""Each fault, on a real daemon: what was acknowledged is there, the next conversation works, nothing was untrue."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.faults.elsewhere import Elsewhere
from tests.faults.fault import Fault, Kind
from tests.faults.faults import FAULTS
from tests.faults.house import House, models_folder
from tests.faults.things import ZONE

pytestmark = [pytest.mark.engines, pytest.mark.card]
SEED = int(os.environ.get("VOICEOS_SEED", "1"))
TIMES = int(os.environ.get("VOICEOS_TIMES", "1000"))
"""At most so often each."""
WITHIN_SECONDS = 6.0
"""A question takes three and a half, its answer begins half a second later."""


@pytest.fixture(scope="module")
def houses(virtual_card: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Kind], House]]:
    """The house of a kind, in which a daemon runs until another is wanted."""
    with ExitStack() as lives:
        kept: dict[Kind, House] = {}

        def live_in(kind: Kind) -> House:
            if kind not in kept:
                lives.close()
                kept.clear()
                folder = tmp_path_factory.mktemp(kind)
                elsewhere = lives.enter_context(Elsewhere()) if kind == "elsewhere" else None
                faked = clock_of(folder) if kind == "clock" else {}
                house = House(
                    folder,
                    virtual_card,
                    models_folder(),
                    seed=SEED,
                    elsewhere=elsewhere,
                    is_cut_off=kind == "cut off",
                    environment=faked,
                )
                kept[kind] = lives.enter_context(house.lived_in())
            return kept[kind]

        yield live_in


def clock_of(folder: Path) -> dict[str, str]:
    """What makes a process believe in the clock that is set in a file."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if not library:
        pytest.skip("libfaketime is missing: apt-get install faketime")
    (folder / "clock").write_text("+0")
    return {
        "LD_PRELOAD": str(library),
        "TZ": ZONE,
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def in_turn() -> list[tuple[int, Fault]]:
    """A house after another, and in it one of each kind before the second of any, as faults come in a life."""
    tries = [(number, one) for one in FAULTS for number in range(min(one.times, TIMES))]
    kinds = list(dict.fromkeys(one.house for one in FAULTS))
    return sorted(tries, key=lambda one: (kinds.index(one[1].house), one[0]))


@pytest.mark.faults
@pytest.mark.parametrize("fault", [pytest.param(one, id=f"{one.name}-{number}") for number, one in in_turn()])
def test_fault(houses: Callable[[Kind], House], fault: Fault) -> None:
    house = houses(fault.house)
    house.begin_row()
    strike(house, fault, WITHIN_SECONDS)
    hold(house)


def test_some_faults_one_after_another(houses: Callable[[Kind], House]) -> None:
    """What every change is tried with: in mid-question, and with what is said aloud at the end alone."""
    house = houses("usual")
    house.begin_row()
    for fault in FAULTS:
        if fault.fast:
            strike(house, fault, 2.0)
    hold(house)


def strike(house: House, fault: Fault, within: float) -> None:
    house.promises.make()
    with house.speaking():
        time.sleep(house.chance.uniform(0, within))
        fault.inject(house)
        if fault.lasts:
            house.promises.make()
    fault.recover(house)
    house.settle()
    house.promises.make()
    fault.also(house)


def hold(house: House) -> None:
    """The house against what it said."""
    house.answers()
    assert house.promises.missing() == [], "this was acknowledged, and is gone"
    assert house.promises.denied() == [], "this was said not to be done, and is"
    assert house.problems() == []
