"""The memory's file, opened to read and to write, with its indexes, which are brought up to date step by step."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from anyio import to_thread

from voiceos.memory.facts import learning
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import Index, behind, catch_up
from voiceos.memory.registered import derived
from voiceos.memory.semantic import SemanticIndex
from voiceos.store.appointments import prolong
from voiceos.store.database import NAME, Connection, Derived, open_database, told
from voiceos.store.driver import FairLock, unhurried
from voiceos.store.ledger import Ledger
from voiceos.store.verify import verify

READ_KIB = 32_768
"""The cache of the connection that recalls: a recall looks up some five hundred rows all over the file. Twice as
much saves a tenth of the reading."""


class OpenMemory:
    """Blocking; any thread may call it, and calls wait for each other, in turn. Raises StoreError."""

    def __init__(
        self,
        folder: Path,
        lexical: LexicalIndex,
        meaning: SemanticIndex | None,
        *,
        key: str | None,
        now: Callable[[], datetime],
    ) -> None:
        self.path = folder / NAME
        self.key = key
        self.lexical = lexical
        self.meaning = meaning
        self._learnt = 0
        self._writing, self._reading = FairLock(), FairLock()
        self.derived: list[Derived] = derived(lexical, meaning)
        self._db = open_database(self.path, key, self.derived)
        self._reader = open_database(self.path, key, self.derived)
        self._reader.execute(f"PRAGMA cache_size = -{READ_KIB}")
        self.indexes: list[Index] = [lexical, *([meaning, meaning.lines] if meaning else [])]
        self.ledger = Ledger(self._db, now)

    @property
    def salvaged(self) -> bool:
        """Whether it was damaged, so that something may be missing since."""
        return self._db.salvaged

    def close(self) -> None:
        with told(self.path):
            self._reader.close()
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @asynccontextmanager
    async def another(self) -> AsyncGenerator[Connection]:
        """Another connection, for work that takes its time."""
        db = await to_thread.run_sync(open_database, self.path, self.key, self.derived)
        try:
            yield db
        finally:
            db.close()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """The connection that reads; nobody else reads meanwhile."""
        with self._reading, told(self.path):
            yield self._reader

    def catch_up(self, *, go_on: Callable[[int], bool] = lambda _: True, most: int | None = None) -> int:
        """Indexes what is new, by words and then by meaning; `go_on` is asked in between. Returns how many passages."""
        with self._writing, told(self.path), unhurried(self._db):
            done = catch_up(self._db, self.lexical, go_on=go_on, most=most)
            self._learnt = learning.catch_up(self._db, go_on, self._learnt)
        return done + self.catch_up_meaning(go_on=go_on, most=most)

    def catch_up_words(self) -> None:
        """Makes what is new searchable by words, and learns what it tells; of much, the first part."""
        with self._writing, told(self.path), unhurried(self._db):
            catch_up(self._db, self.lexical)
            self._learnt = learning.catch_up(self._db, lambda _: False, self._learnt)

    def catch_up_meaning(self, *, go_on: Callable[[int], bool] = lambda _: True, most: int | None = None) -> int:
        """Makes what is new searchable by meaning, if there is a model. Returns how many passages, about `most`.

        In steps of a moment, between which others write, and `go_on` is asked with the count so far.
        """
        done = 0
        while self.meaning and (most is None or done < most):
            with self._writing, told(self.path), unhurried(self._db):
                both = (self.meaning, self.meaning.lines)
                some = max(catch_up(self._db, index, batch=self.meaning.batch, most=1) for index in both)
            done += some
            if not some or not go_on(done):
                break
        return done

    def unread(self) -> int:
        """How many passages are not searchable by meaning yet; none without a model for it."""
        with self._reading, told(self.path):
            return max((behind(self._reader, room) for room in self.indexes if room is not self.lexical), default=0)

    def to_index(self) -> int:
        """How many passages the indexes do not hold yet."""
        with self._reading, told(self.path):
            return max(behind(self._reader, room) for room in self.indexes)

    def prolong_calendar(self, now: datetime) -> None:
        """Enters the times of open series of its own calendar that have come within reach."""
        with self._writing, told(self.path):
            prolong(self._db, now)

    def verify(self) -> list[str]:
        """Its problems, one sentence each."""
        with self._writing, told(self.path):
            return verify(self._db)
