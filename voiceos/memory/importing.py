"""Imports an exported memory: our own lines, or a Portable AI Memory file."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from voiceos.memory import pam, portable
from voiceos.store.database import Connection


def import_file(db: Connection, file: Path) -> dict[str, int]:
    """Returns how many items were imported, by kind. Raises StoreError, UsageError, OSError and UnicodeDecodeError."""
    with file.open(encoding="utf-8") as lines:
        store = _pam(lines.readline(), file)
        lines.seek(0)
        if store is None:
            return asdict(portable.import_(db, portable.read_lines(lines)))
    added = pam.read(db, store, str(file.absolute()))
    return {"new": added.new, "changed": added.changed, "unchanged": added.unchanged}


def _pam(first: str, file: Path) -> dict[str, Any] | None:
    """The whole file as a Portable AI Memory store; None when its first line is one of our own."""
    try:
        if "is" in json.loads(first):
            return None
    except (ValueError, TypeError):
        pass  # a file of many lines
    try:
        store = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return cast(dict[str, Any], store) if isinstance(store, dict) and "schema" in store else None
