"""Failures of a language model: one sentence to log, one to say aloud."""

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from voiceos.engines.llama import Endpoint
from voiceos.errors import MindError
from voiceos.language.sentences import say

RETRY_SECONDS = 0.3
LONGEST_RETRY_SECONDS = 2.0
"""A server that asks us to wait longer than this is not asked again: someone is waiting."""


class EndpointError(MindError):
    """A failure of the endpoint."""

    def __init__(self, message: str, *, spoken: str, status: int = 0, detail: str = "", retry: float | None = None):
        super().__init__(message, spoken=spoken)
        self.status = status
        self.detail = detail
        """The server's message, with the parameter it objects to."""
        self.retry = retry
        """Seconds after which asking again may help."""


def too_slow(endpoint: Endpoint | None, seconds: float, *, begun: bool) -> EndpointError:
    """No (further) word within so many seconds."""
    at = place(endpoint)
    if begun:
        return EndpointError(
            f"{at} stalled for {seconds:.1f} s in mid-reply (`mind.stall_seconds`).", spoken=say("mind.lost")
        )
    remedy = "check that it is up" if endpoint and not endpoint.local else "try a smaller model"
    return EndpointError(
        f"{at} did not start to answer within {seconds:.1f} s (`mind.first_token_seconds`): {remedy}.",
        spoken=say("mind.slow"),
    )


def cut_off(endpoint: Endpoint, *, begun: bool = True) -> EndpointError:
    """The stream ended in mid-reply."""
    message = f"{place(endpoint)} stopped in mid-reply. If this happens often, check its log."
    return EndpointError(message, spoken=say("mind.lost" if begun else "mind.not_answering"))


def nonsense(endpoint: Endpoint, what: str, *, begun: bool) -> EndpointError:
    """It answered, but not as the API says."""
    return EndpointError(
        f"{place(endpoint)} sent {what} instead of a chat completion. Check `mind.base_url`.",
        spoken=say("mind.lost" if begun else "mind.nonsense"),
    )


def empty(endpoint: Endpoint) -> EndpointError:
    return EndpointError(
        f"{place(endpoint)} gave an empty answer. Try another `mind.model`.",
        spoken=say("mind.empty"),
    )


def refused(endpoint: Endpoint, status: int, error: Any, retry_after: str | None = None) -> EndpointError:
    """An HTTP error by its status, or an error in a stream: `error` is what the endpoint said of it."""
    detail = _detail(error)
    status = _named_status(error) or status if status == 400 else status
    message, spoken = _refusal(endpoint, status, detail)
    retry = _patience(retry_after) if status == 429 or status >= 500 else None
    return EndpointError(message, spoken=spoken, status=status, detail=detail, retry=retry)


def _refusal(endpoint: Endpoint, status: int, detail: str) -> tuple[str, str]:
    at, said = place(endpoint), told(endpoint, detail)
    if status in (401, 403):
        return f"{at} rejected the key. Check `mind.api_key_file`.", say("mind.key")
    if status == 404:
        message = f"{at} has no model {endpoint.model!r}, or no chat. Check `mind.model` and `mind.base_url`."
        return message, say("mind.no_model")
    if status == 407:
        return f"The proxy in front of {at} asks for a password. Check the proxy settings.", say("mind.not_answering")
    if status == 429:
        message = f"{at} is receiving too many requests, or the account's quota is used up{said}."
        return message, say("mind.busy")
    if status >= 500:
        return f"{at} failed (HTTP {status}{said}). Check its log.", say("mind.not_answering")
    if re.search(r"context|prompt is too long", detail, re.IGNORECASE):
        return (
            "The conversation does not fit the model's context. Raise `mind.context` or lower `mind.history_turns`.",
            say("mind.too_long"),
        )
    return f"{at} rejected the request (HTTP {status}{said}).", say("mind.not_answering")


def in_stream(endpoint: Endpoint, error: Any, *, begun: bool) -> EndpointError:
    """An error that a stream tells instead of the (rest of the) reply."""
    failure = refused(endpoint, _named_status(error) or 500, error)
    if begun:
        failure.spoken = say("mind.lost")
    return failure


def _named_status(error: Any) -> int:
    """The HTTP status that an error names, by its number or in words; 0: none."""
    fields = cast("Mapping[str, Any]", error) if isinstance(error, Mapping) else {}
    code = " ".join(str(fields.get(key) or "") for key in ("code", "status", "type"))
    number = re.search(r"\b[45]\d\d\b", code)
    kinds = {"rate_limit": 429, "quota": 429, "key": 401, "auth": 401, "permission": 403, "not_found": 404}
    return int(number[0]) if number else next((kinds[kind] for kind in kinds if kind in code.lower()), 0)


def unreachable(endpoint: Endpoint, error: Exception, *, begun: bool) -> EndpointError:
    """No connection, or a broken one."""
    if begun:
        return cut_off(endpoint)
    if "CERTIFICATE" in str(error).upper():
        remedy = "its certificate is not trusted; check the clock, and SSL_CERT_FILE and SSL_CERT_DIR if they are set"
    elif endpoint.local:
        remedy = "it is being restarted"
    else:
        proxies = ", the proxy settings" if getproxies_environment() else ""
        remedy = f"check `mind.base_url`{proxies} and the network"
    where = place(endpoint).replace("The", "the", 1)
    return EndpointError(f"Cannot reach {where}: {remedy}.", spoken=say("mind.not_answering"), retry=RETRY_SECONDS)


def unusable_environment(endpoint: Endpoint, error: Exception) -> EndpointError:
    """A proxy or a file of certificates that the environment names, and that cannot be used."""
    what = "certificates (SSL_CERT_FILE, SSL_CERT_DIR)" if isinstance(error, OSError) else "proxy settings"
    where = place(endpoint).replace("The", "the", 1)
    message = f"Cannot reach {where}. Check the {what} in the environment ({error})."
    return EndpointError(message, spoken=say("mind.network"))


def place(endpoint: Endpoint | None) -> str:
    """The endpoint's name for messages, never with its key."""
    if endpoint is None or endpoint.local:
        return "The local language model"
    return f"The language model at {host(endpoint)}"


def host(endpoint: Endpoint) -> str:
    """The endpoint's machine, and port where it is not the usual one."""
    return urlsplit(endpoint.base_url).netloc.rpartition("@")[2]


def told(endpoint: Endpoint, detail: str) -> str:
    """The server's message, shortened and without the key."""
    if endpoint.api_key:
        detail = detail.replace(endpoint.api_key, "…")
    detail = re.sub(r"\b(sk|key|Bearer)[-_ ][\w*.-]{6,}", "…", re.sub(r"\s+", " ", detail)).strip(" .")
    return f": {detail[:160]}" if detail else ""


def _detail(error: Any) -> str:
    """The words of an error, in whatever shape it comes."""
    if isinstance(error, Mapping):
        fields = cast("Mapping[str, Any]", error)
        words = next((fields[key] for key in ("message", "detail", "error", "msg") if fields.get(key)), "")
        parameter = fields.get("param")
        return _detail(words) + (f" ({parameter})" if parameter and str(parameter) not in str(words) else "")
    if isinstance(error, list):
        return "; ".join(_detail(one) for one in cast("list[Any]", error)[:3])
    return str(error or "")


def _patience(retry_after: str | None) -> float | None:
    try:
        wait = float(retry_after or RETRY_SECONDS)
    except ValueError:
        return None  # a date: that is too long
    return wait if 0 <= wait <= LONGEST_RETRY_SECONDS else None
