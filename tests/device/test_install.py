"""The scripts that turn a machine into the assistant, as far as they can be tried without doing so."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "device" / "install.sh"
SCRIPTS = [INSTALL, ROOT / "device" / "prepare.sh", ROOT / "device" / "bundle.sh", ROOT / ".ci" / "run"]
UNITS = ["voiceos.service", "voiceos-user.service"]


def run(
    *command: str | Path, home: Path | None = None, typed: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "SUDO_"))} | variables
    if home:
        environment["HOME"] = str(home)
    return subprocess.run(
        command, input=typed, capture_output=True, text=True, timeout=60, check=False, env=environment
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_scripts_are_sound(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert run("bash", "-n", script).stderr == ""
    if shutil.which("shellcheck"):
        checked = run("shellcheck", "-x", "-P", ROOT, script)
        assert checked.returncode == 0, checked.stdout


def test_a_dry_run_shows_every_step_and_takes_none(tmp_path: Path) -> None:
    done = run(INSTALL, "--dry-run", home=tmp_path)
    assert done.returncode == 0, done.stderr
    for step in ("unpack", "/device/prepare.sh environment", "models pull --default", "voiceos.service"):
        assert step in done.stdout
    assert "systemctl restart --no-block voiceos.service" in done.stdout
    assert "systemctl --user" not in done.stdout
    assert done.stdout.endswith("This was a dry run. Nothing was changed.\n")
    assert list(tmp_path.iterdir()) == []


def test_the_users_own_service_touches_only_the_home_folder(tmp_path: Path) -> None:
    home = tmp_path / "my home"
    home.mkdir()
    done = run(INSTALL, "--user", "--dry-run", home=home)
    assert done.returncode == 0, done.stderr
    assert "systemctl --user restart" in done.stdout
    for outside in ("/etc/", "/opt/", "/usr/local", "/var/lib", "systemd-sysusers", "runuser"):
        assert outside not in done.stdout
    assert list(home.iterdir()) == []


def test_uninstalling_keeps_settings_and_history_unless_purged() -> None:
    kept = run(INSTALL, "--uninstall", "--dry-run").stdout
    assert re.search(r"rm -rf .*/opt/voiceos ", kept)
    assert not re.search(r"rm .*(/etc/voiceos|/var/lib/voiceos( |$))", kept)
    assert "Kept /etc/voiceos (settings) and /var/lib/voiceos" in kept
    purged = run(INSTALL, "--uninstall", "--purge", "--dry-run").stdout
    assert "rm -rf /etc/voiceos /var/lib/voiceos" in purged
    assert purged.endswith("This was a dry run. Nothing was changed.\n")


def test_who_installs_it_may_use_it(tmp_path: Path) -> None:
    done = run(INSTALL, "--dry-run", home=tmp_path, SUDO_USER="nobody")
    assert "+ usermod -aG voiceos nobody" in done.stdout
    assert "nobody can use 'voiceos' commands after logging in again" in done.stdout
    assert "usermod" not in run(INSTALL, "--dry-run", home=tmp_path, SUDO_USER="root").stdout


@pytest.mark.parametrize(("arguments", "typed"), [([], ""), ([], "no\n"), ([], "erase\n"), (["--yes"], "")])
def test_a_life_is_erased_only_when_somebody_says_so(tmp_path: Path, arguments: list[str], typed: str) -> None:
    life = tmp_path / ".local" / "share" / "voiceos" / "memory.db"
    life.parent.mkdir(parents=True)
    life.write_text("a life")
    for tool in ("systemctl", "id"):
        (tmp_path / tool).write_text("#!/bin/sh\necho 1000\n")
        (tmp_path / tool).chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = run(INSTALL, "--user", "--uninstall", "--purge", *arguments, home=tmp_path, typed=typed, PATH=path)
    agreed = bool(arguments) or typed == "erase\n"
    assert (done.returncode, life.exists()) == ((0, False) if agreed else (1, True)), done
    assert agreed or "Nothing was removed" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [(["--purge"], 1, "--purge needs --uninstall"), (["--nonsense"], 64, "usage: device/install.sh")],
)
def test_a_wrong_call_does_nothing_and_says_why(arguments: list[str], code: int, sentence: str) -> None:
    done = run(INSTALL, *arguments)
    assert done.returncode == code
    assert sentence in done.stderr
    assert done.stdout == ""


def test_too_old_a_python_is_one_sentence(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        old = tmp_path / name
        old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2"\nexit 1\n')
        old.chmod(0o755)
    tools = f"{tmp_path}:/usr/bin:/bin"
    done = run("env", "-u", "PYTHON", f"PATH={tools}", ROOT / "device" / "prepare.sh", "packages")
    assert done.returncode == 1
    assert "voiceos needs Python 3.11 or newer, but python3 is Python 3.9.2." in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_python_without_environments_is_one_sentence_where_apt_is_not_ours_to_use(tmp_path: Path) -> None:
    for tool in ("bash", "env", "dirname", "id", "df", "awk", "cat", "grep", "cksum"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    bare = tmp_path / "python3"
    bare.write_text(f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    bare.chmod(0o755)
    done = run("env", "-u", "PYTHON", f"PATH={tmp_path}", ROOT / "device" / "prepare.sh", "packages")
    assert done.returncode == 1
    assert "Python cannot create environments here. Run 'sudo apt-get install python3" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_both_units_start_the_same_daemon_alike() -> None:
    system, user = ((ROOT / "systemd" / name).read_text() for name in UNITS)
    for line in ("Type=notify", "WatchdogSec=60", "Restart=on-failure", "RestartPreventExitStatus=64 66 78"):
        assert line in system
        assert line in user


def test_the_card_makes_a_user_who_cannot_log_in_and_runs_a_sound_script(tmp_path: Path) -> None:
    text = (ROOT / "device" / "user-data.yaml").read_text()
    assert text.startswith("#cloud-config-archive\n")
    settings, script = yaml.safe_load(text)
    assert (settings["type"], script["type"]) == ("text/cloud-config", "text/x-shellscript")
    # `user` and nothing else: cloud-init takes what the imager wrote instead, key by key.
    assert yaml.safe_load(settings["content"]) == {"user": {"name": "owner", "lock_passwd": True}}
    tools = {
        "systemctl": ":",
        "mount": '[ -e "$STICK" ] && for last; do :; done && cp -r "$STICK/." "$last"',
        "git": "echo 'fatal: no such host' >&2; exit 128",
    }
    for name, does in tools.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "stick").mkdir()
    tools_first = f"{tmp_path}:{os.environ['PATH']}"
    assert "    address=''    # <-" in text, "the one line to fill in"
    for address, stick, sentence in (
        ("", "none", "There is nothing to install from."),
        ("https://x.invalid/v.git", "none", "https://x.invalid/v.git could not be fetched."),
        ("", "stick", "The stick VOICEOS holds no folder"),
    ):
        whole = script["content"].replace("address=''", f"address='{address}'", 1)
        for folder in ("/usr/local/sbin", "/etc/systemd/system"):
            whole = whole.replace(folder, str(tmp_path))
        (tmp_path / "script").write_text(whole)
        assert run("sh", tmp_path / "script", PATH=tools_first).returncode == 0
        done = run("sh", tmp_path / "voiceos-setup", PATH=tools_first, STICK=str(tmp_path / stick))
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(f"voiceos: {sentence}")
