"""A web server of radio stations, good and bad, and sound for them."""

import io
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import av
import numpy as np

Handler = Callable[[BaseHTTPRequestHandler], None]


@cache
def mp3(seconds: float, level: float = 0.3, **tags: str) -> bytes:
    """A tone as MP3."""
    return encoded(seconds, level, "mp3", "libmp3lame", tags)


@cache
def m4a(seconds: float) -> bytes:
    """A tone as MPEG-4, whose index is at its end."""
    return encoded(seconds, 0.3, "mp4", "aac", {})


def encoded(seconds: float, level: float, kind: str, codec: str, tags: Mapping[str, str]) -> bytes:
    file, rate = io.BytesIO(), 44_100
    wave = (np.sin(np.arange(round(seconds * rate)) * 440 * 2 * np.pi / rate) * level * 32_767).astype("<i2")
    with av.open(file, "w", format=kind) as container:
        stream: Any = container.add_stream(codec, rate=rate, layout="stereo")
        container.metadata.update(tags)
        sound = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[None, :], format="s16", layout="stereo")
        sound.rate = rate
        for frame in (sound, None):
            for packet in stream.encode(frame):
                container.mux(packet)
    return file.getvalue()


def comes_true(what: Callable[[], bool], seconds: float = 8.0) -> bool:
    """Waits for what other threads do."""
    until = time.monotonic() + seconds
    while not what() and time.monotonic() < until:
        time.sleep(0.01)
    return what()


def hertz(pcm: bytes, rate: int) -> float:
    """The pitch of a tone."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples))


@dataclass
class Stations:
    """What a server sends under each path."""

    url: str = ""
    asked: list[str] = field(default_factory=list[str])
    headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    handlers: dict[str, Handler] = field(default_factory=dict[str, Handler])

    def send(
        self,
        path: str,
        body: bytes = b"",
        *,
        kind: str = "audio/mpeg",
        status: int = 200,
        sized: bool = False,
        headers: Mapping[str, str] | None = None,
        then: Callable[[BaseHTTPRequestHandler], None] = lambda _: None,
    ) -> str:
        """What is sent there; `sized`: with its length. `then`: what happens before the connection ends."""

        def handle(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Content-Type", kind)
            for name, value in (headers or {}).items():
                request.send_header(name, value)
            if sized:
                request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
            then(request)

        self.handlers[path] = handle
        return self.url + path

    def live(self, path: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> str:
        """A station that sends the same again and again, as fast as it is taken."""

        def again(request: BaseHTTPRequestHandler) -> None:
            while True:
                request.wfile.write(body)

        return self.send(path, body, headers=headers, then=again)


def stalls(request: BaseHTTPRequestHandler) -> None:
    """Sends nothing more, until the other side has gone."""
    request.connection.settimeout(5)
    try:
        request.connection.recv(1)
    except OSError:
        time.sleep(0)


@contextmanager
def stations() -> Generator[Stations]:
    found = Stations()

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            found.headers.append(dict(self.headers))
            handler = found.handlers.get(self.path)
            try:
                handler(self) if handler else self.send_error(404)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
