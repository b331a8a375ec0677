"""Removes the assistant's own voice from what its microphone hears.

`EchoFree` is an `Audio` around an `Audio`. It keeps a copy of everything played, tells by the speaker's own clock what
sounded while a frame was captured, and passes both to an `EchoCanceller`.
"""

import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

import anyio
import numpy as np

from voiceos.audio.echo_linear import LinearEcho
from voiceos.audio.resample import ToRate
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame
from voiceos.protocols import Audio

_IDLE_SECONDS = 0.5
"""After this long without sound there is no echo."""
_KEEP_SECONDS = 3.0
_MOST_SECONDS = 120.0
_QUIET_SECONDS = 1.0
"""After this long without sound, or a `stop`, what was queued will not sound any more."""
_JUMP_SECONDS = 0.03
"""The speaker's clock is read with jitter: only a larger difference than this moves the reference at once..."""
_DRIFT_SECONDS = 0.01
_SLEW = 0.02
"""...a smaller one pulls it along slowly, by this part of it each frame."""


class EchoCanceller(Protocol):
    """Removes from a microphone's frame what the speaker put into it."""

    def process(self, near: Frame, far: bytes) -> Frame:
        """`far`: what sounded, 16 kHz s16le, as long as the frame; its echo may lie in this frame or in later ones."""
        ...


class WebRtcEcho:
    """WebRTC's AEC3, which finds the delay of the echo by itself. It returns the sound 8 ms late."""

    def __init__(self) -> None:
        from pywebrtc_audio import EchoCanceller as Aec3

        self._aec: Any = Aec3(sample_rate=RATE, num_channels=1)

    def process(self, near: Frame, far: bytes) -> Frame:
        step = RATE // 100  # it works on 10 ms
        sound, reference = np.frombuffer(near.pcm, "<i2"), np.frombuffer(far, "<i2")
        parts = [self._aec.process(sound[i : i + step], reference[i : i + step]) for i in range(0, len(sound), step)]
        return Frame(np.concatenate(parts).astype("<i2").tobytes(), near.at, near.rate)


class TwoPathEcho:
    """Two cancellers side by side, each for what it does best (ADR 10).

    `pcm` comes from the linear filter, which keeps a voice over the echo, and some of the echo with it. It serves the
    wake word and recognition. `without_echo` comes from AEC3, which removes all of the echo and most of the voice, but
    leaves enough to tell that somebody speaks.
    """

    def __init__(self) -> None:
        self._gentle, self._thorough = LinearEcho(), WebRtcEcho()

    def process(self, near: Frame, far: bytes) -> Frame:
        return replace(self._gentle.process(near, far), without_echo=self._thorough.process(near, far).pcm)


class EchoFree:
    """Fulfils `Audio` with another one, without the echo.

    Everything that sounds must go through `play` of this object, after its volume was set. Frames pass untouched when
    nothing has sounded for a while. The reference runs ahead of the speaker's clock by `ahead_seconds`, because
    an echo that comes before its reference, from a card that overstates its latency, cannot be removed at all.
    """

    def __init__(self, audio: Audio, canceller: EchoCanceller, *, ahead_seconds: float = 0.04) -> None:
        self._audio, self._canceller, self._ahead = audio, canceller, ahead_seconds
        self._reference = Reference()
        self._to_rate = ToRate(RATE)
        self._clock = _SpeakerClock()
        self._afresh = False
        self._added = -math.inf

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """20 ms frames at 16 kHz, cleaned."""
        async with aclosing(self._audio.frames()) as frames:
            async for frame in frames:
                yield self._clean(frame)

    async def play(self, frame: Frame) -> None:
        """Queues sound of any rate; waits while more than 200 ms are queued."""
        now, played = anyio.current_time(), self._audio.played
        self._clock.read(played, now)
        if self._afresh or now - max(self._clock.moved, self._added) > _QUIET_SECONDS:
            self._reference.begin(played)
        self._afresh, self._added = False, now
        self._reference.add(self._to_rate(frame))
        await self._audio.play(frame)

    async def drain(self) -> None:
        """Waits until all that was queued has sounded."""
        self._reference.add(self._to_rate.flush())
        await self._audio.drain()

    def stop(self) -> None:
        """Silence now."""
        self._audio.stop()
        self._to_rate.clear()
        self._afresh = True

    @property
    def played(self) -> float:
        """Seconds that have sounded."""
        return self._audio.played

    def _clean(self, frame: Frame) -> Frame:
        now, played = anyio.current_time(), self._audio.played
        self._clock.read(played, now)
        if now - self._clock.moved > _IDLE_SECONDS:
            return frame
        position = self._clock.position(frame.at)
        return self._canceller.process(frame, self._reference.at(position + self._ahead, played + self._ahead))


class _SpeakerClock:
    """The speaker's clock by the loop's, without the jitter of single readings."""

    def __init__(self) -> None:
        self.moved = -math.inf
        """When it was last seen to advance, on the loop's clock."""
        self._played = 0.0
        self._offset = 0.0
        self._position = 0.0
        self._drift = 0.0

    def read(self, played: float, now: float) -> None:
        if played <= self._played + 1e-6:
            return
        self._played, self.moved = played, now
        difference = played - now - self._offset
        self._offset += difference if abs(difference) > _JUMP_SECONDS else _SLEW * difference

    def position(self, at: float) -> float:
        """Its time at the end of a frame; call it once per frame. An unbroken reference matters more than exact time.

        So it advances by a frame each time, and is corrected only when it is far off, or off for long.
        """
        expected = self._position + FRAME_SECONDS
        error = at + self._offset - expected
        self._drift += _SLEW * (error - self._drift)
        correction = error if abs(error) > _JUMP_SECONDS else self._drift if abs(self._drift) > _DRIFT_SECONDS else 0.0
        if correction:
            self._drift = 0.0
        self._position = expected + correction
        return self._position


class Reference:
    """What was played lately, by its place on the speaker's clock (seconds that have sounded)."""

    def __init__(self) -> None:
        self._start = 0
        self._pcm = bytearray()

    def begin(self, position: float) -> None:
        """Nothing is queued: the next sound will sound at `position`."""
        self._start, self._pcm = round(position * RATE), bytearray()

    def add(self, pcm: bytes) -> None:
        self._pcm += pcm
        self._forget(len(self._pcm) - 2 * round(_MOST_SECONDS * RATE))

    def at(self, position: float, sounded: float) -> bytes:
        """The 20 ms up to `position`; silence where there was no sound, or none yet (`sounded`)."""
        first = 2 * (round((position - FRAME_SECONDS) * RATE) - self._start)
        last = min(first + FRAME_BYTES, 2 * (round(sounded * RATE) - self._start))
        far = bytes(self._pcm[max(0, first) : max(0, last)])
        self._forget(min(first - 2 * round(_KEEP_SECONDS * RATE), len(self._pcm)))
        return (bytes(min(FRAME_BYTES, max(0, -first))) + far).ljust(FRAME_BYTES, b"\0")

    def _forget(self, size: int) -> None:
        if size > 0:
            del self._pcm[:size]
            self._start += size // 2
