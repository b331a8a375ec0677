"""Conversations through every real engine: with a recording, and through PortAudio on a virtual sound card."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile

pytestmark = pytest.mark.engines

RECORDING = Path(str(files("voiceos.data") / "conversation.flac"))
SECOND_QUESTION_ENDS = 13.2
SMALL = "smollm2-135m-instruct-q4_1"

Command = Callable[..., list[str]]


@pytest.fixture
def command(models: Callable[[Sequence[str]], Path], tmp_path: Path) -> Command:
    """`voiceos` on small models and a folder of its own."""
    folder = models(("whisper-base", "smart-turn-v3.2", SMALL))

    def build(*arguments: str, **settings: str) -> list[str]:
        chosen = {
            "store.models": str(folder),
            "store.folder": str(tmp_path / "state"),
            "mind.model": SMALL,
            "mind.max_tokens": "24",
            "wake.words": "alexa",
        } | {key.replace("__", "."): value for key, value in settings.items()}
        sets = [part for key, value in chosen.items() for part in ("--set", f"{key}={value}")]
        return [sys.executable, "-m", "voiceos", *sets, *arguments]

    return build


def test_a_recorded_conversation(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "reply.wav"
    talk = subprocess.run(
        command("talk", "--wav", str(RECORDING), "--out", str(out)), capture_output=True, text=True, timeout=300
    )
    assert talk.returncode == 0, talk.stderr
    heard = talk.stdout.lower()
    assert "wake word alexa" in heard
    assert "what's the date today?" in heard
    assert "is the garage door open?" in heard
    assert "voice to voice" in heard
    assert "Traceback" not in talk.stderr
    assert _loudest(out, after=SECOND_QUESTION_ENDS) > 0.05

    turns = _turns(command)
    assert turns[-1]["outcome"] == "answered"
    assert {"recognition", "mind", "voice"} <= set(turns[-1]["engines"])
    assert {"speech start", "speech end", "turn end", "transcript", "first token", "first sound"} <= set(
        turns[-1]["marks"]
    )


def test_told_to_stop_in_mid_reply(command: Command, tmp_path: Path) -> None:
    """It ends in order: nothing half-written, no language model left behind, and the turn is kept as it was heard."""
    out, shown = tmp_path / "reply.wav", tmp_path / "shown"
    with shown.open("wb") as stdout:
        talk = subprocess.Popen(
            command("talk", "--wav", str(RECORDING), "--out", str(out)), stdout=stdout, stderr=subprocess.DEVNULL
        )
    try:
        _wait(lambda: "Nova" in shown.read_text(), talk, 120)
        children = psutil.Process(talk.pid).children(recursive=True)
        talk.send_signal(signal.SIGTERM)
        assert talk.wait(15) == 0
        assert children
        assert not any(child.is_running() for child in children)
    finally:
        talk.kill()
        talk.wait()
    assert soundfile.info(out).duration > 1
    assert _turns(command)[-1]["outcome"] == "interrupted"


@pytest.mark.card
def test_the_daemon_on_a_sound_card(command: Command, virtual_card: Any, tmp_path: Path) -> None:
    """Spoken to through PortAudio, it answers through PortAudio, keeps the turn, and stops when told."""
    wav = tmp_path / "conversation.wav"
    samples, rate = soundfile.read(RECORDING)
    soundfile.write(wav, samples, rate)
    log = tmp_path / "log"
    environment = os.environ | virtual_card.environment
    with log.open("wb") as stderr:
        daemon = subprocess.Popen(command("run"), env=environment, stderr=stderr)
    try:
        _wait(lambda: "daemon: ready" in log.read_text(), daemon, 120)
        children = psutil.Process(daemon.pid).children(recursive=True)
        assert children, "the language model runs in a process of its own"
        recorded = tmp_path / "recorded"
        with recorded.open("wb") as file, virtual_card.record(into=file) as ear:
            try:
                _say_until(lambda: ": answered" in log.read_text(), virtual_card, wav, daemon)
            finally:
                ear.terminate()
        assert np.abs(np.fromfile(recorded, "<i2").astype(np.int32)).max() > 1500
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(15) == 0
        assert not any(child.is_running() for child in children)
    finally:
        daemon.kill()
        daemon.wait()
    assert any("date" in turn["transcript"].lower() for turn in _turns(command))


def _turns(command: Command) -> list[dict[str, Any]]:
    shown = subprocess.run(command("turns", "export"), capture_output=True, text=True, check=True, timeout=60)
    return [json.loads(line) for line in shown.stdout.splitlines()]


def _loudest(wav: Path, *, after: float) -> float:
    samples, rate = soundfile.read(wav)
    return float(np.abs(samples[round(after * rate) :]).max(initial=0))


def _say_until(until: Callable[[], bool], card: Any, wav: Path, daemon: "subprocess.Popen[bytes]") -> None:
    """As a person would: who is not answered says it again. A busy machine's virtual card may lose sound."""
    for _ in range(3):
        card.say(wav)
        with contextlib.suppress(TooLong):
            return _wait(until, daemon, 30)
    raise TooLong("said three times, and not answered")


class TooLong(AssertionError):
    """What was waited for did not come."""


def _wait(until: Callable[[], bool], process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Another process is its own clock: asks it again and again, for so long."""
    end = time.monotonic() + seconds
    while not until():
        assert process.poll() is None, "the daemon ended"
        if time.monotonic() > end:
            raise TooLong(f"not within {seconds} s")
        time.sleep(0.1)
