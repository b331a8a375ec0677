"""install.sh, run whole on machines in a folder: twice, updated, cut off, refused, removed."""

import os
import re
from pathlib import Path

import pytest

from tests.device.board import Board

PLACES = ("opt", "etc/systemd", "usr/local/bin", "etc/voiceos", "var/lib/voiceos")


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def files(board: Board) -> list[str]:
    return sorted(
        str(path.relative_to(board.root))
        for place in PLACES
        for path in (board.root / place).rglob("*")
        if path.is_file()
    )


def test_installed_twice_updated_and_removed(board: Board) -> None:
    board.fact("missing", "libportaudio2\n")
    done = board.install()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith('Done. Say: "hey jarvis, what can you do?"\n')
    assert board.read("said") == "--system say Hello. I am ready.\n"
    assert board.works
    started = board.read("systemctl")
    assert re.search("^start .*voiceos-check.timer", started, re.MULTILINE)
    assert "voiceos-update.timer" not in started  # it tells its source that this machine exists
    first, before, calls = board.in_use, files(board), len(board.read("systemctl").splitlines())
    assert board.install().returncode == 0
    assert (board.in_use, files(board)) == (first, before)
    assert "restart" not in "".join(board.read("systemctl").splitlines()[calls:])

    (board.root / "var/lib/voiceos/memory.db").write_text("a life")
    (board.root / "var/lib/voiceos/memory.db-wal").write_text("its journal, gone when the daemon ends")
    board.next_version()
    assert board.install().returncode == 0
    second = board.in_use
    assert second != first
    board.next_version()
    assert board.install().returncode == 0
    kept = {path.name for path in (board.app / "versions").iterdir()}
    assert kept == {second, board.in_use}  # the one before, for going back by hand

    journal = board.root / "etc/systemd/journald.conf.d/voiceos.conf"
    assert "Storage=volatile" in journal.read_text()
    assert board.read("systemctl").count("restart systemd-journald.service") == 1
    stamp = board.root / "var/lib/systemd/timers/stamp-voiceos-backup.timer"
    stamp.parent.mkdir(parents=True)
    stamp.touch()
    assert board.install("--uninstall").returncode == 0
    assert not journal.parent.exists()
    assert not stamp.exists()
    assert files(board) == ["etc/voiceos/config.toml", "var/lib/voiceos/memory.db"]
    assert board.read("dpkg") == "--purge libjack libportaudio2\n"


@pytest.mark.parametrize(("disk", "own"), [("/dev/nvme0n1p2", False), ("/dev/mmcblk0p2", True)])
def test_the_log_stays_where_it_is_on_a_disk_and_where_the_owner_said_so(board: Board, disk: str, own: bool) -> None:
    journal = board.root / "etc/systemd/journald.conf.d/voiceos.conf"
    board.fact("disk", f"{disk}\n")
    if own:
        journal.parent.mkdir(parents=True)
        journal.symlink_to("/dev/null")
    assert board.install().returncode == 0
    assert board.install("--uninstall").returncode == 0
    assert journal.is_symlink() is own
    assert "journald" not in board.read("systemctl")


@pytest.mark.parametrize(
    ("what", "asked", "sentence"),
    [
        (["crashes"], "well", "was not healthy within 60 seconds (no such model). The one before is back in use."),
        (["crashes", "migrates"], "well", "The one before is back in use."),
        ([], "badly", "The new version does not work (cannot load the voice). The version that was installed stays"),
    ],
)
def test_an_update_that_fails_gives_way_to_the_version_before(
    board: Board, what: list[str], asked: str, sentence: str
) -> None:
    board.install()
    life, first = board.root / "var/lib/voiceos/memory.db", board.in_use
    life.write_text("a life")
    board.next_version(*what, asked=asked)
    done = board.install()
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (board.in_use, board.works, life.read_text()) == (first, True, "a life")
    board.next_version()
    assert board.install().returncode == 0
    assert board.works
    assert board.in_use != first


def test_cut_off_anywhere_it_keeps_what_worked_and_goes_on_when_run_again(tmp_path: Path) -> None:
    whole = Board(tmp_path / "whole")
    whole.install()
    whole.next_version()
    whole.install()
    steps = len(whole.read("calls").splitlines())
    assert steps > 15
    for stop_at in range(2, steps, 1 if "EVERY_STEP" in os.environ else 13):
        board = Board(tmp_path / str(stop_at))
        board.install(stop_at=stop_at)
        assert board.install().returncode == 0, stop_at
        assert board.works
        life, first = board.root / "var/lib/voiceos/memory.db", board.in_use
        life.write_text("a life")
        board.next_version()
        assert board.install(stop_at=stop_at).returncode != 0
        assert (board.app / "current/.complete").exists()
        assert life.read_text() == "a life"
        assert board.install().returncode == 0
        assert board.works
        assert board.in_use != first


def test_a_power_cut_while_a_bad_version_is_on_trial_goes_back(board: Board) -> None:
    board.install()
    first = board.in_use
    board.next_version("crashes")
    board.install()
    bad = next(path.name for path in (board.app / "versions").iterdir() if path.name != first)
    board.fact("opt/voiceos/trial", f"versions/{first}\n")
    (board.app / "current").unlink()
    (board.app / "current").symlink_to(f"versions/{bad}")
    board.fact("state", "failed\n")
    assert board.install("--finish").returncode == 0
    assert (board.in_use, board.works) == (first, True)
    assert not (board.app / "trial").exists()


def test_a_power_cut_while_a_good_version_is_on_trial_keeps_the_one_before(board: Board) -> None:
    board.install()
    first = board.in_use
    board.next_version()
    board.install()
    (board.app / "previous").unlink()
    board.fact("opt/voiceos/trial", f"versions/{first}\n")
    assert board.install().returncode == 0
    assert board.in_use != first
    assert (board.app / "versions" / first / ".complete").exists()


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"uid": "1000\n"}, "A system service needs root."),
        ({"architecture": "armhf\n"}, "Debian GNU/Linux 13 (trixie) is a 32-bit system"),
        ({"proc/meminfo": "MemTotal: 944560 kB\n"}, "This machine has 922 MB of memory, but voiceos needs 2 GB"),
        ({"free": "300\n"}, "There is too little room: 300 MB are free"),
        ({"no-network": "", "missing": "libportaudio2\n"}, "(E: Could not resolve deb.debian.org)"),
        ({"no-network": ""}, "Nothing is in use yet."),
    ],
)
def test_what_stands_in_the_way_is_told_in_a_sentence(board: Board, facts: dict[str, str], sentence: str) -> None:
    for name, text in facts.items():
        board.fact(name, text)
    done = board.install()
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "uid" not in facts or not (board.root / "run/lock/voiceos-install.lock").exists(), "root could not take it"
    assert not board.in_use
    assert "restart" not in board.read("systemctl")


def test_a_folder_of_which_half_was_copied_is_not_used(board: Board) -> None:
    bundle = board.root / "bundle"
    bundle.mkdir()
    for text, sentence in (
        (None, "was not made by device/bundle.sh"),
        ("0" * 64 + "  wheels/pip.whl\n", "are missing or damaged. Copy the folder again."),
    ):
        if text:
            (bundle / "SHA256SUMS").write_text(text)
        done = board.install("--offline", str(bundle))
        assert done.returncode == 1
        assert sentence in done.stderr
        assert not board.in_use


@pytest.mark.parametrize(
    ("settings", "users", "opened"),
    [
        ("[panel]\nbutton_pin = 17\nlights = 3\n", "gpio\nspi\n", {"panel.conf", "lights.conf"}),
        ("[panel]\nlight_pin = 25\n", "gpio\nspi\n", {"panel.conf"}),
        ("[panel]\nlights = 3\n", "", set[str]()),
        ("[panel]\nlights = 0\n", "gpio\nspi\n", set[str]()),
    ],
)
def test_the_service_reaches_the_pins_that_the_settings_name(
    board: Board, settings: str, users: str, opened: set[str]
) -> None:
    board.fact("users", users)
    (board.root / "etc/voiceos").mkdir()
    (board.root / "etc/voiceos/config.toml").write_text(settings)
    assert board.install().returncode == 0
    folder = board.root / "etc/systemd/system/voiceos.service.d"
    assert {path.name for path in folder.glob("*") if path.exists()} == opened
    assert board.install("--uninstall").returncode == 0
    assert not folder.exists()


def test_it_says_that_it_cannot_speak_and_offers_limits_of_memory(board: Board) -> None:
    board.fact("no-speaker")
    (board.root / "boot/firmware").mkdir(parents=True)
    board.fact("boot/firmware/cmdline.txt", "console=tty1 rootwait\n")
    done = board.install()
    assert done.returncode == 0
    assert "It could not speak: No speaker was found." in done.stdout
    offer = next(line for line in done.stdout.splitlines() if line.startswith("sudo sed"))
    assert offer.startswith("sudo sed -i 's/$/ cgroup_enable=memory/' ")
