"""`voiceos devices`."""

import json
import subprocess
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner

from voiceos.audio import portaudio
from voiceos.audio.portaudio import Device
from voiceos.cli import State
from voiceos.cli.devices import devices

CARDS = [
    Device(0, "USB PnP Audio Device", "ALSA", 1, 0, 44_100, default_microphone=True),
    Device(1, "bcm2835 Headphones", "ALSA", 0, 8, 48_000, default_speaker=True),
]


class VirtualCard(Protocol):
    def say(self, wav: Path) -> None: ...
    def record(self) -> "subprocess.Popen[bytes]": ...


def test_every_device_is_listed_with_what_it_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "devices", lambda: CARDS)
    shown = CliRunner().invoke(devices, catch_exceptions=False).output
    assert "USB PnP Audio Device" in shown
    assert "1 channel, default" in shown
    assert "8 channels, default" in shown
    assert "48000 Hz" in shown


def test_json_is_for_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "devices", lambda: CARDS)
    listed = json.loads(CliRunner().invoke(devices, ["--json"], catch_exceptions=False).output)
    assert [one["index"] for one in listed] == [0, 1]
    assert listed[0]["default_microphone"] is True
    assert listed[1]["rate"] == 48_000


def test_no_card_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "devices", list[Device])
    assert "No sound card" in CliRunner().invoke(devices, catch_exceptions=False).output


@pytest.mark.card
def test_the_test_plays_and_listens(virtual_card: VirtualCard) -> None:
    done = CliRunner().invoke(devices, ["--test", "--mic", "vos_mic"], obj=State(), catch_exceptions=False)
    assert "Do you hear it?" in done.output
    assert "dBFS" in done.output
    assert "is silent" in done.output
