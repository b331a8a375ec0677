"""A process that is killed while it writes loses no acknowledged turn, and leaves nothing inconsistent."""

import json
import subprocess
import sys
from pathlib import Path

KILLS = Path(__file__).parents[2] / "benchmarks" / "kills.py"


def test_two_kills() -> None:
    """Turns, ingestion, indexing and forgetting at once; `benchmarks/kills.py` does the same a hundred times."""
    done = subprocess.run(
        [sys.executable, KILLS, "--kills", "2", "--seed", "7"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tally = json.loads(done.stdout)
    assert tally["kills"] == 2
    assert tally["acknowledged"] > 0
    assert tally["forgotten"] > 0
