"""Makes tables of Hibari's dictionaries: a word is looked up on the disk, where dicts take 100 MB and a second."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLES = "pronunciation.db"
NETWORK = "voice.onnx"


def tabulate(network: Path, into: Path) -> None:
    """Writes a voice's network, and the tables of what it needs to pronounce English."""
    from hibari.voices import VOICES

    accent = "gb" if any(one["file"] == network.name and one["british"] for one in VOICES.values()) else "us"
    shutil.copyfile(network, into / NETWORK)
    with sqlite3.connect(into / TABLES) as db:
        db.execute("CREATE TABLE entries (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID")
        db.executemany("INSERT INTO entries VALUES (?, ?, ?)", sorted(_entries(accent)))
    db.close()


def _entries(accent: str) -> Iterator[tuple[str, str, str]]:
    tagger = _asset("tagger.json.gz")
    kinds = {
        "gold": _asset(f"lexicon_{accent}_gold.json.gz"),
        "silver": _asset(f"lexicon_{accent}_silver.json.gz"),
        "tagdict": tagger["tagdict"],
        "weights": tagger["weights"],
        "whole": {"accent": accent, "tags": tagger["tags"], "vocab": tagger.get("vocab")},
    }
    for kind, entries in kinds.items():
        for key, value in entries.items():
            yield kind, key, json.dumps(value, ensure_ascii=False)


def _asset(name: str) -> Any:
    import gzip

    from hibari.tts import ASSETS

    with gzip.open(Path(ASSETS, name), "rt", encoding="utf-8") as file:
        return json.load(file)


class Table:
    """One kind of the entries, as the `get` of a dict."""

    def __init__(self, db: sqlite3.Connection, kind: str) -> None:
        self._db = db
        self._kind = kind

    def get(self, key: str) -> Any:
        """None if there is no such entry."""
        row = self._db.execute("SELECT value FROM entries WHERE kind = ? AND key = ?", (self._kind, key)).fetchone()
        return json.loads(row[0]) if row else None
