"""Sound from an address: followed through redirects and playlists, with bounds on time and size."""

import ssl
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from voiceos.audio.media.playlist import addresses, is_playlist
from voiceos.errors import MediaError

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 4.0
REDIRECTS = 5
PLAYLISTS = 2
"""One may name another."""
CHOICES = 3
"""Addresses of a playlist that are tried."""
HEAD_BYTES = 1024
PLAYLIST_BYTES = 65_536
READ_SECONDS = 10.0
"""For a whole playlist or feed, however slowly it comes."""
_TITLE = "StreamTitle='"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often is waited."""

    stall_seconds: float = 8.0
    """Without a byte."""
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0)
    """Seconds before each attempt to get a connection back that broke off."""


PATIENCE = Patience()


class Stream:
    """The bytes of one address, to be read like a file in one thread. Metadata of a station (ICY) is taken out.

    Reading raises MediaError when the connection breaks off or nothing comes for a while.
    """

    def __init__(self, address: str, patience: Patience = PATIENCE) -> None:
        """Connects. Raises MediaError."""
        import httpx2

        self.title = ""
        """What a station says that it plays."""
        self._patience, self._pauses = patience, list(patience.pauses)
        limits = httpx2.Timeout(patience.stall_seconds, connect=min(CONNECT_SECONDS, patience.stall_seconds))
        self._http = httpx2.Client(timeout=limits, verify=_certificates(), trust_env=False)
        self._position = 0
        self._rest = b""
        try:
            self.address, self._response = self._connect(address)
            headers = self._response.headers
            self.kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            length = headers.get("content-length", "")
            self.size = int(length) if length.isdigit() and not headers.get("content-encoding") else None
            self.name = _text(headers.get("icy-name", "").encode("latin-1", "replace"))
            every = headers.get("icy-metaint", "")
            self._every = self._until_title = int(every) if every.isdigit() else 0
            self._pieces = self._response.iter_raw()
            self._rest = self._next_piece()
            self.head = self._rest[:HEAD_BYTES]
        except BaseException:
            self._http.close()
            raise

    @property
    def is_live(self) -> bool:
        """Whether it has no end of its own."""
        return self.size is None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes, at least one; none: it has ended."""
        if size < 0:
            return b"".join(iter(lambda: self.read(PLAYLIST_BYTES), b""))
        if self._every and self._until_title == 0:
            self._read_title()
        data = self._raw(min(size, self._until_title) if self._every else size)
        self._until_title -= len(data) if self._every else 0
        return data

    def seekable(self) -> bool:
        """Only where it must be, as the index of MPEG-4 may be at the end: each leap is a request."""
        ranges = self._response.headers.get("accept-ranges", "") == "bytes"
        return not self.is_live and ranges and self.head[4:8] == b"ftyp"

    def tell(self) -> int:
        return self._position

    def seek(self, place: int, whence: int = 0) -> int:
        """By asking anew from there on."""
        place += (0, self._position, self.size or 0)[whence]
        if place != self._position:
            self._position, self._rest = place, b""
            if place < (self.size or 0):
                self._go_on()
        return place

    def close(self) -> None:
        self._http.close()

    def _raw(self, size: int) -> bytes:
        if self.size is not None and self._position >= self.size:
            return b""
        if not self._rest:
            self._rest = self._next_piece()
        data, self._rest = self._rest[:size], self._rest[size:]
        self._position += len(data)
        return data

    def _next_piece(self) -> bytes:
        while True:
            try:
                with self._faults(self.address):
                    piece = next((piece for piece in self._pieces if piece), b"")
                if piece or self.size is None or self._position >= self.size:
                    return piece
                raise MediaError(f"{self.address} broke off.", why="dropped")
            except MediaError:
                if self.is_live or not self._position:
                    raise
                self._resume()

    def _resume(self) -> None:
        """Takes up what has an end where its connection broke off, a few times. Raises MediaError."""
        while self._pauses:
            time.sleep(self._pauses.pop(0))
            with suppress(MediaError):
                self._go_on()
                return
        raise MediaError(f"{self.address} broke off, and can't be resumed.", why="dropped")

    def _go_on(self) -> None:
        """Asks for all from the present position on. Raises MediaError."""
        self._response.close()
        asked = {"Range": f"bytes={self._position}-", "Accept-Encoding": "identity"}
        with self._faults(self.address):
            request = self._http.build_request("GET", self.address, headers=asked)
            self._response = self._http.send(request, stream=True)
        if self._response.status_code != 206:
            raise MediaError(f"{self.address} can't be resumed.", why="dropped")
        self._pieces = self._response.iter_raw()

    def _connect(self, address: str) -> "tuple[str, httpx2.Response]":
        for _ in range(REDIRECTS + 1):
            must_be_web(address)
            with self._faults(address):
                headers = {"Icy-MetaData": "1", "Accept-Encoding": "identity", "User-Agent": "voiceos"}
                response = self._http.send(self._http.build_request("GET", address, headers=headers), stream=True)
            if response.status_code == 200:
                return address, response
            response.close()
            if not response.is_redirect:
                raise MediaError(f"{address} answered with HTTP {response.status_code}.", why="status")
            address = urljoin(address, response.headers["location"])
        raise MediaError(f"{address} redirects without end.", why="status")

    @contextmanager
    def _faults(self, address: str) -> Generator[None]:
        """Turns what can go wrong on the network into MediaErrors."""
        import httpx2

        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.InvalidURL) as error:
            raise MediaError(f"{address} cannot be reached ({error or 'no answer'}).", why="down") from error
        except httpx2.TimeoutException as error:
            waited = self._patience.stall_seconds
            raise MediaError(f"{address} sent nothing for {waited:g} s.", why="stalled") from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError, UnicodeError) as error:
            raise MediaError(f"{address} broke off ({error}).", why="dropped") from error

    def _read_title(self) -> None:
        length = 16 * int.from_bytes(self._raw(1) or b"\0", "little")
        said = b""
        while len(said) < length and (more := self._raw(length - len(said))):
            said += more
        text = _text(said.rstrip(b"\0"))
        if _TITLE in text:
            self.title = " ".join(text.partition(_TITLE)[2].partition("';")[0].split())
        self._until_title = self._every


def must_be_web(address: str) -> None:
    """Raises MediaError for anything but HTTP: an address that somebody else wrote must not open a file here."""
    url = None
    with suppress(ValueError):
        url = urlsplit(address)
    if not url or url.scheme not in ("http", "https") or not url.hostname:
        raise MediaError(f"'{address}' is no web address.", why="refused")


def open_sound(address: str, patience: Patience = PATIENCE) -> Stream:
    """What sounds at an address, or at the first that answers of the playlist there. Blocks; raises MediaError."""
    return _open_sound(address, patience, PLAYLISTS)


def _open_sound(address: str, patience: Patience, playlists: int) -> Stream:
    stream = Stream(address, patience)
    if is_playlist(stream.address, stream.kind, stream.head):
        named = _named_in(stream)
        failure = MediaError(f"{address} is a playlist of playlists.", why="refused")
        for one in named if playlists else ():
            try:
                return _open_sound(one, patience, playlists - 1)
            except MediaError as error:
                failure = error
        raise failure
    start = stream.head.lstrip()[:15].lower()
    if stream.kind in ("text/html", "application/xhtml+xml") or start.startswith((b"<!doctype", b"<html", b"<?xml")):
        stream.close()
        raise MediaError(f"{address} is a web page, not sound.", why="page")
    return stream


def _named_in(stream: Stream) -> Sequence[str]:
    """The addresses in a playlist. Raises MediaError."""
    try:
        content = b"".join(read_up_to(stream, PLAYLIST_BYTES))
    finally:
        stream.close()
    return addresses(content, stream.address)[:CHOICES]


def read_up_to(stream: Stream, most: int) -> Iterator[bytes]:
    """The beginning of a stream, so many bytes at most, as it comes, for some seconds. Raises MediaError."""
    until = time.monotonic() + READ_SECONDS
    while most > 0 and time.monotonic() < until and (piece := stream.read(min(most, PLAYLIST_BYTES))):
        most -= len(piece)
        yield piece


@cache
def _certificates() -> ssl.SSLContext:
    """The system's certificates. Takes a tenth of a second."""
    return ssl.create_default_context()


def _text(said: bytes) -> str:
    try:
        return said.decode("utf-8")
    except UnicodeDecodeError:
        return said.decode("latin-1")
