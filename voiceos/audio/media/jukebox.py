"""What plays now: a station, an episode, or songs one after the other. It gives the mixer its sound."""

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import anyio

from voiceos.audio.media.decoder import Decoder, SongFile
from voiceos.audio.media.web import PATIENCE, Patience, open_sound
from voiceos.errors import MediaError
from voiceos.language.sentences import skill_says as says

log = logging.getLogger(__name__)

Kind = Literal["station", "episode", "song"]

FIRST_SOUND_SECONDS = 10.0
"""How long it may take until something sounds."""
_LOOK_SECONDS = 0.05
BROKEN = 5
"""Songs in a row that cannot be played; then it gives up."""


@dataclass(frozen=True, slots=True)
class Track:
    """Something that can be played."""

    kind: Kind
    name: str
    address: str
    """A web address; of a song, its file."""
    artist: str = ""
    album: str = ""


class Jukebox:
    """Call everything from the loop. Decoding is in a thread of each decoder's own; nothing is kept of what played."""

    def __init__(
        self, *, patience: Patience = PATIENCE, first_sound_seconds: float = FIRST_SOUND_SECONDS, decoder: Any = Decoder
    ) -> None:
        """`decoder`: makes what decodes, as `Decoder` does."""
        self.speakers = 0
        """Spoken conversations, through which it sounds. Where there is none, nothing plays."""
        self.on_trouble: list[Callable[[str], None]] = []
        """Called with a sentence when what played has ended by a fault."""
        self._patience, self._first_sound_seconds, self._make = patience, first_sound_seconds, decoder
        self._tracks: Sequence[Track] = ()
        self._index = 0
        self._decoder: Decoder | None = None
        self._paused = False
        self._broken = 0
        self._changed = anyio.Event()
        self._one = anyio.Lock()

    # What the mixer asks

    async def ready(self) -> None:
        while not self.is_on:
            await self._changed.wait()

    @property
    def is_on(self) -> bool:
        return self._decoder is not None and not self._paused

    def take(self) -> bytes:
        """The next 20 ms; empty: none for now."""
        if not self._decoder or self._paused:
            return b""
        if chunk := self._decoder.take():
            self._broken = 0
            return chunk
        if self._decoder.is_over:
            self._go_on(self._decoder.error)
        return b""

    # What the skill and the conversation ask

    @property
    def is_paused(self) -> bool:
        return self._paused

    @property
    def track(self) -> Track | None:
        """What plays, or is paused."""
        return self._tracks[self._index] if self._tracks else None

    @property
    def title(self) -> str:
        """What a station says that it plays."""
        return self._decoder.title if self._decoder else ""

    @property
    def tags(self) -> dict[str, str]:
        """What a file says of itself."""
        return self._decoder.tags if self._decoder else {}

    @contextmanager
    def attended(self) -> Generator[None]:
        """While it is entered, there is a speaker."""
        self.speakers += 1
        try:
            yield
        finally:
            self.speakers -= 1
            if not self.speakers:
                self.stop()

    async def play(self, tracks: Sequence[Track], index: int = 0) -> Track:
        """Plays these, from one of them on, once there is sound; until then, what played before plays on.

        Returns what really sounds: songs that cannot be played are left out. Raises MediaError, which can be spoken.
        """
        if not self.speakers:
            raise MediaError("There is no speaker here. Run `voiceos talk`.", spoken=says("media.no_speaker"))
        async with self._one:
            last = min(index + BROKEN, len(tracks)) if tracks[index].kind == "song" else index + 1
            for place in range(index, last):
                decoder = self._open(tracks[place])
                try:
                    await self._sounds(decoder, tracks[place])
                except BaseException as error:
                    decoder.close()
                    if isinstance(error, MediaError) and place + 1 < last:
                        log.info("%s is left out: %s", tracks[place].address, error)
                        continue
                    raise
                self._change(decoder, tracks, place)
                return tracks[place]
        raise AssertionError  # the last attempt returns or raises

    def pause(self) -> None:
        self._paused = True
        if self._decoder and self._tracks[self._index].kind == "station":
            self._decoder.close()  # it is live: nobody wants to hear later what it sends now
        self._tell()

    async def resume(self) -> Track | None:
        """Goes on with what was paused. Raises MediaError."""
        track = self.track
        if track and track.kind == "station":
            return await self.play(self._tracks, self._index)
        self._paused = False
        self._tell()
        return track

    async def skip(self, steps: int) -> Track | None:
        """What comes after, before (-1), or once more (0); None: there is none. Raises MediaError."""
        place = self._index + steps
        return await self.play(self._tracks, place) if 0 <= place < len(self._tracks) else None

    def stop(self) -> None:
        self._change(None, (), 0)

    # Inside

    def _open(self, track: Track) -> Decoder:
        if track.kind == "song":
            return self._make(partial(_file, track.address))
        return self._make(
            partial(open_sound, track.address, self._patience),
            patience=self._patience,
            must_be_audible=track.kind == "station",
        )

    async def _sounds(self, decoder: Decoder, track: Track) -> None:
        """Waits until there is sound. Raises MediaError."""
        with anyio.move_on_after(self._first_sound_seconds):
            while not decoder.flows and not decoder.is_over:  # noqa: ASYNC110 - a thread fills it
                await anyio.sleep(_LOOK_SECONDS)
        if decoder.flows:
            return
        why = decoder.error or MediaError(
            f"{track.address} gave no sound within {self._first_sound_seconds:g} s.",
            why="silent" if decoder.is_silent else "stalled",
        )
        raise MediaError(str(why), spoken=_spoken(why, track), why=why.why) from why

    def _go_on(self, error: MediaError | None) -> None:
        """One has ended: the next of the songs, or silence."""
        track = self._tracks[self._index]
        self._broken += error is not None
        if track.kind == "song" and self._index + 1 < len(self._tracks) and self._broken < BROKEN:
            self._change(self._open(self._tracks[self._index + 1]), self._tracks, self._index + 1)
            return
        self.stop()
        if error:
            for heed in self.on_trouble:
                heed(_spoken(error, track))

    def _change(self, decoder: Decoder | None, tracks: Sequence[Track], index: int) -> None:
        if self._decoder:
            self._decoder.close()
        self._decoder, self._tracks, self._index, self._paused = decoder, tracks, index, False
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


def _file(address: str) -> Any:
    try:
        return SongFile(address)
    except OSError as error:
        raise MediaError(f"Cannot open {address} ({error.strerror or error}).", why="gone") from error


def _spoken(error: MediaError, track: Track) -> str:
    return says(f"media.failed.{error.why}", name=track.name)
