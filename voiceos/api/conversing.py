"""Operations on the conversation: ask, say, transcribe, and what is happening."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import aclosing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

import anyio
import psutil
from anyio import to_thread
from pydantic import Base64Bytes, BaseModel

from voiceos import __version__
from voiceos.api.desk import Desk
from voiceos.api.jobs import Teller, job
from voiceos.api.operations import Text, operation
from voiceos.api.shapes import PastTurn, past_turn
from voiceos.audio.recording import read_recording
from voiceos.audio.wav import as_heard
from voiceos.clock import local_time
from voiceos.config.paths import path_of
from voiceos.core import OWNER, Cut, Frame, Heard, Notice, NoticeKind, Part, Recalled, Turn
from voiceos.dialogue.clauses import ClauseCutter
from voiceos.errors import DeviceError, StoreError
from voiceos.happenings import Fault
from voiceos.health.machine import Machine, measured
from voiceos.host import KEYBOARD
from voiceos.language.speakable import speakable
from voiceos.listen.ears import Ears
from voiceos.store.turns import record_of

TAIL_SECONDS = 2.0
"""Silence after a recording, so that its last utterance ends."""
WAITING_EVENTS = 256
"""Events that a slow watcher may be behind; then it misses some."""
STATUS_TURNS = 3
STATUS_FAULTS = 5


class AskEvent(BaseModel):
    """A piece of the reply, or at last the turn."""

    text: str = ""
    turn: PastTurn | None = None
    memories: list[Recalled] = []
    """Memories that came up: those the reply is based on, and those left out."""


@operation("ask")
async def ask(
    desk: Desk, text: Text, who: str = OWNER, device: str = KEYBOARD, keep: bool = True
) -> AsyncIterator[AskEvent]:
    """Answers a question like the spoken conversation: the reply piece by piece, then the turn. Without `keep` it
    leaves no trace."""
    async with aclosing(desk.host.ask(text, who=who, device=device, keep=keep)) as parts:
        async for event in asked(parts):
            yield event


async def asked(parts: AsyncIterator[Part | Turn]) -> AsyncIterator[AskEvent]:
    """What comes of a turn that begins as text."""
    began = local_time()
    async for part in parts:
        if isinstance(part, Part):
            yield AskEvent(text=part.text)
        else:
            yield AskEvent(turn=past_turn(record_of(part, began)), memories=list(part.recalled))


class Status(BaseModel):
    """What the assistant is doing."""

    version: str
    process: int
    command: str
    """The command that holds it, such as `voiceos run`."""
    started_at: datetime
    """When its process began; reloading the settings does not change it."""
    state: str
    """asleep, listening, hearing, thinking, speaking or ringing."""
    since: datetime
    voice: Literal["on", "off", "loading"]
    """Whether it can be spoken to; off: there is no sound card, or nobody asked for one."""
    muted: bool
    """Whether its microphone is switched off, and so closed."""
    language_model: str
    engines: dict[str, str]
    """What hears and speaks, by job; empty until it is loaded."""
    machine: Machine
    memory: bool
    next_due: str
    """The next timer, alarm or reminder, in words."""
    jobs: list[str]
    turns: list[PastTurn]
    """The last ones, newest first."""
    faults: list[Fault]
    """The last ones, newest first."""


@operation("status")
async def status(desk: Desk) -> Status:
    """Shows what the assistant is doing, since when, and what happened last."""
    host = desk.host
    try:
        turns = await desk.host.turns(lambda store: store.recent(STATUS_TURNS))
    except StoreError:
        turns = []  # the fault is reported with the others
    return Status(
        version=__version__,
        process=os.getpid(),
        command=desk.by,
        started_at=datetime.fromtimestamp(psutil.Process().create_time()).astimezone(),
        state=host.happenings.state,
        since=host.happenings.state_since,
        voice="on" if desk.assistant else "loading" if desk.expects_voice and not desk.engines else "off",
        muted=desk.is_muted,
        language_model=host.name,
        engines={}
        if not desk.engines
        else {
            "recognition": desk.engines.recognition.name,
            "speech": desk.engines.voice.name,
        },
        machine=await to_thread.run_sync(lambda: measured(desk.config)),
        memory=host.has_memory,
        next_due=host.timekeeper.next_due() if host.timekeeper else "",
        jobs=host.jobs.names,
        turns=[past_turn(turn) for turn in turns],
        faults=[*host.happenings.faults][::-1][:STATUS_FAULTS],
    )


class Event(BaseModel):
    """Something that happened."""

    event: NoticeKind
    at: float
    """Seconds on the host's clock."""
    text: str = ""
    turn: PastTurn | None = None


@operation("events")
async def events(desk: Desk) -> AsyncIterator[Event]:
    """Streams what happens: states, words, turns, problems. Levels are left out."""
    sender, receiver = anyio.create_memory_object_stream[Notice](WAITING_EVENTS)

    def observe(notice: Notice) -> None:
        if notice.kind is not NoticeKind.LEVEL and sender.statistics().current_buffer_used < WAITING_EVENTS:
            sender.send_nowait(notice)

    async with desk.host.happenings.observed(observe):
        with sender, receiver:
            async for notice in receiver:
                turn = past_turn(record_of(notice.turn, local_time())) if notice.turn else None
                yield Event(event=notice.kind, at=notice.at, text=notice.text, turn=turn)


@operation("silence")
async def silence(desk: Desk) -> None:
    """Ends what rings, and takes as heard what was to be told."""
    if keeper := desk.host.timekeeper:
        await keeper.heard([*keeper.ringing, *keeper.untold, *keeper.remarks])


@operation("press")
async def press(desk: Desk) -> None:
    """Presses the push-to-talk button."""
    desk.press()


@operation("warm")
async def warm(desk: Desk) -> None:
    """Loads the language model if necessary, and lets it read what precedes a question."""
    await desk.host.warm()


@operation("say")
async def say(desk: Desk, text: Text) -> None:
    """Speaks a text on the assistant's speaker, once nobody is speaking. Answers when it has been spoken."""
    if not desk.assistant:
        raise DeviceError("The assistant has no speaker right now. See `voiceos devices` and `voiceos doctor`.")
    await desk.assistant.say(_sound(desk, text))


class Sound(BaseModel):
    """A stretch of sound: mono s16le, as base64."""

    pcm: Base64Bytes
    rate: int


@operation("speech")
async def speech(desk: Desk, text: Text) -> AsyncIterator[Sound]:
    """Synthesises a text, and streams the sound."""
    async with aclosing(_sound(desk, text)) as frames:
        async for frame in frames:
            yield Sound.model_construct(pcm=frame.pcm, rate=frame.rate)


async def _sound(desk: Desk, text: str) -> AsyncGenerator[Frame, None]:
    voice = await desk.voice()
    cutter = ClauseCutter()
    for unit in (*cutter.feed(text), *cutter.flush()):
        async with aclosing(voice.synthesize(speakable(unit, voice.language))) as frames:
            async for frame in frames:
                yield frame


class Utterance(BaseModel):
    """What was said, and when: seconds from the recording's start."""

    start: float
    end: float
    text: str
    language: str
    confidence: float


@operation("transcribe")
def transcribe(desk: Desk, path: str = "", audio: Base64Bytes = b"", language: str = "") -> AsyncIterator[Utterance]:
    """Turns a recording, at an absolute `path` or sent as `audio`, into text, utterance by utterance."""

    async def work(teller: Teller) -> None:
        recognition = await desk.recognition(language)
        ears = Ears(desk.config.listen, await desk.voice_activity())
        ears.gate.open()
        with _file_of(path, audio) as file:
            frames = as_heard(read_recording(file), TAIL_SECONDS)
            began = anyio.current_time()
            out, events = anyio.create_memory_object_stream[Heard](8)
            async with anyio.create_task_group() as tasks, events:
                tasks.start_soon(ears.listen, frames, out)
                async for event in events:
                    if event.cut is Cut.END and event.speech:
                        words = await recognition.transcribe(event.speech, desk.config.recognition.hotwords)
                        if words.text:
                            start, end = (round(at - began, 2) for at in (event.speech.start, event.speech.end))
                            sure = round(words.confidence, 3)
                            await teller.send(
                                Utterance(
                                    start=start, end=end, text=words.text, language=words.language, confidence=sure
                                )
                            )

    return job(desk, "transcribing", work)


@contextmanager
def _file_of(path: str, audio: bytes) -> Generator[Path]:
    if path:
        yield path_of(path)
        return
    with NamedTemporaryFile() as file:
        file.write(audio)
        file.flush()
        yield Path(file.name)
