"""Loads the settings from defaults, file, environment and command line, and reports all mistakes at once."""

import difflib
import json
import logging
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import SecretStr, ValidationError

from voiceos.config.fields import Setting, as_toml, sections, settings, unknown, unknown_section
from voiceos.config.paths import config_file
from voiceos.config.settings import Config
from voiceos.errors import ConfigError

log = logging.getLogger(__name__)

LARGEST_BYTES = 262_144
"""A larger file is not a settings file."""

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a setting's value came from."""

    kind: Literal["default", "file", "environment", "command line"]
    path: Path | None = None
    line: int = 0
    variable: str = ""

    def __str__(self) -> str:
        if self.kind == "file":
            return f"{self.path}:{self.line}"
        return self.variable or self.kind


DEFAULT = Source("default")
COMMAND_LINE = Source("command line")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one setting, and where it was set."""

    key: str
    what: str
    source: Source = DEFAULT

    def __str__(self) -> str:
        where = "--set" if self.source.kind == "command line" else str(self.source)
        return f"{where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and where each came from."""

    config: Config
    sources: Mapping[str, Source]
    """By key ("audio.volume"), for every setting."""
    path: Path
    """The settings file, whether or not it exists."""
    mistakes: tuple[Mistake, ...] = ()
    """In the order of the file's lines, then the rest. Wrong values are left out of `config`."""


@dataclass(slots=True)
class _Gathered:
    """Values for the tree; a later layer replaces those of an earlier one."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    found: list[Mistake] = field(default_factory=list[Mistake])

    def add(self, key: str, value: Any, source: Source) -> None:
        self.values[key] = value
        self.sources[key] = source

    def add_text(self, one: Setting, text: str, source: Source) -> None:
        if not any("\ud800" <= character <= "\udfff" for character in text):
            self.add(one.key, one.parse(text), source)
        else:
            self.mistake(one.key, f"{one.key} must be UTF-8 text", source)

    def mistake(self, key: str, what: str, source: Source) -> None:
        self.found.append(Mistake(key, what, source))

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        return tuple(sorted(self.found, key=lambda mistake: mistake.source.line or LARGEST_BYTES))


def load_config(path: Path | None = None, overrides: Mapping[str, str] | None = None) -> Loaded:
    """Loads the settings. A missing file means defaults.

    Raises ConfigError with every mistake, one a line: where it is, the key, what is wrong, and what is allowed.
    """
    loaded = read_config(path, overrides)
    if loaded.mistakes:
        raise ConfigError("\n".join(map(str, loaded.mistakes)))
    return loaded


def read_config(path: Path | None = None, overrides: Mapping[str, str] | None = None) -> Loaded:
    """The settings as far as they are right, and the mistakes. Raises ConfigError when the file is not TOML."""
    path = path or config_file()
    gathered = _Gathered()
    _gather_file(gathered, read_text(path), path)
    _gather_environment(gathered, os.environ)
    for key, text in (overrides or {}).items():
        if one := settings().get(key):
            gathered.add_text(one, text, COMMAND_LINE)
        else:
            gathered.mistake(key, unknown(key), COMMAND_LINE)
    config = _validated(gathered)
    sources = {key: gathered.sources.get(key, DEFAULT) for key in settings()}
    return Loaded(config, sources, path, gathered.mistakes)


def check_text(text: str, path: Path) -> list[str]:
    """Every mistake in the text of a settings file; `path` only names it."""
    gathered = _Gathered()
    try:
        _gather_file(gathered, text, path)
    except ConfigError as error:
        return [str(error)]
    _validated(gathered)
    return [str(mistake) for mistake in gathered.mistakes]


def check_value(key: str, value: Any) -> None:
    """Raises ConfigError when the setting is unknown or may not have this value."""
    if key not in settings():
        raise ConfigError(unknown(key) + ("" if "mean" in unknown(key) else "; see `voiceos config list`"))
    gathered = _Gathered()
    gathered.add(key, value, COMMAND_LINE)
    _validated(gathered)
    if gathered.mistakes:
        raise ConfigError(gathered.mistakes[0].what)


def read_text(path: Path) -> str:
    """The settings file's text; empty when there is no such file. Raises ConfigError when it cannot be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return ""
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder; the settings file was expected there.") from None
    except PermissionError:
        raise ConfigError(f"{path} may not be read by this user; change its owner or its mode.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
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


@dataclass(frozen=True, slots=True)
class Statement:
    """The smallest part of a TOML text that can stand alone: a [header], or a key with its value."""

    line: int
    """Its first line, from 1."""
    text: str
    """Whole lines, with comments that follow the value."""
    header: tuple[str, ...]
    """The table it belongs to; for a header, the table it opens."""
    paths: tuple[tuple[str, ...], ...]
    """Every table and key that it defines, outermost first."""

    @property
    def is_header(self) -> bool:
        return self.text.lstrip().startswith("[")


def statements(text: str) -> Iterator[Statement]:
    """The statements of a valid TOML text, in order."""
    header: tuple[str, ...] = ()
    start, chunk = 1, ""
    for number, line in enumerate(lines_of(text), start=1):
        if not chunk and (not line.strip() or line.lstrip().startswith("#")):
            continue
        start = start if chunk else number
        chunk += line
        # A statement of several lines ends with a bracket or long quotes; only there is it worth parsing.
        if start != number and not any(end in line for end in ("]", "}", '"""', "'''")):
            continue
        try:
            tree = tomllib.loads(chunk)
        except tomllib.TOMLDecodeError:
            continue
        if chunk.lstrip().startswith("["):
            paths = tuple(_paths(tree, ()))
            header = paths[-1]  # [a.b] gives a, then a.b
        else:
            paths = tuple(_paths(tree, header))
        yield Statement(start, chunk, header, paths)
        chunk = ""


def lines_of(text: str) -> list[str]:
    """The lines with their ends. Unlike str.splitlines it knows only one line end, as TOML does."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _paths(table: Table, prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in table.items():
        yield (*prefix, name)
        if isinstance(value, dict):
            yield from _paths(cast(Table, value), (*prefix, name))


def _key_lines(text: str) -> dict[str, int]:
    """The line, from 1, on which each key and section begins."""
    found: dict[str, int] = {}
    for statement in statements(text):
        for path in statement.paths:
            found.setdefault(".".join(path), statement.line)
    return found


def _gather_file(gathered: _Gathered, text: str, path: Path) -> None:
    tree = parse_toml(text, path)
    lines = _key_lines(text)
    for section, part in tree.items():
        here = Source("file", path, lines.get(section, 1))
        if not isinstance(part, dict):
            is_section = section in sections()
            what = f"'{section}' is a section: write [{section}] above its settings" if is_section else unknown(section)
            gathered.mistake(section, what, here)
        elif section not in sections():
            gathered.mistake(section, unknown_section(section), here)
        else:
            for name, value in cast(Table, part).items():
                key = f"{section}.{name}"
                source = Source("file", path, lines.get(key, here.line))
                if key in settings():
                    gathered.add(key, value, source)
                else:
                    gathered.mistake(key, unknown(key), source)


def _gather_environment(gathered: _Gathered, environment: Mapping[str, str]) -> None:
    known = {one.variable: one for one in settings().values()}
    beginnings = tuple(f"VOICEOS_{section.upper()}_" for section in sections())
    for variable, text in environment.items():
        if variable == "VOICEOS_CONFIG" or not variable.startswith("VOICEOS_") or variable.startswith("VOICEOS_TEST_"):
            continue
        if one := known.get(variable):
            gathered.add_text(one, text, Source("environment", variable=variable))
            continue
        close = difflib.get_close_matches(variable, known, n=1, cutoff=0.8)
        if close or variable.startswith(beginnings):
            hint = f"; did you mean {close[0]}?" if close else ""
            log.warning("The environment variable %s is no setting and is ignored%s", variable, hint)


def _validated(gathered: _Gathered) -> Config:
    """The tree without the wrong values, which are added to the mistakes."""
    tree: dict[str, Table] = {section: {} for section in sections()}
    for key, value in gathered.values.items():
        one = settings()[key]
        tree[one.section][one.name] = None if value == "" and one.default is None else value
    while True:  # as JSON, pydantic is strict yet takes a list for a tuple
        try:
            return Config.model_validate_json(json.dumps(tree, default=_no_json), strict=True)
        except ValidationError as error:
            wrong = {(str(mistake["loc"][0]), str(mistake["loc"][1])) for mistake in error.errors()}
        for section, name in wrong:
            del tree[section][name]
            key = f"{section}.{name}"
            gathered.mistake(key, _wrong(settings()[key], gathered.values[key]), gathered.sources[key])


def _wrong(one: Setting, value: Any) -> str:
    unit = f" ({one.unit})" if one.unit else ""
    if one.kind is SecretStr:
        return f"{one.key} must be {one.allowed}"
    given = as_toml(value)
    given = given if len(given) <= 60 else given[:57] + "..."
    return f"{one.key} must be {one.allowed}{unit}, not {given}"


def _no_json(value: object) -> object:
    """Turns TOML's dates, which no setting can be, into something that none accepts."""
    return {"date": {"is": str(value)}}
