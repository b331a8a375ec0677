"""Reads any recording as 16 kHz mono, and writes WAV files."""

import logging
import math
import os
import stat
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from voiceos.audio.ffmpeg import Ffmpeg
from voiceos.audio.volume import to_pcm
from voiceos.core import RATE, Frame
from voiceos.errors import RecordingError

log = logging.getLogger(__name__)

_BLOCK_SAMPLES = 65_536
"""Samples read at once, over all channels, so that memory stays bounded."""
_LOUDEST = 100.0
"""Times full scale: a damaged file of floats may hold 10^38, which no mean or filter can handle."""
_RATES = range(1_000, 768_001)


class Recording:
    """An open recording: WAV, FLAC, Ogg, MP3, AIFF and all else that libsndfile or FFmpeg reads.

    Use it as a context manager. Raises RecordingError if it is missing, empty, not a recording, or has no sound.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._file = _open(self.path)
        self.rate = self._file.rate
        """Samples a second in the file."""
        self.channels = self._file.channels
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def seconds(self) -> float:
        """Length."""
        return self._file.frames / self.rate

    def close(self) -> None:
        self._file.close()

    def blocks(self) -> Iterator[bytes]:
        """The sound from here on in blocks of about a second: 16 kHz mono s16le. Channels are averaged."""
        import soxr

        resample = None if self.rate == RATE else soxr.ResampleStream(self.rate, RATE, 1, dtype="float32")
        while len(samples := self._next()):
            mono = np.clip(np.nan_to_num(samples), -_LOUDEST, _LOUDEST).mean(axis=1, dtype=np.float32)
            if pcm := to_pcm(resample.resample_chunk(mono) if resample else mono):
                yield pcm
        if resample and (rest := to_pcm(resample.resample_chunk(np.empty(0, np.float32), last=True))):
            yield rest

    def _next(self) -> NDArray[np.float32]:
        import soundfile

        try:
            samples = self._file.read()
        except soundfile.SoundFileError as error:
            log.warning("%s is damaged after %.1f seconds (%s).", self.path, self._done / self.rate, error)
            samples = self._go_on()
        self._done += len(samples)
        return samples

    def _go_on(self) -> NDArray[np.float32]:
        """What can still be read behind a damaged place."""
        self._file.close()
        try:
            self._file = Ffmpeg(self.path)
        except ValueError as error:
            raise RecordingError(f"{self.path} cannot be read further: record or copy it anew.") from error
        skip = self._done
        while skip and len(samples := self._file.read()):
            skip -= len(samples)
            if skip < 0:
                return samples[skip:]
        return self._file.read()


class _Sndfile:
    """An open recording that libsndfile reads. Raises ValueError if it has no sound, or an error of soundfile."""

    def __init__(self, path: Path) -> None:
        import soundfile

        # By descriptor, not by name: soundfile would take "x.raw" for headerless samples.
        self._file: Any = soundfile.SoundFile(os.open(path, os.O_RDONLY | os.O_CLOEXEC), closefd=True)
        self.rate, self.channels, self.frames = self._file.samplerate, self._file.channels, self._file.frames
        try:
            if not len(self.read()):
                raise ValueError("There is no sound in it.")
            self._file.seek(0)
        except BaseException:
            self.close()
            raise

    def read(self) -> NDArray[np.float32]:
        """What comes next, samples × channels; empty at the end."""
        return self._file.read(max(1, _BLOCK_SAMPLES // self.channels), dtype="float32", always_2d=True)

    def close(self) -> None:
        self._file.close()


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


def _open(path: Path) -> _Sndfile | Ffmpeg:
    import soundfile

    _must_be_a_file(path)
    found = None
    try:
        found = _Sndfile(path)
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        try:
            found = Ffmpeg(path)
        except ValueError:
            empty = isinstance(error, ValueError)
            raise RecordingError(
                f"{path} has no sound in it: it is 0 seconds long."
                if empty
                else f"{path} is not a recording that can be read, or its beginning is damaged: "
                "WAV, FLAC, Ogg, MP3 and M4A work."
            ) from error
    if found.rate not in _RATES:
        found.close()
        raise RecordingError(
            f"{path} claims {found.rate} samples a second; from {_RATES[0]} to {_RATES[-1]} can be read."
        )
    return found


def _must_be_a_file(path: Path) -> None:
    try:
        kind = path.stat()
        if not stat.S_ISREG(kind.st_mode):
            what = "a folder" if stat.S_ISDIR(kind.st_mode) else "not a regular file"
            raise RecordingError(f"{path} is {what}: name an audio file.")
        if not kind.st_size:
            raise RecordingError(f"{path} is empty: record or copy it anew.")
        path.open("rb").close()
    except FileNotFoundError:
        raise RecordingError(f"There is no file {path}: check the name.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise RecordingError(f"{path} cannot be opened ({why}): check its permissions.") from error


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


def silence(seconds: float, rate: int = RATE) -> bytes:
    """This many seconds of s16le silence."""
    return bytes(2 * math.ceil(seconds * rate))
