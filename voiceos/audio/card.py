"""A sound card, through PortAudio. It may be lost and come back."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Self

import anyio
import anyio.lowlevel
from anyio import to_thread

from voiceos.audio import portaudio
from voiceos.audio.boards import at_its_own
from voiceos.audio.microphone import Microphone
from voiceos.audio.speaker import Speaker
from voiceos.audio.switch import Switch
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, Frame
from voiceos.errors import DeviceError

log = logging.getLogger(__name__)

QUEUE_SECONDS = 0.2
"""`play` waits while more than this is queued."""
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_SUSPICIOUS_PART = 1 / 3
"""When one half is lost and the other has been quiet for this part of `lost_after`, both count as lost."""
_CLOSE_SECONDS = 2.0
_RESCAN_EVERY = 4
"""Looking for a lost speaker disturbs the microphone only at every fourth attempt."""


class SoundCard:
    """Fulfils `Audio` with a microphone and a speaker. Use it as an async context manager, on asyncio.

    `microphone` and `speaker` are parts of names, or indices; empty: the default. Without `listen` or `speak` that half
    stays closed. A microphone counts as lost after `lost_after` seconds without sound: PortAudio itself raises nothing.
    Then `on_problem` gets one sentence, `frames` waits and tries again every 0.5 to 10 s, telling `on_try`, and
    `on_recovered` is called when sound flows again. What should have been played meanwhile is dropped and does not
    count as played. While `switch` is off, the microphone is closed and frames are digital silence, so that everything
    else goes on. Entering raises DeviceError if a device is absent or busy.
    """

    def __init__(
        self,
        microphone: str = "",
        speaker: str = "",
        *,
        listen: bool = True,
        speak: bool = True,
        lost_after: float = 1.5,
        on_problem: Callable[[str], None] = lambda _: None,
        on_recovered: Callable[[], None] = lambda: None,
        on_try: Callable[[], None] = lambda: None,
        switch: Switch | None = None,
    ) -> None:
        self._switch = switch or Switch()
        self._wanted = {"microphone": microphone, "speaker": speaker}
        self._listen, self._speak, self._lost_after = listen, speak, lost_after
        self._on_problem, self._on_recovered, self._on_try = on_problem, on_recovered, on_try
        self._microphone: Microphone | None = None
        self._speaker: Speaker | None = None
        self._played_before = 0.0
        self._told: set[str] = set()
        self._pause = _FIRST_PAUSE_SECONDS
        self._next_try = 0.0
        self._tries = 0

    async def __aenter__(self) -> Self:
        try:
            if self._listen:
                await self._open_microphone()
            if self._speak:
                await self._open_speaker()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        with anyio.move_on_after(_CLOSE_SECONDS, shield=True) as scope:
            await self._close()
        if scope.cancelled_caught:
            log.warning("the sound server does not respond; leaving the sound card open")

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """20 ms frames at 16 kHz, from now on; none while the microphone is lost."""
        if self._microphone:
            self._microphone.drop()
        was_off = not self._switch.is_on
        while self._listen:
            if not self._switch.is_on:
                was_off = True
                yield await self._silence()
                continue
            if was_off:
                was_off = False
                await self._try(self._open_microphone)
            if not self._microphone or not await self._microphone.ready(self._lost_after):
                await self._retake()
                continue
            self._flows("microphone")
            if self._speak and not self._speaker_works():
                await self._retake_speaker()
            for frame in self._microphone.take() if self._microphone else ():
                yield frame

    async def play(self, frame: Frame) -> None:
        """Queues sound of any rate; waits while more than 200 ms are queued. Without a speaker it is dropped."""
        await anyio.lowlevel.checkpoint()
        while self._speaker_works() and self._left(QUEUE_SECONDS):  # noqa: ASYNC110 - the speaker is another clock
            await anyio.sleep(FRAME_SECONDS / 2)
        if self._speaker and self._speaker_works():
            self._speaker.queue(frame)

    async def drain(self) -> None:
        """Waits until everything queued has sounded, or the speaker is lost."""
        await anyio.lowlevel.checkpoint()
        if self._speaker and self._speaker_works():
            self._speaker.flush()
        while self._speaker_works() and self._left():  # noqa: ASYNC110 - the speaker is another clock
            await anyio.sleep(FRAME_SECONDS / 2)

    def stop(self) -> None:
        """Drops what is queued. What the card already holds, less than 100 ms, still sounds."""
        if self._speaker:
            self._speaker.stop()

    @property
    def played(self) -> float:
        """Seconds of queued sound that have sounded, allowing for the card's latency."""
        return self._played_before + (self._speaker.played if self._speaker else 0.0)

    def _left(self, more_than: float | None = None) -> bool:
        speaker = self._speaker
        return bool(speaker and (speaker.left > 0 if more_than is None else speaker.queued > more_than))

    def _speaker_works(self) -> bool:
        speaker = self._speaker
        if not speaker or speaker.quiet_seconds >= self._lost_after:
            if self._speak:
                self._lost("speaker")
            return False
        if speaker.started and speaker.quiet_seconds <= self._lost_after * _SUSPICIOUS_PART:
            self._flows("speaker")  # only when it is certainly not lost
        return True

    async def _retake(self) -> None:
        """Called when the microphone is lost: closes everything, looks for devices again, and opens what there is."""
        self._lost("microphone")
        self._on_try()
        await self._close()
        await anyio.sleep(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        await self._try(self._rescan)
        await self._try(self._open_microphone)
        if self._speak and self._microphone:
            await self._try(self._open_speaker)

    async def _retake_speaker(self) -> None:
        """Called when only the speaker is lost."""
        if anyio.current_time() < self._next_try:
            return
        self._tries += 1
        self._next_try = anyio.current_time() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        if self._tries % _RESCAN_EVERY == 0:
            await self._close()
            await self._try(self._rescan)
            await self._try(self._open_microphone)
        await self._close_speaker()
        await self._try(self._open_speaker)

    async def _rescan(self) -> None:
        await to_thread.run_sync(portaudio.rescan)

    async def _try(self, opening: Callable[[], Awaitable[None]]) -> None:
        try:
            await opening()
        except DeviceError as error:
            log.debug("not back yet: %s", error)

    def _lost(self, kind: str) -> None:
        """Reports once, about both halves if both are gone."""
        if kind in self._told:
            return
        suspicious = self._lost_after * _SUSPICIOUS_PART
        halves = {"microphone": self._microphone, "speaker": self._speaker}
        gone = [k for k, half in halves.items() if k == kind or (half and half.quiet_seconds > suspicious)]
        gone = [k for k in gone if k not in self._told]
        self._told.update(gone)
        what = " and the ".join(gone)
        self._on_problem(f"The {what} went silent. Plug it in again and voiceos resumes (see `voiceos devices`).")

    def _flows(self, kind: str) -> None:
        if kind in self._told:
            self._told.discard(kind)
            if not self._told:
                self._pause, self._tries = _FIRST_PAUSE_SECONDS, 0
                self._on_recovered()

    async def _open_microphone(self) -> None:
        if not self._switch.is_on:  # perhaps since it was lost
            return
        microphone = Microphone(await self._find("microphone"))
        await to_thread.run_sync(microphone.open)
        self._microphone = microphone

    async def _open_speaker(self) -> None:
        speaker = Speaker(await self._find("speaker"))
        await to_thread.run_sync(speaker.open)
        self._speaker = speaker

    async def _find(self, kind: portaudio.Kind) -> portaudio.Device:
        return at_its_own(await to_thread.run_sync(portaudio.find_device, kind, self._wanted[kind]))

    async def _silence(self) -> Frame:
        """A frame of the time in which the microphone is switched off."""
        await self._close_microphone()
        if self._speak and not self._speaker_works():
            await self._retake_speaker()
        await anyio.sleep(FRAME_SECONDS)
        return Frame(bytes(FRAME_BYTES), anyio.current_time())

    async def _close(self) -> None:
        await self._close_microphone()
        await self._close_speaker()

    async def _close_microphone(self) -> None:
        microphone, self._microphone = self._microphone, None
        if microphone:
            await to_thread.run_sync(microphone.close, abandon_on_cancel=True)

    async def _close_speaker(self) -> None:
        speaker, self._speaker = self._speaker, None
        if speaker:
            self._played_before += speaker.played
            await to_thread.run_sync(speaker.close, abandon_on_cancel=True)
