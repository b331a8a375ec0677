"""No kill makes an act happen twice, or silently; `python -m tests.tools.killed 100` tries more moments."""

from pathlib import Path

from tests.tools.killed import kill


def test_killed_at_any_moment(tmp_path: Path) -> None:
    kill(tmp_path, 2)
