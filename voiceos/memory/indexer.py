"""Brings the indexes up to date with the ledger, by words at once and by meaning in time; or rebuilds them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from voiceos.memory.facts import learning
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.store.database import Connection, Derived, file_of, told, transaction
from voiceos.store.ledger import Ledger

BATCH = 512
"""Passages of one transaction, by words."""
MEANING_BATCH = 16
"""Passages encoded together: about a tenth of a second."""


class Index(Derived, Protocol):
    """Something that passages are added to in the order of their ids."""

    @property
    def held(self) -> int:
        """It finds so many that were not added yet; they wait to be added together."""
        ...

    def add(self, db: Connection, items: Sequence[tuple[int, str]]) -> None: ...

    def watermark(self, db: Connection) -> int: ...

    def clear(self, db: Connection) -> None: ...


def behind(db: Connection, index: Index) -> int:
    """How many passages an index still lacks; none while it finds them all the same."""
    lacking = db.execute("SELECT count(*) FROM passage WHERE id > ?", (index.watermark(db),)).fetchone()[0]
    return lacking if lacking > index.held else 0


def catch_up(
    db: Connection,
    index: Index,
    *,
    batch: int = BATCH,
    most: int | None = None,
    go_on: Callable[[int], bool] = lambda _: True,
) -> int:
    """Adds the passages that an index is behind, at most about `most`; returns how many it added.

    `go_on` is asked after each transaction, with the count so far; what was done stays done.
    """
    ledger = Ledger(db)
    done = 0
    while behind(db, index) and (most is None or done < most):
        with transaction(db):
            items = ledger.to_index(index.watermark(db), batch)
            if items:
                index.add(db, items)
        done += len(items)
        if len(items) < batch or not go_on(done):
            break
    return done


def reindex(
    db: Connection,
    indexes: Sequence[Index],
    *,
    anew: bool = True,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> int:
    """Returns how many facts there are then. Without `anew` it resumes an interrupted run.

    `progress` gets what is being made, how many passages are done, and of how many. Raises StoreError.
    """
    with told(file_of(db)):
        if anew:
            with transaction(db):
                for index in indexes:
                    index.clear(db)
        for index in indexes:
            words = isinstance(index, LexicalIndex)
            _fill(db, index, "words" if words else "meaning", BATCH if words else MEANING_BATCH, progress)
        progress("facts", 0, 1)
        facts = learning.reindex(db)
        progress("facts", 1, 1)
        return facts


def _fill(db: Connection, index: Index, what: str, batch: int, progress: Callable[[str, int, int], None]) -> None:
    total = behind(db, index)

    def go_on(done: int) -> bool:
        progress(what, done, total)
        return True

    progress(what, 0, total)
    catch_up(db, index, batch=batch, go_on=go_on)
