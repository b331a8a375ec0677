"""A room with an owner, tools that only note what reached them, and the gate between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import pytest

from voiceos.errors import ToolError
from voiceos.store.database import Connection
from voiceos.tools.gate import OwnersGate
from voiceos.tools.permission import Support
from voiceos.tools.tool import Call, Done, Effect, Origin, Refused, Result, Seen, Tool, Trail, Waits, Whence

T = TypeVar("T")
NOON = datetime(2026, 11, 29, 12).astimezone()
PAGE = Origin(Whence.TOOL, "the web page")

TEXT: Mapping[str, object] = {"type": "string"}
TOOLS: Mapping[str, tuple[Effect, Mapping[str, object], Sequence[str]]] = {
    "mail.send": (
        Effect.ACT,
        {
            "to": {"type": "array", "items": TEXT},
            "subject": TEXT,
            "body": TEXT,
            "urgent": {"type": "boolean", "default": False},
            "extra": {"type": "object"},
        },
        ["to", "body"],
    ),
    "files.delete": (Effect.ACT, {"file_id": TEXT}, ["file_id"]),
    "files.list": (Effect.READ, {}, []),
    "files.share": (
        Effect.ACT,
        {"file": TEXT, "email": TEXT, "right": {"enum": ["read", "write"]}, "public": {"type": "boolean"}},
        ["file", "email", "right"],
    ),
    "web.get": (Effect.ASK, {"url": TEXT}, ["url"]),
    "web.search": (Effect.ASK, {"query": TEXT}, ["query"]),
    "bank.pay": (
        Effect.ACT,
        {"recipient": TEXT, "amount": {"type": "number"}, "note": TEXT, "date": TEXT},
        ["recipient", "amount"],
    ),
    "home.lock": (Effect.ACT, {"door": TEXT, "state": {"enum": ["locked", "unlocked"]}}, ["door", "state"]),
    "home.open_all": (Effect.ACT, {}, []),
    "hotels.reserve": (Effect.ACT, {"hotel": TEXT, "start": TEXT, "end": TEXT}, ["hotel", "start"]),
    "calendar.find": (Effect.READ, {"title": TEXT}, []),
    "calendar.delete_event": (Effect.ACT, {"event_id": {"type": "integer"}}, ["event_id"]),
    "calendar.create_event": (
        Effect.ACT,
        {"title": TEXT, "start": TEXT, "end": TEXT, "participants": {"type": "array", "items": TEXT}},
        ["title", "start"],
    ),
}


@dataclass
class Room:
    """Says, reads, and lets a model want calls."""

    db: Connection
    support: Support = Support.PLAIN
    now: datetime = NOON
    made: list[tuple[str, Mapping[str, object]]] = field(default_factory=list[tuple[str, Mapping[str, object]]])
    said: list[str] = field(default_factory=list[str])
    seen: list[Seen] = field(default_factory=list[Seen])
    fails: ToolError | Result | None = None
    turn: int = 0

    def __post_init__(self) -> None:
        self.every = {
            name: Tool(
                *(name, f"{name}.", {"type": "object", "properties": properties, "required": required}, effect),
                lambda arguments, name=name: self._run(name, arguments),
            )
            for name, (effect, properties, required) in TOOLS.items()
        }
        self.gate = self.another_gate()

    def another_gate(self) -> OwnersGate:
        """As after a restart."""
        return OwnersGate(self, self, self._supports, now=lambda: self.now)

    def _supports(self, said: Sequence[str], tool: Tool, tools: Sequence[Tool]) -> Support:
        return self.support

    async def tools(self) -> Sequence[Tool]:
        return list(self.every.values())

    async def stored(self, work: Any) -> Any:
        return work(self.db)

    async def _run(self, name: str, arguments: Mapping[str, object]) -> Result:
        if isinstance(self.fails, ToolError):
            raise self.fails
        if self.fails:
            return self.fails
        self.made.append((name, arguments))
        return Result(f"{name} was done.")

    def says(self, *words: str) -> "Room":
        self.turn += 1
        self.said += words
        return self

    def reads(self, text: str, origin: Origin = PAGE, tool: str = "") -> "Room":
        self.seen.append(Seen(text, origin, tool))
        return self

    async def wants(self, tool: str, /, **arguments: object) -> Done | Waits | Refused:
        trail = Trail(f"t{self.turn}", "owner", "kitchen", [*self.said], [*self.seen])
        return await self.gate.call(Call(self.every[tool], arguments), trail)

    async def answers(self, words: str) -> Done | Refused | None:
        """What becomes of the call that waits, by what is said in the next turn."""
        asked = f"t{self.turn}"
        self.says(words)
        return await self.gate.answer(words, f"t{self.turn}", asked)


@pytest.fixture
def room(db: Connection) -> Room:
    return Room(db)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
