"""What is told later about the same thing takes the place of what was told before it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.skills.household import Household

TABLE = Path(__file__).with_name("since.tsv")
ROWS = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.anyio
async def test_what_is_told_since_is_what_is_answered(tmp_path: Path) -> None:
    wrong = list[str]()
    for number, (words, answer) in enumerate(ROWS):
        house = Household(tmp_path / str(number))
        said = ""
        for line in words.split(" > "):
            said = await house(line)
            house.now += timedelta(minutes=2)
        house.close()
        right = all(
            not re.search(one[1:], said) if one.startswith("!") else re.search(one, said)
            for one in answer.split(" && ")
        )
        wrong += [] if right else [f"{words}: {said}"]
    assert not wrong
