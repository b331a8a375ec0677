"""The spoken conversation: a host with ears and a mouth, on one microphone and one speaker."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

import anyio

from voiceos.audio.controls import Controls
from voiceos.audio.earcons import Earcon, earcon
from voiceos.audio.levels import Level
from voiceos.audio.mixer import Mixer
from voiceos.core import Exchange, Frame, Notice, NoticeKind
from voiceos.dialogue.converse import Dialogue
from voiceos.dialogue.equipment import Equipment
from voiceos.dialogue.manners import Manners
from voiceos.dialogue.requests_heard import RequestsHeard
from voiceos.dialogue.ringing import Bell
from voiceos.errors import VoiceosError
from voiceos.host import Host
from voiceos.listen.ears import Ears
from voiceos.listen.gate import State
from voiceos.memory.names import Names
from voiceos.protocols import Audio, Mind, SpeechToText, TextToSpeech, TurnEnd, VoiceActivity, WakeWord

RING_LEAST = 0.5
"""The factor below which what rings is never turned down."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Everything that hears and speaks, loaded and warm."""

    voice_activity: VoiceActivity
    recognition: SpeechToText
    voice: TextToSpeech
    wake_word: WakeWord | None = None
    turn_end: TurnEnd | None = None
    names: Names | None = None
    """The memory's names, which `recognition` knows."""


class Assistant:
    """A host with ears and a mouth: the spoken conversation on one microphone and one speaker."""

    def __init__(self, host: Host, engines: Engines, audio: Audio, mind: Mind | None = None) -> None:
        """`mind`: what answers, if not the host itself."""
        config = host.config
        self._host = host
        self._notify = host.happenings.notify
        self._mind = mind or host
        self._engines = engines
        self._ready = False
        self._mixer = Mixer(audio, host.jukebox, loudness=host.loudness, ducked=self._is_talked_to)
        self._audio = Controls(self._mixer, loudness=host.loudness, on_level=self._show_level)
        self._ears = Ears(
            config.listen,
            engines.voice_activity,
            wake_word=engines.wake_word if config.wake.mode == "word" else None,
            turn_end=engines.turn_end,
        )
        if engines.names:
            host.know_names(engines.names)

    def press(self) -> None:
        """Push-to-talk."""
        self._ears.press()

    @property
    def asleep(self) -> bool:
        """Only a wake word or the button counts."""
        return self._ears.gate.asleep

    async def say(self, frames: AsyncGenerator[Frame, None]) -> None:
        """Plays sound once nobody is speaking, until somebody does."""
        await self._host.upkeep.quiet()
        async with aclosing(frames):
            async for frame in frames:
                if self._host.upkeep.busy:
                    self._audio.stop()
                    return
                await self._audio.play(frame)
        await self._audio.drain()

    async def run(self, *, partials: bool = False) -> None:
        """Listens and answers until the microphone ends, or until cancelled. `partials`: show words as they come."""
        with self._host.jukebox.attended():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._mixer.run)
                await self._dialogue(partials).run()
                tasks.cancel_scope.cancel()

    def _is_talked_to(self) -> bool:
        """Whether somebody speaks, or may without the wake word."""
        state, always = self._ears.gate.state, self._host.config.wake.mode == "open"
        return state is not State.ASLEEP and not (always and state is State.OPEN)

    def _dialogue(self, partials: bool) -> Dialogue:
        host, config, engines = self._host, self._host.config, self._engines
        asks = host.requests
        equipment = Equipment(
            audio=self._audio,
            recognition=engines.recognition,
            mind=self._mind,
            voice=engines.voice,
            observer=self._notify,
            keep=host.keep,
            is_request=asks.is_one,
            is_urgent=asks.is_urgent,
            look_again=RequestsHeard(engines.recognition, asks.takes, asks.likely, asks.is_urgent),
            hotwords=config.recognition.hotwords,
            names=host.names,
            thinking=lambda: self._earcon("thinking"),
        )
        manners = Manners(
            follow_up_seconds=config.listen.follow_up_seconds,
            patience_seconds=config.listen.patience_seconds,
            unfinished_seconds=config.listen.unfinished_seconds,
            always_open=config.wake.mode == "open",
            partials=partials,
        )
        keeper = host.timekeeper
        aloud = Controls(self._mixer, loudness=host.loudness, least=RING_LEAST)  # an alarm is heard, muted or not
        bell = Bell(keeper, aloud, engines.voice, asks.is_about_ringing, self._chime) if keeper else None
        return Dialogue(
            self._ears,
            equipment,
            host.conversation(),
            manners,
            chime=self._chime,
            warm=self._warm,
            bell=bell,
            music=host.jukebox,
        )

    async def _warm(self, history: Sequence[Exchange] = ()) -> None:
        with suppress(VoiceosError):  # whoever asks the language model is told
            await self._host.warm(history)

    async def _chime(self, name: Earcon) -> None:
        if sound := self._earcon(name):
            for frame in sound:
                await self._audio.play(frame)
            await self._audio.drain()  # or it would count as the start of what is said next

    def _earcon(self, name: Earcon) -> Sequence[Frame]:
        return earcon(name) if self._host.config.audio.earcons else ()

    def _show_level(self, level: Level) -> None:
        if not self._ready:  # only now: a sound card may take more than a second before the first sound comes
            self._ready = True
            self._host.happenings.notify(Notice(NoticeKind.READY, anyio.current_time()))
        self._host.happenings.notify(
            Notice(NoticeKind.LEVEL, level.at, level_dbfs=level.rms_dbfs, clipped=level.clipped)
        )
