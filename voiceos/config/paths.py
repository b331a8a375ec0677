"""Where things live on this machine, and how a path is written as text."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:  # a client of a running assistant needs paths, not settings
    from voiceos.config.settings import StoreSettings

APP = "voiceos"
STORE = "memory.db"
"""The one file that holds the memory, in the data folder."""
LEARNED = "wake"
"""The wake words that were learnt, there too."""


def config_file() -> Path:
    """The settings file: `$VOICEOS_CONFIG`, else the user's config folder."""
    if chosen := os.environ.get("VOICEOS_CONFIG"):
        return Path(chosen).expanduser()
    return platformdirs.user_config_path(APP) / "config.toml"


def data_folder(store: "StoreSettings") -> Path:
    """The folder of everything that is kept: the setting, else `own_data_folder`."""
    return store.folder.expanduser() if store.folder else own_data_folder()


def own_data_folder() -> Path:
    """Systemd's state directory, else the user's data folder."""
    if state := os.environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0])
    return platformdirs.user_data_path(APP)


def learned_words(store: "StoreSettings") -> list[Path]:
    """The files of the wake words that were learnt (`voiceos.engines.learned_words`)."""
    return sorted((data_folder(store) / LEARNED).absolute().glob("*.word"))


def models_folder(store: "StoreSettings") -> Path:
    """Model files."""
    return store.models.expanduser() if store.models else data_folder(store) / "models"


def spelt(path: Path) -> str:
    r"""A path as every room writes it in text; bytes that are not UTF-8 are escaped: `bad\xff.txt`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def path_of(text: str) -> Path:
    """The file that `spelt` wrote so. A name that really has the backslash goes first."""
    raw = re.sub(r"\\x([89a-f][0-9a-f])", lambda byte: chr(0xDC00 + int(byte[1], 16)), text)
    return Path(raw) if os.path.lexists(raw) and not os.path.lexists(text) else Path(text)
