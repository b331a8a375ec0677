"""What operations work with: the host, and its voice if it has one."""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import to_thread

from voiceos.assistant import Assistant, Engines
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.errors import DeviceError
from voiceos.host import Host
from voiceos.models.shelf import Shelf
from voiceos.protocols import Audio, SpeechToText, TextToSpeech, VoiceActivity
from voiceos.senses import detector_of_speech, real_engines, recogniser, synthesiser
from voiceos.store.database import Connection

T = TypeVar("T")


@dataclass(slots=True)
class Desk:
    """Where requests are served."""

    host: Host
    by: str
    """The command that holds the host, such as `voiceos run`."""
    expects_voice: bool = False
    """Whether it should hold a spoken conversation."""
    engines: Engines | None = None
    """Those of the spoken conversation, once they are loaded."""
    assistant: Assistant | None = None
    """The spoken conversation, while there is a sound card."""
    load: Callable[[], Config] | None = None
    """Reads the settings again; None where nobody can."""
    holding: AsyncExitStack = field(default_factory=AsyncExitStack)
    """Unloads the engines in the end."""

    @property
    def config(self) -> Config:
        return self.host.config

    async def load_voice(self, warm: Callable[[], Coroutine[object, object, None]] | None = None) -> Engines:
        """Loads what a conversation needs, which may take a minute. Raises ModelError, ConfigError, EngineError.

        `warm`: loads the language model, instead of `Host.warm`.
        """
        if not self.engines:
            self.engines = await self.holding.enter_async_context(real_engines(self.config, warm or self.host.warm))
        return self.engines

    async def converse(self, audio: Audio, *, partials: bool = False) -> None:
        """Holds the spoken conversation until the sound ends. Raises DeviceError when the card is lost."""
        engines = await self.load_voice()
        self.assistant = Assistant(self.host, engines, audio)
        try:
            await self.assistant.run(partials=partials)
        finally:
            self.assistant = None

    @property
    def is_muted(self) -> bool:
        """Whether its microphone is switched off."""
        return self.host.switch is not None and not self.host.switch.is_on

    def press(self) -> None:
        """The push-to-talk button. Raises DeviceError where nobody would hear what is said then."""
        if not self.assistant:
            raise DeviceError("voiceos is not listening: it has no microphone, or its voice is still loading.")
        if self.is_muted:
            raise DeviceError("The microphone is off. Open it with `voiceos unmute`.")
        self.assistant.press()

    async def reading(self, work: Callable[[Connection], T]) -> T:
        """Reads the memory outside the loop. Raises StoreError."""

        def read() -> T:
            with self.host.memory.reading() as db:
                return work(db)

        return await to_thread.run_sync(read)

    async def voice(self) -> TextToSpeech:
        """The voice, loaded only where no conversation has it. Raises ModelError."""
        return self.engines.voice if self.engines else await to_thread.run_sync(synthesiser, self.config, self._shelf)

    async def recognition(self, language: str = "") -> SpeechToText:
        """Speech recognition, in another language if one is named. Raises ModelError."""
        heard = self.config.recognition
        if self.engines and language in ("", heard.language):
            return self.engines.recognition
        other = heard.model_copy(update={"language": language or heard.language})
        config = self.config.model_copy(update={"recognition": other})
        return await to_thread.run_sync(recogniser, config, self._shelf)

    async def voice_activity(self) -> VoiceActivity:
        """A separate speech detector, because it keeps state. Raises ModelError."""
        return await to_thread.run_sync(detector_of_speech, self.config, self._shelf)

    @property
    def _shelf(self) -> Shelf:
        return Shelf(models_folder(self.config.store))
