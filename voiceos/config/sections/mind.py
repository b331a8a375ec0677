"""Settings of language models."""

from typing import Literal

from pydantic import Field, SecretStr

from voiceos.config.setting import FullPath, Name, Settings, setting


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
    endpoints: dict[Name, EndpointSettings] = Field(
        default_factory=dict[Name, EndpointSettings],
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
