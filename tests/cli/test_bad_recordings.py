"""Recordings that are wrong, odd or very long, through the commands that take one: played, or one clear sentence."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.models.shelf import Shelf

GARAGE = Path(__file__).parents[1] / "audio" / "recordings" / "garage.flac"
COMMANDS = {
    "talk": ("talk", "--wav"),
    "listen": ("listen", "--wav"),
    "transcribe": pytest.param(("transcribe",), marks=pytest.mark.engines),
}
BAD: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "does not exist"),
    "empty": (b"", "is empty"),
    "text.wav": (b"this is no sound at all\n" * 50, "is not a readable recording"),
    "cut-in-its-header.wav": (b"RIFF\x24\x00\x00\x00WAVEfm", "is not a readable recording"),
    "picture.wav": (b"\x89PNG\r\n\x1a\n" + bytes(500), "is not a readable recording"),
}
MEMORY_MB = 120
"""What two hours of sound may need on top of a few seconds of it; decoded they would be 230 MB or 460 MB."""

Run = Callable[..., Any]


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Real speech as a file of that kind."""

    def make(name: str, subtype: str, rate: int = 16_000, channels: int = 1, seconds: float | None = None) -> Path:
        samples, real = soundfile.read(GARAGE)
        if rate != real:
            import soxr

            samples = soxr.resample(samples, real, rate)
        samples = samples[: None if seconds is None else round(seconds * rate)]
        path = tmp_path / name
        soundfile.write(path, np.stack([samples] * channels, axis=1), rate, subtype)
        return path

    return make


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speech recognition, from where the tests keep their models: the command's own home has none."""
    monkeypatch.delenv("VOICEOS_STORE_FOLDER")
    folder = Path(os.environ.get("VOICEOS_TEST_MODELS") or models_folder(StoreSettings()))
    monkeypatch.setenv("VOICEOS_STORE_MODELS", str(folder))
    if not Shelf(folder).status("whisper-base").ready:
        Shelf(folder).pull("whisper-base")


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_bad_recording_is_one_sentence(
    run: Run, tmp_path: Path, request: pytest.FixtureRequest, command: tuple[str, ...], kind: str
) -> None:
    if command == ("transcribe",):
        request.getfixturevalue("models")
    content, why = BAD[kind]
    path = tmp_path / kind
    if content is not None:
        path.write_bytes(content)
    said = run(*command, str(path))
    assert (said.out, said.code) == ("", 65)
    assert why in said.err
    assert str(path) in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("command", [("talk", "--wav"), ("listen", "--wav")], ids=("talk", "listen"))
def test_no_sound_and_a_folder(run: Run, made: Callable[..., Path], tmp_path: Path, command: tuple[str, ...]) -> None:
    said = run(*command, str(made("nothing.wav", "PCM_16", seconds=0)))
    assert (said.code, "0 seconds" in said.err) == (65, True)
    said = run(*command, str(tmp_path))
    assert (said.code, "is a folder" in said.err) == (65, True)


def test_the_process_itself_ends_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "noise.wav"
    path.write_bytes(os.urandom(4000))
    done = subprocess.run(
        [sys.executable, "-m", "voiceos", "talk", "--wav", str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 65
    assert done.stderr.startswith(f"{path} is not a readable recording")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "subtype", "rate", "channels"),
    [
        ("8bit.wav", "PCM_U8", 16_000, 1),
        ("stereo.wav", "PCM_16", 16_000, 2),
        ("telephone.wav", "PCM_16", 8_000, 1),
        ("cd.wav", "PCM_16", 44_100, 2),
        ("studio.wav", "PCM_24", 48_000, 1),
        ("float.wav", "FLOAT", 48_000, 2),
        ("music.mp3", "MPEG_LAYER_III", 44_100, 2),
        ("voice.ogg", "VORBIS", 48_000, 1),
    ],
)
def test_any_sound_is_heard(
    run: Run, made: Callable[..., Path], name: str, subtype: str, rate: int, channels: int
) -> None:
    said = run("listen", "--json", "--wav", str(made(name, subtype, rate, channels)))
    assert said.code == 0
    assert said.err == ""
    assert "speech" in {json.loads(line)["event"] for line in said.out.splitlines()}


def test_a_truncated_recording_is_heard_as_far_as_it_goes(run: Run, made: Callable[..., Path]) -> None:
    path = made("cut.wav", "PCM_16")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    said = run("listen", "--json", "--wav", str(path))
    assert said.code == 0
    assert "speech" in {json.loads(line)["event"] for line in said.out.splitlines()}


@pytest.mark.engines
@pytest.mark.usefixtures("models")
def test_two_hours_are_transcribed_in_bounded_memory(tmp_path: Path) -> None:
    short, long = tmp_path / "short.flac", tmp_path / "long.flac"
    _with_speech_at_the_end(short, minutes=0)
    _with_speech_at_the_end(long, minutes=120)
    little, heard = _peak_mb("transcribe", "--json", str(short))
    assert "garage door" in heard
    much, heard = _peak_mb("transcribe", "--json", str(long))
    line = json.loads(heard)
    assert "garage door" in line["text"]
    assert 7200 < line["start"] < 7202
    assert much - little < MEMORY_MB


def _with_speech_at_the_end(path: Path, *, minutes: int) -> None:
    samples, rate = soundfile.read(GARAGE, dtype="int16")
    with soundfile.SoundFile(path, "w", rate, 1, "PCM_16") as file:
        for _ in range(minutes):
            file.write(np.zeros(60 * rate, "int16"))
        file.write(samples)


def _peak_mb(*arguments: str) -> tuple[float, str]:
    """The most memory that the command held, and what it printed."""
    code = (
        "import resource, sys; from voiceos.cli import main; code = main(sys.argv[1:]); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return int(done.stderr.splitlines()[-1]) / 1024, done.stdout


@pytest.mark.engines
@pytest.mark.usefixtures("models")
def test_a_bad_recording_does_not_keep_the_others_from_being_heard(
    run: Run, made: Callable[..., Path], tmp_path: Path
) -> None:
    missing, streamed = tmp_path / "missing.wav", bytearray(made("good.wav", "PCM_16").read_bytes())
    at = streamed.index(b"data")
    streamed[4:8] = streamed[at + 4 : at + 8] = bytes(4)
    (tmp_path / "streamed.wav").write_bytes(streamed)
    (tmp_path / "text.wav").write_text("This is no sound at all.\n" * 50)
    files = [missing, tmp_path / "good.wav", tmp_path / "text.wav", tmp_path / "streamed.wav"]
    said = run("transcribe", *map(str, files))
    assert said.code == 65
    first, second = said.out.splitlines()
    assert "garage" in first.lower()
    assert first == second
    assert "does not exist" in said.err.splitlines()[0]
    assert "text.wav is not a readable recording" in said.err.splitlines()[1]
