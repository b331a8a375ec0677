"""The language model's endpoint from the settings, with its key from a safe place."""

import os
from collections.abc import Mapping

from voiceos.config.address import checked_address
from voiceos.config.secret import read_key_of
from voiceos.config.settings import EndpointSettings, MindSettings
from voiceos.engines.llama import Endpoint
from voiceos.errors import ConfigError

__all__ = ["Endpoint", "read_key", "remote_endpoint"]

CREDENTIAL = "llm-api-key"
"""The name under which systemd's LoadCredential= hands us the key."""


def remote_endpoint(settings: MindSettings, environment: Mapping[str, str] = os.environ) -> Endpoint:
    """The endpoint that `mind.base_url` names. Raises ConfigError when it, its model or its key cannot be used."""
    checked_address(settings.base_url, "mind.base_url", "https://api.example.com/v1")
    if settings.model == "auto":
        raise ConfigError(f"Set `mind.model` to the name of a model at {settings.base_url}.")
    return Endpoint(settings.base_url, settings.model, read_key(settings, environment))


def at_endpoint(settings: MindSettings, one: EndpointSettings) -> MindSettings:
    """The settings for one of several endpoints alone."""
    own = {name: getattr(one, name) for name in EndpointSettings.model_fields if name in MindSettings.model_fields}
    return settings.model_copy(update={**own, "endpoints": {}})


def read_key(settings: MindSettings, environment: Mapping[str, str] = os.environ) -> str:
    """The key: `mind.api_key`, else the file of `mind.api_key_file`, else systemd's credential; "" when there is none.

    Raises ConfigError when the file cannot be read, can be read by others, or holds no key.
    """
    return read_key_of(settings.api_key, settings.api_key_file, "mind.api_key", CREDENTIAL, environment)
