"""Playlists of stations: M3U and PLS, which name the address where the sound is."""

import re
from collections.abc import Sequence
from urllib.parse import urljoin

from voiceos.errors import MediaError

_KINDS = {
    *("audio/x-mpegurl", "audio/mpegurl", "application/x-mpegurl", "application/mpegurl"),
    *("application/vnd.apple.mpegurl", "application/vnd.apple.mpegurl.audio"),
    *("audio/x-scpls", "audio/scpls", "application/pls+xml"),
}
_SEGMENTED = b"#EXT-X-"
"""What only playlists of HLS have: their sound comes in pieces."""


def is_playlist(address: str, kind: str, head: bytes) -> bool:
    """Whether what is at an address names others: by its type, its name, or its beginning."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n").lower()
    named = address.partition("?")[0].lower().endswith((".m3u", ".m3u8", ".pls"))
    looks = start.startswith((b"#extm3u", b"[playlist]"))
    return looks or kind in _KINDS or (named and start.startswith((b"#", b"http://", b"https://")))


def addresses(content: bytes, base: str) -> Sequence[str]:
    """The addresses in a playlist that was found at `base`. Raises MediaError."""
    if _SEGMENTED in content:
        raise MediaError(f"{base} comes in pieces (HLS), which voiceos does not play.", why="segmented")
    text = content.decode("utf-8", "replace").lstrip("\ufeff")
    if text.lstrip().lower().startswith("[playlist]"):
        found = re.findall(r"^\s*file\d*\s*=\s*(\S+)", text, re.IGNORECASE | re.MULTILINE)
    else:
        found = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not found:
        raise MediaError(f"{base} is an empty playlist.", why="page")
    return [urljoin(base, one) for one in found]
