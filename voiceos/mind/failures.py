"""What can go wrong between us and a language model, each as a MindError: one sentence to log, one to say aloud."""

import re
from urllib.parse import urlsplit

from voiceos.engines.llama import Endpoint
from voiceos.errors import MindError

NOT_ANSWERING = "My language model is not answering right now."
LOST = "Sorry, I lost the rest of that."


def too_slow(endpoint: Endpoint | None, seconds: float, *, begun: bool) -> MindError:
    """No (further) word within so many seconds."""
    at = place(endpoint)
    if begun:
        return MindError(f"{at} fell silent in mid-reply for {seconds:.1f} s (`mind.stall_seconds`).", spoken=LOST)
    return MindError(
        f"{at} did not begin to answer within {seconds:.1f} s (`mind.first_token_seconds`): try a smaller model.",
        spoken="My language model is taking too long right now. Please ask me again.",
    )


def cut_off(endpoint: Endpoint) -> MindError:
    """The stream ended in mid-reply."""
    return MindError(f"{place(endpoint)} broke off in mid-reply; if this happens often, see its log.", spoken=LOST)


def nonsense(endpoint: Endpoint, what: str, *, begun: bool) -> MindError:
    """It answered, but not as the API says."""
    return MindError(
        f"{place(endpoint)} sent {what} instead of a chat completion: check `mind.base_url`.",
        spoken=LOST if begun else "My language model gave me an answer that I cannot use.",
    )


def empty(endpoint: Endpoint) -> MindError:
    return MindError(
        f"{place(endpoint)} answered without a word; try another `mind.model`.",
        spoken="Sorry, I have no answer to that. Try asking it another way.",
    )


def refused(endpoint: Endpoint, status: int, detail: str) -> MindError:
    """An HTTP error, by its status."""
    at, said = place(endpoint), told(endpoint, detail)
    if status in (401, 403):
        message = f"{at} refused the key: check `mind.api_key_file`."
        return MindError(message, spoken="My language model does not accept my key.")
    if status == 404:
        message = f"{at} has no model {endpoint.model!r}, or no chat there: check `mind.model` and `mind.base_url`."
        return MindError(message, spoken="I cannot find the language model that I am set up to use.")
    if status == 429:
        message = f"{at} is receiving too many requests, or the account's quota is used up{said}."
        return MindError(message, spoken="My language model is too busy right now. Please try again in a moment.")
    if status >= 500:
        return MindError(f"{at} failed (HTTP {status}{said}): see its log.", spoken=NOT_ANSWERING)
    if "context" in detail.lower():
        message = (
            "The conversation does not fit the model's context: raise `mind.context` or lower `mind.history_turns`."
        )
        return MindError(message, spoken="That was too long for me.")
    return MindError(f"{at} did not accept the request (HTTP {status}{said}).", spoken=NOT_ANSWERING)


def unreachable(endpoint: Endpoint, *, begun: bool) -> MindError:
    if begun:
        return cut_off(endpoint)
    remedy = "it is being restarted" if endpoint.local else "check `mind.base_url` and the network"
    where = place(endpoint).replace("The", "the", 1)
    return MindError(f"Cannot reach {where}: {remedy}.", spoken=NOT_ANSWERING)


def place(endpoint: Endpoint | None) -> str:
    """How the endpoint is called in a message: never with its key."""
    if endpoint is None or endpoint.local:
        return "The local language model"
    return f"The language model at {host(endpoint)}"


def host(endpoint: Endpoint) -> str:
    """The endpoint's machine, and port where it is not the usual one."""
    url = urlsplit(endpoint.base_url)
    return f"{url.hostname}:{url.port}" if url.port else str(url.hostname)


def told(endpoint: Endpoint, detail: str) -> str:
    """What the server said of it, short and without the key."""
    if endpoint.api_key:
        detail = detail.replace(endpoint.api_key, "…")
    detail = re.sub(r"\b(sk|key|Bearer)[-_ ][\w*.-]{6,}", "…", re.sub(r"\s+", " ", detail)).strip(" .")
    return f": {detail[:160]}" if detail else ""
