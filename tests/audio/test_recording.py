"""Any recording comes out as 16 kHz mono, or as one clear sentence."""

import io
import os
import resource
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voiceos.audio.recording import frames_of, read_recording, write_wav
from voiceos.core import RATE, Frame
from voiceos.errors import RecordingError

FORMATS = [
    *[("WAV", width) for width in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW")],
    *[("FLAC", width) for width in ("PCM_S8", "PCM_16", "PCM_24")],
    *[("AIFF", "PCM_16"), ("OGG", "VORBIS")],
]


def write(path: Path, seconds: float, rate: int, channels: int, form: tuple[str, str]) -> np.ndarray:
    sine = 0.5 * np.sin(2 * np.pi * 300 * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, np.tile(sine[:, None], channels), rate, format=form[0], subtype=form[1])
    return sine


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.sampled_from([8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000]),
    channels=st.integers(1, 6),
    seconds=st.floats(0.05, 1.5),
    form=st.sampled_from(FORMATS),
)
def test_every_rate_width_and_channel_count_is_read(
    tmp_path: Path, rate: int, channels: int, seconds: float, form: tuple[str, str]
) -> None:
    path = tmp_path / "x.wav"
    write(path, seconds, rate, channels, form)
    sound = np.frombuffer(b"".join(read_recording(path)), "<i2") / 32_768
    too_long = 0.1 if form[1] == "VORBIS" else 0.002  # its last block is heard to its end
    assert len(sound) == pytest.approx(seconds * RATE, abs=RATE * too_long + 2)
    middle = sound[len(sound) // 4 : -len(sound) // 4]
    expected = 0.5 * np.sin(2 * np.pi * 300 * np.arange(len(sound)) / RATE)[len(sound) // 4 : -len(sound) // 4]
    if form[1] != "VORBIS":
        assert np.abs(middle - expected).max() < 0.03


def test_what_needs_no_change_comes_out_bit_for_bit(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(-32_768, 32_767, 50_000, dtype=np.int16, endpoint=True)
    soundfile.write(tmp_path / "x.wav", samples, RATE)
    assert b"".join(read_recording(tmp_path / "x.wav")) == samples.tobytes()


def test_float_samples_out_of_range_or_not_numbers_do_no_harm(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.array([0, np.nan, np.inf, -np.inf, 7, -7] * 99, np.float32), RATE, "FLOAT")
    sound = np.frombuffer(b"".join(read_recording(tmp_path / "x.wav")), "<i2")
    assert sound[:6].tolist() == [0, 0, 32_767, -32_768, 32_767, -32_768]


def test_a_truncated_wav_plays_as_far_as_it_goes(tmp_path: Path) -> None:
    write(tmp_path / "x.wav", 1.0, RATE, 1, ("WAV", "PCM_16"))
    (tmp_path / "x.wav").write_bytes((tmp_path / "x.wav").read_bytes()[: 44 + RATE + 1])
    assert len(b"".join(read_recording(tmp_path / "x.wav"))) == RATE


def test_a_truncated_flac_plays_or_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, RATE * 2), RATE)
    whole = path.read_bytes()
    for part in (8, 50, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:part])
        try:
            sound = b"".join(read_recording(path))
        except RecordingError as error:
            assert str(path) in str(error)  # noqa: PT017 - either is right
        else:
            assert 0 < len(sound) <= RATE * 4


def encoded(form: str, subtype: str, endian: str = "FILE") -> bytearray:
    """Two seconds of a tone."""
    sine = 0.5 * np.sin(2 * np.pi * 300 * np.arange(2 * RATE) / RATE)
    made = io.BytesIO()
    soundfile.write(made, sine, RATE, format=form, subtype=subtype, endian=endian)
    return bytearray(made.getvalue())


def streamed_wav(subtype: str, riff: int | None, data: int | None, form: str = "WAV", before: bytes = b"") -> bytes:
    """As written by who could not go back to the header, with these sizes in it and another chunk before the sound."""
    made = encoded(form, subtype)
    at = made.index(b"data")
    if riff is not None:
        made[4:8] = struct.pack("<I", riff)
    if data is not None:
        made[at + 4 : at + 8] = struct.pack("<I", data)
    return bytes(made[:at] + before + made[at:])


def streamed_rf64() -> bytes:
    made = encoded("RF64", "PCM_16")
    return bytes(made[:20] + bytes(24) + made[44:])


def streamed_flac() -> bytes:
    """The number of samples is 0: unknown."""
    made = encoded("FLAC", "PCM_16")
    made[21] &= 0xF0
    made[22:26] = bytes(4)
    return bytes(made)


def narrow_wav(subtype: str, valid: int) -> bytes:
    """Of the bits of each sample only so many count."""
    made = encoded("WAVEX", subtype)
    made[38:40] = struct.pack("<H", valid)
    return bytes(made)


def streamed_aiff(frames: int | None, *sizes: bytes) -> bytes:
    """Without the sizes of these chunks, and with this count of samples."""
    made = encoded("AIFF", "PCM_16")
    for chunk in sizes:
        at = made.index(chunk)
        made[at + 4 : at + 8] = bytes(4)
    if frames is not None:
        at = made.index(b"COMM")
        made[at + 10 : at + 14] = struct.pack(">I", frames)
    return bytes(made)


def streamed_au() -> bytes:
    made = encoded("AU", "PCM_16")
    return bytes(made[:8] + bytes(4) + made[12:])


def streamed_caf(size: bytes) -> bytes:
    made = encoded("CAF", "PCM_16")
    at = made.index(b"data")
    return bytes(made[: at + 4] + size + made[at + 12 :])


def by_ffmpeg(form: str, codec: str) -> bytes:
    """What a phone records."""
    import av

    made = io.BytesIO()
    with av.open(made, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=RATE, layout="mono")
        sine = (0.5 * np.sin(2 * np.pi * 300 * np.arange(2 * RATE) / RATE)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(sine[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return made.getvalue()


ID3 = b"ID3\x04\x00\x00\x00\x00\x02\x00" + bytes(256)
WIDTHS = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW", "IMA_ADPCM", "GSM610")
LIST = b"LIST\x1a\0\0\0INFOISFT\x0e\0\0\0Lavf58.76.100\0"
SIZES = (0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
ODD: dict[str, Callable[[], bytes]] = {
    **{f"wav, sizes 0, {one}": lambda one=one: streamed_wav(one, 0, 0) for one in WIDTHS},
    **{f"wav, sizes {one:#x}": lambda one=one: streamed_wav("PCM_16", one, one) for one in SIZES},
    **{f"wav, data size {one:#x}": lambda one=one: streamed_wav("PCM_16", None, one) for one in (*SIZES, 640_000)},
    "wav, riff size 0": lambda: streamed_wav("PCM_16", 0, None),
    "wav, sizes 0, a title first": lambda: streamed_wav("PCM_16", 0, 0, before=LIST),
    "wav extensible, sizes 0": lambda: streamed_wav("PCM_24", 0, 0, "WAVEX"),
    "wav extensible": lambda: bytes(encoded("WAVEX", "FLOAT")),
    "wav, 24 bits in 32": lambda: narrow_wav("PCM_32", 24),
    "wav, 16 bits in 32": lambda: narrow_wav("PCM_32", 16),
    "wav, 8 bits in 16": lambda: narrow_wav("PCM_16", 8),
    "wav big-endian": lambda: bytes(encoded("WAV", "PCM_16", "BIG")),
    "wav and rubbish": lambda: streamed_wav("PCM_16", None, None) + b"\xff\xferubbish" * 99,
    "wav and wav": lambda: streamed_wav("PCM_16", None, None) * 2,
    "wav behind ID3": lambda: ID3 + streamed_wav("PCM_16", None, None),
    "gsm in wav": lambda: bytes(encoded("WAV", "GSM610")),
    "rf64": lambda: bytes(encoded("RF64", "PCM_16")),
    "rf64, sizes 0": streamed_rf64,
    "flac, length 0": streamed_flac,
    "flac behind ID3": lambda: ID3 + encoded("FLAC", "PCM_16"),
    "mp3 behind ID3": lambda: ID3 + encoded("MP3", "MPEG_LAYER_III"),
    "mp3 behind rubbish": lambda: bytes(300) + encoded("MP3", "MPEG_LAYER_III"),
    "ogg behind ID3": lambda: ID3 + encoded("OGG", "VORBIS"),
    "ogg opus": lambda: bytes(encoded("OGG", "OPUS")),
    "aiff, no size of all": lambda: streamed_aiff(None, b"FORM"),
    "aiff, no size of the sound": lambda: streamed_aiff(None, b"SSND"),
    "aiff, no sizes, no count": lambda: streamed_aiff(0, b"FORM", b"SSND"),
    "aiff, largest count": lambda: streamed_aiff(0xFFFFFFFF),
    "au, size 0": streamed_au,
    "caf, size -1": lambda: streamed_caf(b"\xff" * 8),
    "caf, size 0": lambda: streamed_caf(bytes(8)),
    **{f"{form.lower()}": lambda form=form: bytes(encoded(form, "PCM_16")) for form in ("NIST", "IRCAM", "SVX", "AVR")},
    "m4a": lambda: by_ffmpeg("ipod", "aac"),
    "webm": lambda: by_ffmpeg("matroska", "aac"),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_recording_is_heard(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(ODD[kind]())
    sound = np.frombuffer(b"".join(read_recording(path)), "<i2") / 32_768
    assert len(sound) / RATE == pytest.approx(2, abs=0.15)
    assert np.sqrt(np.mean(sound[RATE // 2 : RATE] ** 2)) == pytest.approx(0.5 / np.sqrt(2), abs=0.05)


def test_sound_after_a_damaged_place_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, RATE * 30), RATE)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 3000] = bytes(3000)
    path.write_bytes(content)
    assert len(b"".join(read_recording(path))) / RATE / 2 == pytest.approx(30, abs=1.5)
    path.write_bytes(content[: len(content) // 3])
    assert len(b"".join(read_recording(path))) / RATE / 2 == pytest.approx(10, abs=0.5)


def a_playlist(path: Path) -> None:
    (path.parent / "secret.wav").write_bytes(streamed_wav("PCM_16", None, None))
    path.write_text("#EXTM3U\n#EXTINF:2,\nsecret.wav\n")


def no_sound_but_a_title(path: Path) -> None:
    made = encoded("WAV", "PCM_16")
    path.write_bytes(made[: made.index(b"data")] + b"data" + bytes(4) + LIST)


def no_channels(path: Path) -> None:
    made = encoded("WAV", "PCM_16")
    made[22:24] = bytes(2)
    path.write_bytes(made)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_sound(path: Path) -> None:
    soundfile.write(path, np.zeros(0, np.int16), RATE, format="WAV")


def text(path: Path) -> None:
    path.write_text("This is not a recording at all. " * 50)


def half_a_header(path: Path) -> None:
    no_sound(path)
    path.write_bytes(path.read_bytes()[:20])


def header_only(path: Path) -> None:
    write(path, 1.0, RATE, 1, ("WAV", "PCM_16"))
    path.write_bytes(path.read_bytes()[:44])


def absurd_rate(path: Path) -> None:
    with wave.open(str(path), "wb") as wav:
        wav.setparams((1, 2, 3, 1, "NONE", ""))
        wav.writeframes(bytes(100))


def rubbish(path: Path) -> None:
    path.write_bytes(b"RIFF" + np.random.default_rng(1).bytes(5_000))


def loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "does not exist"),  # pyright: ignore[reportUnknownLambdaType]
        (Path.mkdir, "is a folder"),
        (os.mkfifo, "not a regular file"),
        (loop, "Cannot open"),
        (empty, "is empty"),
        (no_sound, "0 seconds"),
        (no_sound_but_a_title, "0 seconds"),
        (no_channels, "not a readable recording"),
        (a_playlist, "not a readable recording"),
        (header_only, "0 seconds"),
        (text, "not a readable recording"),
        (half_a_header, "not a readable recording"),
        (rubbish, "not a readable recording"),
        (absurd_rate, "sample rate of 3 Hz"),
    ],
)
@pytest.mark.parametrize("name", ["x.wav", "x.raw", "x.mp3"])
def test_a_bad_file_is_one_clear_sentence(tmp_path: Path, make: Callable[[Path], object], says: str, name: str) -> None:
    path = tmp_path / name
    make(path)
    with pytest.raises(RecordingError, match=says) as caught:
        list(read_recording(path))
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert message.endswith(".")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(recording: Path) -> None:
    recording.chmod(0)
    with pytest.raises(RecordingError, match="permissions"):
        read_recording(recording)


def test_a_path_that_no_file_can_have_says_so() -> None:
    with pytest.raises(RecordingError):
        read_recording("x\0.wav")
    with pytest.raises(RecordingError):
        read_recording("x" * 5_000)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_to_a_file_brings_a_traceback(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "x"
    write(path, 0.2, 8_000, 2, data.draw(st.sampled_from(FORMATS)))
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, min(len(damaged) - 1, 200)))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    try:
        for count, block in enumerate(read_recording(path)):
            assert len(block) % 2 == 0
            if count > 50:
                break
    except RecordingError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is right


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_floats_beyond_all_measure_are_cut_off(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "loud.wav"
    values = np.array([3e38, 3e38, np.inf, -np.inf, np.nan, -1e33, 2.0, 0.25] * 500, np.float32)
    soundfile.write(path, np.stack([values, values], axis=1), rate, subtype="FLOAT")
    samples = np.frombuffer(b"".join(read_recording(path)), "<i2")
    assert samples.max() == 32_767
    if rate == 16_000:
        assert samples[:8].tolist() == [32_767, 32_767, 32_767, -32_768, 0, -32_768, 32_767, 8_192]


def test_two_hours_are_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros((8_000, 2)), 8_000, "PCM_U8")
    path.write_bytes(path.read_bytes()[:44].replace(struct.pack("<I", 16_000), b"\xff" * 4))
    os.truncate(path, 44 + 7_200 * 16_000)  # of one value, and without taking room on the disk
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = sum(len(block) for block in read_recording(path)) / 2 / RATE
    grown_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert seconds == pytest.approx(7_200, abs=0.1)
    assert grown_kilobytes < 20_000


def test_frames_of_fills_up_the_last_one() -> None:
    assert list(frames_of([b"abc", b"", b"defgh", b"i"], 4)) == [b"abcd", b"efgh", b"i\0\0\0"]


def test_written_and_read_again(tmp_path: Path, tone: Callable[..., bytes]) -> None:
    pcm = tone(0.5)
    write_wav(tmp_path / "x.wav", [Frame(pcm[:6_000]), Frame(pcm[6_000:])])
    assert b"".join(read_recording(tmp_path / "x.wav")) == pcm
    with pytest.raises(RecordingError, match="Cannot write"):
        write_wav(tmp_path / "no" / "x.wav", [])
