"""Every failure that voiceos knows, as one tree.

    VoiceosError
    ├── UsageError            a command was called with something that cannot work         exit 64
    ├── ConfigError           the settings are wrong: file, line, key                      exit 78
    ├── DataError             a file that was given cannot be read                         exit 65
    │   └── RecordingError    an audio file
    ├── DeviceError           a microphone or speaker is missing, busy or lost             exit 69
    ├── ModelError            a model file is missing, damaged or cannot be fetched        exit 66
    ├── EngineError           an engine failed on good input                               exit 70
    ├── MindError             no (good) answer from the language model                     exit 69
    ├── MediaError            a station, a feed or a file that should sound does not        exit 69
    ├── HomeError             no (good) answer from the Home Assistant that it is joined to    exit 69
    ├── ToolError             a tool, or the server that has it, did not do what it should   exit 69
    ├── UpdateError           a newer version could not be fetched                         exit 69
    └── StoreError            the disk is full, or the store cannot be written             exit 74

The message is one sentence for a person that says what to do. `spoken` is what the assistant says aloud,
where it says more than `language.sentences.apology` has for the class.
Exit codes are those of sysexits.h; docs/faults.md says what each means.
"""


class VoiceosError(Exception):
    """A known failure."""

    exit_code = 1

    def __init__(self, message: str, *, spoken: str = "") -> None:
        super().__init__(message)
        self.spoken = spoken


class UsageError(VoiceosError):
    exit_code = 64


class ConfigError(VoiceosError):
    exit_code = 78


class DataError(VoiceosError):
    exit_code = 65


class RecordingError(DataError):
    pass


class DeviceError(VoiceosError):
    exit_code = 69


class ModelError(VoiceosError):
    exit_code = 66


class EngineError(VoiceosError):
    exit_code = 70


class MindError(VoiceosError):
    exit_code = 69


class StoreError(VoiceosError):
    exit_code = 74


class BackupError(VoiceosError):
    exit_code = 65


class HomeError(VoiceosError):
    """`unsure`: whether something may have been done all the same. `status`: of HTTP."""

    exit_code = 69

    def __init__(self, message: str, *, spoken: str = "", status: int = 0, unsure: bool = False) -> None:
        super().__init__(message, spoken=spoken)
        self.status = status
        self.unsure = unsure


class UpdateError(VoiceosError):
    exit_code = 69


class ToolError(VoiceosError):
    """`unsure`: whether something may have been done all the same."""

    exit_code = 69

    def __init__(self, message: str, *, spoken: str = "", unsure: bool = False) -> None:
        super().__init__(message, spoken=spoken)
        self.unsure = unsure


class MediaError(VoiceosError):
    """`why`: what is wrong, as the skill's replies name it."""

    exit_code = 69

    def __init__(self, message: str, *, spoken: str = "", why: str = "") -> None:
        super().__init__(message, spoken=spoken)
        self.why = why
