"""Where things live on this machine."""

import os
from pathlib import Path

import platformdirs

from voiceos.config.settings import StoreSettings

APP = "voiceos"


def config_file() -> Path:
    """The settings file: `$VOICEOS_CONFIG`, else the user's config folder."""
    if chosen := os.environ.get("VOICEOS_CONFIG"):
        return Path(chosen).expanduser()
    return platformdirs.user_config_path(APP) / "config.toml"


def data_folder(store: StoreSettings) -> Path:
    """Everything that is kept: the setting, else systemd's state directory, else the user's data folder."""
    if store.folder:
        return store.folder.expanduser()
    if state := os.environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0])
    return platformdirs.user_data_path(APP)


def models_folder(store: StoreSettings) -> Path:
    """Model files."""
    return store.models.expanduser() if store.models else data_folder(store) / "models"
