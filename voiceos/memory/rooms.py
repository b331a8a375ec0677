"""All that is derived from the ledger, for whoever only forgets: no model is loaded for that."""

from collections.abc import Sequence

from voiceos.memory.index.analysis import Analyzer
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.index.vectors import Vectors
from voiceos.store.database import Connection
from voiceos.store.ledger import Derived


class _Vectors:
    """What passages mean lets go of them without an encoder."""

    def remove(self, db: Connection, items: Sequence[tuple[int, str]]) -> None:
        (encoder,) = db.execute("SELECT encoder FROM vector_state").fetchone()
        Vectors(encoder).remove(db, [id for id, _ in items])


def forgetful_rooms(language: str = "en") -> list[Derived]:
    """Every index there may be. `language`: as the memory analyses words."""
    return [LexicalIndex(Analyzer(language)), _Vectors()]
