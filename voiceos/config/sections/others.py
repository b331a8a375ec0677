"""Settings of what others offer: a home, media, tools."""

from pydantic import Field, SecretStr, model_validator

from voiceos.config.setting import FullPath, Name, Settings, WebAddress, Where, Words, setting


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
        default_factory=dict[str, SecretStr],
        description="Environment variables for it, besides PATH, HOME, LANG, TZ and the like.",
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


class ToolsSettings(Settings):
    """Tools of others."""

    mcp: dict[Name, McpSettings] = Field(
        default_factory=dict[str, McpSettings],
        description="MCP servers by name, each with a table `[tools.mcp.NAME]` of its own; see docs/tools.md.",
    )
    routines: dict[str, Words] = Field(
        default_factory=dict[str, str],
        description="Routines by name: what each stands for, as you would say it, with semicolons between ('turn off "
        "the lights; set an alarm for seven').",
    )
