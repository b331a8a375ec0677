"""Opens the connection to a server that the settings name."""

import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from voiceos import __version__
from voiceos.config.address import checked_address
from voiceos.config.secret import read_key_of, read_secret
from voiceos.config.settings import McpSettings
from voiceos.errors import ConfigError
from voiceos.tools.mcp.elicit import Ask, asking
from voiceos.tools.mcp.link import Ended
from voiceos.tools.mcp.login import Browse, grant
from voiceos.tools.mcp.pipe import find, started
from voiceos.tools.valid import as_json

Streams = AbstractAsyncContextManager[tuple[Any, Any]]


@asynccontextmanager
async def connected(
    name: str,
    settings: McpSettings,
    folder: Path,
    ended: Ended,
    heed: Callable[[Any], Any],
    ask: Ask | None = None,
    *,
    browse: Browse | None = None,
) -> AsyncGenerator[Any]:
    """The SDK's client on it. `folder`: where it works unless the settings say so. Raises ToolError, ConfigError.

    `browse` has the owner log in, `ask` asks them what it wants to know; without, it is not offered.
    """
    async with client_on(
        _streams(name, settings, folder, ended, browse), heed, asking(name, ask) if ask else None
    ) as one:
        yield one


@asynccontextmanager
async def client_on(streams: Streams, heed: Callable[[Any], Any], asked: Any = None) -> AsyncGenerator[Any]:
    """The SDK's client on streams of messages. It offers servers no model and no folders."""
    from mcp import Client
    from mcp_types import Implementation

    async def heeding(message: Any) -> None:
        heed(message)

    info = Implementation(name="voiceos", version=__version__)
    client = Client(streams, client_info=info, message_handler=heeding, elicitation_callback=asked, cache=None)
    async with client:
        yield client


def can_be_tried(name: str, settings: McpSettings) -> None:
    """Raises ToolError or ConfigError where it is known that it cannot work, before anything is started."""
    if settings.command:
        find(_command(settings)[0], _environment(name, settings))
    else:
        _address(name, settings)
        _headers(name, settings)


def origin_of(settings: McpSettings) -> str:
    """A digest of what is started, or where it is. What the owner allows of a server holds for this one alone."""
    what = [settings.command, *settings.args, settings.url, str(settings.folder or "")]
    return hashlib.sha256(as_json(what).encode()).hexdigest()


def _streams(name: str, settings: McpSettings, folder: Path, ended: Ended, browse: Browse | None) -> Streams:
    if settings.command:
        here = settings.folder.expanduser() if settings.folder else folder
        return started(name, _command(settings), _environment(name, settings), here, ended)
    from voiceos.tools.mcp.web import reached

    url = _address(name, settings)
    headers = _headers(name, settings)
    auth = None if "Authorization" in headers else grant(name, settings, tokens_of(folder), ended, browse)
    return reached(url, headers, settings.call_seconds, auth)


def tokens_of(folder: Path) -> Path:
    """The file with what a login has granted, beside the folder in which the server works."""
    return folder.with_name(f"{folder.name}.tokens")


def _command(settings: McpSettings) -> list[str]:
    return [str(Path(settings.command).expanduser()), *settings.args]


def _address(name: str, settings: McpSettings) -> str:
    return checked_address(settings.url, f"tools.mcp.{name}.url", "https://example.com/mcp")


def _environment(name: str, settings: McpSettings) -> dict[str, str]:
    given = {key: value.get_secret_value() for key, value in settings.env.items()}
    for key, file in settings.env_files.items():
        found = read_secret(file, f"tools.mcp.{name}.env_files", "")
        assert found  # a file was named
        given[key] = _text(found[1], file)
    return given


def _headers(name: str, settings: McpSettings) -> dict[str, str]:
    headers = {key: value.get_secret_value() for key, value in settings.headers.items()}
    if token := read_key_of(SecretStr(""), settings.token_file, f"tools.mcp.{name}.token", f"voiceos-{name}-token"):
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _text(content: bytes, file: Path) -> str:
    text = content.decode("utf-8", "replace").strip()
    if "\0" in text or not text:
        raise ConfigError(f"The file {file} must contain only a value, as text.")
    return text
