"""The first server of tools that a running assistant is told of needs no restart: its calls pass the gate at once."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mind.test_native_calling import answers, call, calls
from voiceos.api.desk import Desk
from voiceos.api.tooling import reload
from voiceos.app import open_host
from voiceos.config.settings import Config
from voiceos.core import Part
from voiceos.host import Host
from voiceos.store.acts import receipts
from voiceos.tools.tool import Effect

pytestmark = pytest.mark.anyio
STRANGE = str(Path(__file__).parents[1] / "tools" / "strange_server.py")


async def said(host: Host, text: str) -> str:
    return "".join([part.text async for part in host.ask(text, who="owner") if isinstance(part, Part)])


async def test_it_is_offered_and_asked_about_without_a_restart(server: Any, tmp_path: Path) -> None:
    before = {"mind": {"base_url": server.url, "model": "m"}, "store": {"folder": tmp_path, "models": tmp_path / "m"}}
    after = before | {"tools": {"mcp": {"a": {"command": sys.executable, "args": ["-SE", STRANGE]}}}}
    config = Config.model_validate(before)
    async with open_host(config, "voiceos run", upkeep=False) as host:
        server.will(answers("I can't."))
        assert await said(host, "Please echo that over there.") == "I can't."
        assert "tools" not in server.talks[-1].body
        desk = Desk(host, "voiceos run", load=lambda: Config.model_validate(after))
        assert await reload(desk) == ["a"]
        assert host.tools
        known = [one for one in await host.tools.known("a") if one.name == "a.echo"]
        await host.tools.allow(known, Effect.ACT)
        server.will(calls(call('{"count": 2}', name="a_echo")), answers("It said echo."))
        question = await said(host, "Please echo that over there.")
        assert question == "Shall I use echo with count 2? Nobody said 2."
        server.will(answers("No."))
        assert await said(host, "Yes.") == "echo"
        (made,) = await host.tools.stored(lambda db: receipts(db, count=9))
        assert (made.act, dict(made.arguments), made.rule) == ("a.echo", {"count": 2}, "owner's yes")
