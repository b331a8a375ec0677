"""Changes single settings in the settings file and leaves everything else in it as it is."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit.items import InlineTable, Item

from voiceos.config.fields import settings, unknown
from voiceos.config.load import Statement, check_value, lines_of, parse_toml, read_text, statements
from voiceos.errors import ConfigError

HEADER = """\
# Settings of voiceos; what is not here has its default. `voiceos config list` shows every one and what it does.
"""
BOM = "\ufeff"


def set_value(path: Path, key: str, text: str) -> None:
    """Sets one setting, given as text ("true", "0.5", "a,b"), and writes the file.

    Raises ConfigError and leaves the file as it was when the setting is unknown, may not have that value, or when the
    file is not TOML or cannot be written. Mistakes elsewhere in the file do not matter: `check` reports them.
    """
    value = settings()[key].parse(text) if key in settings() else text
    check_value(key, value)
    _edit(path, read_text(path) or HEADER, key, value)


def unset_value(path: Path, key: str) -> bool:
    """Removes one setting from the file, so that its default holds; False when it was not there.

    Also removes an unknown key if it is there; otherwise raises ConfigError.
    """
    text = read_text(path)
    parse_toml(text, path)
    section, _, name = key.partition(".")
    if not any(found[:2] == (section, name) for statement in statements(text) for found in statement.paths):
        if key in settings():
            return False
        raise ConfigError(unknown(key))
    _edit(path, text, key, None)
    return True


def _edit(path: Path, text: str, key: str, value: Any) -> None:
    wanted = parse_toml(text, path)
    section, _, name = key.partition(".")
    if not isinstance(wanted.setdefault(section, {}), dict):
        raise ConfigError(f"{path}: '{section}' is a section: write [{section}] above its settings.")
    if value is None:
        del wanted[section][name]
    else:
        wanted[section][name] = value
    changed = changed_text(text, section, name, value)
    if _filled(parse_toml(changed, path)) != _filled(wanted):
        raise ConfigError(f"{path} is laid out in a way that only a person can change; use `voiceos config edit`.")
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        changed = (BOM if file.read(3) == BOM.encode() else "") + changed
    write_file(path, changed)


def changed_text(text: str, section: str, name: str, value: Any) -> str:
    """A valid TOML text with one setting set, or removed when the value is None. Other lines stay byte for byte."""
    lines = lines_of(text)
    every = list(statements(text))
    owners = [one for one in every if any(path[:2] == (section, name) for path in one.paths)]
    for one in reversed(owners):  # from the end, so that the line numbers before it stay right
        if _is_inline(one, section) or (value is not None and len(owners) == 1 and not one.is_header):
            _put(lines, one, _within(one, section, name, value))
            if value is not None:
                return "".join(lines)
        else:
            _put(lines, one, "")
    if value is not None:
        _add(lines, [one for one in every if one not in owners], section, name, value)
    return "".join(lines)


def _add(lines: list[str], every: list[Statement], section: str, name: str, value: Any) -> None:
    """Adds a setting where its section is: in an inline table, after dotted keys, under its header, or at the end."""
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    line = f"{name} = {_item(value).as_string()}{newline}"
    if (text := "".join(lines)) and not text.endswith("\n"):
        last = max(number for number, kept in enumerate(lines) if kept)
        lines[last] += newline
    top = [one for one in every if not one.header and one.paths[0] == (section,)]
    inside = [one for one in every if one.header == (section,)]
    if top and _is_inline(top[0], section):
        _put(lines, top[0], _within(top[0], section, name, value))
    elif top:
        lines.insert(_end(top[-1]), f"{section}.{line}")
    elif inside:
        lines.insert(_end(inside[-1]), line)
    else:
        lines.append(f"{newline if lines else ''}[{section}]{newline}{line}")


def _within(one: Statement, section: str, name: str, value: Any) -> str:
    """The statement with a setting changed, added or, when the value is None, removed."""
    document = tomlkit.parse(one.text)
    inner = (section, name)[len(one.header) :]
    table: Any = document[inner[0]] if len(inner) == 2 else document
    if value is None:
        table.remove(name)
    else:
        table[name] = _item(value)
    return document.as_string()


def _is_inline(one: Statement, section: str) -> bool:
    """Whether it is `section = {...}`."""
    return not one.header and isinstance(tomlkit.parse(one.text).get(section), InlineTable)


def _item(value: Any) -> Item:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(cast(dict[str, Any], value))
        return table
    return tomlkit.item(value)


def _end(one: Statement) -> int:
    """The number of its last line."""
    return one.line - 1 + len(lines_of(one.text))


def _put(lines: list[str], one: Statement, text: str) -> None:
    """Replaces the statement's lines but keeps their number, so that other statements are still found."""
    lines[one.line - 1 : _end(one)] = [text] + [""] * (len(lines_of(one.text)) - 1)


def _filled(tree: dict[str, Any]) -> dict[str, Any]:
    """Without empty sections, which mean nothing."""
    return {name: part for name, part in tree.items() if part != {}}


def write_file(path: Path, text: str) -> None:
    """Replaces the settings file atomically, through links; owner, group and rights stay as they were.

    Only owner and group may read a file that holds a secret. Raises ConfigError when it cannot be written.
    """
    content, secret = text.encode(), _holds_secret(text)
    try:
        target = path.resolve()
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        old = target.stat() if target.exists() else None
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                replaces = _liken(file.fileno(), target, old, _mode(old, secret=secret))
            if replaces:
                Path(name).replace(target)
            else:
                _overwrite(target, content, _mode(old, secret=secret))
        finally:
            Path(name).unlink(missing_ok=True)
        _sync_folder(target.parent)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise ConfigError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from None


def _mode(old: os.stat_result | None, *, secret: bool) -> int:
    """Others may not read a secret; nor may the group of a file that all could read, unless it is another's group."""
    if old is None:
        return 0o600 if secret else 0o644
    mode = stat.S_IMODE(old.st_mode)
    return mode & (0o700 if old.st_gid == os.getegid() else 0o770) if secret and mode & 0o007 else mode


def _liken(handle: int, target: Path, old: os.stat_result | None, mode: int) -> bool:
    """Gives a new file the owner and rights of the old one. Returns whether it can take its place."""
    if old:
        try:
            os.fchown(handle, old.st_uid, old.st_gid)
        except PermissionError:
            return False
        for attribute in os.listxattr(target):
            with contextlib.suppress(OSError):
                os.setxattr(handle, attribute, os.getxattr(target, attribute))
    os.fchmod(handle, mode)
    return old is None or old.st_nlink == 1


def _overwrite(target: Path, content: bytes, mode: int) -> None:
    """Writes into a file that cannot be replaced: it has several names, or an owner that we cannot give."""
    before = target.read_bytes()
    with target.open("r+b", buffering=0) as file:
        with contextlib.suppress(PermissionError):
            os.fchmod(file.fileno(), mode)
        try:
            file.write(content)
            os.fsync(file.fileno())
        except OSError:
            file.seek(0)
            file.write(before)
            file.truncate(len(before))
            raise
        file.truncate(len(content))


def _holds_secret(text: str) -> bool:
    tree = parse_toml(text.removeprefix(BOM), Path("settings"))
    secret = ((one.section, one.name) for one in settings().values() if one.secret)
    return any(isinstance(part := tree.get(one), dict) and cast(dict[str, Any], part).get(name) for one, name in secret)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
