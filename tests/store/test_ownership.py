"""One process owns a store: the second is told who has it, and a crash leaves nothing behind."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from voiceos.errors import StoreError
from voiceos.store.ownership import LOCK, own

OWNER = """
import sys
from pathlib import Path
from voiceos.store.ownership import own
with own(Path(sys.argv[1]), "voiceos run"):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_the_second_is_told_who_has_it_and_a_crash_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    child = subprocess.Popen(
        [sys.executable, "-c", OWNER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout
        assert child.stdout.readline() == "mine\n"
        with pytest.raises(StoreError, match=rf"in use by `voiceos run` \(process {child.pid}\)"), own(folder, "talk"):
            pass
        child.send_signal(signal.SIGKILL)
        child.wait()
        with own(folder, "voiceos talk"):
            assert stat.S_IMODE((folder / LOCK).stat().st_mode) == 0o600


def test_within_one_process_too(tmp_path: Path) -> None:
    with own(tmp_path, "voiceos talk"):
        with (
            pytest.raises(StoreError, match=r"end it first"),
            own(tmp_path, "voiceos memory add"),
        ):
            pass
        with pytest.raises(StoreError, match="`voiceos talk`"), own(tmp_path, "voiceos memory add"):
            pass
    with own(tmp_path, "v"):
        assert (tmp_path / LOCK).read_text().endswith(" v\n")


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="data could not be"), own(tmp_path / "data", "voiceos run"):
        pass
