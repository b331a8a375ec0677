"""Every setting in one flat, documented list, the source of messages, `voiceos config list` and the documentation."""

import difflib
import functools
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, SecretStr, TypeAdapter

from voiceos.config.settings import Config

NOUNS = {
    "string": "text",
    "path": "an absolute path",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list of texts",
    "object": "a table of names and numbers",
}
NAMED = {"path": "a table of names and absolute paths"} | dict.fromkeys(
    ("password", "text"), "a table of names and texts"
)
TABLES = "tables"
"""The kind of a setting that is a table of tables."""
SCALARS: Mapping[str, type] = {"boolean": bool, "integer": int, "number": float}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key ("audio.volume"), what it does, and what it may be."""

    key: str
    kind: str
    """As JSON schema has it: string, boolean, integer, number, array or object; or `TABLES`."""
    allowed: str
    """Allowed values, to follow "must be"."""
    unit: str
    default: object
    help: str

    @property
    def section(self) -> str:
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.key.rpartition(".")[2]

    @property
    def secret(self) -> bool:
        return isinstance(self.default, SecretStr)

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"VOICEOS_{self.section}_{self.name}".upper()

    def parse(self, text: str) -> object:
        """From text, as a person types it, to a value for TOML; text that does not fit is returned for validation."""
        bare = text.strip()
        try:
            if self.kind in SCALARS:
                return TypeAdapter[Any](SCALARS[self.kind]).validate_python(bare)
            if self.kind == "array" and not bare.startswith("["):
                return [word.strip() for word in text.split(",") if word.strip()]
            if self.kind in ("array", "object", TABLES):
                written = bare if bare.startswith(("[", "{")) else "{" + bare + "}"
                return tomllib.loads(f"x = {written}")["x"]
        except ValueError:
            pass
        return text

    def shown(self, value: object) -> str:
        """A value for people, as TOML writes it. Of a secret, only whether it is set."""
        if isinstance(value, SecretStr):
            return "(set)" if value.get_secret_value() else '""'
        return "(hidden)" if self.secret else as_toml(value)


def as_toml(value: object) -> str:
    """A plain value as TOML writes it."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, Mapping):
        table = cast(Mapping[str, object], value)
        return "{" + ", ".join(f"{_key(key)} = {as_toml(item)}" for key, item in table.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_toml(item) for item in cast(Iterable[object], value)) + "]"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return json.dumps("" if value is None else str(value), ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name, ensure_ascii=False)


def plain(value: object) -> object:
    """A setting's value for JSON. Of a secret, only whether it is set."""
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else ""
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast(Iterable[object], value)]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in cast(Mapping[str, object], value).items()}
    if isinstance(value, BaseModel):
        return plain(value.model_dump(exclude_defaults=True))
    return str(value) if isinstance(value, Path) else value


@functools.cache
def settings() -> Mapping[str, Setting]:
    """All settings by key, in the order of the tree."""
    return {one.key: one for section, model in sections().items() for one in settings_of(model, section)}


def settings_of(model: type[BaseModel], section: str) -> list[Setting]:
    """Those of one section, or of a table within a table of tables."""
    found: list[Setting] = []
    for name, schema in model.model_json_schema()["properties"].items():
        kind, allowed = _shape(schema)
        default = model.model_fields[name].get_default(call_default_factory=True)
        found.append(
            Setting(f"{section}.{name}", kind, allowed, schema.get("unit", ""), default, schema["description"])
        )
    return found


def _shape(schema: dict[str, Any]) -> tuple[str, str]:
    """The kind, and what it may be."""
    schema = schema.get("anyOf", [schema])[0]  # the other is null
    kind = schema["type"]
    if "enum" in schema:
        return kind, "one of " + ", ".join(f"'{choice}'" for choice in schema["enum"])
    noun = NOUNS.get(schema.get("format", kind), NOUNS[kind])
    if schema.get("items", {}).get("format") == "path":
        noun = "a list of absolute paths"
    bounds = schema.get("additionalProperties", schema)
    if "$ref" in bounds or "patternProperties" in schema:
        return TABLES, "a table of tables"
    if kind == "object" and bounds.get("type") == "string":
        return kind, NAMED.get(bounds.get("format", ""), "a table of names and web addresses")
    if "minimum" in bounds:
        noun += f" from {bounds['minimum']} to {bounds['maximum']}"
    elif "exclusiveMinimum" in bounds:
        noun += f" above {bounds['exclusiveMinimum']} and below {bounds['exclusiveMaximum']}"
    return kind, noun + (", not empty" if "minLength" in bounds else "")


@functools.cache
def sections() -> Mapping[str, type[BaseModel]]:
    """The sections by name."""
    return {name: cast(type[BaseModel], field.annotation) for name, field in Config.model_fields.items()}


def value_of(config: Config, key: str) -> object:
    """A setting's value in a tree of settings."""
    section, _, name = key.partition(".")
    return getattr(getattr(config, section), name)


def unknown(key: str) -> str:
    """ "unknown setting 'audio.volum'; did you mean 'audio.volume'?" """
    name = key.rpartition(".")[2]
    guesses = difflib.get_close_matches(key, settings(), n=1, cutoff=0.7)
    guesses = guesses or [known for known, one in settings().items() if one.name == name]
    hint = f"; did you mean {' or '.join(repr(guess) for guess in guesses)}?" if guesses else ""
    return f"unknown setting '{key}'{hint}"


def unknown_section(name: str) -> str:
    """ "unknown section [audoi]; did you mean [audio]?" """
    close = difflib.get_close_matches(name, sections(), n=1, cutoff=0.6)
    hint = f"did you mean [{close[0]}]?" if close else "the sections are " + ", ".join(sections())
    return f"unknown section [{name}]; {hint}"
