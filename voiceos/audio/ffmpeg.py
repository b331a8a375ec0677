"""FFmpeg reads what libsndfile cannot: recordings that were streamed or cut off, and those of phones (M4A, AMR)."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMATS = "wav,w64,flac,ogg,mp3,aiff,au,caf,mov,matroska,aac,amr"
"""What a file may be. Others, such as playlists, could make FFmpeg open what they name."""
SHORTEST_SECONDS = 0.01
"""What is shorter is no sound: what follows an empty one in its file (a title, say) is taken for samples."""


class Ffmpeg:
    """An open recording. Raises ValueError if it has no sound that can be read."""

    def __init__(self, path: Path) -> None:
        self._close = ExitStack()
        self.rate = self.channels = self.frames = 0
        """Samples of each channel. Counted, for what the headers of such files tell is wrong."""
        try:
            for kind in (io.FileIO, _AsRiff):
                self.frames = sum(part.shape[0] for part in self._decoded(kind, path))
                if self.frames > SHORTEST_SECONDS * self.rate:
                    self._parts = self._decoded(kind, path)
                    return
            raise ValueError("There is no sound in it.")
        except ValueError:
            self.close()
            raise

    def read(self) -> NDArray[np.float32]:
        """What comes next, samples × channels; empty at the end."""
        return next(self._parts, np.zeros((0, self.channels), np.float32))

    def close(self) -> None:
        self._close.close()

    def _decoded(self, kind: type[io.FileIO], path: Path) -> Iterator[NDArray[np.float32]]:
        import av
        from av.error import FFmpegError

        self._close.close()
        file = self._close.enter_context(kind(path))
        try:
            container: Any = self._close.enter_context(
                av.open(file, options={"format_whitelist": FORMATS, "protocol_whitelist": ""})
            )
            stream = container.streams.audio[0]
            self.rate, self.channels = int(stream.rate), int(stream.channels)
            to_floats = av.AudioResampler(format="fltp")
            for packet in container.demux(stream):
                for made in (made for frame in _frames(packet) for made in to_floats.resample(frame)):
                    yield made.to_ndarray().T.astype(np.float32, copy=False)
        except (FFmpegError, AttributeError, IndexError) as error:
            if not self.frames:  # not even its beginning can be read; what comes after a damaged place is let go
                raise ValueError(str(error)) from error


def _frames(packet: Any) -> list[Any]:
    """None of a packet that is damaged: the next may be whole."""
    from av.error import FFmpegError

    try:
        return packet.decode()
    except FFmpegError:
        return []


class _AsRiff(io.FileIO):
    """An RF64 file whose writer was cut off: its sizes are 0. As RIFF, its sound goes on to the end of the file."""

    def read(self, size: int | None = -1, /) -> bytes:
        begins = self.tell() == 0
        data = super().read(-1 if size is None else size) or b""
        return b"RIFF" + data[4:] if begins and data[:4] == b"RF64" else data
