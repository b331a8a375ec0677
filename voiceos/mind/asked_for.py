"""Sentences that may be said to this device: what is often asked for, and of what it has by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from voiceos.language.data import table
from voiceos.store.database import Connection
from voiceos.store.lists import listings
from voiceos.store.schedule import entries

MOST = 3
"""Names of a kind that are told: a recogniser that is told many hears them everywhere."""


def asked_for(db: Connection | None, named: Mapping[str, Sequence[str]]) -> str:
    """A hint for recognition, the latest names first. Blocks a few milliseconds. Raises StoreError.

    `named`: by kind, as `of` in the data has it, the names of what is not in the store.
    """
    data = table("en", "recogniser")
    kinds: dict[str, Iterable[str]] = {**named}
    if db is not None:
        kinds["list"] = (one.name.removesuffix(" list") for one in reversed(listings(db)))
        kinds["timer"] = (one.name for one in reversed(entries(db)) if one.kind == "timer")
    told = [
        data["of"][kind].format(name=name)
        for kind, names in kinds.items()
        for name in islice(_told(names, data["often"]), MOST)
    ]
    return " ".join([*told, data["often"]])


def _told(names: Iterable[str], often: str) -> Iterator[str]:
    """The names that there are and that nobody knows anyway."""
    return (name for name in dict.fromkeys(names) if name and name.lower() not in often.lower())
