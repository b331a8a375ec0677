"""The headless assistant: runs until stopped, logs what happens, and reloads its settings."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import anyio
from anyio.abc import TaskGroup, TaskStatus

from voiceos.api.desk import Desk
from voiceos.api.hosting import spoken
from voiceos.api.muting import announce
from voiceos.audio import portaudio
from voiceos.audio.switch import Switch
from voiceos.config.load import Loaded
from voiceos.config.paths import data_folder
from voiceos.config.settings import Config
from voiceos.core import Notice, NoticeKind, Observer, voice_to_voice
from voiceos.errors import ConfigError, DeviceError, EngineError, ModelError, VoiceosError
from voiceos.panel import panel
from voiceos.protocols import Audio
from voiceos.senses import sound_card
from voiceos.store.database import NAME
from voiceos.store.whole import suspicion
from voiceos.watchdog import LOADING_SECONDS, STALL_SECONDS, Watchdog, tell_ready, tell_reloading, tell_stopping

log = logging.getLogger(__name__)
words = logging.getLogger("voiceos.words")

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
"""Between two attempts to find a sound card."""
LOOK_SECONDS = 5.0
"""Between two looks whether the store was found damaged ..."""
MEND_SECONDS = 600.0
"""... and between two attempts to mend it."""

_JOURNAL_LEVELS = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class JournalFormatter(logging.Formatter):
    """Lines for journald, which adds the time itself and reads the priority from `<N>`."""

    def format(self, record: logging.LogRecord) -> str:
        priority = _JOURNAL_LEVELS.get(record.levelno, 6)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def log_to_journal(level: str) -> None:
    """Sets up the log: priorities under systemd, times elsewhere."""
    handler = logging.StreamHandler(sys.stderr)
    told = "%(name)s: %(message)s"
    by_journal = bool(os.environ.get("JOURNAL_STREAM"))
    handler.setFormatter(
        JournalFormatter(told) if by_journal else logging.Formatter(f"%(asctime)s %(levelname)s {told}")
    )
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)  # libraries log a lot
    logging.captureWarnings(True)
    logging.getLogger("voiceos").setLevel(level.upper())


def log_words(config: Config) -> None:
    """Whether the log includes what was heard and said."""
    words.setLevel(logging.NOTSET if config.log.words else logging.WARNING)


def write_journal(notice: Notice) -> None:
    """An observer that writes the log."""
    match notice.kind:
        case NoticeKind.READY:
            log.info("ready")
            tell_ready("Listening.")
        case NoticeKind.WAKE:
            log.info("woken by %s", notice.text)
        case NoticeKind.DUE:
            log.info("something is due")
            words.info("due: %s", notice.text)
        case NoticeKind.PROBLEM:
            log.error("%s", notice.text)
        case NoticeKind.TURN if notice.turn:
            wait = voice_to_voice(notice.turn.marks)
            sounded = "" if wait is None else f", first sound {wait:.2f} s after speech"
            log.info("turn %s: %s%s", notice.turn.id, notice.turn.outcome, sounded)
            if not notice.turn.off_record:
                words.info("heard: %s", notice.turn.transcript.text if notice.turn.transcript else "")
                words.info("said: %s", notice.turn.said)
        case _:
            pass


class Daemon:
    """Runs the assistant. SIGTERM and SIGINT stop it, SIGHUP reloads, SIGUSR1 is the button, SIGUSR2 mutes."""

    def __init__(self, load: Callable[[], Loaded], socket: Path, *, is_system: bool = False) -> None:
        """`load` reads the settings; it raises ConfigError. `socket`: where commands are answered.

        `is_system`: it serves the whole machine, so members of its group may use it.
        """
        self._socket = socket
        self._is_system = is_system
        self._load = load
        self._config = load().config
        self._worked: Config | None = None  # the last settings with which everything could be loaded
        self._desk: Desk | None = None
        self._running = anyio.CancelScope()
        self._stopping = False
        self._watchdog = Watchdog()
        self._switch = Switch(socket.with_suffix(".muted"))
        self._switch.observers.append(self._tell_switched)
        self._tasks: TaskGroup | None = None

    async def run(self) -> None:
        """Runs until stopped. Raises what makes a start impossible: a missing model, wrong settings."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            await tasks.start(self._heed_signals)
            tasks.start_soon(self._watchdog.run)
            tasks.start_soon(self._mend)
            while not self._stopping:
                with anyio.CancelScope() as self._running:
                    await self._assist_or_go_back()
            tasks.cancel_scope.cancel()
        log.info("stopped")

    async def _assist_or_go_back(self) -> None:
        """Runs with the current settings; if they name something missing, with the last that worked."""
        try:
            with panel(self._config.panel, self._press, self._mute, self._switch) as shown:
                await self._assist(self._config, shown)
        except (VoiceosError, ExceptionGroup) as error:
            unknown = error.split(VoiceosError)[1] if isinstance(error, ExceptionGroup) else None
            if unknown or self._worked is None or self._worked == self._config:
                raise
            log.error("The new settings do not work. Going back to the last valid ones. %s", error)
            self._config = self._worked

    async def _assist(self, config: Config, observers: Sequence[Observer]) -> None:
        log_words(config)
        self._watchdog.expect(LOADING_SECONDS)

        def load() -> Config:
            return self._load().config

        socket, group = self._socket, self._is_system
        watching = [write_journal, self._feel, *observers]
        async with spoken(config, "voiceos run", socket, watching, group=group, load=load, switch=self._switch) as desk:
            self._desk = desk
            wait, told = FIRST_WAIT_SECONDS, set[str]()
            while True:
                try:
                    await anyio.to_thread.run_sync(portaudio.rescan)  # it would not see devices plugged in since
                    async with self._sound_card(desk) as audio:
                        wait = FIRST_WAIT_SECONDS
                        told.clear()
                        await self._load_voice(desk)
                        await desk.converse(audio)
                        return
                except DeviceError as error:
                    if str(error) not in told:
                        desk.host.happenings.report(str(error))
                    await self._load_voice(desk)
                    how = f"Trying again {'every' if wait == LONGEST_WAIT_SECONDS else 'in'} {wait:.0f} s."
                    if how not in told:
                        log.info(how)
                    told |= {str(error), how}
                    tell_ready(str(error))
                    self._watchdog.expect(wait + STALL_SECONDS)
                    await anyio.sleep(wait)
                    wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def _sound_card(self, desk: Desk) -> AbstractAsyncContextManager[Audio]:
        """The card of the settings. While it is lost, each attempt to find it again is a sign of life."""
        report, beat = desk.host.happenings.report, self._watchdog.beat
        return sound_card(desk.config, on_problem=report, on_recovered=_recovered, on_try=beat, switch=self._switch)

    def _feel(self, notice: Notice) -> None:
        """An observer: the level is measured where frames are heard, so it ceases with them."""
        if notice.kind is NoticeKind.LEVEL:
            self._watchdog.beat()
        elif notice.kind is NoticeKind.READY and not self._switch.is_on:  # since before a crash
            self._announce()

    async def _load_voice(self, desk: Desk) -> None:
        self._watchdog.expect(LOADING_SECONDS)

        async def load_mind() -> None:
            try:
                await desk.host.load()
            except (ModelError, EngineError) as error:
                if self._worked not in (None, desk.config):
                    raise  # new settings
                desk.host.happenings.report(str(error))  # timers, lists and the house need no language model

        await desk.load_voice(load_mind)
        if self._worked is not None and desk.config is not self._worked:
            log.info("The new settings are in force.")
        self._worked = desk.config
        self._watchdog.beat()

    async def _heed_signals(self, *, task_status: TaskStatus[None]) -> None:
        heeded = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
        with anyio.open_signal_receiver(*heeded) as signals:
            task_status.started()
            async for number in signals:
                if number == signal.SIGHUP:
                    self._reload()
                elif number == signal.SIGUSR1:
                    self._press()
                elif number == signal.SIGUSR2:
                    self._mute()
                else:
                    log.info("stopping")
                    tell_stopping()
                    self._stopping = True
                    self._running.cancel()
                    return

    async def _mend(self) -> None:
        """A damaged store is salvaged where it is opened: everything is opened again, once nobody speaks."""
        while True:
            await anyio.sleep(LOOK_SECONDS)
            mark = suspicion(data_folder(self._config.store) / NAME)
            if self._desk and self._desk.host.happenings.state == "asleep" and mark.exists():
                log.warning("The memory is damaged. It is opened again, to be salvaged.")
                self._running.cancel()
                await anyio.sleep(MEND_SECONDS)

    def _press(self) -> None:
        if self._desk:
            try:
                self._desk.press()
            except DeviceError as error:
                log.info("%s", error)
                if self._desk.is_muted:
                    self._announce()

    def _mute(self) -> None:
        """Turns the switch, and says so."""
        self._switch.toggle()
        self._announce()

    def _tell_switched(self) -> None:
        log.info("the microphone is %s", "on" if self._switch.is_on else "off: it is closed")

    def _announce(self) -> None:
        if self._tasks and self._desk:
            self._tasks.start_soon(self._speak_of_switch, self._desk)

    async def _speak_of_switch(self, desk: Desk) -> None:
        try:
            await announce(desk)
        except VoiceosError as error:
            log.error("%s", error)

    def _reload(self) -> None:
        tell_reloading()
        try:
            self._config = self._load().config
        except ConfigError as error:
            tell_ready("Listening. The settings on disk are wrong: see the log.")
            log.error("The settings were not reloaded. The last valid ones stay in force. %s", error)
            return
        log.info("reloading the settings")
        self._running.cancel()


def _recovered() -> None:
    log.info("the sound card is back")
