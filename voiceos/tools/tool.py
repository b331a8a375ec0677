"""The nouns of tools: what one is, a call of it, where the call's values come from, and what comes back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Arguments = Mapping[str, object]
"""JSON values by parameter."""


class Effect(StrEnum):
    """What a call may do. Whoever offers a tool only proposes it; it counts once the owner has added the tool."""

    READ = "read"
    """Tells something, and its arguments stay on this device."""
    ASK = "ask"
    """Changes nothing, but its arguments go to somebody outside: an address, a search."""
    ACT = "act"
    """Changes, spends, sends or reveals something. What nobody has called anything else is this."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a call brought: data, never an instruction."""

    text: str
    """At most some thousand characters, free of control codes."""
    failed: bool = False
    """Whether the tool says that it did not work; then `text` says why."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that can be called."""

    name: str
    """SERVER.TOOL, unique."""
    about: str
    """What it does, in a sentence or two, as its server describes it."""
    schema: Mapping[str, object]
    """JSON Schema of its arguments, as its server gave it. Every call is checked against it."""
    effect: Effect
    run: Callable[[Arguments], Awaitable[Result]]
    """Calls it. Raises ToolError; ends in time."""

    @property
    def server(self) -> str:
        return self.name.partition(".")[0]


BY_HAND = "command line"
"""The device of what the owner typed with every value of it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that somebody wants made."""

    tool: Tool
    arguments: Arguments


class Whence(StrEnum):
    """Where a value comes from."""

    OWNER = "owner"
    """The owner said it, in this conversation."""
    RULE = "rule"
    """The tool's schema allows few values, the settings name it, or it is the number of the one thing that was read and
    that the owner called by its name."""
    TOOL = "tool"
    """A tool's result held it."""
    MEMORY = "memory"
    """It was recalled: from a mail, a file, an appointment, or an earlier day."""
    MODEL = "model"
    """Nobody said it and nothing that was read holds it: the model made it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value of a call comes from."""

    whence: Whence
    where: str = ""
    """As it is spoken: "the web page", "your mail from Bob". Empty for the owner's own words."""

    @property
    def is_owners(self) -> bool:
        return self.whence in (Whence.OWNER, Whence.RULE)


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that the model has read before it wanted a call: whatever it holds may have talked it into that."""

    text: str
    origin: Origin
    tool: str = ""
    """The name of the tool that brought it; empty where none did."""


@dataclass(frozen=True, slots=True)
class Trail:
    """All that a call may have come from."""

    turn: str
    """The id of the turn."""
    who: str
    device: str
    said: Sequence[str]
    """The owner's own words: of this turn last, of the conversation before it first."""
    seen: Sequence[Seen] = field(default=())
    """What was read in this conversation, the oldest first."""


class Toolbox(Protocol):
    """The tools that are at hand."""

    async def tools(self) -> Sequence[Tool]:
        """All that may be offered now; a server that does not answer in a moment has none."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """A call was made."""

    result: Result
    note: str = ""
    """What the owner is told beside the result."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A call waits for the owner's yes."""

    question: str
    """What to ask: the call, its values, and where those come from that the owner did not say."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call is not made."""

    why: str
    """One sentence, to be spoken."""


class Gate(Protocol):
    """The only way to call a tool: permission, consent and receipt are on it."""

    async def call(self, call: Call, trail: Trail) -> Done | Waits | Refused:
        """Makes a call, once, if rule or owner allow it. Raises ToolError where it was allowed but did not work.

        A yes that comes later makes the call that waits; its result is then told by whoever took the yes.
        """
        ...
