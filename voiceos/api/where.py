"""Which assistant a command talks to: the user's own, or the one installed system-wide."""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voiceos.config.paths import config_file, own_data_folder

SYSTEM_SETTINGS = Path("/etc/voiceos/config.toml")
SYSTEM_SOCKET = Path("/run/voiceos/voiceos.sock")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an assistant's settings and its socket are."""

    settings: Path
    socket: Path
    is_system: bool = False


def place(*, settings: Path | None, overrides: Mapping[str, str], system: bool | None) -> Place:
    """`system`: True for the system-wide assistant, False for the user's own, None to choose.

    The system-wide one is chosen if there is one, unless a settings file was given or the user has an assistant.
    """
    if system is None:
        named = settings or os.environ.get("VOICEOS_CONFIG") or "store.folder" in overrides
        own = config_file().exists() or own_data_folder().exists()
        system = not named and not own and SYSTEM_SETTINGS.exists()
    if system:
        return Place(settings or SYSTEM_SETTINGS, SYSTEM_SOCKET, is_system=True)
    settings = settings or config_file()
    return Place(settings, socket_of(_data_folder(settings, overrides)))


def socket_of(data: Path) -> Path:
    """The socket of the assistant that owns a data folder; a service has it in the folder that systemd made for it."""
    if runtime := os.environ.get("RUNTIME_DIRECTORY"):
        return Path(runtime.split(":")[0]) / SYSTEM_SOCKET.name
    session = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(session) / "voiceos" if session else Path("/tmp") / f"voiceos-{os.getuid()}"  # noqa: S108 - mode 0700
    return folder / f"{hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:16]}.sock"


def _data_folder(settings: Path, overrides: Mapping[str, str]) -> Path:
    """From the settings, unchecked: opening the store checks them."""
    chosen = overrides.get("store.folder") or os.environ.get("VOICEOS_STORE_FOLDER")
    if not chosen:
        try:
            store = tomllib.loads(settings.read_text(encoding="utf-8")).get("store", {})
            chosen = store.get("folder", "") if isinstance(store, dict) else ""
        except (OSError, ValueError):
            chosen = ""
    return Path(chosen).expanduser() if chosen and isinstance(chosen, str) else own_data_folder()
