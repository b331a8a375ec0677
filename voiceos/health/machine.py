"""What the machine must have: Python, sound, room on the disk and in memory, a cool board, a clock that is right."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from voiceos.config.settings import Config
from voiceos.errors import DeviceError
from voiceos.health.check import Finding, Health, judged

OLDEST_PYTHON = (3, 11)
FREE_DISK_BYTES = 200_000_000
"""Below this, turns and logs will soon not fit."""
FREE_MEMORY_BYTES = 700_000_000
"""What recognition, speech and Python want beside the language model."""
FREE_WHILE_RUNNING_BYTES = 150_000_000
"""The same, once they have it."""
HOT_CELSIUS = 80.0
"""Where a Raspberry Pi begins to slow down."""
THROTTLED = {0: "the voltage is too low", 1: "the clock is capped", 2: "it is throttled", 3: "it is too hot"}
"""Bits of `vcgencmd get_throttled` for the present state."""


def python(config: Config) -> Iterator[Finding]:
    version = platform.python_version()
    old = sys.version_info < OLDEST_PYTHON
    trouble = f"{version} is too old: install Python 3.11 or newer." if old else ""
    yield judged("Python", trouble, f"{version}, {platform.machine()}")


def sound(config: Config) -> Iterator[Finding]:
    """One check for both, because two threads must not start PortAudio at once."""
    yield _sound("microphone", config.audio.microphone)
    yield _sound("speaker", config.audio.speaker)


def _sound(kind: Literal["microphone", "speaker"], wanted: str) -> Finding:
    from voiceos.audio.portaudio import find_device

    try:
        device = find_device(kind, wanted)
    except DeviceError as error:
        return Finding(kind, Health.MISSING, str(error))
    return Finding(kind, Health.OK, f"{device.name} ({device.host}, {device.rate} Hz)")


def disk(config: Config) -> Iterator[Finding]:
    from voiceos.config.paths import data_folder

    folder = existing(data_folder(config.store))
    free = shutil.disk_usage(folder).free
    little = f"Only {free / 1e6:.0f} MB free at {folder}. Free some space."
    yield judged("disk", little if free < FREE_DISK_BYTES else "", f"{free / 1e9:.1f} GB free at {folder}")


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))


def memory(config: Config) -> Iterator[Finding]:
    yield from _memory(FREE_MEMORY_BYTES)


def memory_while_running(config: Config) -> Iterator[Finding]:
    yield from _memory(FREE_WHILE_RUNNING_BYTES)


def _memory(least: int) -> Iterator[Finding]:
    import psutil

    found = psutil.virtual_memory()
    text = f"{found.available / 1e9:.1f} of {found.total / 1e9:.1f} GB available"
    little = f"Only {text}. Close other programs, or choose a smaller `mind.model`."
    yield judged("memory", little if found.available < least else "", text, needed=False)


def board(config: Config) -> Iterator[Finding]:
    import psutil

    cores, troubles = psutil.cpu_count() or 1, list[str]()
    heat = temperature()
    if heat is not None and heat >= HOT_CELSIUS:
        troubles.append(f"it is at {heat:.0f} °C")
    throttled = _throttled()
    troubles += [words for bit, words in THROTTLED.items() if throttled >> bit & 1]
    what = f"The board is slowed down: {', '.join(troubles)}. Give it a fan and the recommended power supply."
    warmth = "" if heat is None else f", {heat:.0f} °C"
    yield judged("board", what if troubles else "", f"{cores} cores{warmth}", needed=False)


def limits(config: Config, controllers: Path = Path("/sys/fs/cgroup/cgroup.controllers")) -> Iterator[Finding]:
    """Whether the kernel holds services to the memory that their units allow. A Raspberry Pi's does not unless told."""
    with suppress(OSError):  # an older hierarchy, or no Linux
        kept = "memory" in controllers.read_text().split()
        loose = (
            "The kernel does not limit the memory of services. Add `cgroup_enable=memory` to the line in"
            " /boot/firmware/cmdline.txt and restart."
        )
        yield judged("limits", "" if kept else loose, "services are held to their memory", needed=False)


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine at a moment. Bytes, unless said otherwise."""

    disk_free: int
    disk: int
    memory_free: int
    memory: int
    own_memory: int
    """Of this process."""
    celsius: float | None
    """Of the processor; None where nobody measures it."""
    slowed: list[str]
    """Why a Raspberry Pi runs slower than it could, in words."""


def measured(config: Config) -> Machine:
    import psutil

    from voiceos.config.paths import data_folder

    room, found = shutil.disk_usage(existing(data_folder(config.store))), psutil.virtual_memory()
    throttled = _throttled()
    return Machine(
        disk_free=room.free,
        disk=room.total,
        memory_free=found.available,
        memory=found.total,
        own_memory=psutil.Process().memory_info().rss,
        celsius=temperature(),
        slowed=[words for bit, words in THROTTLED.items() if throttled >> bit & 1],
    )


def temperature(zone: Path = Path("/sys/class/thermal/thermal_zone0/temp")) -> float | None:
    """The processor's, in °C; None where nobody measures it."""
    with suppress(OSError, ValueError):
        return int(zone.read_text()) / 1000
    return None


def _throttled() -> int:
    """What a Raspberry Pi says of itself, as bits; 0 elsewhere."""
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        made = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True, timeout=2, check=True)
        return int(made.stdout.strip().partition("=")[2], 16)
    return 0


def clock(config: Config) -> Iterator[Finding]:
    """A board without a battery starts in the past. Then times are wrong and every certificate seems invalid."""
    now, built = datetime.now(UTC), datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    past = (built - now).days >= 1 or now.year < 2026
    what = f"The clock says {now:%Y-%m-%d}, which is past. Connect to a network, or set it with `sudo date -s`."
    yield judged("clock", what if past else "", f"{now.astimezone():%Y-%m-%d %H:%M %Z}", needed=False)
