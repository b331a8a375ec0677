"""The spoken conversations of `voiceos talk`: on the sound card, with a recording, or as a rehearsal."""

import os
import signal
import sys
from contextlib import suppress
from importlib.resources import as_file, files
from pathlib import Path

import anyio
import click
from rich.console import Console

from voiceos.api.desk import Desk
from voiceos.api.hosting import spoken
from voiceos.app import rehearsal_host
from voiceos.assistant import Assistant
from voiceos.audio.scripted import Line, ScriptedAudio
from voiceos.audio.switch import Switch
from voiceos.audio.wav import WavAudio
from voiceos.cli.live import LiveView
from voiceos.cli.waterfall import waterfall
from voiceos.clock import local_time
from voiceos.config.settings import Config
from voiceos.core import Notice, NoticeKind, Observer
from voiceos.engines.fake import speak
from voiceos.errors import DeviceError, RecordingError
from voiceos.protocols import Audio
from voiceos.senses import fake_engines, sound_card
from voiceos.store.turns import record_of

RECORDED_WAKE_WORD = "alexa"
"""What the bundled recording calls the assistant."""
QUIET_STATES = ("asleep", "listening")
LISTEN_SECONDS = 2.0
"""How long to listen on after a recording, for an utterance that ends with it."""


async def with_sound_card(config: Config, door: Path, out: Path | None) -> None:
    """A conversation by voice or, without a sound card, with the bundled recording."""
    view, switch = LiveView(config.mind.name), Switch()
    try:
        async with sound_card(config, on_problem=view.problem, on_recovered=view.recovered, switch=switch) as audio:
            await _converse(config, door, audio, view, switch=switch)
    except DeviceError as error:
        if config.audio.microphone or config.audio.speaker:
            raise
        out = out or Path("reply.wav")
        click.echo(f"{error}\nHere is the same conversation with a bundled recording; its sound is saved in {out}.")
        with as_file(files("voiceos.data") / "conversation.flac") as recording:
            await with_recording(_for_bundled_recording(config), door, recording, out)


async def with_recording(config: Config, door: Path, source: Path, out: Path | None) -> None:
    """A recording is the microphone, in real time; what is heard and said is saved in `out`."""
    view = LiveView(config.mind.name)
    async with WavAudio(source, out) as audio:
        ended = await _converse(config, door, audio, view, recording=audio)
    if out:
        click.echo(f"The conversation's sound is in {out}.")
    if ended:
        check_heard(view, config, source)


def check_heard(view: LiveView, config: Config, source: Path) -> None:
    """Raises RecordingError if there was no conversation with this recording."""
    if view.turns:
        return
    if config.wake.mode == "word" and not view.woken:
        raise RecordingError(f"{source} does not contain the wake word. {_how_to_call(config)} Or try --open.")
    raise RecordingError(f"There is nothing to answer in {source}.")


async def rehearsal(config: Config) -> None:
    """Engines that need no models, on a script."""
    script = [Line(1.0, speak("computer")), Line(2.5, speak("what can you hear?")), Line(9.0, speak("never mind."))]
    view = LiveView(config.mind.name)
    with view:
        async with rehearsal_host(config, [view]) as host:
            await Assistant(host, fake_engines(), ScriptedAudio(script, seconds=12)).run()
    _summary(view)


async def _converse(
    config: Config,
    door: Path,
    audio: Audio,
    view: LiveView,
    *,
    recording: WavAudio | None = None,
    switch: Switch | None = None,
) -> bool:
    """Until the recording is over, then True; or Ctrl-C. `door`: the socket on which other commands are answered."""
    ended = False
    view.say_how(_how_to_call(config))
    with view:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_end_when_told, tasks.cancel_scope)
            observers: list[Observer] = [view]
            if recording:
                curtain = Curtain(recording)
                observers.append(curtain)
                tasks.start_soon(curtain.fall)
            async with spoken(config, "voiceos talk", door, observers, switch=switch) as desk:
                if config.wake.mode == "button":
                    tasks.start_soon(press_on_enter, desk, sys.stdin.fileno())
                await desk.converse(audio, partials=True)
                ended = True
            tasks.cancel_scope.cancel()
    _summary(view)
    return ended


def _how_to_call(config: Config) -> str:
    match config.wake.mode:
        case "open":
            return "No wake word needed: it answers everything you say."
        case "button":
            return "Press Enter to speak, and again when done."
        case "word":
            words = " or ".join(f"“{Path(word).stem.replace('_', ' ')}”" for word in config.wake.words)
            return f"To wake it, say {words}."


async def _end_when_told(conversation: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            conversation.cancel()
            return


def _summary(view: LiveView) -> None:
    """The waterfall of the last answer, and how long each was waited for."""
    console = Console(highlight=False)
    for turn in view.turns[-1:]:
        console.print(waterfall(record_of(turn, local_time()).marks))


def _for_bundled_recording(config: Config) -> Config:
    words = tuple(dict.fromkeys((RECORDED_WAKE_WORD, *config.wake.words)))
    return config.model_copy(update={"wake": config.wake.model_copy(update={"words": words, "mode": "word"})})


async def press_on_enter(desk: Desk, keyboard: int) -> None:
    """No thread reads the keyboard: the process could not end before the next Enter."""
    with suppress(PermissionError):  # a file: nobody presses anything
        await anyio.wait_readable(keyboard)
        while os.read(keyboard, 4096):
            try:
                desk.press()
            except DeviceError as error:
                desk.host.happenings.report(str(error))
            await anyio.wait_readable(keyboard)


class Curtain:
    """An observer that ends a recorded conversation once the recording is over and nothing is being answered."""

    def __init__(self, audio: WavAudio) -> None:
        self._audio = audio
        self._state = ""
        self._changed = anyio.Event()

    def __call__(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.STATE:
            self._state = notice.text
            self._changed.set()
            self._changed = anyio.Event()

    async def fall(self) -> None:
        """Waits for the end, then closes the recording's input."""
        await self._audio.recording_over.wait()
        await anyio.sleep(LISTEN_SECONDS)
        while self._state not in QUIET_STATES:
            await self._changed.wait()
        self._audio.close_input()
