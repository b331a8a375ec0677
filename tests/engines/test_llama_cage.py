"""The language model as a service: systemd passes its process a socket, and llama.cpp answers on another."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from voiceos.engines import llama_process
from voiceos.engines.llama import LocalModel
from voiceos.errors import EngineError
from voiceos.mind.endpoint_client import EndpointClient

pytestmark = pytest.mark.anyio

LLAMA = """
import http.server, json, socketserver, threading
from types import SimpleNamespace

class CommonParams(SimpleNamespace):
    def __init__(self):
        super().__init__(model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace())

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        whole = json.dumps({"data": [{"id": self.server.model}]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)
    def log_message(self, *_):
        pass

class Server:
    def __init__(self, p):
        (path,) = p.hostnames
        server = socketserver.ThreadingUnixStreamServer(path, Handler)
        server.model = p.model.path
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.listening_address = f"unix://{path}"
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Path]:
    """What systemd does for voiceos-llm.socket, with a llama.cpp that has no model."""
    (tmp_path / "xllamacpp.py").write_text(LLAMA)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "orders"))
        listener.listen()
        script = f'exec 3<&{listener.fileno()}; LISTEN_PID=$$ exec "$0" -m {llama_process.__name__}'
        path = f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"
        environment = os.environ | {"RUNTIME_DIRECTORY": str(tmp_path), "PYTHONPATH": path}
        child = subprocess.Popen(
            ["bash", "-c", script, sys.executable], pass_fds=(listener.fileno(),), env=environment, cwd=tmp_path
        )
        yield tmp_path / "orders"
        assert child.wait(5) == 0, "it ends with the connection"


async def test_a_caged_model_answers_without_a_network(service: Path) -> None:
    model = service.with_name("small.gguf")
    model.write_bytes(b"GGUF")
    async with LocalModel(model, service=service) as local:
        endpoint = await local.endpoint()
        assert endpoint.socket == str(service.with_name("http.sock"))
        assert local.pid == 0
        client = EndpointClient(endpoint)
        assert await client.models() == [str(model)]
        await client.close()


async def test_a_service_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    with pytest.raises(EngineError, match=r"sudo systemctl start voiceos-llm\.socket"):
        async with LocalModel(tmp_path / "small.gguf", service=tmp_path / "none"):
            pass
