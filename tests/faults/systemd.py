"""Keeps a service as systemd would by our unit: starts it again when it fails, and ends it when it shows no life."""

import contextlib
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

WATCHDOG_SECONDS = 60.0
STOP_SECONDS = 60.0
RESTART_SECONDS = 1.0
"""The unit waits ten."""
FINAL = (0, 64, 66, 78)
"""Exit codes after which it is not started again."""


class Systemd:
    """Runs one command until left."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], folder: Path) -> None:
        """`folder`: for the log, and for the socket on which the service shows its life."""
        self.log_file = folder / "log"
        self.restarts: list[str] = []
        """Why each was."""
        self.listening = threading.Event()
        """The service has said so, and has not been started or reloaded since."""
        self._command = command
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(folder / "notify"))
        self._notify.settimeout(0.1)
        self._environment = environment | {
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": str(round(WATCHDOG_SECONDS * 1e6)),
        }
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        self._start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._notify.close()

    def restart(self) -> None:
        """When asked for. It must end by itself, and in time."""
        self.process.terminate()
        self.process.wait(STOP_SECONDS)
        self._start()

    @property
    def ended_for_good(self) -> bool:
        return self.process.poll() in FINAL

    def _start(self) -> None:
        self.listening.clear()
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
        self._alive, self._is_up = time.monotonic(), False

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                self._heed(self._notify.recv(4096).decode())
            if self._is_up and time.monotonic() - self._alive > WATCHDOG_SECONDS:
                self.process.send_signal(signal.SIGABRT)
                self.process.wait()
            code = self.process.poll()
            if code is not None and code not in FINAL:
                self.restarts.append(f"status {code}")
                self._stopping.wait(RESTART_SECONDS)
                self._start()

    def _heed(self, told: str) -> None:
        self._alive = time.monotonic()
        self._is_up |= "READY=1" in told
        if "STATUS=Listening." in told:
            self.listening.set()
        elif "RELOADING=1" in told:
            self.listening.clear()


class Disk:
    """A small disk in a folder, of processes that are started `inside` alone."""

    def __init__(self, folder: Path, megabytes: int = 400, *, is_cut_off: bool = False) -> None:
        """`is_cut_off`: inside there is no network, either."""
        folder.mkdir()
        net = ("--net",) if is_cut_off else ()
        ready = "ip link set lo up && " if is_cut_off else ""  # a model of this machine's own is reached through it
        mount = f'{ready}mount -t tmpfs -o size={megabytes}m tmpfs "$0" && echo there && exec sleep infinity'
        self._holder = subprocess.Popen(
            ["unshare", "--map-root-user", "--mount", *net, "sh", "-c", mount, str(folder)], stdout=subprocess.PIPE
        )
        assert self._holder.stdout
        self.is_there = self._holder.stdout.readline() == b"there\n"
        self.inside = ["nsenter", "-t", str(self._holder.pid), "-U", "-m", *net, "--preserve-credentials"]
        self.inside += [f"--wd={Path.cwd()}"]
        self.seen = Path(f"/proc/{self._holder.pid}/root{folder}")
        """The folder, for processes outside."""

    def run(self, *command: str) -> None:
        subprocess.run([*self.inside, *command], check=True, timeout=60)

    def close(self) -> None:
        self._holder.kill()
        self._holder.communicate()
