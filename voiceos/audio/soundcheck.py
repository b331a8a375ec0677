"""Plays a sound, records it through the room, and says what to change: level, noise, clipping, echo, drop-outs."""

import math
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import anyio
import numpy as np
from numpy.typing import NDArray

from voiceos.audio.boards import Board
from voiceos.audio.levels import FLOOR_DBFS, is_clipped
from voiceos.audio.recording import frames_of
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame
from voiceos.errors import DeviceError
from voiceos.protocols import Audio

Samples = NDArray[np.floating[Any]]

CHIRPS = 5
CHIRP_SECONDS, PAUSE_SECONDS = 0.25, 0.75
SENT_DBFS = -15.0
"""Of a chirp, root mean square: about as loud as a reply."""
LONGEST_DELAY_SECONDS = 0.7
"""Less than what lies between two chirps."""
FIRST_SECONDS = 5.0
"""A card may take two seconds to give its first sound."""
FOUND = 0.25
"""Correlation from which a chirp counts as heard; noise alone reaches about 0.1."""
JITTER_SECONDS = 0.01
QUIET_SECONDS = 1.0
"""In which only the room is heard."""
NOISY_DBFS = -50.0
LITTLE_LOSS_DB = 0.0
"""Echo that is heard as loud as it was sent leaves the canceller nothing to tell voices by."""
LATE_SECONDS = 0.35
"""The canceller looks for an echo up to half a second back."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came back. Levels in dBFS; None where no chirp was heard."""

    noise_dbfs: float
    echo_dbfs: float | None
    clipped: bool
    delay_seconds: float | None
    """From handing a chirp to the speaker to hearing it."""
    jitter_seconds: float
    """By how much the delay differs between chirps."""
    heard: int
    """Of the chirps."""
    lost_seconds: float
    """Sound of the microphone that never came."""

    @property
    def loss_db(self) -> float | None:
        """How much softer the echo is than what was sent."""
        return None if self.echo_dbfs is None else SENT_DBFS - self.echo_dbfs


def chirp() -> Samples:
    """From 300 to 4000 Hz, faded in and out: it matches itself in one place only, and small speakers can play it."""
    time = np.arange(round(CHIRP_SECONDS * RATE)) / RATE
    phase = 2 * np.pi * (300 * time + (4_000 - 300) * time**2 / (2 * CHIRP_SECONDS))
    sound = np.sin(phase) * np.minimum(1, np.minimum(time, time[::-1]) / 0.01)
    return sound * 10 ** (SENT_DBFS / 20) / math.sqrt(float(np.mean(sound**2)))


async def check(card: Audio) -> Measured:
    """Takes some seconds. `card` must not cancel echo."""
    heard: list[Frame] = []
    sent_at: list[float] = []
    flowing = anyio.Event()

    async def listen() -> None:
        async with aclosing(card.frames()) as frames:
            async for frame in frames:
                heard.append(frame)
                flowing.set()

    sound = Frame((chirp() * 32_767).astype("<i2").tobytes())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        with anyio.move_on_after(FIRST_SECONDS):
            await flowing.wait()
        await anyio.sleep(QUIET_SECONDS)
        for _ in range(CHIRPS):
            sent_at.append(anyio.current_time())
            for piece in frames_of([sound.pcm], FRAME_BYTES):
                await card.play(Frame(piece))
            await card.drain()
            await anyio.sleep(PAUSE_SECONDS)
        await anyio.sleep(LONGEST_DELAY_SECONDS)
        tasks.cancel_scope.cancel()
    if not heard:
        raise DeviceError("The microphone gives no sound at all. Plug it in again (see `voiceos devices`).")
    return measured(heard, sent_at)


def measured(heard: Sequence[Frame], sent_at: Sequence[float]) -> Measured:
    """`heard`: all frames, beginning at least a pause before the first chirp; `sent_at`: when each was handed over."""
    samples = np.frombuffer(b"".join(one.pcm for one in heard), "<i2").astype(np.float64) / 32_768
    began = heard[0].at - heard[0].seconds
    gaps = [later.at - earlier.at - later.seconds for earlier, later in pairwise(heard)]
    quiet = samples[: max(1, round((sent_at[0] - began) * RATE))]
    found = [place for at in sent_at if (place := _echo(samples, round((at - began) * RATE)))]
    delays = [delay for delay, _ in found]
    return Measured(
        noise_dbfs=_dbfs(quiet),
        echo_dbfs=float(np.median([level for _, level in found])) if found else None,
        clipped=any(is_clipped(one.pcm) for one in heard),
        delay_seconds=float(np.median(delays)) if found else None,
        jitter_seconds=float(np.ptp(delays)) if found else 0.0,
        heard=len(found),
        lost_seconds=sum(gap for gap in gaps if gap > FRAME_SECONDS / 2),
    )


def _echo(samples: Samples, sent: int) -> tuple[float, float] | None:
    """Delay in seconds and level of the echo of a chirp that was sent at this sample, if it was heard."""
    wanted = chirp()
    part = samples[sent : sent + round(LONGEST_DELAY_SECONDS * RATE) + len(wanted)]
    if len(part) < len(wanted):
        return None
    size = 1 << (len(part) + len(wanted)).bit_length()
    match = np.fft.irfft(np.fft.rfft(part, size) * np.conj(np.fft.rfft(wanted, size)), size)
    match = match[: len(part) - len(wanted) + 1]
    at = int(np.abs(match).argmax())
    piece = part[at : at + len(wanted)]
    scale = math.sqrt(float(piece @ piece) * float(wanted @ wanted))
    if not scale or abs(match[at]) / scale < FOUND:
        return None
    return at / RATE, _dbfs(piece)


def _dbfs(samples: Samples) -> float:
    power = float(np.mean(samples**2))
    return max(FLOOR_DBFS, 10 * math.log10(power)) if power > 0 else FLOOR_DBFS


def advice(found: Measured, board: Board, echo: str) -> list[str]:
    """What to change, the most important first; nothing if all is well. `echo`: the setting `audio.echo`."""
    said: list[str] = []
    if found.noise_dbfs <= FLOOR_DBFS + 10 and not found.heard:
        said.append("The microphone gives silence only. Unmute it, and choose it: `voiceos devices`.")
    elif not found.heard:
        said.append(
            "The microphone did not hear the speaker. Turn the speaker up, and look whether both are the right"
            " ones: `voiceos devices --test`."
        )
    if found.lost_seconds:
        said.append(
            f"{found.lost_seconds * 1000:.0f} ms of sound were lost. Stop what else keeps the machine busy, and plug"
            " the microphone into the board itself, not into a hub."
        )
    elif 0 < found.heard < CHIRPS:
        said.append(
            f"Only {found.heard} of {CHIRPS} sounds came back whole. Look for a loose plug or other loud sound."
        )
    if found.clipped:
        said.append("The microphone is overdriven. Lower its level (`alsamixer`, F4), or the volume of the speaker.")
    if found.jitter_seconds > JITTER_SECONDS:
        said.append(
            f"The delay of the echo changes by {found.jitter_seconds * 1000:.0f} ms, so it cannot be cancelled well."
            " Use one card for microphone and speaker."
        )
    if found.delay_seconds is not None and found.delay_seconds > LATE_SECONDS:
        said.append(
            f"The echo comes {found.delay_seconds:.2f} s late, too late to be cancelled. Avoid Bluetooth speakers."
        )
    if found.loss_db is not None and found.loss_db < LITTLE_LOSS_DB and not found.clipped:
        said.append("The echo is louder than your voice will be. Turn the speaker down or move it away.")
    if found.noise_dbfs > NOISY_DBFS:
        said.append(
            "The room or the microphone is noisy. Move it away from fans, or lower its level (`alsamixer`, F4)."
        )
    if board.cancels_echo and echo != "off":
        said.append(f"A {board.name} cancels its echo itself: `voiceos config set audio.echo off`.")
    return said
