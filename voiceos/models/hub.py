"""Fetches files from the model hub over HTTP. Resumes an interrupted download, and limits every wait."""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from voiceos.models.disk import require_room, size_of
from voiceos.models.model import HubFile, ModelFile
from voiceos.models.progress import Count, SourceFailed

if TYPE_CHECKING:
    import httpx2

_LOG = logging.getLogger(__name__)
ENDPOINT = "https://huggingface.co"
_PASSING = {408, 425, 429}
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "voiceos"}
_MOST_ATTEMPTS = 100


class Hub:
    """The hub, or a mirror of it: `endpoint`, else $HF_ENDPOINT, else the official one.

    Proxies come from the usual environment variables. A hub that cannot be reached is not tried again while this object
    lives. A request fails after `connect_seconds` without a connection or `read_seconds` without a byte. A download
    fails after `attempts` requests in a row that brought nothing.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        *,
        connect_seconds: float = 10.0,
        read_seconds: float = 30.0,
        attempts: int = 5,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._attempts = attempts
        self._pause = pause
        self._answered = False
        self._down = ""

    def fetch(self, source: HubFile, file: ModelFile, into: Path, count: Count) -> None:
        """Downloads what `into` lacks of the file, or raises SourceFailed. What has arrived is kept for the next time.

        An OSError means that the disk is full or cannot be written.
        """
        import httpx2

        if self._down:
            raise SourceFailed(self._down)
        idle, reason = 0, ""
        with self._client() as client:
            for _ in range(_MOST_ATTEMPTS):
                before = size_of(into)
                try:
                    self._stream(client, source, file, into, count)
                    return
                except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OverflowError) as error:
                    reason = _reason(error)
                    unreached = (httpx2.ConnectError, httpx2.TimeoutException, httpx2.ProxyError)
                    if not self._answered and isinstance(error, unreached):
                        self._down = f"cannot be reached ({reason})"
                        raise SourceFailed(self._down) from error
                idle = 0 if size_of(into) > before else idle + 1
                if idle >= self._attempts:
                    break
                _LOG.info("The fetch of %s was cut off at %d bytes (%s)", source.path, size_of(into), reason)
                self._pause(min(2.0**idle, 15.0))
        raise SourceFailed(f"stopped answering at {size_of(into)} bytes ({reason})")

    def _client(self) -> "httpx2.Client":
        import httpx2

        timeout = httpx2.Timeout(self._read_seconds, connect=self._connect_seconds)
        try:
            return httpx2.Client(timeout=timeout, headers=_HEADERS, follow_redirects=True)
        except OSError as error:
            raise SourceFailed(f"cannot be reached: check SSL_CERT_FILE and SSL_CERT_DIR ({error})") from error
        except (ValueError, ImportError, httpx2.InvalidURL) as error:  # a proxy in the environment that it cannot use
            raise SourceFailed(f"cannot be reached: check the proxy settings ({error})") from error

    def _stream(self, client: "httpx2.Client", source: HubFile, file: ModelFile, into: Path, count: Count) -> None:
        url = f"{self._endpoint}/{source.repo}/resolve/{quote(source.revision, safe='')}/{quote(source.path)}"
        size = size_of(into)
        headers = {"Range": f"bytes={size}-"} if size else {}
        with client.stream("GET", url, headers=headers) as answer:
            self._answered = True
            if answer.status_code == 416:
                into.unlink()
            _must_be_good(answer)
            _must_match(answer, file)
            resumes = size and answer.headers.get("content-range", "").startswith(f"bytes {size}-")
            size = size if resumes else 0
            require_room(into.parent, int(answer.headers.get("content-length", 0)))
            with into.open("ab" if resumes else "wb") as target:
                for chunk in answer.iter_raw():
                    size += len(chunk)
                    if file.size and size > file.size:
                        raise SourceFailed("sent more than the file's size")
                    target.write(chunk)
                    count(size)


def _must_be_good(answer: "httpx2.Response") -> None:
    """A refusal is final. What may pass (too many requests, a server error) is tried again."""
    status = answer.status_code
    if 400 <= status < 500 and status not in {416, *_PASSING}:
        raise SourceFailed("does not have this file" if status == 404 else f"refuses (HTTP {status})")
    answer.raise_for_status()


def _must_match(answer: "httpx2.Response", file: ModelFile) -> None:
    """Refuses another file before a byte is kept. For a large one the hub gives the hash in its redirect."""
    for told in answer.history:
        sha256 = told.headers.get("x-linked-etag", "").strip('"').lower()
        if len(sha256) == 64 and sha256 != file.sha256:
            raise SourceFailed("now has a different file (its hash is wrong)")


def _reason(error: Exception) -> str:
    import httpx2

    if isinstance(error, httpx2.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, httpx2.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__
