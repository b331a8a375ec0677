"""Which few tools a request may need: those that do something like it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from voiceos.mind.calling_prompt import call_names
from voiceos.tools.data_in_words import APART
from voiceos.tools.form import Form
from voiceos.tools.schema import UnusableSchema, reduced
from voiceos.tools.tool import Tool

log = logging.getLogger(__name__)

MOST_OFFERED = 3
LEAST_LIKE = 0.25
"""How like what a tool does a request must be for the tool to be offered; see docs/research/tool-calls.md."""
MARGIN = 0.15
"""How much less like than the likeliest another may be."""
PLAINLY_LIKE = 0.6
"""So like what one tool does, and so much liker than any other at hand, may a request be that it is plainly for it."""
APART_FROM_ALL = 0.3

Told = Mapping[str, tuple[str, Form]]
"""By the name under which a tool is called, what it does, and its form."""

Alike = Callable[[str, Sequence[str]], Sequence[float]]
"""How alike in meaning a text is to each of others, -1 to 1. Blocks some milliseconds a text."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool that may fit."""

    tool: Tool
    form: Form
    alike: float
    apart: float = 0.0
    """How much liker than any other at hand."""

    @property
    def is_plain(self) -> bool:
        return self.alike >= PLAINLY_LIKE and self.apart >= APART_FROM_ALL


def offered_for(text: str, tools: Sequence[Tool], alike_to: Alike | None) -> list[Offered]:
    """The few tools that a request may need, the likeliest first; without `alike_to` the first few. Blocks some
    milliseconds.
    """
    usable = _usable(tools)
    if not alike_to or not usable:
        return [Offered(tool, form, 1.0) for tool, form in usable[:MOST_OFFERED]]
    alike = alike_to(text, [described(tool) for tool, _ in usable])
    ranked = sorted(
        (Offered(tool, form, like) for (tool, form), like in zip(usable, alike, strict=True)),
        key=lambda one: -one.alike,
    )
    if len(ranked) > 1:
        ranked[0] = replace(ranked[0], apart=ranked[0].alike - ranked[1].alike)
    least = max(LEAST_LIKE, ranked[0].alike - MARGIN)
    return [one for one in ranked[:MOST_OFFERED] if one.alike >= least]


def few(tools: Sequence[Tool]) -> Told:
    """What a model is told of all tools, if they are few; else nothing."""
    usable = _usable(tools)
    return {call_names([tool.name])[0]: (tool.about, form) for tool, form in usable if len(usable) <= MOST_OFFERED}


def _usable(tools: Sequence[Tool]) -> list[tuple[Tool, Form]]:
    return [(tool, form) for tool in tools if (form := form_of(tool)) is not None]


def form_of(tool: Tool) -> Form | None:
    """The form of a tool's arguments; None, and a line in the log, where there is none."""
    try:
        return reduced(tool.schema)
    except UnusableSchema as error:
        log.info("%s is not offered: %s", tool.name, error)
        return None


def described(tool: Tool) -> str:
    """What is compared with a request."""
    name = tool.name.partition(".")[2] or tool.name
    return f"{' '.join(filter(None, APART.split(name))).lower()}: {tool.about}"


def alike_by(meaning: Callable[[str], Any]) -> Alike:
    """Compares meanings, which are vectors of length 1; those of tools are kept."""
    kept = lru_cache(1024)(meaning)
    return lambda text, others: [float(meaning(text) @ kept(other)) for other in others]
