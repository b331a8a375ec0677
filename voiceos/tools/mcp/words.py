"""What a server sends, as text that can be shown, spoken and kept: bounded, without control codes or hidden letters."""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from voiceos.language.sentences import say
from voiceos.memory.ingest.html import parse, sections

MOST_CHARACTERS = 8_000
"""Of a result. A small model reads some hundred, a large one more than this only slowly."""
LONGEST_PAGE = 500_000
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|$)|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]", re.DOTALL
)
"""Commands to a terminal. See ECMA-48, sections 5.3 to 5.6."""
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def visible(text: str, most: int = MOST_CHARACTERS) -> str:
    """The text that a person would see of it; of a longer one its beginning, and how much is missing."""
    text, beyond = text[: most * 8], max(0, len(text) - most * 8)  # so that 50 MB cost nothing
    text = _ESCAPE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    unseen = {ord(one): None for one in set(text) if one not in "\n\t" and unicodedata.category(one) in _UNSEEN}
    text = text.translate(unseen).strip()
    beyond += max(0, len(text) - most)
    return f"{text[:most].rstrip()}\n{say('tools.cut', count=beyond)}" if beyond else text


def told(content: Sequence[Any], structured: object) -> str:
    """A result's text. Pictures, sounds and files are named, not shown. `structured`: JSON that says the same."""
    parts = [_part(one) for one in content]
    if structured is not None and not any(one.type == "text" for one in content):
        parts.append(json.dumps(structured, ensure_ascii=False, default=str))
    return visible("\n".join(part for part in parts if part.strip()))


def _part(content: Any) -> str:
    match content.type:
        case "text":
            return _read(content.text)
        case "image" | "audio":
            return say(f"tools.{content.type}", kind=content.mime_type, size=_kilobytes(content.data))
        case "resource_link":
            return say("tools.link", name=content.title or content.name, where=content.uri)
        case "resource" if hasattr(content.resource, "text"):
            return _read(content.resource.text)
        case "resource":
            kind = content.resource.mime_type or "?"
            return say("tools.file", kind=kind, where=content.resource.uri, size=_kilobytes(content.resource.blob))
        case _:
            return say("tools.other", kind=content.type)


def _read(text: str) -> str:
    """A page of HTML as what it says."""
    if not _HTML.match(text[:4096]):
        return text
    return "\n\n".join("\n".join((*headings[-1:], words)) for headings, words in sections(parse(text[:LONGEST_PAGE])))


def _kilobytes(base64: str) -> int:
    return max(1, len(base64) * 3 // 4 // 1000)
