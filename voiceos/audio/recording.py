"""Reads any recording as 16 kHz mono, with FFmpeg, and writes WAV files."""

import io
import logging
import re
import stat
import struct
import wave
from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.audio.volume import to_pcm
from voiceos.core import RATE, Frame
from voiceos.errors import RecordingError

log = logging.getLogger(__name__)

FORMATS = "wav,w64,flac,ogg,mp3,aiff,au,caf,mov,matroska,avi,aac,amr,wv,tta,voc,nistsphere,ircam,iff,pvf,epaf,avr"
"""What a file may be. Others, such as playlists, could make FFmpeg open what they name."""
_SHORTEST_SECONDS = 0.01
"""Shorter sound is ignored: what follows an empty one in its file (such as a title) is read as samples."""
_LOUDEST = 100.0
"""Times full scale: a damaged file of floats may hold 10^38, which no mean or filter can handle."""
_RATES = range(1_000, 768_001)
_HEAD_BYTES = 4_096
_EXTENSIBLE = 0xFFFE

Samples = NDArray[np.float32]
"""Samples × channels."""


def read_recording(path: Path | str) -> Iterator[bytes]:
    """The sound of a recording in blocks of 16 kHz mono s16le, in bounded memory. Channels are averaged.

    Raises RecordingError at once if the file is missing, empty, not a recording, or has no sound.
    """
    path = Path(path)
    _must_be_a_file(path)
    sound = _decoded(path)
    try:
        rate, first = _beginning(sound)
    except ValueError as error:
        raise RecordingError(
            f"{path} is not a readable recording, or its beginning is damaged. WAV, FLAC, Ogg, MP3 and M4A work."
        ) from error
    if rate not in _RATES:
        raise RecordingError(
            f"{path} has a sample rate of {rate} Hz, but it must be from {_RATES[0]} to {_RATES[-1]} Hz."
        )
    if sum(map(len, first)) <= _SHORTEST_SECONDS * rate:
        raise RecordingError(f"{path} contains no sound: it is 0 seconds long.")
    return _as_speech(chain(first, (samples for _, samples in sound)), rate)


def _beginning(sound: Iterator[tuple[int, Samples]]) -> tuple[int, list[Samples]]:
    """The rate, and enough of the sound to know that there is some."""
    rate, samples = next(sound)
    first = [samples]
    for _, samples in sound:
        first.append(samples)
        if sum(map(len, first)) > _SHORTEST_SECONDS * rate:
            break
    return rate, first


def _as_speech(sound: Iterator[Samples], rate: int) -> Iterator[bytes]:
    import soxr

    resample = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="float32")
    for samples in sound:
        mono = np.clip(np.nan_to_num(samples), -_LOUDEST, _LOUDEST).mean(axis=1, dtype=np.float32)
        if pcm := to_pcm(resample.resample_chunk(mono) if resample else mono):
            yield pcm
    if resample and (rest := to_pcm(resample.resample_chunk(np.empty(0, np.float32), last=True))):
        yield rest


def _decoded(path: Path) -> Iterator[tuple[int, Samples]]:
    """The rate, with nothing, and then with each stretch of sound. Raises ValueError if there is none to be found."""
    import av
    from av.error import FFmpegError

    done = 0
    try:
        with _File(path) as file, av.open(file, "r", options=_options(file)) as container:
            stream: Any = container.streams.audio[0]
            decoder = _big_endian(stream) if file.is_big_endian else stream.codec_context
            to_floats = av.AudioResampler(format="fltp")
            yield stream.rate, np.zeros((0, stream.channels), np.float32)
            for packet in container.demux(stream):
                try:
                    frames = decoder.decode(packet)
                except FFmpegError as error:
                    if not done:
                        raise
                    log.warning("%s is damaged after %.1f seconds (%s).", path, done / stream.rate, error)
                    continue  # the next packet may be whole
                for frame in chain.from_iterable(map(to_floats.resample, frames)):
                    done += frame.samples
                    yield stream.rate, frame.to_ndarray().T.astype(np.float32, copy=False)
    except (FFmpegError, AttributeError, IndexError) as error:
        if not done:
            raise ValueError(str(error)) from error
        log.warning("The rest of %s cannot be read (%s).", path, error)


def _big_endian(stream: Any) -> Any:
    """FFmpeg takes the samples of RIFX files for little-endian ones."""
    import av

    decoder: Any = av.CodecContext.create(re.sub("le$", "be", stream.codec_context.name), "r")
    decoder.sample_rate, decoder.layout = stream.rate, stream.layout
    return decoder


def _options(file: "_File") -> dict[str, str]:
    """`max_size`: bytes of a packet of samples."""
    skipped = 10 + reduce(lambda size, byte: size << 7 | byte, file.head[6:10]) if file.head[:3] == b"ID3" else 0
    return {
        **{"format_whitelist": FORMATS, "protocol_whitelist": "", "max_size": "65536"},
        "skip_initial_bytes": str(skipped),
    }


class _File(io.FileIO):
    """The file, with a beginning that FFmpeg understands."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        head = super().read(_HEAD_BYTES) or b""
        self.is_big_endian = head[:4] == b"RIFX"
        self.head = _mended(head, self.seek(0, io.SEEK_END))
        self.seek(0)

    def read(self, size: int | None = -1, /) -> bytes:
        begin = self.tell()
        data = super().read(-1 if size is None else size) or b""
        return self.head[begin : begin + len(data)] + data[max(0, len(self.head) - begin) :]


def _mended(head: bytes, file_bytes: int) -> bytes:
    """The beginning of a file, without what makes FFmpeg read too little, or read noise.

    A file whose writer was cut off has no sizes: its sound ends with the file. Samples of 24 bits may stand in 32 bits,
    which FFmpeg takes for 24.
    """
    mended = bytearray(head)
    if head[:4] == b"RF64" and not any(head[28:36]):
        mended[:4] = b"RIFF"
    if head[:4] == b".snd" and not any(head[8:12]):
        mended[8:12] = b"\xff" * 4
    order = ">" if head[:4] in (b"RIFX", b"FORM") else "<"
    place = 12
    while head[:4] in (b"RIFF", b"RIFX", b"RF64", b"FORM") and place + 34 <= len(head):
        name, length = struct.unpack_from(f"{order}4sI", head, place)
        inside = place + 8
        if name == b"fmt " and length >= 40 and struct.unpack_from(f"{order}H", head, inside)[0] == _EXTENSIBLE:
            mended[inside + 18 : inside + 20] = head[inside + 14 : inside + 16]
        elif name == b"COMM":
            struct.pack_into(">I", mended, inside + 2, 0x7FFF_FFFF)
        elif name == b"SSND":
            struct.pack_into(">I", mended, place + 4, length or file_bytes - inside)
            struct.pack_into(">I", mended, 4, file_bytes - 8)
        if name in (b"data", b"SSND"):
            break
        place = inside + length + length % 2
    return bytes(mended)


def write_wav(path: Path | str, sound: Iterable[Frame]) -> None:
    """Writes frames of one rate as a mono WAV file. Raises RecordingError if it cannot be written."""
    try:
        with Path(path).open("wb") as file, wave.open(file, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(RATE)
            for count, frame in enumerate(sound):
                if not count:
                    wav.setframerate(frame.rate)
                wav.writeframesraw(frame.pcm)
    except OSError as error:
        raise cannot_write(Path(path), error) from error


def cannot_write(path: Path, error: OSError) -> RecordingError:
    return RecordingError(f"Cannot write {path} ({error.strerror or error}). Choose another file.")


def _must_be_a_file(path: Path) -> None:
    try:
        kind = path.stat()
        if not stat.S_ISREG(kind.st_mode):
            what = "a folder" if stat.S_ISDIR(kind.st_mode) else "not a regular file"
            raise RecordingError(f"{path} is {what}. Name an audio file.")
        if not kind.st_size:
            raise RecordingError(f"{path} is empty. Record or copy it again.")
        path.open("rb").close()
    except FileNotFoundError:
        raise RecordingError(f"{path} does not exist. Check the name.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise RecordingError(f"Cannot open {path} ({why}). Check its permissions.") from error


def frames_of(blocks: Iterable[bytes], frame_bytes: int) -> Iterator[bytes]:
    """Blocks of any length cut into pieces of one length; the last is padded with silence."""
    rest = b""
    for block in blocks:
        rest += block
        whole = len(rest) - len(rest) % frame_bytes
        yield from (rest[i : i + frame_bytes] for i in range(0, whole, frame_bytes))
        rest = rest[whole:]
    if rest:
        yield rest.ljust(frame_bytes, b"\0")
