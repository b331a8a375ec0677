"""`voiceos usage`: what left this machine."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from voiceos.clock import local_time
from voiceos.store.database import open_database
from voiceos.store.usage import Day, Usage, add_usage


def test_what_was_sent_is_shown_by_day_and_model(run: Callable[..., Any], home: Path) -> None:
    assert json.loads(run("usage", "--json").out) == []
    db, today = open_database(home / "data" / "memory.db"), local_time().date()
    assert run("usage").out == "Nothing was sent to a language model elsewhere.\n"
    add_usage(db, Day(today - timedelta(days=40), "old.example", "m", Usage(1, 1, 1)))
    for _ in range(2):
        add_usage(db, Day(today, "api.example.com", "m", Usage(1, 800, 100, 1, 0, 0.25)))
    db.close()
    told = "m at api.example.com: 2 requests, 1600 tokens sent, 200 received, 2 memories, 0.50 by your prices\n"
    assert run("usage").out == f"{today}  {told}"
    assert [one["endpoint"] for one in json.loads(run("usage", "--days", "100", "--json").out)] == [
        "old.example",
        "api.example.com",
    ]
