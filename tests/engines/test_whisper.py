"""Whisper: hears what people said, and nothing where nobody speaks."""

import re
from collections.abc import Callable
from pathlib import Path

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray

from voiceos.core import RATE, Speech
from voiceos.engines.piper import Piper
from voiceos.engines.whisper import FILES, Whisper
from voiceos.errors import ConfigError, ModelError

pytestmark = pytest.mark.anyio

Recording = Callable[[str], Speech]


def speech(samples: NDArray[np.floating]) -> Speech:
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    return Speech(pcm, 0.0, len(samples) / RATE)


def samples(of: Speech) -> NDArray[np.floating]:
    return np.frombuffer(of.pcm, "<i2") / 32768


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


@pytest.mark.parametrize("missing", FILES)
async def test_a_missing_file_is_one_sentence_with_the_command_that_mends_it(tmp_path: Path, missing: str) -> None:
    for file in set(FILES) - {missing}:
        (tmp_path / file).touch()
    with pytest.raises(ModelError, match=rf"lacks .*{missing}. Fetch it with `voiceos models pull whisper-base`"):
        Whisper(tmp_path, label="whisper-base")


async def test_damaged_files_are_one_sentence(tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file).write_bytes(b"garbage" * 100)
    with pytest.raises(ModelError, match=r"is damaged .*voiceos models pull whisper-tiny"):
        await Whisper(tmp_path, label="whisper-tiny").warm()


async def test_nothing_is_heard_in_nothing_without_loading_the_model(tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file).touch()
    engine = Whisper(tmp_path)
    for pcm in (b"", b"\0", b"\1\0" * 10, bytes(RATE * 2), bytes(RATE * 2 * 61)):
        assert (await engine.transcribe(Speech(pcm, 0.0, 0.0))).text == ""
    assert engine.looks == 0


@pytest.fixture(scope="module")
def engine(model_path: Callable[[str], Path]) -> Whisper:
    return Whisper(model_path("whisper-base"), threads=2, label="whisper-base")


@pytest.mark.engines
async def test_the_name_says_library_version_model_and_precision(engine: Whisper) -> None:
    assert re.fullmatch(r"faster-whisper [\d.]+ whisper-base int8", engine.name)


@pytest.mark.engines
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("date", "what s the date today"),
        ("garage", "is the garage door open"),
        ("beatles", "play the beatles"),
        ("coffee0", "can i have a single shot coffee with a bit of sugar and milk"),
        ("b_never", "never mind"),
        ("p_timer10_1000", "set a timer for 10 minutes"),
    ],
)
@pytest.mark.parametrize("gain", [1.0, 0.02])
async def test_people_are_understood_even_when_they_are_quiet(
    engine: Whisper, recording: Recording, name: str, said: str, gain: float
) -> None:
    heard = await engine.transcribe(speech(samples(recording(name)) * gain))
    assert plain(heard.text) == said
    assert heard.language == "en"
    assert 0.3 < heard.confidence <= 1


def noises() -> dict[str, NDArray[np.floating]]:
    random = np.random.default_rng(1)
    time = np.arange(4 * RATE) / RATE
    white = random.normal(0, 1, 4 * RATE)
    return {
        "silence": white * 1e-4,
        "hiss": white * 1e-3,
        "fan": white * 1e-2,
        "roar": white * 1e-1,
        "a second of hiss": white[:RATE] * 1e-2,
        "hum": 0.05 * np.sin(2 * np.pi * 50 * time) + 0.02 * np.sin(2 * np.pi * 150 * time),
        "knock": white * np.exp(-time * 40) * 0.5,
    }


@pytest.mark.engines
@pytest.mark.parametrize("name", noises())
async def test_noises_have_no_words(engine: Whisper, name: str) -> None:
    assert (await engine.transcribe(speech(noises()[name]))).text == ""


@pytest.mark.engines
@pytest.mark.parametrize("name", ["hold_music", "babble"])
@pytest.mark.parametrize("seconds", [1.5, 3.0, 5.0])
async def test_music_and_hubbub_have_no_words(engine: Whisper, recording: Recording, name: str, seconds: float) -> None:
    assert (await engine.transcribe(speech(samples(recording(name))[: int(seconds * RATE)]))).text == ""


@pytest.mark.engines
async def test_another_language_is_refused(engine: Whisper, recording: Recording) -> None:
    heard = await engine.transcribe(recording("german"))
    assert heard.text == ""
    assert heard.language == "de"


@pytest.mark.engines
async def test_a_monologue_of_a_minute_is_heard_to_its_end_in_bounded_time(
    engine: Whisper, recording: Recording
) -> None:
    parts = [samples(recording(name)) for name in ("coffee0", "garage", "date", "p_timer10_1000", "beatles")]
    spoken = np.concatenate([*parts * 5, samples(recording("coffee0"))])
    assert len(spoken) / RATE > 55
    with anyio.fail_after(180):  # it takes 7 s on two idle cores
        heard = await engine.transcribe(speech(spoken))
    assert len(heard.text.split()) > 80
    assert "sugar and milk" in heard.text[-40:]


@pytest.mark.engines
async def test_hotwords_are_spelt_as_they_should_be(engine: Whisper, model_path: Callable[[str], Path]) -> None:
    import soxr

    voice = Piper(model_path("en_US-joe-medium"))
    made = [frame async for frame in voice.synthesize("Turn on the Kwikset lock in the foyer.")]
    pcm = np.frombuffer(b"".join(frame.pcm for frame in made), "<i2") / 32768
    said = speech(soxr.resample(pcm, made[0].rate, RATE) * 0.3)
    assert "Kwikset" not in (await engine.transcribe(said)).text
    assert "Kwikset" in (await engine.transcribe(said, ["Siobhan", "Kwikset", "Joaquin"])).text


@pytest.mark.engines
async def test_too_many_hotwords_do_no_harm(engine: Whisper, recording: Recording) -> None:
    names = [f"{first}{last}" for first in ("Anna", "Bert", "Caro", "Dina") for last in "abcdefghijklmnopqrstuvwxyz"]
    for hotwords in (names * 3, ["Kwikset"] * 1000, ["", "  "]):
        assert "coffee with a bit of sugar" in (await engine.transcribe(recording("coffee0"), hotwords)).text


async def test_readings_begin_with_the_likeliest(engine: Whisper, recording: Recording) -> None:
    """And they cost no second look: the sound is encoded already."""
    said = recording("timer30")
    heard = await engine.transcribe(said)
    looks = engine.looks
    readings = await engine.readings(said)
    assert engine.looks == looks
    assert plain(heard.text) in [plain(one) for one in readings][:2]
    assert len(set(readings)) == len(readings) > 1
    likely, unlikely = await engine.likelihoods(said, [readings[0], "Never bond."])
    assert 0 > likely > unlikely + 1
    assert engine.looks == looks


@pytest.mark.engines
async def test_hotwords_are_not_heard_in_noise(engine: Whisper) -> None:
    assert (await engine.transcribe(speech(noises()["fan"]), ["Siobhan", "Kwikset"])).text == ""


@pytest.mark.engines
async def test_the_language_is_found_or_refused(model_path: Callable[[str], Path], recording: Recording) -> None:
    folder = model_path("whisper-base")
    heard = await Whisper(folder, language="auto", threads=2).transcribe(recording("coffee0"))
    assert (heard.language, heard.text[:12]) == ("en", "Can I have a")
    with pytest.raises(ConfigError, match="does not support the language 'xx'"):
        await Whisper(folder, language="xx").warm()


@pytest.mark.engines
async def test_a_cancelled_recognition_returns_at_once_and_the_next_one_hears(
    engine: Whisper, recording: Recording
) -> None:
    await engine.warm()
    long = speech(np.tile(samples(recording("coffee0")), 8))
    with anyio.move_on_after(0.1) as scope:
        await engine.transcribe(long)
    assert scope.cancelled_caught
    assert plain((await engine.transcribe(recording("date"))).text) == "what s the date today"
