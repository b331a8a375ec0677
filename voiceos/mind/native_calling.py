"""Tools with a model elsewhere, which calls them itself: offered as its interface has it, checked and bounded here."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from anyio import to_thread

from voiceos.clock import local_time
from voiceos.core import Action, Part, Turn
from voiceos.language.sentences import say
from voiceos.mind import programs
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.offering import Alike, described, form_of
from voiceos.mind.programs import Programs
from voiceos.mind.reply_stream import CallText
from voiceos.mind.supported import Said, unsupported
from voiceos.mind.using import MOST_CALLS, SHOWN_CHARACTERS, Used, Using, key_of
from voiceos.tools.form import Field, Form, Kind, wrong
from voiceos.tools.origins import trace
from voiceos.tools.permission import is_content
from voiceos.tools.schema import reduced
from voiceos.tools.tool import Call, Effect, Tool, Trail, Whence
from voiceos.tools.values import holds

MOST_OFFERED = 12
LEAST_LIKE = 0.15
"""How like what a tool does a request must be for the tool to be offered."""
LONGEST_ABOUT = 1_000
GUESSED = "Nobody said {value!r} for {name!r}. Ask for it, unless what was said can mean nothing else."
"""What the model is told, once, of a value that it made up."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool under the name by which the model calls it."""

    tool: Tool
    form: Form


class NativeMind:
    """A `Mind` around a model elsewhere. A call is made once the turn is committed, and its result goes back."""

    def __init__(
        self, chat: ChatMind, using: Using, alike: Alike | None = None, programs: Programs | None = None
    ) -> None:
        self._chat = chat
        self._using = using
        self._programs = programs
        self._alike = alike

    @property
    def name(self) -> str:
        return self._chat.name

    async def can(self, turn: Turn) -> bool:
        """Whether a tool may do what is asked."""
        return bool(await self._offered(turn))

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        """Streams the reply. Raises MindError."""
        offered = await self._offered(turn)
        messages: list[Any] = list(self._chat.messages(turn))
        use, doubted = Used(turn, tells=False), set[str]()
        for step in range(MOST_CALLS + 1):
            tools = [_as_function(name, one) for name, one in offered.items()] if step < MOST_CALLS else []
            async with self._chat.answering(turn, messages, tools) as answer:
                while text := await answer.next():
                    yield Part(text)
            if not answer.calls:
                return
            messages.append({"role": "assistant", "content": answer.said, "tool_calls": _as_sent(answer.calls)})
            for wanted in answer.calls:
                call, content = read_call(wanted, offered)
                if call and key_of(call) not in doubted and (one := await self._guessed(call, offered, turn, messages)):
                    doubted.add(key_of(call))
                    call, content = None, GUESSED.format(value=call.arguments[one.name], name=one.name)
                if call:
                    try:
                        yield Action(lambda call=call: self._made(call, offered, use))
                        yield Action(lambda: self._using.rest(use))
                    finally:
                        self._using.leave(use)
                    if use.ended:
                        return
                    content = use.made[key_of(call)].text[:SHOWN_CHARACTERS]
                messages.append({"role": "tool", "tool_call_id": wanted.id, "content": content})

    async def _guessed(
        self, call: Call, offered: Mapping[str, Offered], turn: Turn, messages: Sequence[Any]
    ) -> Field | None:
        """A required value of a call that nobody said, and that was not read either."""
        form = next(one.form for one in offered.values() if one.tool is call.tool)
        if call.tool.name == programs.NAME:
            return None
        told = [str(one.get("content")) for one in messages] if call.tool.effect is Effect.READ else []
        return await to_thread.run_sync(guessed, call, form, self._using.trail(turn), told, local_time())

    async def _made(self, call: Call, offered: Mapping[str, Offered], use: Used) -> str:
        """Makes a call, or runs a program."""
        if not self._programs or call.tool.name != programs.NAME:
            return await self._using.call(call, use)
        tools = [one.tool for one in offered.values() if one.tool is not call.tool]
        running = self._programs.run(str(call.arguments[programs.PARAMETER]), tools, use.turn)
        return await self._using.begin(lambda: running, say("using.program"), key_of(call), use)

    async def _offered(self, turn: Turn) -> Mapping[str, Offered]:
        usable = [(tool, form) for tool in await self._using.tools() if (form := form_of(tool)) is not None]
        if self._alike and usable:
            about = [described(tool) for tool, _ in usable]
            wanted = " ".join([turn.words, *(one.text for one in turn.brought)])  # what is done, the gate decides
            alike = await to_thread.run_sync(self._alike, wanted, about)
            ranked = sorted(zip(alike, range(len(usable)), strict=True), reverse=True)
            usable = [usable[at] for like, at in ranked if like >= LEAST_LIKE]
        some = usable[:MOST_OFFERED]
        if self._programs and len(some) >= programs.FEWEST_TOOLS:
            tool = programs.offered([tool for tool, _ in some])
            some = [*some, (tool, reduced(tool.schema))]
        return {function_name(tool): Offered(tool, form) for tool, form in some}


def guessed(call: Call, form: Form, trail: Trail, told: Sequence[str], now: datetime) -> Field | None:
    """The first required value that the model made up. Blocks some milliseconds.

    What was read is not made up, for the gate asks about it, nor is a longer text, which the model was to write.
    `told`: what else a value may be from.
    """
    unknown = {
        one.value.path.partition(".")[0]
        for one in trace(call, trail, now)
        if one.origin.whence is Whence.MODEL
        and not (isinstance(one.value.value, str) and is_content(one.value.value))
        and not any(holds(text, one.value.value) for text in told)
    }
    missing = unsupported(call.arguments, form, Said(" ".join(trail.said), now))
    return next((one for one in missing if one.name in unknown), None)


def function_name(tool: Tool) -> str:
    """A name that every provider takes."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in tool.name)[:64]


def read_call(wanted: CallText, offered: Mapping[str, Offered]) -> tuple[Call | None, str]:
    """The call, or what the model is told is wrong with it."""
    one = offered.get(wanted.name)
    if one is None:
        return None, f"There is no tool {wanted.name[:60]!r}."
    try:
        arguments: Any = json.loads(wanted.arguments or "{}")
    except (ValueError, RecursionError):
        return None, "The arguments are not JSON."
    if problem := wrong(arguments, one.form):
        return None, problem
    return Call(one.tool, cast("Mapping[str, object]", arguments)), ""


def _as_function(name: str, one: Offered) -> Mapping[str, object]:
    about = one.tool.about[:LONGEST_ABOUT]
    return {
        "type": "function",
        "function": {"name": name, "description": about, "parameters": json_schema(one.form.fields)},
    }


def json_schema(fields: Sequence[Field]) -> Mapping[str, object]:
    """A form as JSON Schema again."""
    return {
        "type": "object",
        "properties": {one.name: _schema(one) for one in fields},
        "required": [one.name for one in fields if one.required],
        "additionalProperties": False,
    }


def _schema(one: Field) -> Mapping[str, object]:
    if one.kind is Kind.OBJECT:
        return {"description": one.about, **json_schema(one.fields)}
    schema: dict[str, object] = {"type": one.kind.value, "description": one.about}
    if one.choices:
        schema["enum"] = list(one.choices)
    if one.kind is Kind.LIST:
        schema["items"] = _schema(one.fields[0])
    names = {Kind.TEXT: "Length", Kind.LIST: "Items"}.get(one.kind, "imum")
    for side, bound in (("min", one.least), ("max", one.most)):
        if bound is not None:
            schema[f"{side}{names}"] = bound if one.kind is Kind.NUMBER else int(bound)
    return schema | ({"pattern": one.pattern} if one.pattern else {})


def _as_sent(calls: Sequence[CallText]) -> list[Mapping[str, object]]:
    return [
        {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": one.arguments}} for one in calls
    ]
