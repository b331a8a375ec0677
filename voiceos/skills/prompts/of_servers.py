"""Prompts of servers by voice: what one needs is asked for one at a time, and what it says goes to the language model.

That text is data of its server: the words are not the owner's, whoever asked for it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from voiceos.core import Brought
from voiceos.language.answers import yes_or_no
from voiceos.language.sentences import joined, say
from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Workshop, never
from voiceos.tools.mcp.offers import Prompt
from voiceos.tools.mcp.toolbox import McpToolbox

MOST_ASKED = 5
"""Values that are asked for aloud."""


class ServerPrompts:
    """A part of the skill."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        server = {"server": self._is_server}
        self.intents = [
            Intent("prompts.use", self._use, True, server, never, takes_all=True),
            Intent("prompts.offered", self._offered, True, server, never),
        ]

    def _is_server(self, words: str, now: datetime) -> bool:
        return bool(self._server(words))

    def _server(self, words: str) -> str:
        """The server that is called so; empty: none is."""
        toolbox = self._workshop.toolbox
        return next((name for name in toolbox.settings if _plain(name) == _plain(words)), "") if toolbox else ""

    def _asked_of(self, asked: Asked) -> tuple[McpToolbox, str]:
        toolbox, server = self._workshop.toolbox, self._server(asked.slots.get("server", ""))
        if toolbox is None or not server:
            raise Pass
        return toolbox, server

    async def _offered(self, asked: Asked) -> Said:
        toolbox, server = self._asked_of(asked)
        names = [_spoken(one) for one in await toolbox.prompts(server)]
        if not names:
            return Said(says("prompts.no_offer", server=name_of(server)))
        return Said(says("prompts.offered", server=name_of(server), count=len(names), names=joined(names)))

    async def _use(self, asked: Asked) -> Said:
        toolbox, server = self._asked_of(asked)
        every = await toolbox.prompts(server)
        prompt = named(asked.slots.get("prompt", ""), every)
        if prompt is None:
            names = joined([_spoken(one) for one in every]) if every else says("prompts.none_at_all")
            wanted = _plain(asked.slots.get("prompt", ""))
            return Said(says("prompts.not_offered", server=name_of(server), name=wanted, names=names))
        given = _given(asked, prompt)
        if given is None:
            return Said(says("prompts.left"))
        if lacks := prompt.lacks(given):
            return self._question(asked, prompt, server, given, [one.name for one in lacks])
        brought = await bring(toolbox, server, prompt, given)
        done = {"server": server, "prompt": prompt.name, "arguments": given}
        return Said("", done=done, brought=brought)

    def _question(
        self, asked: Asked, prompt: Prompt, server: str, given: Mapping[str, str], lacks: Sequence[str]
    ) -> Said:
        """Asks for the first value that it lacks."""
        if len(lacks) > MOST_ASKED:
            return Said(says("prompts.too_many", name=_spoken(prompt), count=len(lacks)))
        about = next(one.about for one in prompt.arguments if one.name == lacks[0]).strip(" .")
        what = _plain(lacks[0]) + (f", {about[:1].lower()}{about[1:]}" if about else "")
        said = says("prompts.needs_also" if given else "prompts.needs", name=_spoken(prompt), what=what)
        known = {"server": server, "prompt": prompt.name, "of": lacks[0], "given": json.dumps(given)}
        return Said(said, Question(asked.intent, "value", known))


async def bring(toolbox: McpToolbox, server: str, prompt: Prompt, given: Mapping[str, str]) -> Brought:
    """What a prompt says. Raises ToolError."""
    text = await toolbox.prompt(server, prompt.name, given)
    return Brought(text, name_of(server), f"{server}.{prompt.name}")


def named(words: str, every: Sequence[Prompt]) -> Prompt | None:
    """The prompt that is called so, or the only one whose name has these words."""
    wanted = _plain(words)
    same = [one for one in every if wanted in (_plain(one.name), _plain(one.title))]
    holding = [one for one in every if wanted and f" {wanted} " in f" {_plain(one.name)} {_plain(one.title)} "]
    return same[0] if same else holding[0] if len(holding) == 1 else None


def _given(asked: Asked, prompt: Prompt) -> dict[str, str] | None:
    """The values that are known, by their names; None where the owner declines."""
    given: dict[str, str] = json.loads(asked.slots.get("given", "{}"))
    value = asked.slots.get("value", "").strip()
    if not value:
        return given
    if "of" in asked.slots:
        return None if yes_or_no(value) is False else {**given, asked.slots["of"]: value}
    wanted = [*prompt.lacks(given), *prompt.arguments]
    return {**given, wanted[0].name: value} if wanted else given


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().casefold()


def _spoken(prompt: Prompt) -> str:
    return _plain(prompt.name)


def name_of(server: str) -> str:
    """A server, as it is spoken."""
    return say("using.name", server=_plain(server))
