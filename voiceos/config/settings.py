"""The tree of settings: every key with its unit, its default and what it does."""

from typing import Literal

from voiceos.config.sections.mind import EndpointSettings, MindSettings
from voiceos.config.sections.others import HomeSettings, McpSettings, MediaSettings, ToolsSettings
from voiceos.config.sections.store import BackupSettings, MemorySettings, StoreSettings
from voiceos.config.sections.talk import (
    AudioSettings,
    ListenSettings,
    RecognitionSettings,
    SpeechSettings,
    WakeSettings,
)
from voiceos.config.setting import Settings, section, setting

__all__ = [
    "AudioSettings",
    "BackupSettings",
    "Config",
    "EndpointSettings",
    "EngineSettings",
    "HomeSettings",
    "ListenSettings",
    "LocaleSettings",
    "LogSettings",
    "McpSettings",
    "MediaSettings",
    "MemorySettings",
    "MindSettings",
    "PanelSettings",
    "RecognitionSettings",
    "Settings",
    "SpeechSettings",
    "StoreSettings",
    "ToolsSettings",
    "WakeSettings",
]


class EngineSettings(Settings):
    """Who does which job: engines of ours, or of packages that are installed beside voiceos."""

    wake: str = setting("tflite", "Listens for wake words.")
    voice_activity: str = setting("silero", "Tells speech from other sound.")
    recognition: str = setting("whisper", "Turns speech into text.")
    turn_end: str = setting("smart_turn", "Tells whether somebody has finished.")
    mind: str = setting("chat", "Replies.")
    speech: str = setting("voice", "Turns text into speech.")


class LocaleSettings(Settings):
    """Where you live."""

    country: str = setting("", "Country of public holidays and the like, as a two-letter code such as 'GB'.")


class PanelSettings(Settings):
    """Lights and a button on the pins of a board (systemd/panel.conf lets the service reach them)."""

    light_pin: int = setting(0, "GPIO number of a light that shows what the assistant does; 0: none.", ge=0, le=53)
    lights: int = setting(
        0, "How many coloured lights (APA102) there are on SPI, as on ReSpeaker's HATs; 0: none.", ge=0, le=64
    )
    lights_power_pin: int = setting(0, "GPIO number that switches these on; 0: they always are.", ge=0, le=53)
    button_pin: int = setting(
        0, "GPIO number of a push-to-talk button that connects it to ground; 0: none.", ge=0, le=53
    )


class LogSettings(Settings):
    """The log."""

    level: Literal["debug", "info", "warning", "error"] = setting("info", "How much is logged.")
    words: bool = setting(False, "Also log what was heard and said. `voiceos memory forget` does not erase the log.")


class Config(Settings):
    """All settings."""

    audio: AudioSettings = section(AudioSettings)
    wake: WakeSettings = section(WakeSettings)
    listen: ListenSettings = section(ListenSettings)
    recognition: RecognitionSettings = section(RecognitionSettings)
    mind: MindSettings = section(MindSettings)
    speech: SpeechSettings = section(SpeechSettings)
    store: StoreSettings = section(StoreSettings)
    memory: MemorySettings = section(MemorySettings)
    backup: BackupSettings = section(BackupSettings)
    engines: EngineSettings = section(EngineSettings)
    home: HomeSettings = section(HomeSettings)
    media: MediaSettings = section(MediaSettings)
    tools: ToolsSettings = section(ToolsSettings)
    locale: LocaleSettings = section(LocaleSettings)
    panel: PanelSettings = section(PanelSettings)
    log: LogSettings = section(LogSettings)
