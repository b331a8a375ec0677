"""Each fault, on a real daemon: what was acknowledged is there, the next conversation works, nothing was untrue."""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.faults import FAULTS, Fault
from tests.faults.house import House, models_folder

pytestmark = [pytest.mark.engines, pytest.mark.card]
SEED = int(os.environ.get("VOICEOS_SEED", "1"))
WITHIN_SECONDS = 6.0
"""A question takes three and a half, its answer begins half a second later."""


@pytest.fixture(scope="module")
def house(virtual_card: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house"), virtual_card, models_folder(), seed=SEED).lived_in() as house:
        yield house


def rows() -> Iterator[Any]:
    for fault in FAULTS:
        for number in range(fault.times):
            marks = [] if fault.fast and number == 0 else [pytest.mark.faults]
            yield pytest.param(fault, id=f"{fault.name}-{number}", marks=marks)


@pytest.mark.parametrize("fault", [*rows()])
def test_fault(house: House, fault: Fault) -> None:
    house.begin_row()
    house.promise()
    with house.speaking():
        time.sleep(house.chance.uniform(0, WITHIN_SECONDS))
        fault.inject(house)
        if fault.lasts:
            house.promise()
    fault.recover(house)
    house.settle()
    house.promise()
    fault.also(house)
    house.answers()
    assert house.missing() == [], "this was acknowledged, and is gone"
    assert house.denied() == [], "this was said not to be done, and is"
    assert house.problems() == []
