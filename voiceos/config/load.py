"""Loads the settings from defaults, file, environment and command line, and reports all mistakes at once."""

import difflib
import json
import logging
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from voiceos.config.fields import TABLES, as_toml, sections, settings, unknown, unknown_section
from voiceos.config.paths import config_file
from voiceos.config.settings import Config
from voiceos.errors import ConfigError

log = logging.getLogger(__name__)

LARGEST_BYTES = 262_144
"""A larger file is not a settings file."""
DEFAULT = "default"
COMMAND_LINE = "command line"

Table = dict[str, Any]


class Mistake(NamedTuple):
    """What is wrong with one setting, and where it was set."""

    key: str
    what: str
    source: str

    def __str__(self) -> str:
        return f"{'--set' if self.source == COMMAND_LINE else self.source}: {self.what}"


class Given(NamedTuple):
    """A setting's value, or what is wrong with it at first sight."""

    key: str
    value: Any
    source: str
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and where each came from."""

    config: Config
    sources: Mapping[str, str]
    """By key ("audio.volume"), for every setting: "default", "FILE:LINE", a variable, or "command line"."""
    path: Path
    """The settings file, whether or not it exists."""
    mistakes: tuple[Mistake, ...] = ()
    """Wrong values are left out of `config`."""

    def right(self) -> "Loaded":
        """Raises ConfigError with every mistake, one a line: where it is, the key, what is wrong, what is allowed."""
        if self.mistakes:
            raise ConfigError("\n".join(map(str, self.mistakes)))
        return self


def read_config(path: Path | None = None, overrides: Mapping[str, str] | None = None) -> Loaded:
    """The valid settings, and the mistakes. Raises ConfigError when the file is not TOML."""
    path = path or config_file()
    given = [*_in_file(read_text(path), path), *_in_environment(os.environ)]
    given += (_typed(key, text, COMMAND_LINE) for key, text in (overrides or {}).items())
    return _loaded(given, path)


def read_toml(text: str, path: Path) -> Loaded:
    """The same of a settings file's text alone; `path` only names it."""
    return _loaded([*_in_file(text, path)], path)


def _loaded(given: list[Given], path: Path) -> Loaded:
    config, mistakes = _validated(given)
    sources = dict.fromkeys(settings(), DEFAULT) | {one.key: one.source for one in given if one.key in settings()}
    return Loaded(config, sources, path, mistakes)


def check_overrides(overrides: Mapping[str, str]) -> None:
    """Raises ConfigError with what is wrong with settings of the command line."""
    _loaded([_typed(key, text, COMMAND_LINE) for key, text in overrides.items()], Path()).right()


def check_value(key: str, value: Any) -> None:
    """Raises ConfigError when the setting is unknown or may not have this value."""
    if key not in settings():
        raise ConfigError(unknown(key) + ("" if "mean" in unknown(key) else "; see `voiceos config list`"))
    for mistake in _validated([Given(key, value, COMMAND_LINE)])[1]:
        raise ConfigError(mistake.what)


def read_text(path: Path) -> str:
    """The settings file's text; empty when there is no such file. Raises ConfigError when it cannot be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return ""
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder, not a settings file.") from None
    except PermissionError:
        raise ConfigError(f"No permission to read {path}. Put `sudo` before the command.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot read {path}: {getattr(error, 'strerror', None) or error}.") from None
    if len(raw) > LARGEST_BYTES:
        raise ConfigError(f"{path} is too large for a settings file (more than {LARGEST_BYTES // 1024} KiB).")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8.") from None


def parse_toml(text: str, path: Path) -> Table:
    """The file as plain tables. Raises ConfigError with file, line and what is wrong."""
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, or a number with thousands of digits
        what, _, where = str(error).partition(" (at ")
        found = re.match(r"line (\d+)", where)
        line = int(found[1]) if found else text.count("\n") + (not text.endswith("\n"))
        cut_off = "" if found else " (at the end of the file)"
        raise ConfigError(f"{path}:{line}: not valid TOML: {what}{cut_off}.") from None
    except RecursionError:
        raise ConfigError(f"{path}: not a settings file: brackets are nested too deep.") from None


def _in_file(text: str, path: Path) -> Iterator[Given]:
    lines = _lines(text)
    for section, part in parse_toml(text, path).items():
        here = lines.get(section, 1)
        source = f"{path}:{here}"
        if not isinstance(part, dict):
            is_section = section in sections()
            what = f"'{section}' is a section: write [{section}] above its settings" if is_section else unknown(section)
            yield Given(section, part, source, what)
        elif section not in sections():
            yield Given(section, part, source, unknown_section(section))
        else:
            for name, value in cast(Table, part).items():
                key = f"{section}.{name}"
                yield Given(key, value, f"{path}:{lines.get(key, here)}", "" if key in settings() else unknown(key))


def _lines(text: str) -> dict[str, int]:
    """The line, from 1, on which each section and each setting with a line of its own begins."""
    found: dict[str, int] = {}
    header = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if is_header := re.match(r"\s*\[+([^\]#]+)\]", line):
            header = is_header[1]
        is_key = re.match(r"\s*([^=#\[]+)=", line)
        if is_header or is_key:
            names = re.sub(r"[\"'\s]", "", f"{header}.{is_key[1]}" if is_key else header).strip(".").split(".")
            found.setdefault(names[0], number)
            found.setdefault(".".join(names[:2]), number)
    return found


def _in_environment(environment: Mapping[str, str]) -> Iterator[Given]:
    known = {one.variable: key for key, one in settings().items()}
    beginnings = tuple(f"VOICEOS_{section.upper()}_" for section in sections())
    for variable, text in environment.items():
        if variable in known:
            yield _typed(known[variable], text, variable)
        elif variable.startswith("VOICEOS_") and not variable.startswith(("VOICEOS_CONFIG", "VOICEOS_TEST_")):
            close = difflib.get_close_matches(variable, known, n=1, cutoff=0.8)
            if close or variable.startswith(beginnings):
                hint = f"; did you mean {close[0]}?" if close else ""
                log.warning("Ignoring the variable %s, which is not a setting%s", variable, hint)


def _typed(key: str, text: str, source: str) -> Given:
    if key not in settings():
        return Given(key, text, source, unknown(key))
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Given(key, text, source, f"{key} must be UTF-8 text")
    return Given(key, settings()[key].parse(text), source)


def _validated(given: list[Given]) -> tuple[Config, tuple[Mistake, ...]]:
    """The tree, in which a later value replaces an earlier one, and the mistakes, which are left out of it."""
    tree: dict[str, Table] = {section: {} for section in sections()}
    for one in given:
        if not one.mistake:
            setting = settings()[one.key]
            tree[setting.section][setting.name] = None if one.value == "" and setting.default is None else one.value
    wrong: dict[str, str] = {}
    while True:  # as JSON, pydantic is strict yet takes a list for a tuple
        try:
            config = Config.model_validate_json(json.dumps(tree, default=_no_json), strict=True)
            break
        except ValidationError as error:
            for section, name in {(str(one["loc"][0]), str(one["loc"][1])) for one in error.errors()}:
                del tree[section][name]
                wrong[f"{section}.{name}"] = _inside(f"{section}.{name}", error)
    last = {one.key: one for one in given if not one.mistake}
    mistakes = (
        Mistake(one.key, one.mistake or wrong[one.key] or _wrong(one), one.source)
        for one in given
        if one.mistake or (one.key in wrong and one is last[one.key])
    )
    return config, tuple(mistakes)


def _inside(key: str, error: ValidationError) -> str:
    """What is wrong within a table of tables; "" for any other setting."""
    if settings()[key].kind != TABLES:
        return ""
    found = ((".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in error.errors())
    return "; ".join(f"{where.removesuffix('.[key]')}: {what}" for where, what in found if where.startswith(f"{key}."))


def _wrong(given: Given) -> str:
    one = settings()[given.key]
    if one.secret:
        return f"{one.key} must be {one.allowed}"
    unit = f" ({one.unit})" if one.unit else ""
    text = as_toml(given.value)
    return f"{one.key} must be {one.allowed}{unit}, not {text if len(text) <= 60 else text[:57] + '...'}"


def _no_json(value: object) -> object:
    """Turns TOML's dates, which no setting can be, into something that none accepts."""
    return {"date": {"is": str(value)}}
