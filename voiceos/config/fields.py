"""Every setting in one flat, documented list, the source of messages, `voiceos config list` and the documentation."""

import difflib
import functools
import json
import re
import tomllib
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from voiceos.config.settings import Config

SWITCH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key ("audio.volume"), what it does, and what it may be."""

    key: str
    kind: type
    """One of str, bool, int, float, Path, SecretStr, tuple, dict."""
    choices: tuple[str, ...]
    limits: str
    """" from 0.0 to 2.0", or empty."""
    unit: str
    default: object
    help: str

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        return self.key.partition(".")[2]

    @property
    def secret(self) -> bool:
        return self.kind is SecretStr

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"VOICEOS_{self.section}_{self.name}".upper()

    @property
    def allowed(self) -> str:
        """What it may be, to follow "must be"."""
        if self.choices:
            return "one of " + ", ".join(f"'{choice}'" for choice in self.choices)
        return NOUNS[self.kind] + self.limits

    def parse(self, text: str) -> object:
        """From text, as a person types it, to a value for TOML; text that does not fit is returned for validation."""
        try:
            if self.kind is bool:
                return SWITCH.get(text.strip().lower(), text)
            if self.kind in (int, float):
                return self.kind(text)
            if self.kind is tuple:
                if text.strip().startswith("["):
                    return tomllib.loads(f"x = {text}")["x"]
                return [word.strip() for word in text.split(",") if word.strip()]
            if self.kind is dict:
                table = text if text.strip().startswith("{") else "{" + text + "}"
                return tomllib.loads(f"x = {table}")["x"]
        except ValueError:
            pass
        return text

    def shown(self, value: object) -> str:
        """A value for people, as TOML writes it. Of a secret, only whether it is set."""
        if isinstance(value, SecretStr):
            return "(set)" if value.get_secret_value() else '""'
        if self.secret:
            return "(hidden)"
        return as_toml(value)


NOUNS: Mapping[type, str] = {
    str: "text",
    SecretStr: "text",
    Path: "the path of a file or folder, as text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list of texts",
    dict: "a table of names and numbers",
}


def as_toml(value: object) -> str:
    """A plain value as TOML writes it."""
    if isinstance(value, Mapping):
        table = cast(Mapping[str, object], value)
        return "{" + ", ".join(f"{_key(key)} = {as_toml(item)}" for key, item in table.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_toml(item) for item in cast(Iterable[object], value)) + "]"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return json.dumps("" if value is None else str(value), ensure_ascii=False)


def _key(name: object) -> str:
    return str(name) if re.fullmatch(r"[\w-]+", str(name), re.ASCII) else json.dumps(str(name), ensure_ascii=False)


def plain(value: object) -> object:
    """A setting's value for JSON. Of a secret, only whether it is set."""
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else ""
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast(Iterable[object], value)]
    return str(value) if isinstance(value, Path) else value


@functools.cache
def settings() -> Mapping[str, Setting]:
    """All settings by key, in the order of the tree."""
    return {
        one.key: one
        for section, model in sections().items()
        for one in (_setting(f"{section}.{name}", field) for name, field in model.model_fields.items())
    }


@functools.cache
def sections() -> Mapping[str, type[BaseModel]]:
    """The sections by name."""
    return {name: cast(type[BaseModel], field.annotation) for name, field in Config.model_fields.items()}


def value_of(config: Config, key: str) -> object:
    """A setting's value in a tree of settings."""
    section, _, name = key.partition(".")
    return getattr(getattr(config, section), name)


def unknown(key: str, *, prefix: str = "") -> str:
    """ "unknown setting 'audio.volum'; did you mean 'audio.volume'?" """
    section, _, name = key.partition(".")
    if name and section not in sections():
        close = difflib.get_close_matches(section, sections(), n=1, cutoff=0.6)
        also = [f"{close[0]}.{name}"] if close else []
    else:
        also = []
    guesses = [guess for guess in also if guess in settings()]
    guesses = guesses or difflib.get_close_matches(key, settings(), n=1, cutoff=0.7)
    guesses = guesses or [known for known, one in settings().items() if one.name == (name or section)]
    if not guesses and name:
        names = difflib.get_close_matches(name, {one.name for one in settings().values()}, n=1, cutoff=0.75)
        guesses = [known for known, one in settings().items() if one.name in names]
    hint = f"; did you mean {' or '.join(repr(guess) for guess in guesses)}?" if guesses else ""
    return f"{prefix}unknown setting '{key}'{hint}"


def unknown_section(name: str) -> str:
    """ "unknown section [audoi]; did you mean [audio]?" """
    close = difflib.get_close_matches(name, sections(), n=1, cutoff=0.6)
    hint = f"did you mean [{close[0]}]?" if close else "the sections are " + ", ".join(sections())
    return f"unknown section [{name}]; {hint}"


def _setting(key: str, field: FieldInfo) -> Setting:
    extra = field.json_schema_extra
    kind, choices = _kind(field.annotation)
    return Setting(
        key=key,
        kind=kind,
        choices=choices,
        limits=_limits(_inner_metadata(field) if kind is dict else field.metadata),
        unit=str(extra.get("unit", "")) if isinstance(extra, dict) else "",
        default=field.get_default(call_default_factory=True),
        help=field.description or "",
    )


def _kind(annotation: Any) -> tuple[type, tuple[str, ...]]:
    origin = get_origin(annotation)
    if origin is Literal:
        return str, get_args(annotation)
    if origin in (Union, types.UnionType):
        return _kind(get_args(annotation)[0])
    return origin or annotation, ()


def _inner_metadata(field: FieldInfo) -> list[Any]:
    """Limits of a table's values: dict[str, Annotated[float, Field(gt=0)]]."""
    value = get_args(field.annotation)[1]
    return [limit for info in getattr(value, "__metadata__", ()) for limit in info.metadata]


def _limits(metadata: Iterable[Any]) -> str:
    found = {
        name: getattr(item, name)
        for item in metadata
        for name in ("ge", "gt", "le", "lt", "min_length")
        if getattr(item, name, None) is not None
    }
    if "min_length" in found:
        return ", not empty"
    if "ge" in found and "le" in found:
        return f" from {found['ge']} to {found['le']}"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return "".join(f"{' and' if n else ''} {words[name]} {limit}" for n, (name, limit) in enumerate(found.items()))
