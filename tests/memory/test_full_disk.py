"""A disk that is really full: nothing is damaged, what was there is still found, and what waited is kept with room."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from voiceos.core import Transcript, Turn
from voiceos.errors import StoreError
from voiceos.memory.memory import Memory
from voiceos.store.turns import TurnStore
from voiceos.store.verify import verify

folder, noon = Path(sys.argv[1]), datetime(2026, 3, 1, 12, tzinfo=UTC)
ballast = folder / "ballast"
ballast.write_bytes(bytes(3_000_000))

def turn(number, words):
    return Turn(f"t{number}", "c", transcript=Transcript(words, "en", 0.9), reply="All right.", said="All right.")

kept, problems = [], []
def write(numbers):
    with TurnStore(folder) as store, Memory(folder) as memory:
        for number in numbers:
            words = f"The spare key number {number} is under pot {number}. " + "1234567890 " * 2700
            try:
                store.save(turn(number, words), noon)
                memory.catch_up()
                kept.append(number)
            except StoreError as error:
                problems.append(str(error))
                if len(problems) == 3:
                    break
        return [memory.text[:60] for memory in memory.search("spare key number 3", noon)]

found_when_full = write(range(1000))
full = {"kept": len(kept), "problems": sorted(set(problems)), "found": found_when_full}
with Memory(folder) as memory:
    full["verify"] = verify(memory._db)
ballast.unlink()
problems.clear()
write(range(1000, 1004))
with Memory(folder) as memory:
    after = {"verify": verify(memory._db), "problems": sorted(set(problems)), "last": kept[-1]}
    lost = [n for n in kept if not memory._db.execute("SELECT 1 FROM turn WHERE id = ?", (f"t{n}",)).fetchone()]
print(json.dumps({"full": full, "after": after, "lost": lost}))
"""
SMALL_DISK = 'mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"'


def test_a_small_disk_fills_up(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    disk = tmp_path / "disk"
    disk.mkdir()
    ours = ["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, str(disk)]
    try:
        allowed = subprocess.run([*ours, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("this system does not let a process mount a small disk of its own")
    done = subprocess.run(
        [*ours, sys.executable, str(script), str(disk)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert 5 < told["full"]["kept"] < 1000
    assert ["disk is full" in problem for problem in told["full"]["problems"]] == [True]
    assert any("number 3 is under pot 3" in text for text in told["full"]["found"])
    assert told["full"]["verify"] == []
    assert told["after"] == {"verify": [], "problems": [], "last": 1003}
    assert told["lost"] == []
