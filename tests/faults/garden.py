"""The garden: a server of tools, as its owner and its maker see it."""

import json
from pathlib import Path
from typing import Any

from voiceos.api.client import Remote
from voiceos.errors import VoiceosError


class Garden:
    def __init__(self, client: Remote, file: Path) -> None:
        """`file` names its tools."""
        self.file = file
        self._client = client

    def offer(self, *tools: str, schema: Any = None) -> None:
        """What its server of tools has from now on."""
        schema = schema or {"type": "object"}
        self.file.write_text(json.dumps([{"name": name, "inputSchema": schema} for name in tools]))

    def call(self, tool: str) -> str:
        """What a call of a tool of the garden brings, or the sentence that it failed with."""
        try:
            return str(self._client.call("tools.call", name=f"garden.{tool}", arguments={})["text"])
        except VoiceosError as error:
            return str(error)

    def look(self, server: str) -> str:
        """The names of a server's tools, or why there are none."""
        try:
            return " ".join(one["name"] for one in self._client.call("tools.look", server=server))
        except VoiceosError as error:
            return str(error)

    def allow(self) -> bool:
        """Its tools may be used. Raises ToolError while it starts."""
        self._client.call("tools.allow", names=["garden"])
        return True

    def acts(self) -> Any:
        """Receipts, the newest first."""
        return self._client.call("acts.list")
