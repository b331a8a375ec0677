"""The tables of facts, and how facts register with the store."""

from collections.abc import Sequence

from voiceos.memory.facts import learning
from voiceos.store.database import Connection


class Facts:
    """Facts found in people's words, erased with them."""

    name = "facts"
    tables: Sequence[str] = (
        "CREATE TABLE fact (id INTEGER PRIMARY KEY AUTOINCREMENT,"
        ' record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER'
        " NOT NULL, subject TEXT NOT NULL, subject_key TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL,"
        " object_key TEXT NOT NULL, positive INTEGER NOT NULL, said_by TEXT NOT NULL, said_at REAL,"
        " learnt_at REAL NOT NULL, starts REAL, ends REAL, withdraws INTEGER NOT NULL, denied_at REAL,"
        " corrects INTEGER REFERENCES fact (id) ON DELETE SET NULL, confidence REAL NOT NULL, origin TEXT NOT NULL,"
        # worked out from the others of the same subject and predicate:
        " valid_from REAL, valid_to REAL, retracted_at REAL,"
        " superseded_by INTEGER REFERENCES fact (id) ON DELETE SET NULL,"
        " same_as INTEGER REFERENCES fact (id) ON DELETE SET NULL,"
        " UNIQUE (record_id, subject_key, predicate, object_key))",
        "CREATE INDEX fact_by_subject ON fact (subject_key, predicate)",
        "CREATE INDEX fact_by_predicate ON fact (predicate)",
        "CREATE INDEX fact_by_time ON fact (subject_key, said_at)",
        *(
            f"CREATE INDEX fact_by_{column} ON fact ({column}) WHERE {column} IS NOT NULL"
            for column in ("corrects", "superseded_by", "same_as")
        ),
        "CREATE TABLE fact_term (term TEXT NOT NULL, fact_id INTEGER NOT NULL REFERENCES fact (id) ON DELETE CASCADE,"
        " PRIMARY KEY (term, fact_id)) WITHOUT ROWID",
        "CREATE INDEX fact_term_by_fact ON fact_term (fact_id)",
        # how far each task has got
        "CREATE TABLE consolidated (task TEXT PRIMARY KEY, upto INTEGER NOT NULL) WITHOUT ROWID",
    )

    def remove(self, db: Connection, passages: Sequence[int], records: Sequence[int]) -> None:
        learning.remove(db, records)

    def verify(self, db: Connection) -> list[str]:
        return learning.verify(db)
