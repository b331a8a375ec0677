"""A tool as its server describes it, and what of that the owner decides on."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from voiceos.tools.mcp.words import visible
from voiceos.tools.schema import UnusableSchema, reduced
from voiceos.tools.tool import Effect
from voiceos.tools.valid import Schema, as_json, fault_of

MOST_ABOUT = 1_000
LONGEST_NAME = 60
LARGEST = 100_000
"""Characters of a description with its schema. A larger one is no description."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One tool of a server."""

    name: str
    """As its server calls it; anything."""
    said: Mapping[str, object]
    """All that the server says of it and that counts: name, title, description, inputSchema, annotations."""
    fault: str = ""
    """Why it cannot be used."""
    twice: bool = False
    """Whether its server lists another of this name, which cannot be meant."""

    @property
    def about(self) -> str:
        return visible(str(self.said.get("description") or self.said.get("title") or ""), MOST_ABOUT)

    @property
    def schema(self) -> Schema:
        found = self.said.get("inputSchema")
        return cast(Schema, found) if isinstance(found, Mapping) else {"type": "object"}

    @property
    def fingerprint(self) -> str:
        return _digest(as_json(self.said))

    @property
    def proposed(self) -> Effect:
        """What the server says that it may do. Without a word of it, it acts."""
        hints = self.said.get("annotations")
        hint = cast(Mapping[str, object], hints) if isinstance(hints, Mapping) else {}
        if hint.get("readOnlyHint") is not True:
            return Effect.ACT
        return Effect.READ if hint.get("openWorldHint") is False else Effect.ASK


def note_of(schema: Schema, *, twice: bool = False) -> str:
    """What the owner should know of a tool that is called by its schema; "" if nothing."""
    notes = ["listed more than once, of which only the first is used"] if twice else []
    try:
        reduced(schema)
    except UnusableSchema as error:
        notes.append(f"unusable: {error}")
    return "; ".join(notes)


KEPT = ("name", "title", "description", "inputSchema", "annotations")


def listed(tools: Sequence[Any]) -> list[Listed]:
    """From the SDK's. Of two with one name only the first can be meant."""
    found: dict[str, Listed] = {}
    often = Counter(tool.name for tool in tools)
    for tool in tools:
        said = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
        one = Listed(tool.name, {key: said[key] for key in KEPT if key in said})
        found.setdefault(tool.name, Listed(one.name, one.said, _fault(one), often[one.name] > 1))
    return list(found.values())


def _fault(one: Listed) -> str:
    if len(as_json(one.said)) > LARGEST:
        return "its description is too large"
    return fault_of(one.schema)


def public_names(names: Sequence[str]) -> dict[str, str]:
    """Each tool's name for people, commands and models: letters, digits, `_` and `-`. No two are the same.

    It does not depend on the order, so that a server cannot put one tool in another's place.
    """
    plain = {name: re.sub(r"[^A-Za-z0-9_-]", "_", name)[:LONGEST_NAME] or "_" for name in names}
    often = Counter(plain.values())
    return {
        name: one if one == name or often[one] == 1 else f"{one}_{_digest(name)[:6]}" for name, one in plain.items()
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
