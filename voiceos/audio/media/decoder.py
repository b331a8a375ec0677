"""Decodes what plays in a thread of its own, ahead of need, into a buffer of some seconds."""

import io
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Protocol

import numpy as np

from voiceos.audio.media.web import PATIENCE, Patience
from voiceos.audio.mixer import MUSIC_RATE, STEP_BYTES
from voiceos.audio.recording import FORMATS
from voiceos.core import FRAME_SECONDS
from voiceos.errors import MediaError

log = logging.getLogger(__name__)

AHEAD_SECONDS = 6.0
REFILL_SECONDS = 2.0
"""How much must be missing before it decodes on: waking up for each frame would cost more than decoding it."""
START_SECONDS = 0.4
"""What must be there before it sounds, at first and after the buffer ran dry."""
STEADY_SECONDS = 60.0
"""After so long without a break, a station has all its attempts again."""
DAMAGED = 100
"""Packets in a row that cannot be decoded; then the rest is given up."""
_AUDIBLE = 30
"""Of 32,768; what stays below is silence."""


class SongFile(io.FileIO):
    """A file for FFmpeg, which may ask for places before its beginning."""

    def seek(self, place: int, whence: int = 0, /) -> int:
        try:
            return super().seek(place, whence)
        except OSError:
            return -1


class Source(Protocol):
    """Where the bytes come from."""

    def read(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


class Decoder:
    """The sound of one station, episode or song. Call everything but the thread itself from the loop."""

    def __init__(
        self, opened: Callable[[], Source], *, patience: Patience = PATIENCE, must_be_audible: bool = False
    ) -> None:
        """`opened` connects; it raises MediaError, and may be called again. Nothing blocks here.

        `must_be_audible`: silence alone is no sound.
        """
        self.error: MediaError | None = None
        """Why there is no more sound."""
        self.flows = False
        """Whether there has been sound."""
        self.tags: dict[str, str] = {}
        self._opened, self._patience, self._audible = opened, patience, must_be_audible
        self._source: Source | None = None
        self._chunks: deque[bytes] = deque()
        self._room = threading.Condition()
        self._whole = False  # nothing more will come
        self._waits = True
        self._closed = threading.Event()
        threading.Thread(target=self._run, name="decoder", daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether all that there was has been taken."""
        return self._whole and not self._chunks

    @property
    def is_silent(self) -> bool:
        """Whether there is sound, but none that could be heard."""
        return bool(self._chunks) and not self.flows

    @property
    def title(self) -> str:
        """What a station says that it plays."""
        return getattr(self._source, "title", "")

    @property
    def ahead_seconds(self) -> float:
        """How much is decoded and not taken."""
        return len(self._chunks) * FRAME_SECONDS

    def take(self) -> bytes:
        """The next 20 ms; empty: none for now."""
        if self._waits and not self._whole and self.ahead_seconds < START_SECONDS:
            return b""
        self._waits = False
        try:
            chunk = self._chunks.popleft()
        except IndexError:
            self._waits = True
            return b""
        if self.ahead_seconds < AHEAD_SECONDS - REFILL_SECONDS:
            with self._room:
                self._room.notify()
        return chunk

    def close(self) -> None:
        """Ends it; a thread that waits for the network ends when that has answered, or has not for too long."""
        self._closed.set()
        with self._room:
            self._room.notify()

    # The thread

    def _run(self) -> None:
        pauses = list(self._patience.pauses)
        while not self._closed.is_set():
            began = time.monotonic()
            try:
                self._decode_once()
                break
            except MediaError as error:
                if time.monotonic() - began > STEADY_SECONDS:
                    pauses = list(self._patience.pauses)
                again = getattr(self._source, "is_live", False) and self.flows
                log.info("%s%s", error, " Trying again." if again and pauses else "")
                if not again or not pauses:
                    self.error = error
                    break
                self._closed.wait(pauses.pop(0))
        self._whole = True

    def _decode_once(self) -> None:
        """All the sound of one connection. Raises MediaError."""
        with closing(self._opened()) as source:
            self._source = source
            rest = b""
            for pcm in self._sound(source):
                rest += pcm
                whole = len(rest) - len(rest) % STEP_BYTES
                for place in range(0, whole, STEP_BYTES):
                    if not self._put(rest[place : place + STEP_BYTES]):
                        return
                rest = rest[whole:]
            if rest:
                self._put(rest.ljust(STEP_BYTES, b"\0"))
            if getattr(source, "is_live", False):
                raise MediaError("The station has stopped sending.", why="dropped")

    def _put(self, chunk: bytes) -> bool:
        """Waits for room; False: it was closed meanwhile."""
        if not self.flows and (not self._audible or np.abs(np.frombuffer(chunk, "<i2")).max() > _AUDIBLE):
            self.flows = True
        with self._room:
            if self.ahead_seconds >= AHEAD_SECONDS - FRAME_SECONDS / 2:  # as long as it is paused, without a limit
                self._room.wait_for(
                    lambda: self._closed.is_set() or self.ahead_seconds < AHEAD_SECONDS - REFILL_SECONDS
                )
        self._chunks.append(chunk)
        return not self._closed.is_set()

    def _sound(self, source: Source) -> Iterator[bytes]:
        """Its samples, mono at MUSIC_RATE. Raises MediaError."""
        import av
        from av.error import FFmpegError

        options = {
            **{"format_whitelist": FORMATS, "protocol_whitelist": "", "max_size": "65536"},
            **{"analyzeduration": "500000", "probesize": "65536"},
        }
        heard, damaged = False, 0
        try:
            with av.open(source, "r", options=options, metadata_errors="ignore") as container:
                stream: Any = container.streams.audio[0]
                self.tags = {key.lower(): value for key, value in {**container.metadata, **stream.metadata}.items()}
                to_ours = av.AudioResampler(format="s16", layout="mono", rate=MUSIC_RATE)
                for packet in container.demux(stream):
                    try:
                        frames = [ours for frame in packet.decode() for ours in to_ours.resample(frame)]
                        damaged = 0
                    except FFmpegError:
                        damaged += 1
                        if damaged > DAMAGED:
                            break
                        continue
                    for frame in frames:
                        heard = True
                        yield frame.to_ndarray().tobytes()
                yield from (frame.to_ndarray().tobytes() for frame in to_ours.resample(None))
        except (FFmpegError, IndexError, ValueError, OverflowError) as error:
            if not heard:
                raise MediaError(f"This is no sound, or it is damaged ({error}).", why="nonsense") from error
            log.info("The rest can't be decoded (%s).", error)
        if not heard:
            raise MediaError("There is no sound in it.", why="nonsense")
