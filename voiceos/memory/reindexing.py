"""Rebuilds everything derived from the records: the indexes and the rules' facts."""

from collections.abc import Callable, Sequence

from voiceos.memory.facts import learning
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import BATCH, MEANING_BATCH, Index, behind, catch_up
from voiceos.store.database import Connection, file_of, told, transaction


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
