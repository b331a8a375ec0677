"""A Home Assistant over HTTP: what it makes of a sentence, and the states of its things."""

import importlib
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import anyio
from anyio import to_thread

from voiceos.config.address import checked_address
from voiceos.config.secret import read_key_of
from voiceos.config.settings import HomeSettings
from voiceos.errors import ConfigError, HomeError
from voiceos.language.sentences import skill_says as says

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
LONGEST = 1_000_000
"""Bytes of an answer."""
CREDENTIAL = "home-token"
"""The name under which systemd's LoadCredential= hands us the token."""
ROOMS = '{"rooms": {{ areas() | map("area_name") | list | to_json }}}'
UNDERSTOOD = ("action_done", "partial_action_done", "query_answer", "error")

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """A thing that was meant."""

    id: str
    """Such as `light.kitchen`."""
    name: str

    @property
    def domain(self) -> str:
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """What Home Assistant made of a sentence."""

    kind: str
    """One of UNDERSTOOD."""
    code: str
    """Of an error: no_intent_match, no_valid_targets, failed_to_handle, unknown."""
    speech: str
    success: tuple[Target, ...] = ()
    failed: tuple[Target, ...] = ()
    conversation: str = ""


class HomeAssistant:
    """One server. It is never asked twice for the same: an act whose answer is lost may have been done."""

    def __init__(self, settings: HomeSettings) -> None:
        """Raises ConfigError."""
        self._url = checked_address(settings.url, "home.url", "http://homeassistant.local:8123").rstrip("/")
        self._token = read_key_of(settings.token, settings.token_file, "home.token", CREDENTIAL)
        if not self._token:
            raise ConfigError("Home Assistant needs a token. Put one in a file, and its path in `home.token_file`.")
        self._device = settings.device

    def warm(self) -> None:
        """Loads what the first question would wait for. Blocks a tenth of a second."""
        importlib.import_module("httpx2")
        if self._url.startswith("https:"):
            _certificates()

    async def hear(self, text: str, language: str, conversation: str = "") -> Answer:
        """Lets it do what a sentence says. Raises HomeError."""
        body = {"text": text, "language": language, "conversation_id": conversation, "device_id": self._device}
        body = {key: value for key, value in body.items() if value}
        try:
            found = await self._ask("POST", "conversation/process", body)
        except HomeError as error:
            if error.status != 400 or not self._device:
                raise
            log.info("Home Assistant takes no `home.device` over HTTP.")  # it refuses before it looks at the sentence
            self._device = ""
            del body["device_id"]
            found = await self._ask("POST", "conversation/process", body)
        return self._answer(found)

    async def state(self, entity: str) -> str:
        """The state of a thing, such as "on"; "unavailable" if it is not there. Raises HomeError."""
        try:
            return str((await self._ask("GET", f"states/{quote(entity)}")).get("state", ""))
        except HomeError as error:
            if error.status == 404:
                return "unavailable"
            raise

    async def rooms(self) -> list[str]:
        """The names of its rooms. Raises HomeError."""
        found = await self._ask("POST", "template", {"template": ROOMS})
        names = found.get("rooms")
        return [str(one) for one in cast("list[Any]", names)] if isinstance(names, list) else []

    async def check(self) -> None:
        """Raises HomeError if it cannot be reached, or does not accept the token."""
        if "message" not in await self._ask("GET", ""):
            raise self._nonsense()

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """The object of an answer. No redirect is followed, and no proxy is used: neither may get the token."""
        import httpx2

        faults = httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, UnicodeError, ExceptionGroup
        verify = await to_thread.run_sync(_certificates) if self._url.startswith("https:") else False
        limits = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        try:
            with anyio.fail_after(ANSWER_SECONDS):
                async with (
                    httpx2.AsyncClient(
                        headers={"Authorization": f"Bearer {self._token}"},
                        timeout=limits,
                        transport=httpx2.AsyncHTTPTransport(verify=verify),
                    ) as http,
                    http.stream(method, f"{self._url}/api/{path}", json=body) as response,
                ):
                    content = await _content(response)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.InvalidURL) as error:
            raise HomeError(
                f"Home Assistant cannot be reached at {self._url} ({error or 'no answer'}). Check `home.url`.",
                spoken=says("home.unreachable"),
            ) from error
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise HomeError(
                f"Home Assistant at {self._url} did not answer within {ANSWER_SECONDS:g} s. Check that it is up.",
                spoken=says("home.slow"),
                unsure=True,
            ) from error
        except faults as error:
            raise HomeError(
                f"Home Assistant at {self._url} broke off its answer ({error}). Check its log.",
                spoken=says("home.slow"),
                unsure=True,
            ) from error
        return self._object(response.status_code, content)

    def _object(self, status: int, content: bytes) -> Json:
        if status in (401, 403):
            raise HomeError(
                "Home Assistant rejected the token. Make a new one in your profile there, and put it in the file of "
                "`home.token_file`.",
                spoken=says("home.token"),
                status=status,
            )
        if 300 <= status < 400:
            raise HomeError(f"{self._url} sends elsewhere. Check `home.url`.", spoken=says("home.moved"), status=status)
        if 400 <= status < 500:
            raise HomeError(
                f"{self._url} refused the request (HTTP {status}). Check `home.url`.",
                spoken=says("home.missing"),
                status=status,
            )
        if status >= 500:
            raise HomeError(
                f"Home Assistant failed (HTTP {status}). Check its log.",
                spoken=says("home.broken"),
                status=status,
                unsure=True,
            )
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._nonsense() from error
        if not isinstance(found, dict):
            raise self._nonsense()
        return cast(Json, found)

    def _answer(self, found: Json) -> Answer:
        """Raises HomeError for what the API does not say."""
        response = _inner(found, "response")
        data = _inner(response, "data")
        kind = response.get("response_type")
        if kind not in UNDERSTOOD:
            raise self._nonsense()
        speech = _inner(_inner(response, "speech"), "plain").get("speech")
        return Answer(
            kind,
            str(data.get("code") or "unknown") if kind == "error" else "",
            " ".join(speech.split()) if isinstance(speech, str) else "",
            _targets(data.get("success")),
            _targets(data.get("failed")),
            str(found.get("conversation_id") or ""),
        )

    def _nonsense(self) -> HomeError:
        return HomeError(
            f"{self._url} did not answer as a Home Assistant does. Check `home.url`.",
            spoken=says("home.nonsense"),
            unsure=True,
        )


async def _content(response: "httpx2.Response") -> bytes:
    content = b""
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > LONGEST:
            return b""  # which is no JSON
    return content


@cache
def _certificates() -> ssl.SSLContext:
    """The system's certificates. Takes a tenth of a second."""
    return ssl.create_default_context()


def _inner(found: Json, key: str) -> Json:
    value = found.get(key)
    return cast(Json, value) if isinstance(value, dict) else {}


def _targets(found: object) -> tuple[Target, ...]:
    """The things among what an answer names; it names rooms and kinds as well."""
    rows = cast("list[Any]", found) if isinstance(found, list) else []
    things = [cast(Json, row) for row in rows if isinstance(row, dict)]
    return tuple(
        Target(str(one["id"]), str(one.get("name") or one["id"]))
        for one in things
        if one.get("type") == "entity" and one.get("id")
    )
