"""Every failure that voiceos knows, as one tree.

    VoiceosError
    ├── UsageError            a command was called with something that cannot work         exit 64
    ├── ConfigError           the settings are wrong: file, line, key                      exit 78
    ├── RecordingError        an audio file cannot be read                                 exit 65
    ├── DeviceError           a microphone or speaker is missing, busy or lost             exit 69
    ├── ModelError            a model file is missing, damaged or cannot be fetched        exit 66
    ├── EngineError           an engine failed on good input                               exit 70
    ├── MindError             no (good) answer from the language model                     exit 69
    └── StoreError            the disk is full, or the store cannot be written             exit 74

The message is one sentence for a person that says what to do. `spoken` is what the assistant says aloud.
Exit codes are those of sysexits.h.
"""


class VoiceosError(Exception):
    """A known failure."""

    exit_code = 1
    default_spoken = "Something went wrong, and I could not answer."

    def __init__(self, message: str, *, spoken: str = "") -> None:
        super().__init__(message)
        self.spoken = spoken or self.default_spoken


class UsageError(VoiceosError):
    exit_code = 64


class ConfigError(VoiceosError):
    exit_code = 78
    default_spoken = "My settings have a mistake in them."


class RecordingError(VoiceosError):
    exit_code = 65
    default_spoken = "I could not read that recording."


class DeviceError(VoiceosError):
    exit_code = 69
    default_spoken = "I have lost my microphone or speaker."


class ModelError(VoiceosError):
    exit_code = 66
    default_spoken = "One of my models is missing."


class EngineError(VoiceosError):
    exit_code = 70


class MindError(VoiceosError):
    exit_code = 69
    default_spoken = "I cannot reach my language model right now."


class StoreError(VoiceosError):
    exit_code = 74
    default_spoken = "I could not save that: my storage is full or broken."
