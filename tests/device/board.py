"""A machine in a folder: the tools of the system are small scripts, and install.sh works below DESTDIR."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]

PREPARE = """#!/bin/sh
case $1 in
python) echo python3 ;;
missing) cat "$DESTDIR/missing" ;;
environment)
  [ ! -e "$DESTDIR/no-network" ] || { echo 'voiceos: The packages could not be installed.' >&2; exit 1; }
  cd "$(dirname "$0")/.." && mkdir -p .venv/bin && cp voiceos/program .venv/bin/voiceos && chmod +x .venv/bin/voiceos ;;
esac
"""
PROGRAM = """#!/bin/sh
case "$*" in
*ask*) [ "{asked}" = well ] || {{ echo 'cannot load the voice'; exit 1; }} ;;
*devices*) echo "microphone: USB" ;;
*wake.words) echo '["hey_jarvis", "okay_nabu"]' ;;
*say*) [ ! -e "$DESTDIR/no-speaker" ] || {{ echo 'No speaker was found.' >&2; exit 1; }}; echo "$*" >>"$DESTDIR/said" ;;
esac
"""
SYSTEMCTL = """
echo "$*" >>"$DESTDIR/systemctl"
at=$DESTDIR/opt/voiceos/current/voiceos
case "$*" in
restart* | start*) state=active life=$DESTDIR/var/lib/voiceos/memory.db
  [ ! -e "$at/crashes" ] || state=failed
  if [ -e "$at/migrates" ]; then echo new >"$life"; elif grep -qsx new "$life"; then state=failed; fi
  echo $state >"$DESTDIR/state" ;;
stop*) echo inactive >"$DESTDIR/state"; rm -f "$DESTDIR/var/lib/voiceos/memory.db-wal" ;;
is-active*) grep -qx active "$DESTDIR/state" ; exit ;;
is-failed*) grep -qx failed "$DESTDIR/state" ; exit ;;
*MainPID*) echo 7 ;;
*StatusText*) echo 'no such model' ;;
esac
"""
TOOLS = {
    "systemctl": SYSTEMCTL,
    "runuser": 'while [ "$1" != env ]; do shift; done; exec "$@"',
    "id": 'case "$1" in -u) cat "$DESTDIR/uid" ;; *) echo root ;; esac',
    "getent": 'grep -qx "$2" "$DESTDIR/users"',
    "systemd-sysusers": 'grep -o "voiceos[a-z-]* -" "$1" | cut -d " " -f 1 >>"$DESTDIR/users"',
    "userdel": r'sed -i "/^$1\$/d" "$DESTDIR/users"',
    "usermod": ":",
    "apt-get": '[ ! -e "$DESTDIR/no-network" ] || { echo "E: Could not resolve deb.debian.org" >&2; exit 100; }\n'
    'case "$*" in *--simulate*) echo "Inst libportaudio2 (1)"; echo "Inst libjack (1)" ;;'
    ' *install*) : >"$DESTDIR/missing" ;; esac',
    "dpkg": 'case "$1" in --print-architecture) cat "$DESTDIR/architecture" ;; *) echo "$*" >>"$DESTDIR/dpkg" ;; esac',
    "df": 'echo head; echo "$(cat "$DESTDIR/disk") 0 0 $(cat "$DESTDIR/free") 0 /"',
    "sleep": ":",
    "sync": ":",
    "install": 'set -- "$@"; n=$#; while [ $n -gt 0 ]; do case $1 in -o | -g) shift; n=$((n - 1)) ;;'
    ' *) set -- "$@" "$1" ;; esac; shift; n=$((n - 1)); done; exec /usr/bin/install "$@"',
}
COUNTED = "mkdir tar ln mv rm cp touch env".split()
"""Tools that change something and are otherwise the real ones."""
STOP = """
echo "$0" >>"$DESTDIR/calls"
if [ "${STOP_AT:-0}" != 0 ] && [ "$(wc -l <"$DESTDIR/calls")" -ge "$STOP_AT" ]; then kill -9 0; fi
"""


class Board:
    """A machine below `folder`, and a checkout beside it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.checkout, self._tools = folder / "root", folder / "my checkout", folder / "tools"
        for one in ("run/systemd/system", "run/lock", "proc", "etc"):
            (self.root / one).mkdir(parents=True)
        self._tools.mkdir()
        facts = {"uid": "0", "users": "", "missing": "", "architecture": "arm64", "free": "9000", "state": "inactive"}
        facts |= {"disk": "/dev/mmcblk0p2"}
        for name, text in facts.items():
            (self.root / name).write_text(text + "\n" if text else "")
        (self.root / "proc/meminfo").write_text("MemTotal:        3884056 kB\n")
        (self.root / "etc/os-release").write_text('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n')
        for name, script in TOOLS.items():
            self._write(self._tools / name, f"#!/bin/sh\n{STOP if name == 'systemctl' else ''}{script}\n")
        for name in COUNTED:
            self._write(self._tools / name, f'#!/bin/sh\n{STOP}exec {shutil.which(name)} "$@"\n')
        self._write(self.checkout / "README.md", "")
        for name in ("CHANGELOG.md", "LICENSE", "requirements.lock"):
            self._write(self.checkout / name, "")
        self._write(self.checkout / "pyproject.toml", 'version = "1.0"\n')
        (self.checkout / "docs").mkdir()
        shutil.copytree(ROOT / "device", self.checkout / "device")
        shutil.copytree(ROOT / "systemd", self.checkout / "systemd")
        self._write(self.checkout / "device" / "prepare.sh", PREPARE)
        self._write(self.checkout / "voiceos" / "program", PROGRAM.format(asked="well"))

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def next_version(self, *what: str, asked: str = "well") -> None:
        """The checkout changes; `what`: files that say how the new version behaves."""
        old = (self.checkout / "README.md").read_text()
        self._write(self.checkout / "README.md", old + "more\n")
        self._write(self.checkout / "voiceos" / "program", PROGRAM.format(asked=asked))
        for one in ("crashes", "migrates"):
            (self.checkout / "voiceos" / one).unlink(missing_ok=True)
        for one in what:
            self._write(self.checkout / "voiceos" / one, "")

    def install(self, *arguments: str, stop_at: int = 0) -> subprocess.CompletedProcess[str]:
        (self.root / "calls").write_text("")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "SUDO_"))}
        clean |= {"DESTDIR": str(self.root), "PATH": f"{self._tools}:{os.environ['PATH']}", "STOP_AT": str(stop_at)}
        script = self.checkout / "device" / "install.sh"
        return subprocess.run(
            [script, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=clean,
            start_new_session=True,  # what cuts it off kills its whole group
        )

    def fact(self, name: str, text: str = "") -> None:
        (self.root / name).write_text(text)

    def read(self, name: str) -> str:
        path = self.root / name
        return path.read_text() if path.exists() else ""

    @property
    def app(self) -> Path:
        return self.root / "opt" / "voiceos"

    @property
    def in_use(self) -> str:
        """The name of the version in use, or nothing."""
        current = self.app / "current"
        return current.readlink().name if current.is_symlink() else ""

    @property
    def works(self) -> bool:
        """Whether the service would start: unit, program and version are there, whole."""
        unit = self.root / "etc/systemd/system/voiceos.service"
        return unit.exists() and (self.app / "current/.complete").exists() and self.read("state") == "active\n"
