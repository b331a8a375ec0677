"""Sentences that may be said to this device: what is often asked for, and of what it has by name."""

from collections.abc import Iterator
from itertools import islice

from voiceos.language.data import table
from voiceos.store.database import Connection
from voiceos.store.lists import listings
from voiceos.store.schedule import entries

MOST = 3
"""Names of a kind that are told: a recogniser that is told many hears them everywhere."""


def asked_for(db: Connection | None) -> str:
    """A hint for recognition, the latest names first. Blocks a few milliseconds. Raises StoreError."""
    data = table("en", "recogniser")
    named: list[str] = []
    if db is not None:
        lists = (one.name.removesuffix(" list") for one in reversed(listings(db)))
        timers = (one.name for one in reversed(entries(db)) if one.kind == "timer")
        for kind, names in (("list", lists), ("timer", timers)):
            named += [data["of"][kind].format(name=name) for name in islice(_told(names, data["often"]), MOST)]
    return " ".join([*named, data["often"]])


def _told(names: Iterator[str], often: str) -> Iterator[str]:
    """The names that there are and that nobody knows anyway."""
    return (name for name in dict.fromkeys(names) if name and name.lower() not in often.lower())
