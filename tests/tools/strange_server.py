"""An MCP server that speaks the protocol by hand and does what none should, when its tool of that name is called.

Started as `strange_server.py [FILE]`, it has the tools of that JSON file (read at each listing) instead of its own.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

SCHEMA = {"type": "object", "properties": {"count": {"type": "integer", "maximum": 3}}, "additionalProperties": False}
LOOP = {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}
OUTSIDE = {"type": "object", "properties": {"a": {"$ref": "https://example.com/schema.json"}}}
NAMES = "echo hang die big lines garbage html flood picture ansi refuse orphan nothing".split()
TOOLS = [
    *({"name": name, "inputSchema": SCHEMA, "annotations": {"readOnlyHint": True}} for name in NAMES),
    {"name": "two words", "inputSchema": SCHEMA, "annotations": {"readOnlyHint": True, "openWorldHint": False}},
    {"name": "loop", "inputSchema": LOOP},
    {"name": "outside", "inputSchema": OUTSIDE},
    {"name": "wide", "description": "x" * 200_000, "inputSchema": SCHEMA},
]


def send(**message: object) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(words: str) -> dict[str, object]:
    return {"content": [{"type": "text", "text": words}]}


def called(name: str) -> dict[str, object] | None:
    match name:
        case "hang":
            time.sleep(1000)
        case "die":
            sys.exit("out of cheese")
        case "big":
            return text("x" * 50_000_000)
        case "lines":
            return text("x" * 20_000)
        case "garbage":
            sys.stdout.write("{no json\n\x00[[[[\n" + "[" * 100_000 + "\n")
            return text("after it")
        case "html":
            return text("<!DOCTYPE html><html><body><h1>502</h1><p>Bad <b>gateway</b></p><script>x()</script></body>")
        case "flood":
            while True:
                send(method="notifications/message", params={"level": "info", "data": "again"})
        case "picture":
            return {"content": [{"type": "image", "data": "AAAA" * 1000, "mimeType": "image/png"}]}
        case "ansi":
            return text("\x1b[31mred\x1b[0m \x1b]0;title\x07\u200b\U000e0041end")
        case "orphan":
            left = subprocess.Popen(["sleep", "1000"])
            return text(str(left.pid))
        case "nothing":
            return {}
        case _:
            return text(name)
    return None


for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    match asked["method"]:
        case "initialize":
            result: dict[str, object] | None = {
                "protocolVersion": asked["params"]["protocolVersion"],
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "strange", "version": "1"},
            }
        case "tools/list":
            result = {"tools": json.loads(Path(sys.argv[1]).read_text()) if sys.argv[1:] else TOOLS}
        case "tools/call" if asked["params"]["name"] != "refuse":
            result = called(asked["params"]["name"])
        case _:
            send(id=asked["id"], error={"code": -32601, "message": "I will not"})
            continue
    send(id=asked["id"], result=result)
