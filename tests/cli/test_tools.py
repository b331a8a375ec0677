"""`voiceos tools`, on a server that speaks by hand."""

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voiceos.config.edit import set_server
from voiceos.errors import ConfigError

Run = Callable[..., Any]
STRANGE = (sys.executable, "-SE", str(Path(__file__).parents[1] / "tools" / "strange_server.py"))


def test_a_server_is_added_allowed_called_and_removed(run: Run, home: Path) -> None:
    assert "No servers of tools yet" in run("tools", "list").out
    added = run("tools", "add", "--env", "KEY=x", "a", *STRANGE)
    assert "a.echo  asks elsewhere  new" in added.out
    assert "None is allowed yet" in added.err
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600  # it may hold a key
    said = run("tools", "call", "a.echo")
    assert (said.code, "a.echo is not allowed (new)" in said.err) == (64, True)
    assert run("tools", "allow", "a.echo", "--read", "a.refuse").out == "Allowed a.echo, a.refuse.\n"
    assert run("tools", "call", "a.echo", "count=2").out == "echo\n"
    refused = run("tools", "call", "a.refuse")
    assert (refused.code, refused.err) == (1, "I will not\n")
    made = [(one["act"], one["done"], one["arguments"]) for one in json.loads(run("acts", "--reads", "--json").out)]
    assert made == [("a.refuse", False, {}), ("a.echo", True, {"count": 2})]
    (server,) = json.loads(run("tools", "list", "--json").out)
    assert [(one["name"], one["may"]) for one in server["tools"]] == [("a.echo", "read"), ("a.refuse", "read")]
    assert run("tools", "remove", "a").out == "Removed a, and what was decided of 2 tools.\n"
    assert "mcp" not in (home / "config.toml").read_text()
    assert "There is no server a." in run("tools", "remove", "a").err


def test_what_is_odd_about_tools_is_told(run: Run, home: Path, tmp_path: Path) -> None:
    text = {"type": "object", "properties": {"number": {"type": "string"}}}
    (tmp_path / "tools.json").write_text(
        json.dumps(
            [
                {"name": "ring", "inputSchema": text},
                {"name": "ring", "inputSchema": {"type": "object"}},
                {"name": "odd", "inputSchema": {"type": "object", "required": ["a"]}},
            ]
        )
    )
    said = run("tools", "add", "my server", *STRANGE)
    assert (said.code, "letters, digits, - and _ only" in said.err, "[A-Z" in said.err) == (78, True, False)
    added = run("tools", "add", "a", *STRANGE, str(tmp_path / "tools.json")).out
    assert "a.ring  acts  new  listed more than once, of which only the first is used" in added
    unusable = "unusable: It requires 'a' without saying what that is."
    assert f"a.odd  acts  new  {unusable}" in added
    assert run("tools", "allow", "a").out.splitlines()[-1] == f"  a.odd: {unusable}"
    assert run("tools", "list").out.splitlines()[1:] == [f"  a.odd: {unusable}"]
    assert run("tools", "call", "a.ring", "number=1").out == "ring\n"
    assert [one["arguments"] for one in json.loads(run("acts", "--json").out)] == [{"number": "1"}]


def test_a_server_that_does_not_work_is_not_added(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("[mind]\nname = 'Ada'\n")
    said = run("tools", "add", "a", "sh", "-c", "echo boom >&2")
    assert (said.code, said.err) == (69, "The tools of a cannot be used: a has ended: boom.\n")
    assert (home / "config.toml").read_text() == "[mind]\nname = 'Ada'\n"
    assert "Give the server's command" in run("tools", "add", "a").err
    assert "No server of tools is called b" in run("tools", "test", "b").err


def test_what_else_is_in_the_settings_stays(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    before = "# mine\n[mind]\nname = 'Ada'  # her\n\n[tools.mcp.b]\ncommand = 'x'\n"
    file.write_text(before)
    assert set_server(file, "a", {"command": "y", "args": ["1"]})
    assert before in file.read_text()
    assert set_server(file, "a", None)
    assert file.read_text().strip() == before.strip()
    assert not set_server(file, "a", None)
    with pytest.raises(ConfigError, match=r"tools.mcp.c: it needs either a command or a url"):
        set_server(file, "c", {})


def test_resources_become_memories_that_say_where_they_are_from(run: Run, home: Path) -> None:
    set_server(home / "config.toml", "a", {"command": STRANGE[0], "args": [*STRANGE[1:]]})
    assert run("tools", "resources", "a").out.splitlines()[0].split() == ["a", "memo:house", "House"]
    said = run("tools", "take", "a")
    assert (said.code, said.err) == (
        64,
        "Nothing was taken from a yet. See `voiceos tools resources a`.\n",
    )
    said = run("tools", "take", "a", "memo:house", "memo:photo", "memo:page")
    assert said.out == "mcp:a/memo:house: 1 new\nmcp:a/memo:page: 1 new\nTook 2 resources.\n"
    assert said.err == "Not taken: memo:photo is not a text but image/png, so it cannot be remembered.\n"
    assert said.code == 65
    (found,) = json.loads(run("memory", "search", "spare", "key", "--json").out)
    assert (found["text"], found["source"]) == (
        "The spare key is in the shed.",
        "the document House, Keys from the a tool",
    )
    assert [one["new"] + one["changed"] for one in json.loads(run("tools", "take", "a", "--json").out)] == [0, 0]
    assert [one["taken"] for one in json.loads(run("tools", "resources", "a", "--json").out)][:3] == [True, True, False]
    assert run("memory", "forget", "--source", "mcp:a/memo:house", "--yes").out == "Erased 1 record, 0 turns.\n"
    assert json.loads(run("memory", "search", "spare", "key", "--json").out) == []
