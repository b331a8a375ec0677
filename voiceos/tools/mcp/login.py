"""Logging in where a server asks for it (OAuth 2.1): the owner's browser does, and what it grants is kept in a file."""

import json
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
from anyio import to_thread

from voiceos.clock import local_time
from voiceos.config.secret import read_secret
from voiceos.config.settings import McpSettings
from voiceos.errors import ToolError
from voiceos.tools.mcp.link import Ended

if TYPE_CHECKING:  # the library takes a second to load
    from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

REDIRECT = "http://127.0.0.1:33418/callback"
"""Where the browser is sent in the end. Nobody has to listen there: its address is what counts."""

Browse = Callable[[str], Awaitable[str]]
"""Has the owner open an address, and returns the one that the browser was sent to in the end."""


def grant(name: str, settings: McpSettings, file: Path, ended: Ended, browse: Browse | None) -> httpx2.Auth:
    """What logs in when the server wants it. Without `browse` it can only use and renew what was granted before."""
    from mcp.client.auth import OAuthClientProvider
    from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

    async def redirect(address: str) -> None:
        opened.append(address)

    async def callback() -> AuthorizationCodeResult:
        if browse is None:
            ended.because(f"it wants you to log in. Run `voiceos tools login {name}`")
            raise ToolError(f"{ended.why}.")
        return AuthorizationCodeResult(**_granted(await browse(opened[-1])))

    opened: list[str] = []
    return OAuthClientProvider(
        settings.url,
        OAuthClientMetadata.model_validate({"redirect_uris": [REDIRECT], "client_name": "voiceos"}),
        _Kept(name, settings, file),
        redirect,
        callback,
        settings.client_metadata or None,
    )


def _granted(address: str) -> dict[str, str]:
    """Raises ToolError when the browser brings no grant."""
    found = {key: values[0] for key, values in parse_qs(urlsplit(address.strip()).query).items()}
    if "code" not in found:
        why = found.get("error_description") or found.get("error") or "that address holds no code"
        raise ToolError(f"You are not logged in: {why}.")
    return {key: found[key] for key in ("code", "state", "iss") if key in found}


class _Kept:
    """The SDK's token storage: one file of mode 0600 for a server."""

    def __init__(self, name: str, settings: McpSettings, file: Path) -> None:
        self._name = name
        self._settings = settings
        self._file = file

    async def get_tokens(self) -> "OAuthToken | None":
        from mcp.shared.auth import OAuthToken

        kept = await to_thread.run_sync(self._read)
        if "tokens" not in kept:
            return None
        if kept.get("until", float("inf")) < local_time().timestamp():
            kept["tokens"]["access_token"] = ""  # so that it is renewed, not asked for
        return OAuthToken.model_construct(**kept["tokens"])

    async def set_tokens(self, tokens: "OAuthToken") -> None:
        kept: dict[str, Any] = {"tokens": tokens.model_dump(mode="json", exclude_none=True)}
        if tokens.expires_in:
            kept["until"] = local_time().timestamp() + tokens.expires_in
        await to_thread.run_sync(self._write, kept)

    async def get_client_info(self) -> "OAuthClientInformationFull | None":
        from mcp.shared.auth import OAuthClientInformationFull

        kept = await to_thread.run_sync(self._read)
        if "client" in kept:
            return OAuthClientInformationFull.model_validate(kept["client"])
        if not self._settings.client_id:
            return None
        named: dict[str, Any] = {"client_id": self._settings.client_id, "redirect_uris": [REDIRECT]}
        secret = read_secret(
            self._settings.client_secret_file,
            f"tools.mcp.{self._name}.client_secret_file",
            f"voiceos-{self._name}-client",
        )
        if secret:
            named |= {"client_secret": secret[1].decode("ascii", "replace").strip()}
            named |= {"token_endpoint_auth_method": "client_secret_basic"}
        else:
            named |= {"token_endpoint_auth_method": "none"}
        return OAuthClientInformationFull.model_validate(named)

    async def set_client_info(self, client_info: "OAuthClientInformationFull") -> None:
        await to_thread.run_sync(self._write, {"client": client_info.model_dump(mode="json", exclude_none=True)})

    def _read(self) -> dict[str, Any]:
        """Of another address nothing holds."""
        try:
            kept = json.loads(self._file.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return kept if kept.get("url") == self._settings.url else {}

    def _write(self, more: dict[str, Any]) -> None:
        kept = {**self._read(), **more, "url": self._settings.url}
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{self._file.name}.", dir=self._file.parent)  # of mode 0600
        with os.fdopen(handle, "w") as opened:
            json.dump(kept, opened)
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).replace(self._file)


class Pending:
    """A login that waits for the owner's browser."""

    def __init__(self) -> None:
        self._address = ""
        self._back = anyio.Event()

    def back(self, address: str) -> None:
        self._address = address
        self._back.set()

    async def wait(self, seconds: float) -> str:
        """The address that the browser was sent to. Raises ToolError when nobody logs in."""
        with anyio.move_on_after(seconds):
            await self._back.wait()
            return self._address
        raise ToolError("You are not logged in: nobody did so in time.")
