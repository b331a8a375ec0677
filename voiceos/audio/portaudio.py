"""PortAudio: loading it, finding devices, opening streams."""

import contextlib
import ctypes
import functools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from voiceos.errors import DeviceError

Kind = Literal["microphone", "speaker"]

BLOCK_SECONDS = 0.02
_DEVICE_UNAVAILABLE = -9985


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as PortAudio sees it."""

    index: int
    """Changes when devices come and go; the name does not."""
    name: str
    host: str
    """The sound system that it belongs to: "ALSA"."""
    microphones: int
    """Channels in."""
    speakers: int
    """Channels out."""
    rate: int
    """Its preferred samples per second."""
    default_microphone: bool = False
    default_speaker: bool = False
    channel: int | None = None
    """The one of several in that is to be used, from 0; None: their mean."""

    def channels(self, kind: Kind) -> int:
        return self.microphones if kind == "microphone" else self.speakers


def load() -> Any:
    """The sounddevice library. Raises DeviceError if PortAudio is not installed or cannot start."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")  # listing devices must not start a sound server
    _quieten_alsa()
    try:
        import sounddevice
    except OSError as error:
        raise DeviceError("PortAudio is missing. Install it with `sudo apt install libportaudio2`.") from error
    except Exception as error:  # its own PortAudioError, which cannot be imported then
        raise _does_not_start(error) from error
    return sounddevice


def devices() -> list[Device]:
    """All microphones and speakers, perhaps none. Raises DeviceError if PortAudio is not installed."""
    sd = load()
    hosts = [host["name"] for host in sd.query_hostapis()]
    first = {kind: _default(sd, kind) for kind in ("input", "output")}
    return [
        Device(
            index=one["index"],
            name=one["name"],
            host=hosts[one["hostapi"]],
            microphones=one["max_input_channels"],
            speakers=one["max_output_channels"],
            rate=int(one["default_samplerate"]),
            default_microphone=one["index"] == first["input"],
            default_speaker=one["index"] == first["output"],
        )
        for one in sd.query_devices()
    ]


def find_device(kind: Kind, wanted: str = "") -> Device:
    """The device that a setting means: empty for the default, an index, or a part of the name in any case.

    Raises DeviceError, which lists the devices there are.
    """
    able = [device for device in devices() if device.channels(kind)]
    if not able:
        raise DeviceError(f"No {kind} found. Plug one in, and check `voiceos devices`.")
    if found := _matching(able, kind, wanted.strip()):
        return found
    names = ", ".join(f"{device.index} '{device.name}'" for device in able)
    if not wanted.strip():
        raise DeviceError(f"There is no default {kind}. Set `audio.{kind}` to one of {names} (see `voiceos devices`).")
    raise DeviceError(f"There is no {kind} '{wanted}', only {names}. Set `audio.{kind}` to one of them.")


def rescan() -> None:
    """Restarts PortAudio: the only way to see devices that came or went. Every stream must be closed.

    Raises DeviceError.
    """
    sd = load()
    with contextlib.suppress(sd.PortAudioError):
        sd._terminate()
    try:
        sd._initialize()
    except sd.PortAudioError as error:
        raise _does_not_start(error) from error


def open_stream(kind: Kind, device: Device, rates: Iterable[int], latency: float, callback: Callable[..., None]) -> Any:
    """A running stream of s16le at the first of `rates` that the device takes, with the fewest channels; with the most,
    where one of them is to be used.

    `latency`: seconds of buffer to ask for. The callback gets (rate, buffer, samples, times, status).
    Raises DeviceError.
    """
    sd = load()
    stream = sd.RawInputStream if kind == "microphone" else sd.RawOutputStream
    channels = sorted({1, min(2, device.channels(kind)), device.channels(kind)})
    if kind == "microphone" and device.channel is not None:
        channels.reverse()
    reason: Exception | None = None
    for rate, count in ((rate, count) for rate in dict.fromkeys(rates) for count in channels):
        opened = None
        try:
            opened = stream(
                **{"device": device.index, "samplerate": rate, "channels": count, "dtype": "int16"},
                **{"blocksize": round(rate * BLOCK_SECONDS), "latency": latency},
                callback=functools.partial(callback, rate),
            )
            opened.start()
        except (sd.PortAudioError, ValueError) as error:
            reason = reason or error
            if opened is not None:
                opened.close()
        else:
            return opened
    raise DeviceError(_why(kind, device, reason)) from reason


def close_stream(stream: Any) -> None:
    """Ends a stream at once. `stop()` would wait for what is buffered, and can hang on a lost device."""
    stream.abort()
    stream.close()


def _does_not_start(error: Exception) -> DeviceError:
    return DeviceError(
        "The sound system does not start, perhaps because of /etc/asound.conf or ~/.asoundrc. `aplay -L` shows what "
        f"it has. ({str(error).splitlines()[0]})"
    )


def _matching(able: list[Device], kind: Kind, wanted: str) -> Device | None:
    if not wanted:
        tests: list[Callable[[Device], bool]] = [
            lambda device: device.default_microphone if kind == "microphone" else device.default_speaker
        ]
    elif wanted.isdigit():
        tests = [lambda device: device.index == int(wanted)]
    else:
        name = wanted.casefold()
        tests = [lambda device: device.name.casefold() == name, lambda device: name in device.name.casefold()]
    return next((device for test in tests for device in able if test(device)), None)


def _default(sd: Any, kind: str) -> int:
    try:
        return sd.query_devices(kind=kind)["index"]
    except (sd.PortAudioError, ValueError):
        return -1


def _why(kind: Kind, device: Device, reason: Exception | None) -> str:
    code = reason.args[1] if reason and len(reason.args) > 1 else 0
    if code == _DEVICE_UNAVAILABLE:
        return f"The {kind} '{device.name}' is busy or gone. Close what uses it, or choose another (`voiceos devices`)."
    what = str(reason).splitlines()[0] if reason else "it supports no usable format"
    return f"The {kind} '{device.name}' cannot be opened ({what}). Choose another (`voiceos devices`)."


@functools.cache
def _quieten_alsa() -> object:
    """Silences the page of complaints that ALSA prints while PortAudio looks for devices."""

    def ignore(*_: object) -> None:
        """Ignores it."""

    handler = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)(
        ignore
    )
    with contextlib.suppress(OSError):
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(handler)
    return handler  # cached, so that it lives as long as ALSA may call it
