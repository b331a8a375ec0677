"""JSON of any size, an item at a time."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO, cast

from voiceos.memory.ingest.reading import Reading, Unreadable

MOST_LINE_BYTES = 16_000_000
BUFFER_BYTES = 4_096
"""A larger one holds more levels at once, and ijson tells the whole path of each."""
DEEPEST = 200


class _Counted:
    """A file that notes how far it was read."""

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self._file, self._reading = file, reading

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._reading.position = self._file.tell()
        return content


def items(reading: Reading, prefixes: tuple[str, ...]) -> Iterator[Any]:
    """The items under one of the prefixes. Raises Unreadable where the JSON breaks off."""
    for _, item in named(reading, prefixes):
        yield item


def named(
    reading: Reading, prefixes: tuple[str, ...], names: tuple[str, ...] = ()
) -> Iterator[tuple[dict[str, Any], Any]]:
    """The items with the scalars that were told at `names` before each of them."""
    import ijson

    told: dict[str, Any] = {}
    builder: Any = None
    at, depth, nested = "", 0, 0
    with reading.open() as file:
        try:
            for prefix, event, value in ijson.parse(_Counted(file, reading), buf_size=BUFFER_BYTES, use_float=True):
                nested += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))
                if nested > DEEPEST:
                    raise Unreadable(f"its JSON is nested deeper than {DEEPEST} levels; what came before is kept")
                if builder is None:
                    if prefix in prefixes and event in ("start_map", "start_array"):
                        builder, at, depth = ijson.ObjectBuilder(), prefix, 0
                    elif prefix in names and event in ("string", "number"):
                        told[prefix] = value
                        continue
                    else:
                        continue
                builder.event(event, value)
                depth += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))
                if depth == 0 and prefix == at:
                    yield told, builder.value
                    builder = None
        except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError) as error:
            raise Unreadable(
                f"its JSON breaks off or is damaged ({str(error)[:80]}); what came before is kept"
            ) from None


def objects(reading: Reading) -> Iterator[dict[str, Any]]:
    """JSON objects, one a line; a line that is none becomes a problem."""
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
                yield cast(dict[str, Any], value)
            else:
                reading.problem("it is no JSON object", f"line {number}")


def number(value: Any) -> float | None:
    """A number that JSON holds, also as text."""
    try:
        return float(value) if isinstance(value, int | float | Decimal | str) and not isinstance(value, bool) else None
    except ValueError:
        return None


def is_json(reading: Reading) -> bool:
    """Whether a file's name says that it is JSON."""
    return reading.path.suffix.lower() in (".json", ".jsonl", ".ndjson")
