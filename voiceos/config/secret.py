"""Reads a secret from a file that nobody else may read, or from a systemd credential."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from voiceos.errors import ConfigError

LONGEST = 4096


def read_secret(
    file: Path | None, setting: str, credential: str, environment: Mapping[str, str] = os.environ
) -> tuple[Path, bytes] | None:
    """The file of a setting, else the systemd credential of that name, with its content; None when there is neither.

    Raises ConfigError when the file cannot be read, or can be read by others.
    """
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    if file is not None:
        file = file.expanduser()
        # systemd guards its credentials itself, and grants access by ACL, which shows as group-readable.
        guarded = bool(credentials) and file.resolve().is_relative_to(Path(str(credentials)).resolve())
    elif credentials and (Path(credentials) / credential).exists():
        file, guarded = Path(credentials) / credential, True
    else:
        return None
    try:
        with file.open("rb") as opened:
            if not guarded and stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
                raise ConfigError(f"Other users can read the file {file} (`{setting}`). Run `chmod 600 {file}`.")
            return file, opened.read(LONGEST)
    except OSError as error:
        raise ConfigError(f"Cannot read the file {file} (`{setting}`): {error.strerror}.") from error


def read_key_of(
    key: SecretStr, file: Path | None, setting: str, credential: str, environment: Mapping[str, str] = os.environ
) -> str:
    """A key for a server: the setting's, else from the file of `SETTING_file`, else systemd's credential; "" if none.

    Raises ConfigError when the file cannot be read, can be read by others, or holds no key.
    """
    if given := key.get_secret_value():
        return _checked(given, f"`{setting}`")
    secret = read_secret(file, f"{setting}_file", credential, environment)
    if secret is None:
        return ""
    file, content = secret
    return _checked(content.decode("ascii", errors="replace"), f"The key file {file} (`{setting}_file`)")


def _checked(key: str, source: str) -> str:
    """The key without the white space around it. Raises ConfigError when no HTTP header could carry it."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(f"{source} must contain only the key, on one line without spaces.")
    return key
