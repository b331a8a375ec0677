"""Checks what a conversation needs, piece by piece: what is there, or what to do about it."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from voiceos.config.load import DEFAULT, Loaded
from voiceos.config.settings import Config
from voiceos.errors import DeviceError, ModelError, VoiceosError

if TYPE_CHECKING:
    from voiceos.engines.llama import Endpoint

OLDEST_PYTHON = (3, 11)
FREE_DISK_BYTES = 200_000_000
"""Below this, turns and logs will soon not fit."""
FREE_MEMORY_BYTES = 700_000_000
"""What recognition, speech and Python want beside the language model."""
HOT_CELSIUS = 80.0
"""Where a Raspberry Pi begins to slow down."""
ENDPOINT_SECONDS = 8.0

THROTTLED = {0: "the voltage is too low", 1: "the clock is capped", 2: "it is throttled", 3: "it is too hot"}
"""Bits of `vcgencmd get_throttled` for the present state."""


class Health(StrEnum):
    OK = "ok"
    MISSING = "missing"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    health: Health
    text: str
    """What is there, or what is wrong and what to do."""
    needed: bool = True
    """Whether no conversation can be held without it."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check of one thing. If it raises a VoiceosError, that is its finding."""

    name: str
    look: Callable[[Config], Iterator[Finding]]
    seconds: float = 5.0
    """The longest it may take."""
    needed: bool = True


def judged(name: str, trouble: str, fine: str, needed: bool = True) -> Finding:
    """Broken, where there is trouble."""
    return Finding(name, Health.BROKEN if trouble else Health.OK, trouble or fine, needed)


def python(config: Config) -> Iterator[Finding]:
    version = platform.python_version()
    old = sys.version_info < OLDEST_PYTHON
    trouble = f"{version} is too old: install Python 3.11 or newer." if old else ""
    yield judged("Python", trouble, f"{version}, {platform.machine()}")


def settings_check(load: Callable[[], Loaded]) -> Check:
    """Whether the settings are valid and can work. The other checks use them, or the defaults."""

    def look(config: Config) -> Iterator[Finding]:
        from voiceos.validity import MAY_COME_LATER, faults

        loaded, wrong = load(), False
        for key, text in faults(loaded.config):
            wrong = True
            yield judged("settings", text, "", needed=key not in MAY_COME_LATER)
        if not wrong:
            changed, path = sum(source != DEFAULT for source in loaded.sources.values()), loaded.path
            none = f"no file at {path}, so every setting has its default"
            yield judged("settings", "", f"{path}, {changed} changed" if path.exists() else none)

    return Check("settings", look)


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


def models(config: Config) -> Iterator[Finding]:
    from voiceos.config.paths import models_folder
    from voiceos.models.catalogue import is_path, used
    from voiceos.models.shelf import Shelf, trouble
    from voiceos.models.shelf import State as ShelfState

    shelf = Shelf(models_folder(config.store))
    for name in used(config):
        try:
            if is_path(name):
                yield Finding(f"model {Path(name).name}", Health.OK, str(shelf.resolve(name)))
                continue
            status = shelf.status(name)
        except ModelError as error:
            yield Finding(f"model {name}", Health.MISSING, str(error))
            continue
        if status.ready:
            yield Finding(f"model {name}", Health.OK, f"{status.size / 1e6:.0f} MB")
        else:
            health = Health.BROKEN if status.state is ShelfState.DAMAGED else Health.MISSING
            yield Finding(f"model {name}", health, str(trouble(status)))


def language_endpoint(config: Config) -> Iterator[Finding]:
    if not config.mind.base_url:
        yield Finding("language model", Health.OK, "on this machine, no endpoint needed")
        return
    import anyio

    from voiceos.mind.endpoint import remote_endpoint

    endpoint = remote_endpoint(config.mind)
    known, trouble = anyio.run(_models_at, endpoint), ""
    if known and endpoint.model not in known:
        one_of = ", ".join(known[:8])
        trouble = f"{endpoint.base_url} has no model '{endpoint.model}'. Set `mind.model` to one of {one_of}."
    yield judged("language model", trouble, f"{endpoint.model} at {endpoint.base_url}")


async def _models_at(endpoint: "Endpoint") -> list[str]:
    """Names of the endpoint's models; none when it keeps no list. Raises MindError when it gives no answer."""
    import anyio

    from voiceos.mind.endpoint_client import EndpointClient
    from voiceos.mind.failures import EndpointError, too_slow

    client = EndpointClient(endpoint)
    try:
        with anyio.fail_after(ENDPOINT_SECONDS):
            return await client.models()
    except TimeoutError:
        raise too_slow(endpoint, ENDPOINT_SECONDS, begun=False) from None
    except EndpointError as error:
        if error.status in (404, 405):
            return []
        raise
    finally:
        await client.close()


def home(config: Config) -> Iterator[Finding]:
    if config.home.url:
        import anyio

        from voiceos.skills.home_assistant import HomeAssistant

        anyio.run(HomeAssistant(config.home).check)
        yield Finding("Home Assistant", Health.OK, config.home.url, needed=False)


def disk(config: Config) -> Iterator[Finding]:
    from voiceos.config.paths import data_folder

    folder = _existing(data_folder(config.store))
    free = shutil.disk_usage(folder).free
    little = f"Only {free / 1e6:.0f} MB free at {folder}. Free some space."
    yield judged("disk", little if free < FREE_DISK_BYTES else "", f"{free / 1e9:.1f} GB free at {folder}")


def store(config: Config) -> Iterator[Finding]:
    from voiceos.config.paths import data_folder
    from voiceos.store.encryption import read_key
    from voiceos.store.turns import TurnStore

    folder = data_folder(config.store)
    if (folder / "memory.db").exists():
        with TurnStore(folder, read_key(config.memory.key_file)) as turns:
            turns.recent(1)
    trouble = ""
    try:
        with tempfile.NamedTemporaryFile(dir=_existing(folder), prefix=".doctor-") as file:
            file.write(b"x" * 65_536)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        trouble = f"Cannot write to {folder} ({error.strerror}). Change its owner, or set `store.folder`."
    yield judged("store", trouble, str(folder))


def _existing(folder: Path) -> Path:
    return next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))


def memory(config: Config) -> Iterator[Finding]:
    import psutil

    found = psutil.virtual_memory()
    text = f"{found.available / 1e9:.1f} of {found.total / 1e9:.1f} GB available"
    little = f"Only {text}. Close other programs, or choose a smaller `mind.model`."
    yield judged("memory", little if found.available < FREE_MEMORY_BYTES else "", text, needed=False)


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


def every_check(load: Callable[[], Loaded]) -> list[Check]:
    """In order, when no assistant is running. `load` reads the settings."""
    return [*own_checks(load), Check("sound", sound, 8.0), Check("store", store, 8.0), *MACHINE]


def own_checks(load: Callable[[], Loaded]) -> list[Check]:
    """Checks that a command makes by itself."""
    return [settings_check(load), Check("Python", python)]


MACHINE = (
    Check("models", models, 120.0),
    Check("language model", language_endpoint, ENDPOINT_SECONDS + 4),
    Check("Home Assistant", home, ENDPOINT_SECONDS, needed=False),
    Check("disk", disk),
    Check("memory", memory, needed=False),
    Check("board", board, needed=False),
    Check("clock", clock, needed=False),
)
"""Checks that give everybody the same result."""


def found_by(check: Check, config: Config) -> list[Finding]:
    """The findings of a check, whatever happens to it."""
    try:
        return list(check.look(config))
    except Exception as error:  # a check must not crash the doctor
        text = str(error) if isinstance(error, VoiceosError) else f"{type(error).__name__}: {error}"
        return [judged(check.name, text, "", check.needed)]


def examined(checks: Sequence[Check], config: Config) -> Iterator[Finding]:
    """Makes all checks at once and yields findings in order. One that takes too long is abandoned.

    A daemon thread for each, not a task group: the process must be able to end while a driver still hangs.
    """
    found: dict[str, list[Finding]] = {}

    def look(check: Check) -> None:
        found[check.name] = found_by(check, config)

    threads = [threading.Thread(target=look, args=(check,), daemon=True) for check in checks]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for check, thread in zip(checks, threads, strict=True):
        thread.join(max(0.0, began + check.seconds - time.monotonic()))
        late = judged(check.name, f"no answer within {check.seconds:g} seconds", "", check.needed)
        yield from found.get(check.name, [late])


def is_able(findings: Sequence[Finding]) -> bool:
    """Whether a conversation can be held."""
    return all(one.health is Health.OK for one in findings if one.needed)


def verdict(findings: Sequence[Finding]) -> str:
    """The findings, summed up in a sentence."""
    lacking = {one.name for one in findings if one.needed and one.health is not Health.OK}
    if not lacking:
        return "Everything works. Start a conversation with `voiceos talk`."
    if lacking <= {"microphone", "speaker"}:
        return "Only sound is missing. Type with `voiceos talk --text`, or hear a recording with `voiceos talk`."
    return "You cannot hold a conversation yet."
