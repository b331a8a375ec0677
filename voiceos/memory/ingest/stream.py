"""Reads JSON of any size, one item at a time."""

import json
from collections.abc import Iterator
from typing import Any, cast

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.reading import Reading, Unreadable

MOST_LINE_BYTES = 16_000_000
BUFFER_BYTES = 4_096
"""A larger one holds more levels at once, and ijson tells the whole path of each."""
DEEPEST = 200
_STEPS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}

Object = dict[str, Any]


def items(reading: Reading, prefixes: tuple[str, ...], names: tuple[str, ...] = ()) -> Iterator[tuple[Object, Object]]:
    """The objects under one of the prefixes, each with the scalars that were told at `names` before it.

    Raises Unreadable if the JSON is incomplete.
    """
    import ijson

    told: Object = {}
    builder: Any = None
    nested = outside = 0
    with reading.open() as file:
        try:
            for prefix, event, value in ijson.parse(file, buf_size=BUFFER_BYTES, use_float=True):
                step = _STEPS.get(event, 0)
                nested += step
                if nested > DEEPEST:
                    raise Unreadable(f"its JSON is nested deeper than {DEEPEST} levels; what came before was kept")
                if not builder and prefix in names and event in ("string", "number"):
                    told[prefix] = value
                if not builder and prefix in prefixes and event == "start_map":
                    builder, outside = ijson.ObjectBuilder(), nested - 1
                if builder:
                    builder.event(event, value)
                    if nested == outside:
                        reading.position = file.tell()
                        yield told, builder.value
                        builder = None
        except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError) as error:
            raise Unreadable(
                f"its JSON is incomplete or damaged ({str(error)[:80]}); what came before was kept"
            ) from None


def objects(reading: Reading) -> Iterator[Object]:
    """JSON objects, one per line. Other lines become problems."""
    with reading.open() as file:
        for number, line in enumerate(iter(lambda: file.readline(MOST_LINE_BYTES), b""), 1):
            reading.position = file.tell()
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = None
            if isinstance(value, dict):
                yield cast(Object, value)
            else:
                reading.problem("it is not a JSON object", f"line {number}")


def inner(value: Any, name: str) -> Object:
    """The object of this name within a value; an empty one if there is none."""
    found = cast(Object, value).get(name) if isinstance(value, dict) else None
    return cast(Object, found) if isinstance(found, dict) else {}


def text_of(value: Any, between: str = "") -> str:
    """Text, or pieces of it, of which some may be objects with their `text`."""
    pieces = cast(list[Any], value) if isinstance(value, list) else [value]
    texts = [cast(Object, one).get("text") if isinstance(one, dict) else one for one in pieces]
    return clean(between.join(text for text in texts if isinstance(text, str) and text)).strip()


def is_json(reading: Reading) -> bool:
    """Whether a file's name says that it is JSON."""
    return reading.path.suffix.lower() in (".json", ".jsonl", ".ndjson")
