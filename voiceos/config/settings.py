"""The tree of settings: every key with its unit, its default and what it does."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator


def setting(default: Any, help: str, *, unit: str = "", **limits: Any) -> Any:
    """A documented setting. `limits` are pydantic's: ge, le, gt, lt, min_length."""
    return Field(default, description=help, json_schema_extra={"unit": unit} if unit else None, **limits)


def section(cls: type[BaseModel]) -> Any:
    return Field(default_factory=cls, description=(cls.__doc__ or "").strip().splitlines()[0])


def _absolute(path: Path) -> Path:
    if not path.is_absolute() and not str(path).startswith("~"):
        raise ValueError
    return path


FullPath = Annotated[Path, AfterValidator(_absolute)]
"""A path that means the same wherever voiceos is started; `~` may begin it."""


def _plain(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
        raise ValueError("a name has letters, digits, - and _ only, 40 at most")
    return name


def _web(words: str) -> str:
    """A web address, perhaps with words after it."""
    url = urlsplit(words.split()[0])
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError
    return words


def _no_more(address: str) -> str:
    if len(address.split()) > 1:
        raise ValueError
    return address


WebAddress = Annotated[str, Field(min_length=1), AfterValidator(_no_more), AfterValidator(_web)]
Where = Annotated[str, AfterValidator(lambda words: _web(words) if words.strip() else "")]


Words = Annotated[str, Field(min_length=1, json_schema_extra={"format": "text"})]


class Settings(BaseModel):
    """A section. Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AudioSettings(Settings):
    """Microphone and speaker."""

    microphone: str = setting("", "Part of the microphone's name, or its index; empty: the system's default.")
    speaker: str = setting("", "Part of the speaker's name, or its index; empty: the system's default.")
    volume: float = setting(1.0, "Volume of everything that is spoken or played.", unit="factor", ge=0.0, le=2.0)
    earcons: bool = setting(True, "Play short sounds for wake, end and error.")
    echo: Literal["webrtc", "off"] = setting(
        "webrtc", "Echo cancellation: 'webrtc' in process; 'off' when the hardware or the sound server does it."
    )
    lost_after: float = setting(
        1.5, "The microphone counts as lost after this long without sound.", unit="seconds", ge=0.3, le=30
    )


class WakeSettings(Settings):
    """How you call the assistant."""

    mode: Literal["word", "open", "button"] = setting(
        "word", "'word': a wake word; 'open': no wake word needed; 'button': push-to-talk."
    )
    words: tuple[str, ...] = setting(
        ("hey_jarvis", "okay_nabu"),
        "Wake words to listen for: names from `voiceos models list`, or paths of model files.",
    )
    threshold: float = setting(
        0.5, "Confidence needed to wake. 0.5 is each model's recommended value; lower wakes more easily.", gt=0, lt=1
    )
    thresholds: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(
        default_factory=dict[str, float],
        description="Score thresholds for single wake words, by name, instead of the recommended ones.",
    )
    second_stage: bool = setting(True, "Let the recogniser confirm wake words: fewer misses and fewer false alarms.")


class ListenSettings(Settings):
    """When speech counts as begun, paused and finished."""

    speech_threshold: float = setting(0.5, "Silero score that counts as speech.", unit="probability", gt=0, lt=1)
    start_seconds: float = setting(0.1, "Speech needed before it counts as started.", unit="seconds", ge=0.02, le=1)
    barge_in_seconds: float = setting(
        0.18, "Speech needed before it interrupts a reply.", unit="seconds", ge=0.02, le=2
    )
    pause_seconds: float = setting(
        0.08, "Silence after which an answer is prepared, in case the turn is over.", unit="seconds", ge=0.04, le=2
    )
    end_seconds: float = setting(
        0.4, "Silence that ends the turn when the sentence sounds complete.", unit="seconds", ge=0.1, le=5
    )
    silence_seconds: float = setting(
        0.8, "Silence that ends the turn when there is no turn-end model.", unit="seconds", ge=0.1, le=10
    )
    unfinished_seconds: float = setting(
        1.6, "Silence that ends the turn even when the sentence sounds unfinished.", unit="seconds", ge=0.3, le=10
    )
    complete_threshold: float = setting(
        0.5, "Turn-end score from which a sentence sounds complete.", unit="probability", gt=0, lt=1
    )
    turn_end_model: str = setting("smart-turn-v3.2", "Turn-end model; empty: silence alone decides.")
    patience_seconds: float = setting(
        6.0, "How long to wait for speech after the wake word.", unit="seconds", ge=1, le=60
    )
    follow_up_seconds: float = setting(
        8.0, "How long after a reply you may speak without the wake word; 0: never.", unit="seconds", ge=0, le=120
    )
    longest_seconds: float = setting(60.0, "Utterances are cut off after this long.", unit="seconds", ge=5, le=300)


class RecognitionSettings(Settings):
    """Speech recognition."""

    model: str = setting("whisper-base", "Recognition model, from `voiceos models list`, or the path of its folder.")
    language: str = setting("en", "Spoken language, as a two-letter code; 'auto': detected each time.")
    hotwords: tuple[str, ...] = setting((), "Names and words you are likely to say, spelt as you want them.")
    beam: int = setting(1, "Beam size: larger is slower and a little more accurate.", unit="beams", ge=1, le=10)
    threads: int = setting(0, "Threads; 0: as many as suit this machine.", unit="threads", ge=0, le=64)


class EndpointSettings(Settings):
    """A language model elsewhere, one of several that are asked in order."""

    base_url: str = setting("", "Any OpenAI-compatible endpoint, such as 'https://api.example.com/v1'.")
    model: str = setting("", "Its name there.")
    api_key: SecretStr = setting(SecretStr(""), "API key; better kept in a file, see `api_key_file`.")
    api_key_file: FullPath | None = setting(None, "File (mode 0600) or systemd credential with the API key.")
    first_token_seconds: float = setting(
        4.0, "How long to wait for a reply to start before the next is asked.", unit="seconds", ge=0.5, le=300
    )
    stall_seconds: float = setting(8.0, "How long a reply may stall.", unit="seconds", ge=0.5, le=300)
    memory: Literal["never", "asked", "allowed"] = setting(
        "asked",
        "Whether recalled memories may be sent there: 'never', 'asked' (once in a conversation), or 'allowed'.",
    )
    price_read: float = setting(0.0, "Price of a million tokens that it reads.", ge=0, le=10_000)
    price_made: float = setting(0.0, "Price of a million tokens that it makes.", ge=0, le=10_000)
    tokens_a_day: int = setting(0, "Most tokens a day; 0: any number.", ge=0, le=1_000_000_000)
    tokens_a_month: int = setting(0, "Most tokens a month; 0: any number.", ge=0, le=10_000_000_000)
    money_a_day: float = setting(0.0, "Most money a day, by its prices; 0: any amount.", ge=0, le=100_000)
    money_a_month: float = setting(0.0, "Most money a month, by its prices; 0: any amount.", ge=0, le=1_000_000)


EndpointName = Annotated[str, AfterValidator(_plain)]


class MindSettings(Settings):
    """The language model, and how the assistant speaks."""

    base_url: str = setting(
        "", "Any OpenAI-compatible endpoint, such as 'https://api.example.com/v1'; empty: the local model."
    )
    api_key: SecretStr = setting(
        SecretStr(""), "API key of that endpoint; better kept in a file, see `mind.api_key_file`."
    )
    api_key_file: FullPath | None = setting(None, "File (mode 0600) or systemd credential with the API key.")
    model: str = setting(
        "auto",
        "Its name at the endpoint; for the local model a name from `voiceos models list`, or the path of a GGUF file; "
        "'auto' chooses by this machine's memory.",
    )
    endpoints: dict[EndpointName, EndpointSettings] = Field(
        default_factory=dict[EndpointName, EndpointSettings],
        description="Language models elsewhere, asked in this order, each with a table `[mind.endpoints.NAME]` of its "
        "own; where none answers, the local model does. See docs/models.md.",
    )
    name: str = setting("Nova", "What the assistant calls itself.", min_length=1)
    persona: str = setting("You are warm, direct and curious.", "Who the assistant is, in a sentence or two.")
    temperature: float = setting(
        0.0, "0 picks the likeliest words and keeps small models most honest; higher is more varied.", ge=0, le=2
    )
    max_tokens: int = setting(220, "Longest reply.", unit="tokens", ge=16, le=8192)
    first_token_seconds: float = setting(20.0, "How long to wait for a reply to start.", unit="seconds", ge=1, le=300)
    stall_seconds: float = setting(8.0, "How long a reply may stall.", unit="seconds", ge=0.5, le=300)
    context: int = setting(4096, "Context window of the local model.", unit="tokens", ge=512, le=131_072)
    threads: int = setting(0, "Threads of the local model; 0: as many as suit this machine.", ge=0, le=64)
    server: FullPath | None = setting(
        None, "Path of a llama-server that runs the local model, in place of the llama.cpp that comes along."
    )
    lapse_seconds: float = setting(
        300.0, "Silence after which a new conversation starts.", unit="seconds", ge=10, le=86_400
    )
    history_turns: int = setting(12, "Earlier turns of the conversation the model sees.", unit="turns", ge=0, le=100)


class SpeechSettings(Settings):
    """The assistant's voice."""

    voice: str = setting("hibari-heart", "Voice from `voiceos models list`, or the path of a Piper voice's .onnx file.")
    speed: float = setting(1.0, "Speaking rate.", unit="factor", ge=0.3, le=3)
    threads: int = setting(0, "Threads; 0: as many as suit this machine.", ge=0, le=64)


class StoreSettings(Settings):
    """What is kept, and where."""

    folder: FullPath | None = setting(None, "Folder for everything that is kept; empty: the user's data folder.")
    models: FullPath | None = setting(None, "Folder for model files; empty: `models` in the user's data folder.")
    keep_turns: bool = setting(True, "Keep a record of every turn: its text and timings.")
    keep_audio: bool = setting(False, "Also keep the sound of what was said.")


class MemorySettings(Settings):
    """What it remembers about your life."""

    me: tuple[str, ...] = setting(
        (), "Your names and email addresses. What was written under them counts as your own words."
    )
    watch: tuple[FullPath, ...] = setting((), "Folders whose files are added to the memory and kept up to date.")
    stays_local: bool = setting(False, "Never send recalled memories to a remote endpoint.")
    prompt_tokens: int = setting(
        0,
        "Room for memories in a prompt; 0: 300 for the local model, 850 for an endpoint.",
        unit="tokens",
        ge=0,
        le=850,
    )
    key_file: FullPath | None = setting(
        None, "File (mode 0600) or systemd credential with the key that encrypts the memory."
    )
    regret: int = setting(
        0,
        "How long erasing everything waits and can be taken back; 0: it is erased at once.",
        unit="minutes",
        ge=0,
        le=1440,
    )
    pin_file: FullPath | None = setting(
        None, "File (mode 0600) or systemd credential with digits that must be spoken to erase everything."
    )


class BackupSettings(Settings):
    """Where backups go, and what opens them."""

    folder: FullPath | None = setting(None, "Folder for backups: a stick, another disk, anything that is mounted.")
    keep: int = setting(7, "How many backups stay there.", ge=1, le=1000)
    passphrase_file: FullPath | None = setting(
        None, "File (mode 0600) or systemd credential with the passphrase of backups."
    )


class EngineSettings(Settings):
    """Who does which job: engines of ours, or of packages that are installed beside voiceos."""

    wake: str = setting("tflite", "Listens for wake words.")
    voice_activity: str = setting("silero", "Tells speech from other sound.")
    recognition: str = setting("whisper", "Turns speech into text.")
    turn_end: str = setting("smart_turn", "Tells whether somebody has finished.")
    mind: str = setting("chat", "Replies.")
    speech: str = setting("voice", "Turns text into speech.")


class HomeSettings(Settings):
    """The Home Assistant that it is joined to."""

    url: str = setting("", "Its address, such as 'http://homeassistant.local:8123'; empty: none.")
    token: SecretStr = setting(
        SecretStr(""), "Long-lived access token of a user there; better kept in a file, see `home.token_file`."
    )
    token_file: FullPath | None = setting(None, "File (mode 0600) or systemd credential with the token.")
    device: str = setting("", "The id of this device there, so that it knows the room; empty: none.")


class MediaSettings(Settings):
    """Radio, music and podcasts."""

    stations: dict[str, Where] = Field(
        default_factory=dict[str, str],
        description="Radio stations by name, besides those that come with voiceos: the address of each, and after it "
        "words for what it plays ('https://example.com/live.mp3 jazz'). Empty: that one is left out.",
    )
    folder: FullPath | None = setting(None, "Folder of your own music; empty: none.")
    feeds: dict[str, WebAddress] = Field(
        default_factory=dict[str, str], description="Podcasts by name: the address of the feed of each."
    )


class McpSettings(Settings):
    """A server of tools: a command, or an address."""

    command: str = setting("", "The command that starts it.")
    args: tuple[str, ...] = setting((), "The command's arguments.")
    env: dict[str, SecretStr] = Field(
        default_factory=dict[str, SecretStr], description="Environment variables for it, besides PATH, HOME and USER."
    )
    env_files: dict[str, FullPath] = Field(
        default_factory=dict[str, FullPath], description="The same, each from a file of mode 0600."
    )
    folder: FullPath | None = setting(None, "The folder in which it works; empty: its own in the data folder.")
    url: str = setting("", "Its address, if it runs elsewhere (streamable HTTP).")
    token_file: FullPath | None = setting(None, "File (mode 0600) or systemd credential with a bearer token for it.")
    client_id: str = setting("", "Our name there, if it wants a login and gave you one; empty: it is asked for one.")
    client_secret_file: FullPath | None = setting(None, "File (mode 0600) or systemd credential with the secret to it.")
    client_metadata: str = setting("", "Address of a document about us, for servers that want one instead.")
    headers: dict[str, SecretStr] = Field(
        default_factory=dict[str, SecretStr], description="More headers for its address."
    )
    start_seconds: float = setting(30.0, "How long it may take to start.", unit="seconds", ge=1, le=600)
    call_seconds: float = setting(30.0, "How long a call may take.", unit="seconds", ge=1, le=3600)

    @model_validator(mode="after")
    def _is_one_or_other(self) -> "McpSettings":
        if bool(self.command) == bool(self.url):
            raise ValueError("it needs either a command or a url")
        return self


ServerName = Annotated[str, AfterValidator(_plain)]


class ToolsSettings(Settings):
    """Tools of others."""

    mcp: dict[ServerName, McpSettings] = Field(
        default_factory=dict[str, McpSettings],
        description="MCP servers by name, each with a table `[tools.mcp.NAME]` of its own; see docs/tools.md.",
    )
    routines: dict[str, Words] = Field(
        default_factory=dict[str, str],
        description="Routines by name: what each stands for, as you would say it, with semicolons between ('turn off "
        "the lights; set an alarm for seven').",
    )


class LocaleSettings(Settings):
    """Where you live."""

    country: str = setting("", "Country of public holidays and the like, as a two-letter code such as 'GB'.")


class PanelSettings(Settings):
    """A light and a button on the pins of a board (systemd/panel.conf lets the service reach them)."""

    light_pin: int = setting(0, "GPIO number of a light that shows what the assistant does; 0: none.", ge=0, le=53)
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
