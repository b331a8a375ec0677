"""A WAV file to which sound is added at its place in time."""

import struct
from pathlib import Path
from typing import BinaryIO

from voiceos.audio.recording import cannot_write
from voiceos.audio.volume import add
from voiceos.core import RATE

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_LONGEST = 0xFFFF_FFFF - _HEADER.size & ~1


class Tape:
    """16 kHz mono. Overlapping sounds are mixed; gaps are silence.

    The file is complete after every call, so a kill leaves what was recorded. Nothing is held in memory.
    Raises RecordingError if it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bytes = 0
        try:
            self._file: BinaryIO = path.open("w+b", buffering=0)
            self._write_header()
        except OSError as error:
            raise cannot_write(path, error) from error

    def lay(self, seconds: float, pcm: bytes) -> None:
        """Puts s16le sound where the tape is at `seconds`."""
        start = 2 * max(0, round(seconds * RATE))
        if start + len(pcm) > _LONGEST:
            return  # 37 hours: a WAV file can hold no more
        there = b""
        try:
            if start < self._bytes:
                self._file.seek(_HEADER.size + start)
                there = self._file.read(min(len(pcm), self._bytes - start))
            self._file.seek(_HEADER.size + start)
            self._file.write(add(there, pcm) if there else pcm)
            self._bytes = max(self._bytes, start + len(pcm))
            self._write_header()
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def cut(self, seconds: float) -> None:
        """Drops what comes after this."""
        self._bytes = min(self._bytes, 2 * max(0, round(seconds * RATE)))
        try:
            self._file.truncate(_HEADER.size + self._bytes)
            self._write_header()
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def close(self) -> None:
        self._file.close()

    def _write_header(self) -> None:
        self._file.seek(0)
        self._file.write(
            _HEADER.pack(
                *(b"RIFF", self._bytes + _HEADER.size - 8, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16),
                *(b"data", self._bytes),
            )
        )
