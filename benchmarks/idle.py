"""What the assistant costs while nobody speaks to it: share of a core, memory, and time until it is ready.

    python benchmarks/idle.py [--seconds 20] [--starts 3] [--only microWakeWord] [--set KEY=VALUE] [--json FILE]

The assistant runs as a process of its own behind `over_pipes.py` and hears room noise, then quiet music, in real time.
The language model is a dummy endpoint in this process, so that only voiceos is measured, and only its process counts:
CPU time of all its threads as Linux accounts for it, the median of windows of two seconds; and proportional set size.
Files are in the page cache: a first start after boot takes as much longer as the disk needs.
"""

import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import numpy as np
import soundfile
from rich.console import Console
from rich.table import Table

from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE

RECORDINGS = Path(__file__).parents[1] / "tests" / "audio" / "recordings"
QUESTIONS = ("date", "coffee0", "beatles")
REPLY = ("Certainly.", " That is", " all that I", " know of it.")
WINDOW_SECONDS = 2.0
SETTLE_SECONDS = 3.0
LONGEST_SECONDS = 60.0
WAYS = {
    "microWakeWord": {"wake.mode": "word", "wake.words": '["hey_jarvis", "okay_nabu"]'},
    "openWakeWord": {"wake.mode": "word", "wake.words": '["openwakeword/hey_jarvis"]'},
    "open": {"wake.mode": "open"},
}


@dataclass
class Result:
    way: str
    ready_seconds: float
    cpu_percent: dict[str, float] = field(default_factory=dict[str, float])
    """Of one core, by what is heard."""
    pss_mb: float = 0.0
    pss_after_turns_mb: float | None = None
    threads: int = 0


def room_noise(seconds: float = 20.0, level_dbfs: float = -52.0) -> bytes:
    """Pink noise, as loud as a quiet living room is in a close microphone."""
    random = np.random.default_rng(1)
    spectrum = np.fft.rfft(random.standard_normal(int(seconds * RATE)))
    sound = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 20))
    return scaled(sound, level_dbfs)


def recording(name: str, level_dbfs: float = -24.0) -> bytes:
    return scaled(soundfile.read(RECORDINGS / f"{name}.flac", dtype="float64")[0], level_dbfs)


def scaled(sound: Any, level_dbfs: float) -> bytes:
    sound = sound * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(sound**2))
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


class DummyModel(BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that always says the same."""

    def do_GET(self) -> None:
        self._head("application/json")
        self.wfile.write(json.dumps({"object": "list", "data": [{"id": "local", "object": "model"}]}).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._head("text/event-stream")
        for word in REPLY:
            chunk: dict[str, Any] = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "local"}
            chunk["choices"] = [{"index": 0, "delta": {"content": word}, "finish_reason": None}]
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _head(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()


class Running:
    """The assistant's process, whose sound card this is."""

    def __init__(self, base_url: str, settings: dict[str, str]) -> None:
        given = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        program = [sys.executable, str(Path(__file__).with_name("over_pipes.py")), "--base-url", base_url, *given]
        started = time.monotonic()
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, bufsize=0
        )
        self._events: dict[str, threading.Event] = {}
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.await_event("ready")
        except TimeoutError:
            self.end()
            raise
        self.ready_seconds = time.monotonic() - started

    def await_event(self, kind: str) -> None:
        if not self._event(kind).wait(LONGEST_SECONDS):
            self._log.seek(0)
            raise TimeoutError(f"no {kind!r} from the assistant: {self._log.read().decode()[-2000:]}")

    def forget_events(self) -> None:
        for event in self._events.values():
            event.clear()

    def heard(self, kind: str) -> bool:
        return self._event(kind).is_set()

    def hear(self, pcm: bytes, seconds: float) -> Iterator[float]:
        """Plays sound into its microphone in real time, over and over; yields the time after each frame."""
        assert self._process.stdin
        start = time.monotonic()
        for index in range(round(seconds / FRAME_SECONDS)):
            at = index * FRAME_BYTES % (len(pcm) - FRAME_BYTES)
            time.sleep(max(0.0, start + index * FRAME_SECONDS - time.monotonic()))
            self._process.stdin.write(pcm[at : at + FRAME_BYTES])
            yield time.monotonic()

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def pss_mb(self) -> float:
        lines = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self._process.pid}/task").iterdir()))

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _event(self, kind: str) -> threading.Event:
        return self._events.setdefault(kind, threading.Event())

    def _read(self) -> None:
        source = self._process.stdout
        assert source
        while len(head := _exactly(source, 5)) == 5:
            kind, size = struct.unpack(">cI", head)
            payload = _exactly(source, size)
            if kind == b"E":
                self._event(json.loads(payload)["kind"]).set()


def _exactly(source: IO[bytes], size: int) -> bytes:
    data = b""
    while len(data) < size and (more := source.read(size - len(data))):
        data += more
    return data


def cpu_percent(running: Running, pcm: bytes, seconds: float) -> float:
    """Median share of a core over windows."""
    for _ in running.hear(pcm, SETTLE_SECONDS):
        pass
    shares: list[float] = []
    began, used = time.monotonic(), running.cpu_seconds()
    for now in running.hear(pcm, seconds):
        if now - began >= WINDOW_SECONDS:
            spent = running.cpu_seconds()
            shares.append(100 * (spent - used) / (now - began))
            began, used = now, spent
    return statistics.median(shares)


def converse(running: Running, noise: bytes) -> None:
    for name in QUESTIONS:
        running.forget_events()
        pcm = recording(name)
        for _ in running.hear(pcm, len(pcm) / 2 / RATE):
            pass
        for _ in running.hear(noise, 20.0):
            if running.heard("transcript") and running.heard("idle"):
                break


def measure(way: str, settings: dict[str, str], seconds: float, starts: int, base_url: str) -> Result:
    noises = {"room": room_noise(), "music": recording("hold_music", -45.0)}
    ready: list[float] = []
    for _ in range(starts - 1):
        running = Running(base_url, settings)
        ready.append(running.ready_seconds)
        running.end()
    running = Running(base_url, settings)
    try:
        result = Result(way, statistics.median([*ready, running.ready_seconds]))
        for name, pcm in noises.items():
            result.cpu_percent[name] = cpu_percent(running, pcm, seconds)
        result.pss_mb, result.threads = running.pss_mb(), running.threads()
        if settings["wake.mode"] == "open":
            converse(running, noises["room"])
            result.pss_after_turns_mb = running.pss_mb()
    finally:
        running.end()
    return result


@contextmanager
def dummy_model() -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), DummyModel) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def show(results: Sequence[Result]) -> None:
    table = Table(title="The assistant while nobody speaks to it, without its language model")
    for heading in ("wake", "room noise, % of a core", "music", "PSS, MB", "after turns", "threads", "ready, s"):
        table.add_column(heading, justify="left" if heading == "wake" else "right")
    for one in results:
        shares = [f"{share:.1f}" for share in one.cpu_percent.values()]
        after = f"{one.pss_after_turns_mb:.0f}" if one.pss_after_turns_mb else ""
        table.add_row(one.way, *shares, f"{one.pss_mb:.0f}", after, str(one.threads), f"{one.ready_seconds:.2f}")
    Console(highlight=False).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--only", choices=WAYS)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    more = dict(pair.split("=", 1) for pair in arguments.settings)
    ways = {name: way for name, way in WAYS.items() if arguments.only in (None, name)}
    with dummy_model() as base_url:
        results = [
            measure(name, way | more, arguments.seconds, arguments.starts, base_url) for name, way in ways.items()
        ]
    show(results)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in results], indent=1) + "\n")


if __name__ == "__main__":
    main()
