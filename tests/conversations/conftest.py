"""Conversations on a virtual clock: a script of what is said when, and exact times of what came of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import anyio
import pytest
from trio.testing import MockClock

from tests.conversations.running import SMALL
from voiceos.audio.loudness import Loudness
from voiceos.audio.media.jukebox import Jukebox
from voiceos.audio.mixer import Mixer
from voiceos.audio.scripted import Line, ScriptedAudio
from voiceos.config.settings import ListenSettings
from voiceos.core import FRAME_BYTES, Exchange, Frame, Notice, NoticeKind, Outcome, Speech, Transcript, Turn
from voiceos.dialogue.conversation import Conversation
from voiceos.dialogue.converse import Dialogue
from voiceos.dialogue.equipment import Equipment
from voiceos.dialogue.manners import Manners
from voiceos.dialogue.ringing import Bell, Chime
from voiceos.engines.fake import (
    FakeMind,
    FakeSpeechToText,
    FakeTextToSpeech,
    FakeTurnEnd,
    FakeVoiceActivity,
    FakeWakeWord,
    overhear,
    speak,
)
from voiceos.listen.ears import Ears
from voiceos.protocols import Audio, Mind, SpeechToText, TextToSpeech, TurnEnd, VoiceActivity, WakeWord


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("trio", {"clock": MockClock(autojump_threshold=0)})


@dataclass
class Scene:
    """What happened."""

    audio: ScriptedAudio
    notices: list[Notice] = field(default_factory=list[Notice])
    chimes: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    conversation: Conversation = field(default_factory=lambda: Conversation(lapse_seconds=60))
    began: float = 0.0
    warmed: list[Sequence[Exchange]] = field(default_factory=list[Sequence[Exchange]])

    def keep(self, turn: Turn) -> None:
        self.notices.append(Notice(NoticeKind.TURN, anyio.current_time(), turn=turn))

    @property
    def turns(self) -> list[Turn]:
        return [n.turn for n in self.notices if n.kind is NoticeKind.TURN and n.turn]

    @property
    def states(self) -> list[str]:
        return [n.text for n in self.notices if n.kind is NoticeKind.STATE]

    @property
    def sounded(self) -> str:
        """Everything that was audible, decoded from the sound itself; but not the commas, which are only tune."""
        frames = (pcm if len(pcm) == FRAME_BYTES else bytes(FRAME_BYTES) for _, pcm in self.audio.sounded)
        return overhear(b"".join(frames)).replace(",", "")

    def first_sound(self, after: float = 0.0) -> float:
        return next(at for at, pcm in self.audio.sounded if at >= after and overhear(pcm))

    def last_sound(self, before: float = 1e9) -> float:
        return max(at + 0.02 for at, _ in self.audio.sounded if at < before)

    def outcome(self, index: int) -> Outcome | None:
        return self.turns[index].outcome


MakeBell = Callable[[Audio, TextToSpeech, Chime], Bell]


class Hold(Protocol):
    async def __call__(
        self,
        script: Mapping[float, str | bytes],
        *,
        seconds: float = 20.0,
        settings: ListenSettings | None = None,
        manners: Manners | None = None,
        turn_end: TurnEnd | bool = True,
        voice_activity: VoiceActivity | None = None,
        wake_word: WakeWord | None = None,
        recognition: SpeechToText | None = None,
        mind: Mind | None = None,
        voice: TextToSpeech | None = None,
        chime_seconds: float = 0.0,
        bell: MakeBell | None = None,
        music: Jukebox | None = None,
        is_request: Callable[[Turn], bool] = lambda _: False,
        is_urgent: Callable[[str], bool] = lambda _: False,
        thinking: Sequence[Frame] = (),
    ) -> Scene: ...


@pytest.fixture
def hold() -> Hold:
    """Plays a script (what is said at which second; bytes: a recording) to the assistant and says what happened."""
    return _hold


async def _hold(
    script: Mapping[float, str | bytes],
    *,
    seconds: float = 20.0,
    settings: ListenSettings | None = None,
    manners: Manners | None = None,
    turn_end: TurnEnd | bool = True,
    voice_activity: VoiceActivity | None = None,
    wake_word: WakeWord | None = None,
    recognition: SpeechToText | None = None,
    mind: Mind | None = None,
    voice: TextToSpeech | None = None,
    chime_seconds: float = 0.0,
    bell: MakeBell | None = None,
    music: Jukebox | None = None,
    is_request: Callable[[Turn], bool] = lambda _: False,
    is_urgent: Callable[[str], bool] = lambda _: False,
    thinking: Sequence[Frame] = (),
    look_again: Callable[[Speech, Transcript], Awaitable[Transcript]] | None = None,
) -> Scene:
    lines = [Line(at, speak(said) if isinstance(said, str) else _frames(said)) for at, said in script.items()]
    scene = Scene(ScriptedAudio(lines, seconds=seconds))
    ears = Ears(
        settings or ListenSettings(),
        voice_activity or FakeVoiceActivity(),
        wake_word=wake_word or FakeWakeWord(),
        turn_end=(FakeTurnEnd() if turn_end else None) if isinstance(turn_end, bool) else turn_end,
    )
    mixer = Mixer(scene.audio, music, loudness=Loudness(), ducked=lambda: not ears.gate.asleep) if music else None
    equipment = Equipment(
        audio=mixer or scene.audio,
        recognition=recognition or FakeSpeechToText(),
        mind=mind or FakeMind(),
        voice=voice or FakeTextToSpeech(),
        observer=scene.notices.append,
        keep=scene.keep,
        is_request=is_request,
        is_urgent=is_urgent,
        look_again=look_again,
        names=("computer",),
        thinking=lambda: thinking,
    )

    async def chime(name: str) -> None:
        scene.chimes.append((anyio.current_time() - scene.began, name))
        await anyio.sleep(chime_seconds)

    async def warm(history: Sequence[Exchange]) -> None:
        scene.warmed.append(history)

    scene.began = anyio.current_time()
    with anyio.fail_after(seconds + 120):
        dialogue = Dialogue(
            ears,
            equipment,
            scene.conversation,
            manners or Manners(),
            chime=chime,
            warm=warm,
            bell=bell(equipment.audio, equipment.voice, chime) if bell else None,
            music=music,
        )
        async with anyio.create_task_group() as tasks:
            if mixer:
                tasks.start_soon(mixer.run)
            await dialogue.run()
            tasks.cancel_scope.cancel()
    return scene


def _frames(pcm: bytes) -> list[bytes]:
    return [pcm[i : i + FRAME_BYTES].ljust(FRAME_BYTES, b"\0") for i in range(0, len(pcm), FRAME_BYTES)]


@pytest.fixture
def home(models: Callable[[Sequence[str]], Path], tmp_path: Path) -> Path:
    """A folder with the settings of an assistant on small models, which keeps its turns there."""
    folder = models(("whisper-base", "smart-turn-v3.2", SMALL))
    (tmp_path / "config.toml").write_text(
        f'[store]\nfolder = "{tmp_path / "state"}"\nmodels = "{folder}"\n\n[wake]\nwords = ["alexa"]\n\n'
        f'[mind]\nmodel = "{SMALL}"\nmax_tokens = 120\n'
    )
    return tmp_path
