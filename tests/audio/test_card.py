"""SoundCard through PortAudio itself, on a virtual sound card; and with no card at all."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import anyio
import numpy as np
import pytest
from anyio import to_thread

from voiceos.audio.card import SoundCard
from voiceos.audio.portaudio import devices, find_device
from voiceos.audio.recording import read_recording, write_wav
from voiceos.core import FRAME_BYTES, RATE, Frame
from voiceos.errors import DeviceError

Tone = Callable[..., bytes]


class VirtualCard(Protocol):
    def start(self) -> None: ...
    def kill(self) -> None: ...
    def say(self, wav: Path) -> None: ...
    def record(self, source: str = ...) -> "subprocess.Popen[bytes]": ...


pytestmark = [pytest.mark.card, pytest.mark.anyio]
CARD_RATE = 48_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(np.float64)


def best_match(heard: np.ndarray, wanted: np.ndarray) -> tuple[int, float]:
    """Where `wanted` lies in `heard`, and how well it correlates there."""
    size = 1 << (len(heard) + len(wanted)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size))
    at = int(np.fft.irfft(spectrum, size)[: len(heard)].argmax())
    part = heard[at : at + len(wanted)]
    wanted = wanted[: len(part)]
    return at, float(part @ wanted / np.sqrt((part @ part) * (wanted @ wanted) + 1e-9))


def chirp(seconds: float, rate: int = RATE) -> bytes:
    """A sound that matches itself in one place only."""
    t = np.arange(round(seconds * rate)) / rate
    return (np.sin(2 * np.pi * (200 + 1_500 * t / seconds) * t) * 10_000).astype("<i2").tobytes()


async def gather(card: SoundCard, frames: list[Frame]) -> None:
    async with aclosing(card.frames()) as source:
        async for frame in source:
            frames.append(frame)


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for what another process does; that cannot be had on a virtual clock."""
    with anyio.fail_after(seconds):
        while not condition():  # noqa: ASYNC110
            await anyio.sleep(0.01)


@pytest.fixture(params=["vos_mic", "MIC", "1", ""])
def microphone(request: pytest.FixtureRequest, virtual_card: VirtualCard) -> str:
    return str(find_device("microphone", "vos_mic").index) if request.param == "1" else request.param


async def test_what_is_said_arrives_as_frames(virtual_card: VirtualCard, microphone: str, tmp_path: Path) -> None:
    said = chirp(1.0)
    write_wav(tmp_path / "x.wav", [Frame(said)])
    frames: list[Frame] = []
    now = 0.0
    async with SoundCard(microphone) as card, anyio.create_task_group() as group:
        group.start_soon(gather, card, frames)
        await until(lambda: len(frames) > 10)
        await to_thread.run_sync(virtual_card.say, tmp_path / "x.wav")
        count = len(frames)
        await until(lambda: len(frames) > count + 10)
        now = anyio.current_time()
        group.cancel_scope.cancel()
    assert {len(frame.pcm) for frame in frames} == {FRAME_BYTES}
    assert 0 <= now - frames[-1].at < 0.5
    assert all(0 <= b.at - a.at < 0.2 for a, b in pairwise(frames))
    _, match = best_match(samples(b"".join(frame.pcm for frame in frames)), samples(said))
    assert match > 0.98


async def record(virtual_card: VirtualCard, sound: bytearray) -> None:
    with virtual_card.record() as recorder:
        assert recorder.stdout
        descriptor = recorder.stdout.fileno()
        try:
            while data := await to_thread.run_sync(os.read, descriptor, 65_536, abandon_on_cancel=True):
                sound += data
        finally:
            recorder.terminate()


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
async def test_what_is_played_is_heard_and_counted(virtual_card: VirtualCard, rate: int) -> None:
    sound, pcm = bytearray(), chirp(1.5, rate)
    async with SoundCard(speaker="vos_spk", listen=False) as card, anyio.create_task_group() as group:
        group.start_soon(record, virtual_card, sound)
        await until(lambda: len(sound) > CARD_RATE // 2)
        start, readings = anyio.current_time(), [card.played]
        for i in range(0, len(pcm), rate // 50 * 2):
            await card.play(Frame(pcm[i : i + rate // 50 * 2], rate=rate))
            readings.append(card.played)
        await card.drain()
        took = anyio.current_time() - start
        assert card.played == pytest.approx(1.5, abs=0.005)
        assert readings == sorted(readings)
        assert 1.5 <= took < 1.9
        count = len(sound)
        await until(lambda: len(sound) > count + CARD_RATE)
        group.cancel_scope.cancel()
    _, match = best_match(samples(bytes(sound[: len(sound) // 2 * 2])), samples(chirp(1.5, CARD_RATE)))
    assert match > 0.95


async def test_stop_is_silence_within_150_ms(virtual_card: VirtualCard, tone: Tone) -> None:
    sound, stopped_at = bytearray(), 0.0
    async with SoundCard(listen=False) as card, anyio.create_task_group() as group:
        group.start_soon(record, virtual_card, sound)
        await until(lambda: len(sound) > CARD_RATE // 2)
        await card.play(Frame(tone(5.0)))
        await until(lambda: card.played > 0.5)
        card.stop()
        stopped_at = card.played
        await card.drain()
        assert card.played - stopped_at < 0.15
        count = len(sound)
        await until(lambda: len(sound) > count + CARD_RATE)
        played = card.played
        await card.play(Frame(tone(0.2)))
        await card.drain()
        assert card.played == pytest.approx(played + 0.2, abs=0.03)
        group.cancel_scope.cancel()
    loud = np.abs(samples(bytes(sound[: len(sound) // 2 * 2]))) > 500
    heard_seconds = np.count_nonzero(loud.reshape(-1)[: len(loud) // 480 * 480].reshape(-1, 480).any(axis=1)) / 100
    assert stopped_at - 0.05 < heard_seconds - 0.2 < stopped_at + 0.15  # the second sound lasted 0.2 s


async def test_a_lost_card_is_announced_once_and_retaken(virtual_card: VirtualCard, tone: Tone) -> None:
    frames: list[Frame] = []
    problems: list[str] = []
    recovered: list[float] = []
    async with (
        SoundCard(
            lost_after=0.5, on_problem=problems.append, on_recovered=lambda: recovered.append(anyio.current_time())
        ) as card,
        anyio.create_task_group() as group,
    ):
        group.start_soon(gather, card, frames)
        await until(lambda: len(frames) > 10)
        await card.play(Frame(tone(60.0)))
        await until(lambda: card.played > 0.2)
        virtual_card.kill()
        lost = anyio.current_time()
        with anyio.fail_after(3):
            await card.drain()  # mid-reply: it does not hang
        await until(lambda: bool(problems))
        assert anyio.current_time() - lost < 2
        played = card.played
        assert 0.2 < played < 2
        with anyio.fail_after(3):
            for _ in range(100):
                await card.play(Frame(tone(1.0)))
        assert card.played == played
        count = len(frames)
        await anyio.sleep(1.0)  # PortAudio is looked at in real time: some attempts fail meanwhile
        assert len(frames) == count
        assert not recovered
        virtual_card.start()
        await until(lambda: bool(recovered))
        await until(lambda: len(frames) > count + 20)
        await card.play(Frame(tone(0.3)))
        await card.drain()
        assert card.played == pytest.approx(played + 0.3, abs=0.03)
        group.cancel_scope.cancel()
    assert len(problems) == 1
    assert "microphone and the speaker" in problems[0]
    assert len(recovered) == 1


async def test_a_slow_listener_never_holds_up_the_callback_and_memory_is_bounded(
    virtual_card: VirtualCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voiceos.audio import microphone

    monkeypatch.setattr(microphone, "_CHUNKS", 25)
    callbacks: list[float] = []
    slowest = 0.0
    original = microphone.Microphone._callback  # pyright: ignore[reportPrivateUsage]

    def timed(self: Any, *arguments: Any) -> None:
        nonlocal slowest
        start = time.perf_counter()
        original(self, *arguments)
        slowest = max(slowest, time.perf_counter() - start)
        callbacks.append(start)

    monkeypatch.setattr(microphone.Microphone, "_callback", timed)
    problems: list[str] = []
    async with (
        SoundCard(speak=False, lost_after=0.5, on_problem=problems.append) as card,
        aclosing(card.frames()) as frames,
    ):
        await anext(frames)
        before = len(callbacks)
        time.sleep(1.5)  # noqa: ASYNC251 - the loop itself is stuck: the worst that can happen
        assert len(callbacks) - before > 60
        assert slowest < 0.01
        inner = card._microphone  # pyright: ignore[reportPrivateUsage]
        assert inner
        assert len(inner._chunks) <= 25  # pyright: ignore[reportPrivateUsage]
        stuck_until = anyio.current_time()
        first = await anext(frames)
        assert first.at > stuck_until - 1.0  # the oldest was dropped, not the newest
        assert not problems  # the card was there all the time


async def test_an_absent_device_is_named_with_what_there_is(virtual_card: VirtualCard) -> None:
    with pytest.raises(DeviceError, match=r"no microphone 'Yeti'.*vos_mic.*`audio.microphone`"):
        async with SoundCard("Yeti"):
            pass
    with pytest.raises(DeviceError, match=r"no speaker '99'.*vos_spk"):
        async with SoundCard(speaker="99"):
            pass
    assert {"vos_mic", "vos_spk", "default"} <= {device.name for device in devices()}


def in_a_process_of_its_own(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr
    return done.stdout.strip()


OPEN = """
import anyio
from voiceos.audio.card import SoundCard
from voiceos.errors import DeviceError
async def main():
    try:
        async with SoundCard():
            print("open")
    except DeviceError as error:
        print(error)
anyio.run(main)
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('pcm.default { type pulse server "unix:/nowhere" }', "No microphone found. Plug one in, and check `voiceos"),
        ("pcm.default { cut off", "The sound system does not start, perhaps because of /etc/asound.conf"),
    ],
)
async def test_no_sound_card_is_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "none.conf").write_text(f"{text}\n")
    assert in_a_process_of_its_own(OPEN, ALSA_CONFIG_PATH=str(tmp_path / "none.conf")).startswith(told)


async def test_portaudio_missing_says_how_to_install_it() -> None:
    broken = "import builtins\nreal = builtins.__import__\n"
    broken += "def no(name, *a, **k):\n"
    broken += "    if name == 'sounddevice': raise OSError('PortAudio library not found')\n"
    broken += "    return real(name, *a, **k)\nbuiltins.__import__ = no\n"
    assert "sudo apt install libportaudio2" in in_a_process_of_its_own(broken + OPEN)


async def test_a_busy_device_is_one_sentence(virtual_card: VirtualCard, monkeypatch: pytest.MonkeyPatch) -> None:
    import sounddevice

    def busy(**_: Any) -> None:
        raise sounddevice.PortAudioError("Error opening RawOutputStream: Device unavailable", -9985)

    monkeypatch.setattr(sounddevice, "RawOutputStream", busy)
    with pytest.raises(DeviceError, match=r"The speaker 'default' is busy or gone. .*voiceos devices"):
        async with SoundCard():
            pass


async def test_it_opens_at_the_cards_own_rate_when_16_khz_is_refused(
    virtual_card: VirtualCard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from voiceos.audio import microphone, portaudio

    def stubborn(kind: Any, device: Any, rates: Any, latency: float, callback: Any) -> Any:
        return portaudio.open_stream(kind, device, [CARD_RATE], latency, callback)

    monkeypatch.setattr(microphone, "open_stream", stubborn)
    said = chirp(1.0)
    write_wav(tmp_path / "x.wav", [Frame(said)])
    frames: list[Frame] = []
    async with SoundCard(speak=False) as card, anyio.create_task_group() as group:
        group.start_soon(gather, card, frames)
        await until(lambda: len(frames) > 10)
        await to_thread.run_sync(virtual_card.say, tmp_path / "x.wav")
        count = len(frames)
        await until(lambda: len(frames) > count + 10)
        group.cancel_scope.cancel()
    assert best_match(samples(b"".join(frame.pcm for frame in frames)), samples(said))[1] > 0.98
    assert list(read_recording(tmp_path / "x.wav"))
