"""A client of a running assistant, over its Unix socket. Cheap to import."""

import json
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from voiceos import errors
from voiceos.api.routes import ROUTES

CONNECT_SECONDS = 5.0
END = "end"
"""The event that ends a stream: in HTTP/1.0 nothing else tells an end from a lost connection."""


class Gone(errors.EngineError):
    """The assistant stopped before it had answered."""

    exit_code = 69

    def __init__(self) -> None:
        super().__init__("voiceos stopped before it answered. `voiceos status` shows whether it runs.")


class Remote:
    """An assistant in another process. Blocking; raises VoiceosError as that process would."""

    def __init__(self, path: Path) -> None:
        """`path`: the socket."""
        self.path = path

    def call(self, name: str, /, **values: Any) -> Any:
        """One operation's answer."""
        with self._asked(name, values) as answer, _whole():
            return json.loads(answer.read())

    def stream(self, name: str, /, **values: Any) -> Iterator[Any]:
        """One operation's events, as they come. Closing the iterator ends the operation."""
        with self._asked(name, values) as answer:
            kind = ""
            while kind != END:
                with _whole():
                    line = answer.readline()
                    if not line.endswith(b"\n"):
                        raise EOFError
                field, _, data = line.rstrip(b"\r\n").partition(b": ")
                if field == b"event":
                    kind = data.decode()
                elif field == b"data":
                    event = json.loads(data)
                    if kind == "error":
                        raise failure(event["error"])
                    yield event
                elif not field:
                    kind = ""

    def _asked(self, name: str, values: dict[str, Any]) -> BinaryIO:
        """The body of a successful answer. In HTTP/1.0 the body ends with the connection."""
        route = ROUTES[name]
        path, rest = route.path, {key: value for key, value in values.items() if value is not None}
        for key in [key for key in rest if f"{{{key}}}" in path]:
            path = path.replace(f"{{{key}}}", quote(str(rest.pop(key)), safe=""))
        body = b"" if route.method == "GET" else json.dumps(rest).encode()
        query = f"?{urlencode(rest, doseq=True)}" if rest and route.method == "GET" else ""
        head = f"{route.method} {path}{query} HTTP/1.0\r\nHost: voiceos\r\nContent-Length: {len(body)}\r\n\r\n"
        answer = self._connected(head.encode() + body)
        try:
            with _whole():
                status = int(answer.readline().split()[1])
                while answer.readline().strip():
                    pass  # headers: nothing in them is needed
                if status != 200:
                    raise failure(json.loads(answer.read()).get("error", {}))
        except BaseException:
            answer.close()
            raise
        return answer

    def _connected(self, request: bytes) -> BinaryIO:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(CONNECT_SECONDS)
            try:
                line.connect(str(self.path))
                line.settimeout(None)
                line.sendall(request)
            except PermissionError:
                raise errors.UsageError(
                    "The assistant belongs to another user. Add yourself to the group `voiceos` "
                    "(sudo usermod -aG voiceos $USER) and log in again, or use sudo."
                ) from None
            except OSError as error:
                raise errors.EngineError(f"voiceos is not answering at {self.path} ({error.strerror}).") from error
            return line.makefile("rb")


@contextmanager
def _whole() -> Generator[None]:
    """Raises Gone where an answer is cut off."""
    try:
        yield
    except (EOFError, IndexError, ValueError, OSError) as error:
        raise Gone from error


def is_answered(path: Path) -> bool:
    """Whether somebody listens on the socket, even if this user may not connect."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(CONNECT_SECONDS)
        with suppress(FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            with suppress(PermissionError):
                line.connect(str(path))
            return True
    return False


def failure(told: dict[str, Any]) -> errors.VoiceosError:
    """The other process's failure as one of ours."""
    kind = getattr(errors, str(told.get("type")), errors.EngineError)
    return kind(told.get("message", "voiceos gave no reason."), spoken=told.get("spoken", ""))
