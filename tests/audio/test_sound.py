"""Levels, volume, resampling and earcons: what is done to samples."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.audio.earcons import EARCON_RATE, Earcon, earcon
from voiceos.audio.levels import FLOOR_DBFS, LevelMeter, is_clipped, level_dbfs
from voiceos.audio.resample import ToRate
from voiceos.audio.volume import add, with_volume
from voiceos.core import RATE, Frame

Tone = Callable[..., bytes]


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(np.int32)


def test_a_full_scale_sine_measures_minus_3_dbfs(tone: Tone) -> None:
    assert level_dbfs(tone(1.0, level=1.0)) == pytest.approx(-3.01, abs=0.01)
    assert level_dbfs(tone(1.0, level=0.1)) == pytest.approx(-23.01, abs=0.02)
    assert level_dbfs(bytes(640)) == level_dbfs(b"") == FLOOR_DBFS


def test_clipping_is_a_run_of_full_scale_samples() -> None:
    assert not is_clipped(np.array([32_767, 0, -32_768, 0, 32_767], "<i2").tobytes())
    assert is_clipped(np.array([0, 32_767, 32_767, 32_767], "<i2").tobytes())
    assert is_clipped(np.array([-32_768] * 3, "<i2").tobytes())
    assert not is_clipped(b"")


def test_the_meter_gives_one_level_for_each_interval(tone: Tone) -> None:
    meter, pcm = LevelMeter(0.1), tone(1.0, level=0.5)
    levels = [meter(Frame(pcm[i : i + 640], at=i / 32_000 + 0.02)) for i in range(0, len(pcm), 640)]
    assert [level is not None for level in levels[:10]] == [False] * 4 + [True] + [False] * 4 + [True]
    assert levels[4]
    assert levels[4].rms_dbfs == pytest.approx(-9.03, abs=0.02)
    assert levels[4].at == pytest.approx(0.1)
    assert not levels[4].clipped


@given(st.lists(st.integers(-32_768, 32_767), max_size=200), st.floats(0, 2))
def test_volume_never_wraps_around(values: list[int], factor: float) -> None:
    frame = Frame(np.array(values, "<i2").tobytes(), at=3.0, rate=22_050)
    louder = with_volume(frame, factor)
    assert (louder.at, louder.rate, len(louder.pcm)) == (3.0, 22_050, len(frame.pcm))
    before, after = np.array(values), samples(louder.pcm)
    assert np.all(before * after >= 0)
    assert np.all(np.abs(after) <= np.abs(before) * factor + 1)


def test_volume_1_changes_nothing_and_0_is_silence(tone: Tone) -> None:
    frame = Frame(tone(0.1))
    assert with_volume(frame, 1.0) is frame
    assert not any(with_volume(frame, 0.0).pcm)


def test_two_sounds_at_once_are_cut_off_not_wrapped() -> None:
    loud = np.array([30_000, -30_000], "<i2").tobytes()
    assert samples(add(loud, loud + b"\1\0")).tolist() == [32_767, -32_768, 1]


@pytest.mark.parametrize(("from_rate", "to_rate"), [(48_000, RATE), (44_100, RATE), (22_050, 48_000), (RATE, RATE)])
def test_a_stream_is_resampled_without_seams(tone: Tone, from_rate: int, to_rate: int) -> None:
    resampler, pcm = ToRate(to_rate), tone(1.0, from_rate)
    step = 2 * (from_rate // 50)
    out = b""
    for i in range(0, len(pcm), step):
        out += resampler(Frame(pcm[i : i + step], rate=from_rate))
        assert 0 <= resampler.lag < 0.045
    out += resampler.flush()
    assert len(out) / 2 == pytest.approx(to_rate, abs=2)
    middle = slice(to_rate // 10, -to_rate // 10)
    assert (
        np.abs(samples(out)[: to_rate - 2] - samples(tone(1.0, to_rate))[: len(out) // 2][: to_rate - 2])[middle].max()
        < 30
    )


def test_frames_of_changing_rates_follow_one_another(tone: Tone) -> None:
    to_rate = ToRate(RATE)
    out = to_rate(Frame(tone(0.5, 22_050), rate=22_050)) + to_rate(Frame(tone(0.5, 48_000), rate=48_000))
    out += to_rate.flush()
    assert len(out) / 2 == pytest.approx(RATE, abs=4)
    to_rate(Frame(tone(0.5, 48_000), rate=48_000))
    to_rate.clear()
    assert to_rate.flush() == b""


@pytest.mark.parametrize("name", ["wake", "thinking", "end", "error"])
def test_an_earcon_is_short_soft_and_not_loud(name: Earcon) -> None:
    frames = earcon(name)
    pcm = b"".join(frame.pcm for frame in frames)
    assert {frame.rate for frame in frames} == {EARCON_RATE}
    assert 0.1 < sum(frame.seconds for frame in frames) <= 0.2
    assert level_dbfs(pcm) == pytest.approx(-18, abs=0.2)
    assert not is_clipped(pcm)
    assert abs(samples(pcm)[0]) < 50
    assert abs(samples(pcm)[-1]) < 50
    assert earcon(name) is frames
