"""Brings the indexes up to date with the ledger: by words at once, by meaning when there is time."""

from collections.abc import Callable, Sequence
from typing import Protocol

from voiceos.store.database import Connection, Derived, transaction
from voiceos.store.ledger import Ledger

BATCH = 512
"""Passages of one transaction, by words."""
MEANING_BATCH = 16
"""Passages encoded together: about a tenth of a second."""


class Index(Derived, Protocol):
    """Something that passages are added to in the order of their ids."""

    def add(self, db: Connection, items: Sequence[tuple[int, str]]) -> None: ...

    def watermark(self, db: Connection) -> int: ...

    def clear(self, db: Connection) -> None: ...


def behind(db: Connection, index: Index) -> int:
    """How many passages an index still lacks."""
    return db.execute("SELECT count(*) FROM passage WHERE id > ?", (index.watermark(db),)).fetchone()[0]


def catch_up(
    db: Connection,
    index: Index,
    *,
    batch: int = BATCH,
    most: int | None = None,
    go_on: Callable[[int], bool] = lambda _: True,
) -> int:
    """Adds the passages that an index lacks, at most about `most`; returns how many it added.

    `go_on` is asked after each transaction, with the count so far; what was done stays done.
    """
    ledger = Ledger(db)
    done = 0
    while most is None or done < most:
        with transaction(db):
            items = ledger.to_index(index.watermark(db), batch)
            if items:
                index.add(db, items)
        done += len(items)
        if len(items) < batch or not go_on(done):
            break
    return done
