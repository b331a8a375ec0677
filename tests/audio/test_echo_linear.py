"""The linear canceller in simulated rooms: it finds delay and drift, and leaves a voice over the echo as it is."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from voiceos.audio.echo import EchoCanceller, TwoPathEcho
from voiceos.audio.echo_delay import Alignment
from voiceos.audio.echo_linear import BLOCK, LinearEcho
from voiceos.core import RATE, Frame

Samples = NDArray[np.float64]
NOISE = 3e-4


def talk(seconds: float, seed: int = 0) -> Samples:
    """Sound that comes and goes like speech, is alike nowhere, and has less in the treble."""
    rng = np.random.default_rng(seed)
    size = round(seconds * RATE)
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    spectrum /= 1 + np.fft.rfftfreq(size, 1 / RATE) / 500
    envelope = np.interp(
        np.arange(size), np.arange(0, size, RATE // 8), rng.uniform(0, 1, -(-size // (RATE // 8))) ** 2
    )
    sound = np.fft.irfft(spectrum, size) * envelope
    return sound * 0.05 / np.sqrt(np.mean(sound**2))


def room(seconds: float = 0.3) -> Samples:
    """A direct way, and a tail that is a little softer than it."""
    size = round(seconds * RATE)
    tail = np.random.default_rng(5).normal(0, 1, size) * 10 ** (-3 * np.arange(size) / size)
    tail *= 0.7 / np.sqrt(tail @ tail)
    tail[8] += 1
    return tail


def through_room(far: Samples, *, delay: float = 0.06, drift: float = 0.0, loudspeaker: float = 0.0) -> Samples:
    """Times in seconds; drift as a factor; `loudspeaker`: how far it bends."""
    size = len(far) + RATE
    bent = np.tanh(loudspeaker * far / 0.3) * 0.3 / loudspeaker if loudspeaker else far
    echo = np.fft.irfft(np.fft.rfft(bent, size) * np.fft.rfft(room(), size), size)
    fine = np.fft.irfft(np.pad(np.fft.rfft(echo), (0, 7 * size // 2)), 8 * size) * 8  # eight times as many samples
    places = np.arange(len(far)) * (1 - drift) - delay * RATE
    heard = np.interp(places * 8, np.arange(len(fine)), fine, left=0)
    return heard + np.random.default_rng(1).normal(0, NOISE, len(heard))


def cleaned(canceller: EchoCanceller, near: Samples, far: Samples, of: Callable[[Frame], bytes]) -> Samples:
    mic, reference = ((sound * 32768).clip(-32768, 32767).astype("<i2") for sound in (near, far))
    out = [
        of(canceller.process(Frame(mic[i : i + BLOCK].tobytes()), reference[i : i + BLOCK].tobytes()))
        for i in range(0, len(mic) - BLOCK + 1, BLOCK)
    ]
    return np.frombuffer(b"".join(out), "<i2") / 32768


def removed(echo: Samples, rest: Samples, start: float, end: float) -> float:
    """dB of power between these seconds."""
    part = slice(round(start * RATE), round(end * RATE))
    return float(10 * np.log10(np.mean(echo[part] ** 2) / np.mean(rest[part] ** 2)))


def pcm(frame: Frame) -> bytes:
    return frame.pcm


@pytest.mark.parametrize("delay", [0.0, 0.06, 0.25, 0.45])
def test_it_removes_the_echo_at_any_delay(delay: float) -> None:
    far = talk(10)
    echo = through_room(far, delay=delay)
    assert removed(echo, cleaned(LinearEcho(), echo, far, pcm), 6, 10) > 18


@pytest.mark.parametrize("drift", [1e-4, -1e-4, 3e-4])
def test_it_finds_the_drift_of_the_clocks(drift: float) -> None:
    far = talk(18)
    echo = through_room(far, delay=0.1, drift=drift)
    canceller = LinearEcho()
    assert removed(echo, cleaned(canceller, echo, far, pcm), 14, 18) > 15
    assert canceller.drift == pytest.approx(drift, abs=3e-5)


def test_a_voice_over_the_echo_comes_through_as_it_is() -> None:
    far, voice = talk(14), talk(14, seed=3)
    voice[: 8 * RATE] = 0
    echo = through_room(far)
    rest = cleaned(LinearEcho(), echo + voice, far, pcm) - voice[: len(far)]
    assert removed(echo, rest, 8, 14) > 12


def test_without_an_echo_a_voice_is_not_touched() -> None:
    """Headphones: the reference sounds, and the microphone hears none of it."""
    voice = talk(6, seed=3)
    rest = cleaned(LinearEcho(), voice, talk(6), pcm) - voice
    assert removed(voice, rest, 1, 6) > 12


def test_a_loudspeaker_that_bends_leaves_some_echo() -> None:
    far = talk(8)
    echo = through_room(far, loudspeaker=1.0)
    assert removed(echo, cleaned(LinearEcho(), echo, far, pcm), 5, 8) > 10


def test_somebody_moves_the_device() -> None:
    far = talk(14)
    echo = np.concatenate([through_room(far)[: 7 * RATE], through_room(far, delay=0.3)[7 * RATE :]])
    assert removed(echo, cleaned(LinearEcho(), echo, far, pcm), 12, 14) > 15


def test_the_delay_is_found() -> None:
    far = talk(4)
    echo = through_room(far, delay=0.3)
    alignment = Alignment()
    for i in range(0, len(far) - BLOCK, BLOCK):
        alignment(far[i : i + BLOCK], echo[i : i + BLOCK])
    assert 0.27 < alignment.lag / RATE < 0.3


def test_a_silent_reference_and_wild_sound_do_no_harm() -> None:
    wild = np.random.default_rng(0).uniform(-1, 1, 2 * RATE)
    assert np.isfinite(cleaned(LinearEcho(), wild, np.zeros(len(wild)), pcm)).all()
    canceller = LinearEcho()
    cleaned(canceller, wild, talk(2), pcm)
    assert np.isfinite(cleaned(canceller, np.zeros(len(wild)), wild, pcm)).all()


def test_two_paths_each_do_what_they_are_for() -> None:
    def thorough(frame: Frame) -> bytes:
        assert frame.without_echo is not None
        return frame.to_judge.pcm

    far, voice = talk(10), talk(10, seed=3)
    voice[: 8 * RATE] = 0
    echo = through_room(far)
    assert removed(echo, cleaned(TwoPathEcho(), echo, far, thorough), 3, 10) > 25
    assert removed(echo, cleaned(TwoPathEcho(), echo + voice, far, pcm) - voice, 8, 10) > 12
