"""The official MCP conformance suite on voiceos's own client: `python benchmarks/mcp_conformance.py SUITE_FOLDER`.

SUITE_FOLDER is where npm installed `@modelcontextprotocol/conformance`; `node` (22 or newer) is found on the path. Each
scenario starts this file again as the client under test, with the address of the scenario's server.
"""

import functools
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import anyio
import httpx2

from voiceos.config.settings import McpSettings
from voiceos.errors import ToolError
from voiceos.tools.mcp.connection import connected
from voiceos.tools.mcp.server import Connect, Server

REVISIONS = ("2025-11-25", "2026-07-28")
PACKAGE = "node_modules/@modelcontextprotocol/conformance"
CLIENT_METADATA = "https://conformance-test.local/client-metadata.json"
"""The document that the suite's authorization servers know."""
EXAMPLES: Mapping[str, object] = {"integer": 3, "number": 3.5, "boolean": True, "array": [], "object": {}, "null": None}


def main() -> int:
    if "MCP_CONFORMANCE_SCENARIO" in os.environ:
        anyio.run(client, sys.argv[-1])
        return 0
    suite = Path(sys.argv[1]) / PACKAGE
    wrong = 0
    for revision in REVISIONS:
        for scenario in required(suite / "requirements" / f"{revision}.yaml"):
            passed, total, what = outcome(suite, scenario, revision)
            wrong += bool(what)
            sys.stdout.write(f"{revision}  {scenario:42} {passed}/{total} {what}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{wrong} scenarios failed\n")
    return wrong


def required(file: Path) -> list[str]:
    """The client scenarios that a revision requires."""
    import yaml

    return yaml.safe_load(file.read_text())["client"]


def outcome(suite: Path, scenario: str, revision: str) -> tuple[int, int, str]:
    """Checks passed, of how many, and what failed."""
    with tempfile.TemporaryDirectory() as folder:
        command = shlex.join([sys.executable, __file__])
        options = ["--command", command, "--scenario", scenario, "--spec-version", revision, "-o", folder]
        run = subprocess.run(
            ["node", str(suite / "dist" / "index.js"), "client", *options],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        checks = [one for file in Path(folder).rglob("checks.json") for one in json.loads(file.read_text())]
    failed = [f"{one['id']}: {one.get('errorMessage', '')}" for one in checks if one["status"] == "FAILURE"]
    judged = [one for one in checks if one["status"] in ("SUCCESS", "FAILURE")]
    if run.returncode and not failed:
        failed = [(run.stderr or run.stdout)[-300:]]
    return len(judged) - len(failed), len(judged), "; ".join(failed) or ("" if judged else "no check ran")


async def client(address: str) -> None:
    """Lists the server's tools and calls each, as a conversation would."""
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
    with tempfile.TemporaryDirectory() as folder:
        values: dict[str, Any] = {"url": address, "client_metadata": CLIENT_METADATA}
        if "client_id" in context:
            secret = Path(folder) / "secret"
            secret.touch(mode=0o600)
            secret.write_text(context["client_secret"])
            values |= {"client_id": context["client_id"], "client_secret_file": secret}
        settings = McpSettings(**values)
        opening = functools.partial(connected, "it", settings, Path(folder) / "it", browse=browse)
        server = Server("it", cast(Connect, opening), start_seconds=20, call_seconds=20, ask=agree)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.run)
            try:
                await use(server, context)
            except ToolError as error:
                sys.stderr.write(f"{error}\n")
            tasks.cancel_scope.cancel()


async def use(server: Server, context: Mapping[str, Any]) -> None:
    tools = {one.name: one for one in await server.tools()}
    calls = [(one["name"], one["arguments"]) for one in context.get("toolCalls", [])]
    for name, arguments in calls or [(name, example(tool.schema)) for name, tool in tools.items() if not tool.fault]:
        if name in tools:
            try:
                sys.stderr.write(f"{name}: {(await server.call(name, arguments)).text}\n")
            except ToolError as error:
                sys.stderr.write(f"{name}: {error}\n")


def example(schema: Mapping[str, Any]) -> dict[str, object]:
    """Arguments that fit a schema of plain fields."""
    fields = {key: one for key, one in schema.get("properties", {}).items() if key in schema.get("required", ())}
    return {key: EXAMPLES.get(one.get("type", "string"), one.get("enum", ["text"])[0]) for key, one in fields.items()}


async def browse(address: str) -> str:
    """The owner's browser: the suite's servers grant at once."""
    async with httpx2.AsyncClient() as browser:
        return (await browser.get(address)).headers["location"]


async def agree(question: str, schema: Mapping[str, object]) -> Mapping[str, object]:
    """Yes, and nothing else: each field is its default."""
    return {}


if __name__ == "__main__":
    sys.exit(main())
