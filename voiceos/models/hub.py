"""Fetches files from the model hub over HTTP. Resumes an interrupted download, and limits every wait."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from voiceos.models.model import HubFile
from voiceos.models.partial import Partial
from voiceos.models.progress import Count, SourceFailed

if TYPE_CHECKING:
    import httpx2

_LOG = logging.getLogger(__name__)
ENDPOINT = "https://huggingface.co"
_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429}
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "voiceos"}
_MOST_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """What the hub says about a file before it is fetched."""

    size: int | None
    sha256: str | None
    """Of large files."""
    git_sha1: str | None
    """Of small files."""
    commit: str


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
        self._down = ""

    def offer(self, file: HubFile) -> Offer:
        """Asks what the hub has. Raises SourceFailed when it has nothing, or cannot be reached."""
        import httpx2

        if self._down:
            raise SourceFailed(self._down)
        with self._client() as client:
            for attempt in range(1, self._attempts + 1):
                try:
                    return self._ask(client, self._url(file))
                except (httpx2.ConnectError, httpx2.TimeoutException, httpx2.ProxyError) as error:
                    self._down = f"cannot be reached ({_reason(error)})"
                    raise SourceFailed(self._down) from error
                except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OverflowError) as error:
                    if attempt == self._attempts:
                        raise SourceFailed(f"gives no good answer ({_reason(error)})") from error
                self._pause(_wait_seconds(attempt))
        raise AssertionError("unreachable")

    def fetch(self, file: HubFile, offer: Offer, partial: Partial, count: Count) -> None:
        """Downloads the file into `partial`, or raises SourceFailed. What has arrived is kept for the next time."""
        import httpx2

        source = f"{file.repo}@{file.revision}/{file.path}#{offer.sha256 or offer.git_sha1}"
        partial.begin(source)
        if offer.size is not None and partial.size > offer.size:
            partial.restart(source)
        idle, reason = 0, "the connection was cut"
        with self._client() as client:
            for _ in range(_MOST_ATTEMPTS):
                before = partial.size
                if before == offer.size:
                    return
                try:
                    self._stream(client, self._url(file), source, offer, partial, count)
                    if offer.size is None or partial.size == offer.size:
                        return
                except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OverflowError) as error:
                    reason = _reason(error)
                idle = 0 if partial.size > before else idle + 1
                if idle >= self._attempts:
                    break
                _LOG.info("The fetch of %s was cut off at %d bytes (%s)", file.path, partial.size, reason)
                self._pause(_wait_seconds(idle + 1))
        raise SourceFailed(f"stopped answering at {partial.size} bytes ({reason})")

    def _client(self) -> "httpx2.Client":
        import httpx2

        timeout = httpx2.Timeout(self._read_seconds, connect=self._connect_seconds)
        try:
            return httpx2.Client(timeout=timeout, headers=_HEADERS)
        except OSError as error:
            raise SourceFailed(f"cannot be reached: check SSL_CERT_FILE and SSL_CERT_DIR ({error})") from error
        except (ValueError, ImportError, httpx2.InvalidURL) as error:  # a proxy in the environment that it cannot use
            raise SourceFailed(f"cannot be reached: check the proxy settings ({error})") from error

    def _url(self, file: HubFile) -> str:
        return f"{self._endpoint}/{file.repo}/resolve/{quote(file.revision, safe='')}/{quote(file.path)}"

    def _ask(self, client: "httpx2.Client", url: str) -> Offer:
        """A HEAD request. Redirects are followed only within the hub, because its storage does not know the hashes."""
        for _ in range(5):
            answer = client.head(url)
            location = answer.headers.get("location", "")
            if answer.status_code not in _REDIRECTS or urlsplit(location).netloc:
                return _offer(answer)
            url = urljoin(url, location)
        raise SourceFailed("redirects in a circle")

    def _stream(
        self, client: "httpx2.Client", url: str, source: str, offer: Offer, partial: Partial, count: Count
    ) -> None:
        headers = {"Range": f"bytes={partial.size}-"} if partial.size else {}
        with client.stream("GET", url, headers=headers, follow_redirects=True) as answer:
            if answer.status_code == 416:
                partial.restart(source)
                return
            _must_be_good(answer)
            starts_here = answer.headers.get("content-range", "").startswith(f"bytes {partial.size}-")
            if partial.size and not (answer.status_code == 206 and starts_here):
                partial.restart(source)
            size = partial.size
            with partial.appending() as file:
                for chunk in answer.iter_raw():
                    size += len(chunk)
                    if offer.size is not None and size > offer.size:
                        raise SourceFailed("sends more than the file's size")
                    file.write(chunk)
                    count(size)


def _offer(answer: "httpx2.Response") -> Offer:
    if answer.status_code not in _REDIRECTS:
        _must_be_good(answer)
    headers = answer.headers
    etag = (headers.get("x-linked-etag") or headers.get("etag") or "").removeprefix("W/").strip('"').lower()
    size = headers.get("x-linked-size") or ("" if answer.status_code in _REDIRECTS else headers.get("content-length"))
    is_hex = bool(etag) and set(etag) <= set("0123456789abcdef")
    return Offer(
        size=int(size) if size and size.isdecimal() else None,
        sha256=etag if is_hex and len(etag) == 64 else None,
        git_sha1=etag if is_hex and len(etag) == 40 else None,
        commit=headers.get("x-repo-commit", ""),
    )


def _must_be_good(answer: "httpx2.Response") -> None:
    """A refusal is final. What may pass (too many requests, a server error) is tried again."""
    status = answer.status_code
    if 400 <= status < 500 and status not in _PASSING:
        raise SourceFailed("does not have this file" if status == 404 else f"refuses (HTTP {status})")
    answer.raise_for_status()


def _wait_seconds(attempt: int) -> float:
    return min(2.0 ** (attempt - 1), 15.0)


def _reason(error: Exception) -> str:
    import httpx2

    if isinstance(error, httpx2.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, httpx2.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__
