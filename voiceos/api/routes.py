"""The route of each operation. Cheap to import, so that commands start quickly."""

from typing import NamedTuple


class Route(NamedTuple):
    """A method and a path; what is in braces is a parameter."""

    method: str
    path: str
    streams: bool = False
    """It answers with server-sent events."""


ROUTES = {
    "status": Route("GET", "/v1/status"),
    "doctor": Route("GET", "/v1/doctor"),
    "events": Route("GET", "/v1/events", streams=True),
    "press": Route("POST", "/v1/press"),
    "mute": Route("POST", "/v1/mute"),
    "unmute": Route("POST", "/v1/unmute"),
    "silence": Route("POST", "/v1/silence"),
    "warm": Route("POST", "/v1/warm"),
    "ask": Route("POST", "/v1/ask", streams=True),
    "say": Route("POST", "/v1/say"),
    "speech": Route("POST", "/v1/speech", streams=True),
    "transcribe": Route("POST", "/v1/transcriptions", streams=True),
    "turns.list": Route("GET", "/v1/turns"),
    "turns.show": Route("GET", "/v1/turns/{turn}"),
    "turns.export": Route("GET", "/v1/export/turns", streams=True),
    "turns.erase": Route("POST", "/v1/turns/erase"),
    "lists.all": Route("GET", "/v1/lists"),
    "lists.show": Route("GET", "/v1/lists/{name}"),
    "lists.add": Route("POST", "/v1/lists/add"),
    "lists.tick": Route("POST", "/v1/lists/tick"),
    "lists.remove": Route("POST", "/v1/lists/remove"),
    "lists.clear": Route("POST", "/v1/lists/clear"),
    "tools.list": Route("GET", "/v1/tools"),
    "tools.look": Route("POST", "/v1/tools/look"),
    "tools.allow": Route("POST", "/v1/tools/allow"),
    "tools.deny": Route("POST", "/v1/tools/deny"),
    "tools.call": Route("POST", "/v1/tools/call"),
    "tools.log": Route("GET", "/v1/tools/log"),
    "tools.forget": Route("POST", "/v1/tools/forget"),
    "tools.login": Route("POST", "/v1/tools/login", streams=True),
    "tools.redirected": Route("POST", "/v1/tools/redirected"),
    "tools.resources": Route("POST", "/v1/tools/resources"),
    "tools.take": Route("POST", "/v1/tools/take"),
    "tools.reload": Route("POST", "/v1/tools/reload"),
    "prompts.all": Route("GET", "/v1/prompts"),
    "prompts.show": Route("GET", "/v1/prompts/{name}"),
    "prompts.add": Route("POST", "/v1/prompts/add"),
    "prompts.remove": Route("POST", "/v1/prompts/remove"),
    "prompts.of_server": Route("POST", "/v1/prompts/of_server"),
    "prompts.use": Route("POST", "/v1/prompts/use", streams=True),
    "acts.list": Route("GET", "/v1/acts"),
    "acts.verify": Route("GET", "/v1/acts/verify"),
    "permissions.list": Route("GET", "/v1/permissions"),
    "permissions.take_back": Route("POST", "/v1/permissions/take_back"),
    "why": Route("GET", "/v1/why/{turn}"),
    "usage.days": Route("GET", "/v1/usage"),
    "memory.search": Route("GET", "/v1/memory/search"),
    "memory.recall": Route("GET", "/v1/memory/recall"),
    "memory.facts": Route("GET", "/v1/memory/facts"),
    "memory.show": Route("GET", "/v1/memory/items/{id}"),
    "memory.timeline": Route("GET", "/v1/memory/timeline"),
    "memory.add": Route("POST", "/v1/memory/add", streams=True),
    "memory.read": Route("POST", "/v1/memory/read", streams=True),
    "memory.forget": Route("POST", "/v1/memory/forget"),
    "memory.export": Route("GET", "/v1/export/memory", streams=True),
    "memory.import": Route("POST", "/v1/memory/import"),
    "memory.stats": Route("GET", "/v1/memory/stats"),
    "memory.verify": Route("GET", "/v1/memory/verify"),
    "memory.reindex": Route("POST", "/v1/memory/reindex", streams=True),
}
