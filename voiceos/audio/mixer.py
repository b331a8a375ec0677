"""Mixes music into what is spoken, and plays it alone when nothing is spoken: one path, one stream, one clock."""

from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from math import inf
from typing import Protocol

import anyio
import numpy as np

from voiceos.audio.loudness import Loudness
from voiceos.audio.resample import ToRate
from voiceos.audio.volume import add, with_volume
from voiceos.core import FRAME_SECONDS, Frame
from voiceos.protocols import Audio

MUSIC_RATE = 48_000
STEP_BYTES = 2 * round(FRAME_SECONDS * MUSIC_RATE)
AHEAD_SECONDS = 0.2
"""How much music is queued: what is spoken sounds that much later."""
REST_SECONDS = 0.06
"""Once so much is queued: to wake up for each frame would cost more than to mix it."""
DUCKED = 0.12
"""The factor of music under speech: 18 dB softer."""
DOWN, UP = 4.0, 1.0
"""How far the factor may move in a second."""
VOICE_SECONDS = 0.1
"""So soon after sound of a voice there is no music alone: the voice's next frame would come too late."""
AFTERWARDS_SECONDS = 1.5
"""How long music stays soft after something was spoken or rang: longer than the silence between two rings."""
SETTLE_SECONDS = 0.15
"""After a `stop`: what the card still holds sounds first, or the echo canceller would expect the music too early."""
STALLED_SECONDS = 0.5
"""Without the speaker's clock moving: then the card has dropped what was queued."""


class Music(Protocol):
    """What plays."""

    async def ready(self) -> None:
        """Waits until there is something to play."""
        ...

    @property
    def is_on(self) -> bool:
        """Whether it plays, though perhaps there is no sound of it yet."""
        ...

    def take(self) -> bytes:
        """The next 20 ms, s16le at MUSIC_RATE; empty: none for now. Must return at once."""
        ...


class Mixer:
    """Fulfils `Audio` with another one. Its `played` counts what is spoken, not music alone.

    `ducked`: whether somebody speaks, or may. Without music everything passes byte for byte.
    """

    def __init__(self, audio: Audio, music: Music, *, loudness: Loudness, ducked: Callable[[], bool]) -> None:
        self._audio, self._music, self._loudness, self._ducked = audio, music, loudness, ducked
        self._sounds = False
        self._to_rate = ToRate(MUSIC_RATE)
        self._bed = b""
        self._factor = 0.0
        self._end = 0.0  # where what is queued ends, by the speaker's clock
        self._voice_end = 0.0
        self._spoke = self._stopped = -inf
        self._alone: deque[tuple[float, float]] = deque()  # music without a voice: start, end by the speaker's clock
        self._alone_before = 0.0
        self._played, self._moved = 0.0, -inf

    async def run(self) -> None:
        """Plays the music until cancelled."""
        while True:
            await self._music.ready()
            self._factor, self._sounds, self._moved = 0.0, True, anyio.current_time()
            try:
                while self._music.is_on:
                    await self._play_music()
            finally:
                self._sounds, self._bed = False, b""
            await self._audio.drain()  # or its last 40 ms, which resamplers hold, would sound before the next reply

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """20 ms frames at 16 kHz."""
        async with aclosing(self._audio.frames()) as frames:
            async for frame in frames:
                yield frame

    async def play(self, frame: Frame) -> None:
        """Queues what is spoken, with the music under it."""
        self._spoke = anyio.current_time()
        if self._sounds:
            await self._play_mixed(self._to_rate(frame))
        else:
            await self._queue(frame)
        self._spoke = anyio.current_time()

    async def drain(self) -> None:
        """Waits until all that is spoken has sounded."""
        if not self._sounds:
            await self._audio.drain()
            return
        await self._play_mixed(self._to_rate.flush())
        with anyio.move_on_after(self._voice_end - self._audio.played + STALLED_SECONDS):
            while self._audio.played < self._voice_end - FRAME_SECONDS / 2:  # noqa: ASYNC110 - another clock
                await anyio.sleep(FRAME_SECONDS / 2)

    def stop(self) -> None:
        """Drops what is queued; music goes on a moment later."""
        self._audio.stop()
        self._to_rate.clear()
        self._end = self._voice_end = played = self._audio.played
        self._alone = deque((start, min(end, played)) for start, end in self._alone if start < played)
        self._stopped = self._moved = anyio.current_time()

    @property
    def played(self) -> float:
        """Seconds of what was spoken that have sounded."""
        played = self._audio.played
        while self._alone and self._alone[0][1] <= played:
            start, end = self._alone.popleft()
            self._alone_before += end - start
        sounding = max(0.0, played - self._alone[0][0]) if self._alone else 0.0
        return played - self._alone_before - sounding

    async def _play_music(self) -> None:
        """A frame of music alone, if it is time for one; else it waits a moment."""
        now, played = anyio.current_time(), self._audio.played
        if played > self._played:
            self._played, self._moved = played, now
        ahead, spoken = self._end - played, now - self._spoke < VOICE_SECONDS
        if ahead > 0 and not spoken and now - self._moved > STALLED_SECONDS:
            self.stop()
        elif ahead < AHEAD_SECONDS and not spoken and now - self._stopped >= SETTLE_SECONDS and self._has_music():
            pcm, self._bed = self._bed, b""
            if ahead <= 0:
                self._moved = now
            await self._queue(Frame(self._soft(pcm), rate=MUSIC_RATE), alone=True)
            return
        await anyio.sleep(REST_SECONDS if ahead >= AHEAD_SECONDS else FRAME_SECONDS / 2)

    async def _play_mixed(self, pcm: bytes) -> None:
        for place in range(0, len(pcm), STEP_BYTES):
            voice = pcm[place : place + STEP_BYTES]
            while len(self._bed) < len(voice) and (more := self._music.take()):
                self._bed += more
            bed, self._bed = self._bed[: len(voice)], self._bed[len(voice) :]
            await self._queue(Frame(add(voice, self._soft(bed)), rate=MUSIC_RATE))

    async def _queue(self, frame: Frame, *, alone: bool = False) -> None:
        start = max(self._end, self._audio.played)
        self._end = start + frame.seconds
        if not alone:
            self._voice_end = self._end
        elif self._alone and start - self._alone[-1][1] < 1e-6:
            self._alone[-1] = self._alone[-1][0], self._end
        else:
            self._alone.append((start, self._end))
        await self._audio.play(frame)

    def _has_music(self) -> bool:
        self._bed = self._bed or self._music.take()
        return bool(self._bed)

    def _soft(self, pcm: bytes) -> bytes:
        """Music as loud as it may be now, moving there smoothly."""
        if not pcm:
            return pcm
        spoken = anyio.current_time() - self._spoke < AFTERWARDS_SECONDS
        wanted, before, samples = DUCKED if spoken or self._ducked() else 1.0, self._factor, len(pcm) // 2
        seconds = samples / MUSIC_RATE
        self._factor = min(max(wanted, before - DOWN * seconds), before + UP * seconds)
        ramp = np.linspace(before, self._factor, samples, dtype=np.float32)
        soft = (np.frombuffer(pcm, "<i2") * ramp).astype("<i2").tobytes()
        return with_volume(Frame(soft, rate=MUSIC_RATE), self._loudness.factor).pcm
