"""Whether an address in the settings can be used."""

import re
from urllib.parse import urlsplit

from voiceos.errors import ConfigError


def checked_address(address: str, setting: str, example: str) -> str:
    """The same address. Raises ConfigError when it is none, or holds more than a server and a path."""
    try:
        url = urlsplit(address)
        usable = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:  # a port beyond 65535 or of letters, or half of an IPv6 address
        url, usable = urlsplit(""), False
    if not usable or re.search(r"[\s\\]", address) or not address.isprintable():
        raise ConfigError(f"`{setting}` must look like '{example}'.")
    if url.username or url.password or url.query or url.fragment:
        raise ConfigError(f"`{setting}` must not contain a user, password or query. Put the key in a file.")
    return address
