"""What `voiceos doctor --audio` measures and advises."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from voiceos.audio.boards import UNKNOWN, Board
from voiceos.audio.soundcheck import CHIRPS, Measured, advice, chirp, measured
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame

EVERY = 1.05
SENT = [1.0 + EVERY * number for number in range(CHIRPS)]


def room(
    delays: list[float], gain_db: float = -20.0, noise_dbfs: float = -60.0, cut: tuple[float, float] | None = None
) -> Measured:
    """What is measured where each chirp comes back after its delay; `cut`: seconds that the microphone lost."""
    heard = np.random.default_rng(1).normal(0, 10 ** (noise_dbfs / 20), round((SENT[-1] + 2) * RATE))
    echo: NDArray[Any] = chirp() * 10 ** (gain_db / 20)
    for sent, delay in zip(SENT, delays, strict=False):
        at = round((sent + delay) * RATE)
        heard[at : at + len(echo)] += echo
    pcm = (np.clip(heard, -1, 1) * 32_767).astype("<i2").tobytes()
    pieces = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]
    frames = [Frame(piece, (number + 1) * FRAME_SECONDS) for number, piece in enumerate(pieces)]
    return measured([one for one in frames if not (cut and cut[0] < one.at < cut[1])], SENT)


def test_level_noise_and_delay_are_measured() -> None:
    found = room([0.12] * CHIRPS)
    assert found.heard == CHIRPS
    assert found.delay_seconds == pytest.approx(0.12, abs=0.001)
    assert found.loss_db == pytest.approx(20, abs=0.5)
    assert found.noise_dbfs == pytest.approx(-60, abs=0.5)
    assert (found.clipped, found.lost_seconds, found.jitter_seconds) == (False, 0.0, pytest.approx(0, abs=0.001))
    assert advice(found, UNKNOWN, "webrtc") == []


SPEAKERPHONE = Board("speakerphone", cancels_echo=True)


@pytest.mark.parametrize(
    ("found", "board", "starts"),
    [
        (room([], noise_dbfs=-140), UNKNOWN, ["The microphone gives silence only."]),
        (room([]), UNKNOWN, ["The microphone did not hear the speaker."]),
        (room([0.1] * CHIRPS, gain_db=25), UNKNOWN, ["The microphone is overdriven."]),
        (room([0.1] * CHIRPS, gain_db=5), UNKNOWN, ["The echo is louder"]),
        (room([0.1] * CHIRPS, gain_db=-5, noise_dbfs=-35), UNKNOWN, ["The room or the microphone is noisy."]),
        (room([0.1, 0.12, 0.14, 0.1, 0.1]), UNKNOWN, ["The delay of the echo changes by 40 ms"]),
        (room([0.5] * CHIRPS), UNKNOWN, ["The echo comes 0.50 s late"]),
        (room([0.1] * 4), UNKNOWN, ["Only 4 of 5 sounds"]),
        (room([0.1] * CHIRPS, cut=(5.19, 5.41)), UNKNOWN, ["220 ms of sound were lost."]),
        (room([0.1] * CHIRPS), SPEAKERPHONE, ["A speakerphone cancels its echo itself"]),
        (
            room([0.1] * CHIRPS, gain_db=25, noise_dbfs=-35),
            SPEAKERPHONE,
            ["The microphone is overdriven.", "The room", "A speakerphone"],
        ),
    ],
)
def test_what_to_change_comes_in_order(found: Measured, board: Board, starts: list[str]) -> None:
    said = advice(found, board, "webrtc")
    assert len(said) == len(starts), said
    for line, start in zip(said, starts, strict=True):
        assert line.startswith(start)


@pytest.mark.card
def test_the_command_hears_its_own_echo_on_a_card(
    virtual_card: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voiceos.cli import main

    monkeypatch.setenv("VOICEOS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("VOICEOS_STORE_FOLDER", str(tmp_path / "data"))
    pactl: Callable[..., Any] = subprocess.run
    loop = ["load-module", "module-loopback", "source=vos_spk.monitor", "sink=vos_inject", "latency_msec=60"]
    pactl(["pactl", *loop], env=os.environ | virtual_card.environment, check=True, capture_output=True)
    code = main(["doctor", "--audio", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["heard"] == CHIRPS
    assert 0.05 < found["delay_seconds"] < 0.6
    assert found["echo_dbfs"] == pytest.approx(-15, abs=3)
    assert code == (1 if found["advice"] else 0)
