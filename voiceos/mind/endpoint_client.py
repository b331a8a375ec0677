"""One OpenAI-compatible endpoint over HTTP: its answers, its streams, and its failures as EndpointErrors."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import anyio

from voiceos.engines.llama import Endpoint
from voiceos.engines.llama_process import Slot
from voiceos.errors import VoiceosError
from voiceos.mind import failures
from voiceos.mind.events import Event, Events, objects
from voiceos.mind.metering import Metering, estimated, tokens_of
from voiceos.store.usage import Usage

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)

WARM_SECONDS = 60.0
"""Nobody waits for this, and a small board reads a long prompt slowly the first time."""
LOCAL_EXTRAS = {"cache_prompt": True, "chat_template_kwargs": {"enable_thinking": False}}
"""What only llama.cpp understands."""
_PAGES = ("text/html", "application/xhtml+xml")


class EndpointClient:
    """Keeps a connection to the endpoint. It sets no time limits; its callers do."""

    def __init__(self, endpoint: Endpoint, metering: Metering | None = None) -> None:
        """Takes a tenth of a second: call it in a thread. `metering`: what is told of whole answers.

        Raises EndpointError when the environment names a proxy or certificates that cannot be used.
        """
        import httpx2

        # A custom transport ignores the environment's proxies, but not its certificates.
        direct = endpoint.local or _is_direct(endpoint)
        try:
            self._http = httpx2.AsyncClient(
                headers={"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else None,
                timeout=None,
                follow_redirects=True,
                transport=httpx2.AsyncHTTPTransport(verify=not endpoint.local, uds=endpoint.socket) if direct else None,
            )
        except (ValueError, ImportError, OSError, httpx2.InvalidURL) as error:
            raise failures.unusable_environment(endpoint, error) from error
        self.endpoint = endpoint
        self._metering = metering
        self._read = dict[Slot, Sequence[Any]]()
        """What the server has read last, by where."""
        self._keeps: bool | None = None

    async def close(self) -> None:
        with anyio.move_on_after(1, shield=True):
            await self._http.aclose()

    async def models(self) -> list[str]:
        """The names of its models, as far as it tells them."""
        answer = await self._whole(await self._send("GET", "models"))
        rows = answer.get("data")
        rows = cast("list[Any]", rows) if isinstance(rows, list) else []
        return [str(cast(Event, row).get("id", "")) for row in rows if isinstance(row, dict)]

    async def keeps_prompts(self) -> bool:
        """Whether it may be told to read ahead: a llama.cpp, which keeps what it has read, in the owner's own network.

        It says so itself (`total_slots` of its `/props`); any other host is not even asked. Raises EndpointError.
        """
        if self._keeps is None:
            self._keeps = await _is_near(self.endpoint) and await self._has_slots()
        return self._keeps

    async def _has_slots(self) -> bool:
        try:
            told = await self._whole(await self._send("GET", "../props"))
        except failures.EndpointError as error:
            if not error.status:
                raise  # it may come up later
            return False
        return isinstance(slots := told.get("total_slots"), int) and slots > 0

    async def warm(self, slot: Slot, messages: Sequence[Mapping[str, object]]) -> None:
        """Has the server read what a prompt begins with, unless it has: the last message is still to be ended."""
        *begin, last = messages
        *before, latest = self._read.get(slot, ())[: len(messages)] or [{}]
        if before != begin or not str(latest.get("content")).startswith(str(last["content"])):
            request = {"messages": messages, "max_tokens": 1, "temperature": 0, "add_generation_prompt": False}
            await self.answer(request, slot)

    async def answer(self, request: Mapping[str, Any], slot: Slot = Slot.TALK) -> Event:
        """The whole answer to a request, at once."""
        answer = await self._whole(await self._asked(request, slot))
        if self._metering:
            read, made = tokens_of(answer) or (estimated(str(request)), estimated(str(answer.get("choices"))))
            self._metering.note(Usage(1, read, made))
        return answer

    async def stream(self, request: Mapping[str, Any], slot: Slot = Slot.TALK) -> "Chunks":
        """The answer to a request, as it is made. Its owner must `close` it."""
        response = await self._asked({**request, "stream": True}, slot)
        kind = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
        if kind in _PAGES:
            await response.aclose()
            raise failures.nonsense(self.endpoint, f"a page ({kind})", begun=False)
        return Chunks(response)

    async def _asked(self, request: Mapping[str, Any], slot: Slot) -> "httpx2.Response":
        """The beginning of an answer."""
        extras = {**LOCAL_EXTRAS, "id_slot": slot} if self.endpoint.local else {}
        if self.endpoint.local:
            self._read.pop(slot, None)
        else:
            self._read.clear()  # it may have but one place
        response = await self._send("POST", "chat/completions", {"model": self.endpoint.model, **request, **extras})
        self._read[slot] = request["messages"]
        return response

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> "httpx2.Response":
        """The beginning of a response; a refusal is raised."""
        try:
            url = urljoin(f"{self.endpoint.base_url.rstrip('/')}/", path)
            request = self._http.build_request(method, url, json=body)
            response = await self._http.send(request, stream=True)
        except faults() as error:
            raise failures.unreachable(self.endpoint, error, begun=False) from error
        if response.is_success:
            return response
        answer: Event = {}
        try:
            content = (await response.aread()).decode("utf-8-sig", "replace")
            answer = next(objects(content), {})
        except (ValueError, RecursionError, *faults()):
            pass  # then only its status tells
        finally:
            await response.aclose()
        raise failures.refused(
            self.endpoint, response.status_code, answer.get("error") or answer, response.headers.get("retry-after")
        )

    async def _whole(self, response: "httpx2.Response") -> Event:
        try:
            return next(objects((await response.aread()).decode("utf-8-sig", "replace")), {})
        except faults() as error:
            raise failures.unreachable(self.endpoint, error, begun=False) from error
        except (ValueError, RecursionError) as error:
            raise failures.nonsense(self.endpoint, "something unreadable", begun=False) from error
        finally:
            await response.aclose()


async def warmed(
    client: Callable[[], Awaitable[EndpointClient]], slot: Slot, messages: Sequence[Mapping[str, object]]
) -> bool:
    """Has the server read what a prompt begins with. False, and a line in the log, when it cannot."""
    try:
        with anyio.fail_after(WARM_SECONDS):
            await (await client()).warm(slot, messages)
    except TimeoutError:
        log.info("The language model has not read the beginning of a prompt within %.0f s.", WARM_SECONDS)
    except VoiceosError as error:
        log.warning("%s", error)
    else:
        return True
    return False


class Chunks:
    """The objects of a streamed answer; of an endpoint that cannot stream, its one object."""

    def __init__(self, response: "httpx2.Response") -> None:
        response.encoding = "utf-8-sig"  # whatever the header says: events are UTF-8
        self._response = response

    async def __aiter__(self) -> AsyncGenerator[Event, None]:
        """Raises one of `faults()` where the connection breaks, ValueError or RecursionError for what is unreadable."""
        events = Events()
        async for text in self._response.aiter_text():
            for chunk in events(text):
                yield chunk
        for chunk in events.rest():
            yield chunk

    async def close(self) -> None:
        """Lets go of the connection; the server then stops generating."""
        with anyio.move_on_after(1, shield=True):
            await self._response.aclose()


def faults() -> tuple[type[Exception], ...]:
    """How a connection fails. A function, because importing the library takes long."""
    import httpx2

    # A port beyond 65535 comes as a group of an OverflowError.
    return httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, UnicodeError, OverflowError, ExceptionGroup


async def _is_near(endpoint: Endpoint) -> bool:
    """Whether all addresses of its host are this machine's or of a private network."""
    try:
        found = await anyio.getaddrinfo(urlsplit(endpoint.base_url).hostname or "", None)
    except (OSError, ValueError):  # UnicodeError is one
        return False
    return bool(found) and all(ip_address(where[0]).is_private for *_, where in found)


def _is_direct(endpoint: Endpoint) -> bool:
    """Whether NO_PROXY names the host; also with its port, or by its network, as desktops write it."""
    host = urlsplit(endpoint.base_url).hostname or ""
    if proxy_bypass(host) or proxy_bypass(failures.host(endpoint)):
        return True
    for entry in getproxies().get("no", "").split(","):
        with suppress(ValueError):
            if "/" in entry and ip_address(host) in ip_network(entry.strip(), strict=False):
                return True
    return False
