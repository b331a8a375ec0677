"""The owner's llama-server in place of ours: it gets its orders, is watched, and ends with us."""

import os
import signal
import sys
from pathlib import Path

import anyio
import pytest

from voiceos.engines.llama import LocalModel, Watch
from voiceos.errors import ModelError
from voiceos.mind.endpoint_client import EndpointClient

pytestmark = pytest.mark.anyio
SERVER = f"""#!{sys.executable}
import http.server, json, os
from pathlib import Path

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        whole = json.dumps({{"data": [{{"id": os.environ["LLAMA_ARG_ALIAS"]}}]}}).encode()
        self.send_response(503 if Handler.asked == 1 else 200)
        self.send_header("content-length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)
    def log_message(self, *_):
        pass

model = Path(os.environ["LLAMA_ARG_MODEL"])
model.with_name("pid").write_text(str(os.getpid()))
model.with_name("orders").write_text(json.dumps({{k: v for k, v in os.environ.items() if k.startswith("LLAMA_")}}))
assert model.stat().st_size > 4, "damaged"
where = os.environ["LLAMA_ARG_HOST"], int(os.environ["LLAMA_ARG_PORT"])
http.server.ThreadingHTTPServer(where, Handler).serve_forever()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "llama-server"
    file.write_text(SERVER)
    file.chmod(0o755)
    (tmp_path / "small.gguf").write_bytes(b"GGUF and more")
    return file


async def test_it_answers_and_ends_with_the_one_that_started_it(program: Path) -> None:
    model = program.with_name("small.gguf")
    watch = Watch(every=0.05, answer=2.0, back_off=0.01)
    async with LocalModel(model, name="small", context=512, threads=3, server=program, watch=watch) as local:
        endpoint = await local.endpoint()
        client = EndpointClient(endpoint)
        assert await client.models() == ["small"]
        await client.close()
        orders = program.with_name("orders").read_text()
        for one in (
            '"LLAMA_ARG_CTX_SIZE": "512"',
            '"LLAMA_ARG_THREADS": "3"',
            f'"LLAMA_API_KEY": "{endpoint.api_key}"',
        ):
            assert one in orders
        first = int(program.with_name("pid").read_text())
        os.kill(first, signal.SIGKILL)
        with anyio.fail_after(20):
            while (await local.endpoint()).base_url == endpoint.base_url:  # noqa: ASYNC110 - the child is another clock
                await anyio.sleep(0.02)
        second = int(program.with_name("pid").read_text())
    with anyio.fail_after(5):
        while _lives(second):  # noqa: ASYNC110 - the kernel ends it
            await anyio.sleep(0.02)


def _lives(pid: int) -> bool:
    """Not one that only waits to be reaped."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


async def test_what_cannot_run_says_so(program: Path) -> None:
    model = program.with_name("small.gguf")
    with pytest.raises(ModelError, match=r"`mind.server` names .*none, which is no program"):
        async with LocalModel(model, server=program.with_name("none")):
            pass
    model.write_bytes(b"GGUF")
    with pytest.raises(ModelError, match="cannot load"):
        async with LocalModel(model, server=program):
            pass
