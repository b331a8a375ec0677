"""A running daemon's timer rings on a sound card whose microphone hears it, and a spoken word ends it."""

import subprocess
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest

from tests.conversations.running import environment_of, start, told, wait
from voiceos.audio.recording import write_wav
from voiceos.engines.piper import Piper
from voiceos.models.shelf import Shelf

VOICE = "en_US-joe-medium"
pytestmark = [pytest.mark.engines, pytest.mark.card]

ECHO_PERCENT = 40
"""Of PulseAudio's cubic scale: about -24 dB."""
LOUD = 300.0
"""Root mean square of s16le samples that somebody hears."""


@pytest.fixture
def room(virtual_card: Any) -> None:
    """What the speaker plays comes back to the microphone, softer, as it does in a room."""
    loop = ["load-module", "module-loopback", "source=vos_spk.monitor", "sink=vos_inject", "latency_msec=40"]
    control(virtual_card, *loop, "sink_input_properties=media.name=room")
    inputs = control(virtual_card, "list", "short", "sink-inputs").split()
    control(virtual_card, "set-sink-input-volume", inputs[0], f"{ECHO_PERCENT}%")


def test_a_timer_rings_and_a_word_ends_it(home: Path, virtual_card: Any, models: Any, room: None) -> None:
    stop = home / "stop.wav"
    anyio.run(speak, Shelf(models([VOICE])).path(VOICE), "Stop.", stop)
    daemon, log = start(home, virtual_card, "run")
    try:
        wait(lambda: "voiceos.daemon: ready" in log(), daemon, 60)
        assert loudness(virtual_card, 0.5) < LOUD
        assert "2 seconds" in told(home, "ask", "Set a timer for two seconds.")
        wait(lambda: loudness(virtual_card, 1.0) > LOUD, daemon, 30)
        assert loudness(virtual_card, 4.0) > LOUD  # its own ringing does not end it
        virtual_card.say(stop)
        wait(lambda: ": stopped" in log(), daemon, 20)
        assert loudness(virtual_card, 4.0) < LOUD
        assert "no timer" in told(home, "ask", "How long is left on the timer?").lower()
    finally:
        daemon.kill()
        daemon.wait()


async def speak(voice: Path, words: str, path: Path) -> None:
    async with aclosing(Piper(voice).synthesize(words)) as frames:
        write_wav(path, [frame async for frame in frames])


def loudness(card: Any, seconds: float) -> float:
    """What the speaker plays from now on, for so long."""
    with card.record() as recorder:
        pcm = recorder.stdout.read(round(seconds * 48_000) * 2)
        recorder.terminate()
    return float(np.sqrt(np.mean(np.square(np.frombuffer(pcm, "<i2").astype(float)))))


def control(card: Any, *arguments: str) -> str:
    return subprocess.run(
        ["pactl", *arguments], env=environment_of(card), check=True, capture_output=True, text=True, timeout=5
    ).stdout
