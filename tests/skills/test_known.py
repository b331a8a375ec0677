"""What is answered by rule about one's own calendar, facts and notes (`known/`), without any model.

What is known to fail is marked with an "x", and must fail: what begins to be right loses its mark.
"""

from pathlib import Path

import pytest

from tests.skills.household import KNOWN, asked

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("name", sorted(path.stem for path in KNOWN.glob("*.tsv")))
async def test_a_table(name: str, tmp_path: Path) -> None:
    surprising = [
        f"{verdict}: {' > '.join(row.said)}: {said}"
        async for row, verdict, said in asked(tmp_path, name)
        if (verdict == "right") is row.fails
    ]
    assert surprising == []
