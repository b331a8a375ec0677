"""The language model's endpoint from the settings, with its key from a safe place."""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from voiceos.config.secret import read_secret
from voiceos.config.settings import MindSettings
from voiceos.engines.llama import Endpoint
from voiceos.errors import ConfigError

__all__ = ["Endpoint", "read_key", "remote_endpoint"]

CREDENTIAL = "llm-api-key"
"""The name under which systemd's LoadCredential= hands us the key."""


def remote_endpoint(settings: MindSettings, environment: Mapping[str, str] = os.environ) -> Endpoint:
    """The endpoint that `mind.base_url` names. Raises ConfigError when it, its model or its key cannot be used."""
    try:
        url = urlsplit(settings.base_url)
        usable = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:  # a port beyond 65535 or of letters, or half of an IPv6 address
        url, usable = urlsplit(""), False
    if not usable or re.search(r"[\s\\]", settings.base_url) or not settings.base_url.isprintable():
        raise ConfigError("`mind.base_url` must look like 'https://api.example.com/v1'.")
    if url.username or url.password or url.query or url.fragment:
        raise ConfigError("`mind.base_url` must not contain a user, password or query. Put the key in a file.")
    if settings.model == "auto":
        raise ConfigError(f"Set `mind.model` to the name of a model at {settings.base_url}.")
    return Endpoint(settings.base_url, settings.model, read_key(settings, environment))


def read_key(settings: MindSettings, environment: Mapping[str, str] = os.environ) -> str:
    """The key: `mind.api_key`, else the file of `mind.api_key_file`, else systemd's credential; "" when there is none.

    Raises ConfigError when the file cannot be read, can be read by others, or holds no key.
    """
    if key := settings.api_key.get_secret_value():
        return checked(key, "`mind.api_key`")
    secret = read_secret(settings.api_key_file, "mind.api_key_file", CREDENTIAL, environment)
    if secret is None:
        return ""
    file, content = secret
    return checked(content.decode("ascii", errors="replace"), f"The key file {file} (`mind.api_key_file`)")


def checked(key: str, source: str) -> str:
    """The key without the white space around it. Raises ConfigError when no HTTP header could carry it."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(f"{source} must contain only the key, on one line without spaces.")
    return key
