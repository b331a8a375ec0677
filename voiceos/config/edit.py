"""Changes single settings in the settings file and leaves everything else in it as it is."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import tomlkit

from voiceos.config.fields import settings, unknown
from voiceos.config.load import Table, check_value, parse_toml, read_text, read_toml
from voiceos.errors import ConfigError

HEADER = """\
# Settings of voiceos. Those not set here have their defaults; `voiceos config list` shows them all.
"""


def set_value(path: Path, key: str, text: str) -> None:
    """Sets one setting, given as text ("true", "0.5", "a,b"), and writes the file.

    Raises ConfigError and leaves the file as it was when the setting is unknown, may not have that value, or when the
    file is not TOML or cannot be written. Mistakes elsewhere in the file do not matter: `check` reports them.
    """
    value = settings()[key].parse(text) if key in settings() else text
    check_value(key, value)
    before = read_text(path) or HEADER
    section, _, name = key.partition(".")
    wanted = parse_toml(before, path)
    if not isinstance(wanted.setdefault(section, {}), dict):
        raise ConfigError(f"{path}: '{section}' is a section: write [{section}] above its settings.")
    wanted[section][name] = value
    document: Any = tomlkit.parse(before)
    if section not in document:
        document[section] = tomlkit.table()
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(cast(Table, value))
        value = table
    document[section][name] = value
    _write(path, before, document, wanted)


def unset_value(path: Path, key: str) -> bool:
    """Removes one setting from the file, so that its default holds; False when it was not there.

    Also removes an unknown key if it is there; otherwise raises ConfigError.
    """
    before = read_text(path)
    section, _, name = key.partition(".")
    wanted = parse_toml(before, path)
    part = wanted.get(section)
    if not isinstance(part, dict) or name not in part:
        if key in settings():
            return False
        raise ConfigError(unknown(key))
    del part[name]
    document: Any = tomlkit.parse(before)
    del document[section][name]
    _write(path, before, document, wanted)
    return True


def set_server(path: Path, name: str, values: Mapping[str, Any] | None) -> bool:
    """Writes the table [tools.mcp.NAME], or removes it (None); False when there was none to remove.

    Raises ConfigError and leaves the file as it was when the table is wrong or the file cannot be written.
    """
    before = read_text(path) or HEADER
    wanted = parse_toml(before, path)
    servers = wanted.setdefault("tools", {}).setdefault("mcp", {})
    document: Any = tomlkit.parse(before)
    if values is None:
        if servers.pop(name, None) is None:
            return False
        del document["tools"]["mcp"][name]
    else:
        servers[name] = dict(values)
        check_value("tools.mcp", {name: dict(values)})
        for part in ("tools", "mcp"):
            there = document if part == "tools" else document["tools"]
            if part not in there:
                there[part] = tomlkit.table(is_super_table=True)
        document["tools"]["mcp"][name] = dict(values)
    _write(path, before, document, wanted)
    return True


def _write(path: Path, before: str, document: tomlkit.TOMLDocument, wanted: Table) -> None:
    text = document.as_string()
    if "\r\n" in before:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    if _filled(parse_toml(text, path)) != _filled(wanted):
        raise ConfigError(f"Cannot change {path} automatically because of its layout. Use `voiceos config edit`.")
    write_file(path, text)


def _filled(tree: Table) -> Table:
    """Without empty sections, which mean nothing."""
    return {name: part for name, part in tree.items() if part not in ({}, {"mcp": {}})}


def write_file(path: Path, text: str) -> None:
    """Replaces the settings file atomically, through links; owner, group and rights stay as they were.

    One that cannot be replaced, because it has several names or an owner that we cannot give, is written in place.
    Others may not read a file that holds a secret. Raises ConfigError when it cannot be written.
    """
    content, secret = text.encode(), _holds_secret(text)
    try:
        target = path.resolve()
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        old = target.stat() if target.exists() else None
        if old and old.st_nlink > 1:
            _overwrite(target, content, _mode(old, secret=secret))
            return
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                if old:
                    os.fchown(file.fileno(), old.st_uid, old.st_gid)
                os.fchmod(file.fileno(), _mode(old, secret=secret))
            Path(name).replace(target)
        except PermissionError:
            _overwrite(target, content, _mode(old, secret=secret))
        finally:
            Path(name).unlink(missing_ok=True)
    except PermissionError:
        raise ConfigError(f"No permission to write {path}. Put `sudo` before the command.") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise ConfigError(f"Cannot write {path}: {getattr(error, 'strerror', None) or error}.") from None


def _mode(old: os.stat_result | None, *, secret: bool) -> int:
    """Others may not read a secret; nor may the group of a file that all could read, unless it is another's group."""
    if old is None:
        return 0o600 if secret else 0o644
    mode = stat.S_IMODE(old.st_mode)
    return mode & (0o700 if old.st_gid == os.getegid() else 0o770) if secret and mode & 0o007 else mode


def _overwrite(target: Path, content: bytes, mode: int) -> None:
    with target.open("r+b") as file:
        with contextlib.suppress(PermissionError):
            os.fchmod(file.fileno(), mode)
        file.write(content)
        file.truncate()


def _holds_secret(text: str) -> bool:
    tree = parse_toml(text, Path("settings"))
    secret = ((one.section, one.name) for one in settings().values() if one.secret)
    servers = read_toml(text, Path("settings")).config.tools.mcp.values()
    return any(one.env or one.headers for one in servers) or any(
        isinstance(part := tree.get(one), dict) and cast(Table, part).get(name) for one, name in secret
    )
