"""What else a server has than tools: prompts, which fill in a text, and resources, which hold one."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voiceos.errors import ToolError
from voiceos.language.sentences import say
from voiceos.tools.mcp.words import told, visible

MOST_PAGES = 50
MOST = 1_000
"""Of each kind."""
LONGEST_NAME, LONGEST_ABOUT, LONGEST_URI = 100, 300, 2_000
LONGEST_PROMPT = 4_000
"""Characters of what a prompt says."""
MOST_BYTES = 2_000_000
"""Of a resource; a book has less."""
TEXTS = (
    "text/",
    "application/json",
    "application/xml",
    "application/xhtml+xml",
    "application/yaml",
    "application/toml",
)
"""How the type of a text begins."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What a prompt wants to know. Every value is a text."""

    name: str
    about: str
    required: bool


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt of a server."""

    name: str
    title: str
    about: str
    arguments: Sequence[Argument]

    def lacks(self, given: Mapping[str, str]) -> list[Argument]:
        """What it needs and nobody has given yet."""
        return [one for one in self.arguments if one.required and not given.get(one.name, "").strip()]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a server, or what was read of it."""

    uri: str
    name: str
    about: str = ""
    type: str = ""
    """As the server says it: text/markdown; empty: it does not say."""
    size: int | None = None
    """Bytes, if the server says it."""
    text: str = ""
    """Once it was read."""


async def prompts(client: Any) -> list[Prompt]:
    """All prompts. Whatever the server says of them can be shown."""
    if client.server_capabilities.prompts is None:
        return []
    return [
        Prompt(
            one.name,
            visible(one.title or one.name, LONGEST_NAME),
            visible(one.description or "", LONGEST_ABOUT),
            [
                Argument(given.name, visible(given.description or "", LONGEST_ABOUT), bool(given.required))
                for given in one.arguments or ()
            ],
        )
        for one in await all_of(client.list_prompts, "prompts")
        if one.name.isprintable() and len(one.name) <= LONGEST_NAME
    ]


async def prompt(client: Any, name: str, arguments: Mapping[str, str]) -> str:
    """What a prompt says, filled in; of several messages each with its role. Pictures and sounds are named."""
    found = await client.get_prompt(name, dict(arguments))
    texts = [told([one.content], None) for one in found.messages]
    if len(texts) > 1:
        texts = [_by(str(one.role), text) for one, text in zip(found.messages, texts, strict=True)]
    return visible("\n".join(texts), LONGEST_PROMPT)


def _by(role: str, text: str) -> str:
    return say("tools.by_user" if role == "user" else "tools.by_assistant", text=text)


async def resources(client: Any) -> list[Resource]:
    """All resources that the server lists."""
    if client.server_capabilities.resources is None:
        return []
    return [
        Resource(
            str(one.uri),
            visible(one.title or one.name, LONGEST_NAME),
            visible(one.description or "", LONGEST_ABOUT),
            visible(one.mime_type or "", LONGEST_NAME).lower(),
            one.size,
        )
        for one in await all_of(client.list_resources, "resources")
        if str(one.uri).isprintable() and len(str(one.uri)) <= LONGEST_URI
    ]


async def resource(client: Any, uri: str) -> Resource:
    """What a resource holds. Raises ToolError for what is no text, empty or too large."""
    listed = next((one for one in await resources(client) if one.uri == uri), Resource(uri, uri.rpartition("/")[2]))
    read = [_text(one, uri) for one in (await client.read_resource(uri)).contents]
    text = "\n\n".join(text for text, _ in read if text.strip())
    if not text:
        raise ToolError(f"{uri} is empty.")
    if len(text.encode()) > MOST_BYTES:
        raise ToolError(f"{uri} is larger than {MOST_BYTES // 1_000_000} MB, the limit for a resource.")
    kind = next((kind for _, kind in read if kind), listed.type)
    return Resource(uri, listed.name or uri, listed.about, kind, len(text.encode()), text)


def _text(content: Any, uri: str) -> tuple[str, str]:
    """A part of a resource, and its type."""
    kind = visible(content.mime_type or "", LONGEST_NAME).lower()
    is_text = not kind or kind.startswith(TEXTS) or kind.partition(";")[0].endswith(("+json", "+xml"))
    if hasattr(content, "text") and is_text:
        return visible(content.text, MOST_BYTES + 1), kind
    if is_text and kind and len(content.blob) <= MOST_BYTES * 2:  # some servers send every text so
        try:
            return visible(base64.b64decode(content.blob, validate=True).decode(), MOST_BYTES + 1), kind
        except (binascii.Error, UnicodeDecodeError):
            pass
    raise ToolError(f"{uri} is not a text but {kind or 'binary'}, so it cannot be remembered.")


async def all_of(list_: Callable[..., Awaitable[Any]], what: str) -> list[Any]:
    """Every page of a listing."""
    found, cursor = list[Any](), None
    for _ in range(MOST_PAGES):
        page = await list_(cursor=cursor, cache_mode="refresh")
        found += getattr(page, what)
        cursor = page.next_cursor
        if cursor is None or len(found) >= MOST:
            break
    return found[:MOST]
