"""Server-sent events as endpoints of language models send them: text goes in as it comes, JSON objects come out.

Everything but objects is skipped: comments, fields without data, and whatever else keeps a slow connection alive.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

LONGEST_CHARACTERS = 4_000_000
"""Longest event; a longer one never ends."""
DONE = {"choices": [{"finish_reason": "stop"}]}
"""What `[DONE]` means."""
_LINE_END = re.compile(r"\r\n|\n|\r")
_DATA = re.compile(r"\A(?: ?data:)* ?")
"""Before the data; a gateway may send the events of another as data of its own."""
_JSON_STARTS = ("{", "}", "[", "]", '"', " ", "\t")

Event = dict[str, Any]


class Events:
    """The events of one stream. Also reads JSON that was sent without the fields of events."""

    def __init__(self) -> None:
        self._text = ""
        self._kind = ""
        self._data: list[str] = []
        self._size = 0
        self._done = False

    def __call__(self, text: str) -> Iterator[Event]:
        """The events that end in this piece of the stream. Raises ValueError for JSON that is none."""
        text = self._text + text
        held = "\r" if text.endswith("\r") else ""  # its "\n" may follow
        *lines, rest = _LINE_END.split(text.removesuffix(held))
        self._text = rest + held
        for line in lines:
            yield from self._line(line)
        if len(self._text) + self._size > LONGEST_CHARACTERS:
            raise ValueError("an event without an end")

    def rest(self) -> Iterator[Event]:
        """The last event, of a stream that ends without an empty line."""
        for line in (self._text.strip("\r"), ""):
            yield from self._line(line)

    def _line(self, line: str) -> Iterator[Event]:
        name, _, value = line.partition(":")
        if not line:
            kind, data, self._kind, self._data, self._size = self._kind, "\n".join(self._data), "", [], 0
            for found in () if self._done else objects(data, is_error=kind == "error"):
                self._done = found is DONE
                yield found
        elif name == "event":
            self._kind = value.strip()
        elif name == "data" or line.startswith(_JSON_STARTS):
            self._data.append(_DATA.sub("", value) if name == "data" else line)
            self._size += len(line)


def objects(data: str, *, is_error: bool = False) -> Iterator[Event]:
    """The objects in the data of an event: one, except where several, or lists of them, were sent as one."""
    data = data.strip()
    if data.strip('"').upper() in ("[DONE]", "DONE"):
        yield DONE
        return
    try:
        found: Any = json.loads(data)
    except ValueError:
        if "\n" in data:
            for line in data.split("\n"):
                yield from objects(line, is_error=is_error)
        elif data.startswith(("{", "[")):
            end = json.JSONDecoder().raw_decode(data)[1]
            yield from objects(data[:end], is_error=is_error)
            yield from objects(data[end:], is_error=is_error)
        elif data and is_error:
            yield {"error": data}
        return
    for one in cast("list[Any]", found) if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            yield {"error": one} if is_error and "error" not in one else cast(Event, one)
