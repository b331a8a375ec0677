"""Reads any recording as 16 kHz mono, and writes WAV files."""

import math
import os
import stat
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from voiceos.audio.volume import to_pcm
from voiceos.core import RATE, Frame
from voiceos.errors import RecordingError

_BLOCK_SAMPLES = 65_536
"""Samples of all channels together that are read at once: memory stays bounded whatever the file's length."""
_LOUDEST = 100.0
"""Of full scale: a damaged file of floats may hold 10^38, of which no mean and no filter can be made."""
_RATES = range(1_000, 768_001)


class Recording:
    """An open recording of any format that libsndfile reads: WAV, FLAC, Ogg, MP3, AIFF and more.

    Use it as a context manager. Raises RecordingError if it is missing, empty, not a recording, or has no sound.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._file: Any = _open(self.path)
        self.rate: int = self._file.samplerate
        """Samples a second in the file."""
        self.channels: int = self._file.channels
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def seconds(self) -> float:
        """Length, as the file's header tells it."""
        return self._file.frames / self.rate

    def close(self) -> None:
        self._file.close()

    def blocks(self) -> Iterator[bytes]:
        """The sound from here on in blocks of about a second: 16 kHz mono s16le. Channels are averaged."""
        import soxr

        resample = None if self.rate == RATE else soxr.ResampleStream(self.rate, RATE, 1, dtype="float32")
        while len(samples := self._read()):
            mono = np.clip(np.nan_to_num(samples), -_LOUDEST, _LOUDEST).mean(axis=1, dtype=np.float32)
            if pcm := to_pcm(resample.resample_chunk(mono) if resample else mono):
                yield pcm
        if resample and (rest := to_pcm(resample.resample_chunk(np.empty(0, np.float32), last=True))):
            yield rest

    def _read(self) -> np.ndarray:
        import soundfile

        try:
            return self._file.read(max(1, _BLOCK_SAMPLES // self.channels), dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise RecordingError(
                f"{self.path} is damaged and cannot be read further: record or copy it anew."
            ) from error

    def _check(self) -> None:
        if self.rate not in _RATES:
            raise RecordingError(
                f"{self.path} claims {self.rate} samples a second; from {_RATES[0]} to {_RATES[-1]} can be read."
            )
        if not len(self._read()):
            raise RecordingError(f"{self.path} has no sound in it: it is 0 seconds long.")
        self._file.seek(0)


def read_recording(path: Path | str) -> Iterator[bytes]:
    """The sound of a recording, as blocks of 16 kHz mono s16le, in bounded memory. Raises RecordingError."""
    with Recording(path) as recording:
        yield from recording.blocks()


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
    return RecordingError(f"{path} cannot be written ({error.strerror or error}): name a file that can.")


def _open(path: Path) -> Any:
    import soundfile

    try:
        kind = path.stat()
        if not stat.S_ISREG(kind.st_mode):
            what = "a folder" if stat.S_ISDIR(kind.st_mode) else "not a regular file"
            raise RecordingError(f"{path} is {what}: name an audio file.")
        if not kind.st_size:
            raise RecordingError(f"{path} is empty: record or copy it anew.")
        # By descriptor, not by name: soundfile would take "x.raw" for headerless samples.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise RecordingError(f"There is no file {path}: check the name.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise RecordingError(f"{path} cannot be opened ({why}): check its permissions.") from error
    try:
        return soundfile.SoundFile(descriptor, closefd=True)
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        raise RecordingError(
            f"{path} is not a recording that can be read, or its beginning is damaged: WAV, FLAC, Ogg and MP3 work."
        ) from error


def frames_of(blocks: Iterable[bytes], frame_bytes: int) -> Iterator[bytes]:
    """Blocks of any length cut into pieces of one length; the last is filled up with silence."""
    rest = b""
    for block in blocks:
        rest += block
        whole = len(rest) - len(rest) % frame_bytes
        yield from (rest[i : i + frame_bytes] for i in range(0, whole, frame_bytes))
        rest = rest[whole:]
    if rest:
        yield rest.ljust(frame_bytes, b"\0")


def silence(seconds: float, rate: int = RATE) -> bytes:
    """So many seconds of s16le silence."""
    return bytes(2 * math.ceil(seconds * rate))
