"""What systemd is told of the service: ready, reloading, stopping, and alive for as long as the audio loop is."""

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping

import anyio

log = logging.getLogger(__name__)

SHARE = 3
"""systemd is told this many times within its limit."""
STALL_SECONDS = 30.0
"""The longest time between two signs of life of an audio loop. A lost card is tried every 10 s."""
LOADING_SECONDS = 300.0
"""The longest time that loading may take: all models, from a slow card."""


def tell_systemd(message: str) -> None:
    """Sends a service notification, if somebody waits for one. See sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK  # nobody who does not read may stop us
    with socket.socket(socket.AF_UNIX, kind) as sender:
        try:
            sender.sendto(message.encode(), "\0" + address[1:] if address[0] == "@" else address)
        except OSError as error:
            log.warning("Could not notify systemd of %s: %s", message.partition("\n")[0], error)


def tell_ready(status: str) -> None:
    """It can be talked to, or says in `status` what is missing for that."""
    tell_systemd(f"READY=1\nSTATUS={status}")


def tell_reloading() -> None:
    """The settings are read again; `tell_ready` ends this."""
    tell_systemd(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}\nSTATUS=Reloading the settings.")


def tell_stopping() -> None:
    tell_systemd("STOPPING=1\nSTATUS=Stopping.")


class Watchdog:
    """Passes the audio loop's signs of life on to systemd, which restarts the service when they cease.

    Whoever works says when it will have its next sign of life. `run` reports only until then, so that work which
    hangs is noticed although this loop goes on.
    """

    def __init__(self, tell: Callable[[str], None] = tell_systemd, environment: Mapping[str, str] = os.environ) -> None:
        ours = environment.get("WATCHDOG_PID") in (None, str(os.getpid()))  # a child inherits them
        self._limit = int(environment.get("WATCHDOG_USEC", "0")) / 1e6 if ours else 0.0
        self._tell = tell
        self._until = 0.0

    def expect(self, seconds: float) -> None:
        """The next sign of life comes within so many seconds."""
        self._until = anyio.current_time() + seconds

    def beat(self) -> None:
        """A sign of life of the audio loop."""
        self.expect(STALL_SECONDS)

    async def run(self) -> None:
        """Until cancelled; returns at once where nobody watches."""
        self.expect(LOADING_SECONDS)
        alive = True
        while self._limit:
            if (now := anyio.current_time()) <= self._until:
                alive = True
                self._tell("WATCHDOG=1")
            elif alive:
                alive = False
                log.critical("No sign of life for %.0f s too long. systemd restarts voiceos.", now - self._until)
            await anyio.sleep(self._limit / SHARE)
