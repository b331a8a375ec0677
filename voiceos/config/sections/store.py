"""Settings of what is kept."""

from voiceos.config.setting import FullPath, Settings, setting


class StoreSettings(Settings):
    """What is kept, and where."""

    folder: FullPath | None = setting(None, "Folder for everything that is kept; empty: the user's data folder.")
    models: FullPath | None = setting(None, "Folder for model files; empty: `models` in the user's data folder.")
    keep_turns: bool = setting(True, "Keep a record of every turn: its text and timings.")
    keep_audio: bool = setting(False, "Also keep the sound of what was said.")


class MemorySettings(Settings):
    """What it remembers about your life."""

    me: tuple[str, ...] = setting(
        (), "Your names and email addresses. What was written under them counts as your own words."
    )
    watch: tuple[FullPath, ...] = setting((), "Folders whose files are added to the memory and kept up to date.")
    stays_local: bool = setting(False, "Never send recalled memories to a remote endpoint.")
    prompt_tokens: int = setting(
        0,
        "Room for memories in a prompt; 0: 300 for the local model, 850 for an endpoint.",
        unit="tokens",
        ge=0,
        le=850,
    )
    key_file: FullPath | None = setting(
        None, "File (mode 0600) or systemd credential with the key that encrypts the memory."
    )
    regret: int = setting(
        0,
        "How long erasing everything waits and can be taken back; 0: it is erased at once.",
        unit="minutes",
        ge=0,
        le=1440,
    )
    pin_file: FullPath | None = setting(
        None, "File (mode 0600) or systemd credential with digits that must be spoken to erase everything."
    )


class BackupSettings(Settings):
    """Where backups go, and what opens them."""

    folder: FullPath | None = setting(None, "Folder for backups: a stick, another disk, anything that is mounted.")
    keep: int = setting(7, "How many backups stay there.", ge=1, le=1000)
    passphrase_file: FullPath | None = setting(
        None, "File (mode 0600) or systemd credential with the passphrase of backups."
    )
