"""What all tests share: an empty store, and a virtual sound card."""

import contextlib
import functools
import inspect
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
import hypothesis
import pytest
from sniffio import current_async_library

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.memory.registered import derived
from voiceos.models.shelf import Shelf
from voiceos.store.database import Connection, open_database

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""Where it is set, every command that a test starts would compile all of voiceos and its libraries."""

hypothesis.settings.register_profile("steady", hypothesis.settings(), deadline=None, max_examples=60)
hypothesis.settings.load_profile("steady")
"""What CI or default settings say, but with no limit of time that a busy machine would break."""

T = TypeVar("T")
_RATE = 48_000
_RERUNS = 2
"""Tests on a real clock, or with a voice that never says a sentence twice alike, may fail by chance: so many more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        real = item.get_closest_marker("card") or item.get_closest_marker("engines")
        if real and not item.get_closest_marker("faults"):
            item.add_marker(pytest.mark.flaky(reruns=_RERUNS))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test on a virtual clock runs by itself: anyio's plugin has it run as the guest of another loop, more slowly."""
    backend = pyfuncitem.funcargs.get("anyio_backend")
    name, options = cast("tuple[str, dict[str, Any]]", backend) if isinstance(backend, tuple) else ("", {})
    if "clock" not in options or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    with pytest.MonkeyPatch.context() as patch:
        if not pyfuncitem.get_closest_marker("threads"):
            patch.setattr(anyio.to_thread, "run_sync", _at_once)
        anyio.run(functools.partial(pyfuncitem.obj, **arguments), backend=name, backend_options=options)
    return True


_in_thread = anyio.to_thread.run_sync


async def _at_once(work: Callable[..., T], *arguments: Any, **more: Any) -> T:
    """In place of a thread: a virtual clock does not wait for threads, so what they do would come at any time."""
    if current_async_library() != "trio":  # another loop beside it, with a real clock
        return await _in_thread(work, *arguments, **more)
    await anyio.lowlevel.checkpoint()
    return work(*arguments)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """A command sets up the log for its own process, with the stderr of its test."""
    root, ours = logging.getLogger(), logging.getLogger("voiceos")
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level
    ours.setLevel(logging.NOTSET)
    logging.getLogger("voiceos.words").setLevel(logging.NOTSET)


class VirtualCard:
    """A private PulseAudio with null sinks, which PortAudio reaches through ALSA; no hardware, all in `folder`.

    What is played into `vos_inject` is what the microphone `vos_mic` hears; what the speaker `vos_spk` plays can be
    recorded. Both are the defaults.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rate = _RATE
        self._server = f"unix:{folder / 'native'}"
        self.environment = {
            "PULSE_SERVER": self._server,
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder / "state"),
            "PULSE_COOKIE": str(folder / "cookie"),
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        (self.folder / "state").mkdir(exist_ok=True)
        (self.folder / "default.pa").write_text(self._modules())
        (self.folder / "asound.conf").write_text(self._alsa())
        with (self.folder / "pulse.log").open("ab") as log:
            self._daemon = subprocess.Popen(
                [
                    *("pulseaudio", "-n", "-F", str(self.folder / "default.pa"), "--daemonize=no"),
                    *("--exit-idle-time=-1", "--disable-shm=yes", "--use-pid-file=no"),
                    *("--realtime=no", "--high-priority=no"),
                ],
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
            )
        for _ in range(100):
            with contextlib.suppress(subprocess.TimeoutExpired):
                if not self._control("info", check=False).returncode:
                    return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._daemon.wait(0.1)
                break
        raise RuntimeError(f"PulseAudio did not start: {(self.folder / 'pulse.log').read_text()}")

    def kill(self) -> None:
        """The card is gone from one moment to the next."""
        if self._daemon:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None
            (self.folder / "native").unlink(missing_ok=True)

    def say(self, wav: Path) -> None:
        """Plays a WAV file to the microphone; returns when it is over."""
        subprocess.run(
            ["paplay", "--device=vos_inject", str(wav)], env=os.environ | self.environment, check=True, timeout=60
        )

    def record(
        self, source: str = "vos_spk.monitor", into: IO[bytes] | int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        """Records what the speaker plays: raw s16le mono at 48 kHz, into a file or a pipe, until it is terminated."""
        command = ["parec", "--raw", f"--device={source}", f"--rate={_RATE}", "--channels=1", "--format=s16le"]
        return subprocess.Popen([*command, "--latency-msec=20"], env=os.environ | self.environment, stdout=into)

    def _control(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            ["pactl", *arguments], env=os.environ | self.environment, check=check, capture_output=True, timeout=5
        )

    def _modules(self) -> str:
        sink = "load-module module-null-sink rate={} channels=1 norewinds=1 sink_name={}\n"  # rewinds would play twice
        return (
            ".fail\n"
            f"load-module module-native-protocol-unix socket={self.folder / 'native'} auth-anonymous=1\n"
            + sink.format(self.rate, "vos_inject")
            + "load-module module-remap-source source_name=vos_mic master=vos_inject.monitor\n"
            + sink.format(self.rate, "vos_spk")
            + "set-default-source vos_mic\nset-default-sink vos_spk\n"
        )

    def _alsa(self) -> str:
        """A complete configuration, so that no other card is seen."""
        pcm = 'pcm.{0} {{ type pulse server "{1}" device "{0}" hint {{ show on }} }}\n'
        return "".join(pcm.format(name, self._server) for name in ("vos_mic", "vos_spk", "vos_inject")) + (
            'pcm.default { type asym playback.pcm "vos_spk" capture.pcm "vos_mic" }\n'
            f'ctl.default {{ type pulse server "{self._server}" }}\n'
        )


@pytest.fixture(scope="module")
def virtual_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualCard]:
    """A running virtual sound card, which PortAudio in this process sees as its only one. Mark the tests `card`."""
    missing = [tool for tool in ("pulseaudio", "pactl", "paplay", "parec") if not shutil.which(tool)]
    if missing:
        packages = "pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
        pytest.skip(f"{', '.join(missing)} missing: apt-get install {packages}")
    card = VirtualCard(tmp_path_factory.mktemp("card"))
    with pytest.MonkeyPatch.context() as patch:
        for name, text in card.environment.items():
            patch.setenv(name, text)
        patch.delenv("PULSE_LATENCY_MSEC", raising=False)
        try:
            card.start()
            _start_portaudio_afresh()
            yield card
        finally:
            card.kill()
    _start_portaudio_afresh()


def _start_portaudio_afresh() -> None:
    """ALSA's configuration is read when PortAudio starts; if it is not loaded yet, it will be read then."""
    if "sounddevice" in sys.modules:
        from voiceos.audio.portaudio import rescan

        rescan()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    """An empty store."""
    db = open_database(tmp_path / "memory.db", derived=derived())
    yield db
    db.close()


@pytest.fixture(scope="session")
def models() -> Callable[[Sequence[str]], Path]:
    """Sees to it that models are there; gives their folder."""

    def ensure(names: Sequence[str]) -> Path:
        folder = Path(os.environ.get("VOICEOS_TEST_MODELS") or models_folder(StoreSettings()))
        shelf = Shelf(folder)
        for name in names:
            if not shelf.status(name).ready:
                shelf.pull(name)
        return folder

    return ensure
