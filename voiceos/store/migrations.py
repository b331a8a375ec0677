"""The shape of the memory's database: one list of steps, counted by `PRAGMA user_version`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voiceos.store.database import Connection

Migration = Callable[["Connection"], None]
MIGRATIONS: list[Migration] = []
"""In order; `PRAGMA user_version` counts those that were done."""
TRUTH = ("source", "record", "turn")
"""Tables that nothing can rebuild, each after those that it points to: what is salvaged from a damaged database."""


def migration(step: Migration) -> Migration:
    """The next change of the database's shape. Never edit one that was released."""
    MIGRATIONS.append(step)
    return step


@migration
def turns(db: "Connection") -> None:
    """Past turns, as they were kept in `turns.db` before there was a memory."""
    db.execute(
        "CREATE TABLE turn (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL,"
        " started_at TEXT NOT NULL, transcript TEXT NOT NULL, language TEXT NOT NULL, confidence REAL NOT NULL,"
        " reply TEXT NOT NULL, said TEXT NOT NULL, outcome TEXT NOT NULL, error TEXT NOT NULL, wake TEXT NOT NULL,"
        " speech_seconds REAL NOT NULL, marks TEXT NOT NULL, engines TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX turn_by_time ON turn (started_at)")


@migration
def ledger(db: "Connection") -> None:
    """Sources, their records word for word, and the passages that are searched; turns point to their two records."""
    db.execute(
        "CREATE TABLE source (id INTEGER PRIMARY KEY AUTOINCREMENT, uri TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
        " title TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL DEFAULT 0,"
        " modified REAL, read_at REAL, problem TEXT NOT NULL DEFAULT '')"
    )
    db.execute(
        "CREATE TABLE record (id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE, key TEXT NOT NULL, kind TEXT NOT NULL,"
        " author TEXT NOT NULL, addressees TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, at REAL, until REAL,"
        " zone INTEGER, thread TEXT NOT NULL, place TEXT NOT NULL, extra TEXT NOT NULL, digest BLOB NOT NULL,"
        " learnt_at REAL NOT NULL, indexed INTEGER NOT NULL, UNIQUE (source_id, key))"
    )
    db.execute("CREATE INDEX record_by_time ON record (at) WHERE at IS NOT NULL")
    db.execute("CREATE INDEX record_by_end ON record (until) WHERE until IS NOT NULL")
    db.execute("CREATE INDEX record_by_thread ON record (thread, at, id) WHERE thread <> ''")
    db.execute("CREATE INDEX record_by_author ON record (author, at) WHERE author <> ''")
    db.execute("CREATE INDEX record_by_kind ON record (kind, at)")
    db.execute(
        "CREATE TABLE passage (id INTEGER PRIMARY KEY AUTOINCREMENT,"
        ' record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER'
        " NOT NULL)"
    )
    db.execute("CREATE INDEX passage_by_record ON passage (record_id)")
    for side in ("heard", "said"):
        db.execute(f"ALTER TABLE turn ADD COLUMN {side}_record INTEGER REFERENCES record (id) ON DELETE SET NULL")
        db.execute(f"CREATE INDEX turn_by_{side}_record ON turn ({side}_record) WHERE {side}_record IS NOT NULL")
    db.execute("ALTER TABLE turn ADD COLUMN recorded INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX turn_to_record ON turn (number) WHERE recorded = 0")
    db.execute("CREATE TABLE erasing (id INTEGER PRIMARY KEY CHECK (id = 1), since REAL NOT NULL)")


@migration
def facts(db: "Connection") -> None:
    """Facts with the words that they came from; how far consolidation has got, and its summaries of days."""
    db.execute(
        "CREATE TABLE fact (id INTEGER PRIMARY KEY AUTOINCREMENT,"
        ' record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER'
        " NOT NULL, subject TEXT NOT NULL, subject_key TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL,"
        " object_key TEXT NOT NULL, positive INTEGER NOT NULL, said_by TEXT NOT NULL, said_at REAL,"
        " learnt_at REAL NOT NULL, starts REAL, ends REAL, withdraws INTEGER NOT NULL, denied_at REAL,"
        " corrects INTEGER REFERENCES fact (id) ON DELETE SET NULL, confidence REAL NOT NULL, origin TEXT NOT NULL,"
        " sensitive INTEGER NOT NULL,"
        # worked out from the others of the same subject and predicate:
        " valid_from REAL, valid_to REAL, retracted_at REAL,"
        " superseded_by INTEGER REFERENCES fact (id) ON DELETE SET NULL,"
        " same_as INTEGER REFERENCES fact (id) ON DELETE SET NULL,"
        " UNIQUE (record_id, subject_key, predicate, object_key))"
    )
    db.execute("CREATE INDEX fact_by_subject ON fact (subject_key, predicate)")
    db.execute("CREATE INDEX fact_by_predicate ON fact (predicate)")
    db.execute("CREATE INDEX fact_by_time ON fact (subject_key, said_at)")
    for column in ("corrects", "superseded_by", "same_as"):
        db.execute(f"CREATE INDEX fact_by_{column} ON fact ({column}) WHERE {column} IS NOT NULL")
    db.execute(
        "CREATE TABLE fact_term (term TEXT NOT NULL, fact_id INTEGER NOT NULL REFERENCES fact (id) ON DELETE CASCADE,"
        " PRIMARY KEY (term, fact_id)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX fact_term_by_fact ON fact_term (fact_id)")
    db.execute("CREATE TABLE consolidated (task TEXT PRIMARY KEY, upto INTEGER NOT NULL) WITHOUT ROWID")
    db.execute(
        "CREATE TABLE summary (id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL UNIQUE, text TEXT NOT NULL,"
        " origin TEXT NOT NULL)"
    )
    db.execute(
        "CREATE TABLE summary_record (summary_id INTEGER NOT NULL REFERENCES summary (id) ON DELETE CASCADE,"
        " record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE, PRIMARY KEY (summary_id, record_id))"
        " WITHOUT ROWID"
    )
    db.execute("CREATE INDEX summary_record_by_record ON summary_record (record_id)")
    db.execute(  # a summary does not outlive any of its words
        "CREATE TRIGGER summary_forgotten AFTER DELETE ON summary_record BEGIN"
        " DELETE FROM summary WHERE id = OLD.summary_id; END"
    )


@migration
def lexical(db: "Connection") -> None:
    """Search by words: each passage's terms as codes, and their postings in the blocks of segments."""
    db.execute("CREATE TABLE lexical_passage (id INTEGER PRIMARY KEY, terms BLOB NOT NULL)")
    db.execute("CREATE TABLE lexical_block (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    db.execute(
        "CREATE TABLE lexical_segment (id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL,"
        " last INTEGER NOT NULL, passages INTEGER NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL,"
        " done INTEGER NOT NULL, parts TEXT NOT NULL, directory BLOB NOT NULL)"
    )
    db.execute(
        "CREATE TABLE lexical_state (id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL DEFAULT 0,"
        " removals INTEGER NOT NULL DEFAULT 0, watermark INTEGER NOT NULL DEFAULT 0, passages INTEGER NOT NULL DEFAULT"
        " 0, tail INTEGER NOT NULL DEFAULT 0, built INTEGER NOT NULL DEFAULT 0, analysis TEXT NOT NULL DEFAULT '')"
    )
    db.execute("INSERT INTO lexical_state (id) VALUES (1)")


@migration
def recollections(db: "Connection") -> None:
    """What came to mind in a turn: which of it was used, and why the rest was left out. No words: it points to them."""
    db.execute(
        "CREATE TABLE recollection (turn_id TEXT NOT NULL REFERENCES turn (id) ON DELETE CASCADE,"
        " place INTEGER NOT NULL, memory TEXT NOT NULL,"
        " record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,"
        " score REAL NOT NULL, left_out TEXT NOT NULL, PRIMARY KEY (turn_id, place)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX recollection_by_record ON recollection (record_id)")


@migration
def vectors(db: "Connection") -> None:
    """What passages mean: a vector and weighed words for each, and the codes that are scanned, in chunks."""
    db.execute(
        "CREATE TABLE vector (id INTEGER PRIMARY KEY, place INTEGER NOT NULL UNIQUE, dense BLOB NOT NULL,"
        " words BLOB NOT NULL, weights BLOB NOT NULL)"
    )
    db.execute(
        "CREATE TABLE vector_codes (chunk INTEGER PRIMARY KEY, stamp INTEGER NOT NULL, ids BLOB NOT NULL,"
        " codes BLOB NOT NULL)"
    )
    db.execute("CREATE INDEX vector_codes_by_stamp ON vector_codes (stamp)")
    db.execute(
        "CREATE TABLE vector_state (id INTEGER PRIMARY KEY CHECK (id = 1), stamp INTEGER NOT NULL DEFAULT 0,"
        " cleared INTEGER NOT NULL DEFAULT 0, watermark INTEGER NOT NULL DEFAULT 0, encoder TEXT NOT NULL DEFAULT '')"
    )
    db.execute("INSERT INTO vector_state (id) VALUES (1)")


@migration
def reading(db: "Connection") -> None:
    """Files whose taking in was begun and not ended: where it goes on."""
    db.execute(
        "CREATE TABLE reading (source_id INTEGER PRIMARY KEY REFERENCES source (id) ON DELETE CASCADE,"
        " size INTEGER NOT NULL, modified REAL NOT NULL, position INTEGER NOT NULL, fresh INTEGER NOT NULL)"
    )
