"""The tables of the store: what was added and said, and nothing that can be rebuilt from it."""

import re
from pathlib import Path

from voiceos.errors import StoreError
from voiceos.store.driver import Connection, Derived, transaction
from voiceos.store.migration import is_current, migrate

VERSION = 22
"""Raised only when an older voiceos could not work with the store any more. What is added to `TABLES` is no such
change: a new column comes last in its table and has a default."""
TRUTH = (
    *("source", "record", "turn", "act", "act_link", "permission"),
    *("schedule", "list", "list_item", "tool", "routine", "prompt", "usage", "lineage", "under_way"),
)
"""What nothing can rebuild, each after those that it points to: this is salvaged from a damaged database."""
JSON = {
    *("addressees", "extra", "marks", "engines", "arguments", "origins"),
    *("doubtful", "afterwards", "left_out", "listed", "sentences", "steps"),
}
"""The columns of these that hold lists and objects."""
TABLES = (
    "CREATE TABLE source (id INTEGER PRIMARY KEY AUTOINCREMENT, uri TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
    " title TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL DEFAULT 0,"
    " modified REAL, read_at REAL, problem TEXT NOT NULL DEFAULT '')",
    # files whose import was interrupted, and where it resumes
    "CREATE TABLE reading (source_id INTEGER PRIMARY KEY REFERENCES source (id) ON DELETE CASCADE,"
    " size INTEGER NOT NULL, modified REAL NOT NULL, position INTEGER NOT NULL, fresh INTEGER NOT NULL)",
    "CREATE TABLE record (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE, key TEXT NOT NULL, kind TEXT NOT NULL,"
    " who TEXT NOT NULL, device TEXT NOT NULL,"
    " author TEXT NOT NULL, addressees TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, at REAL, until REAL,"
    " zone INTEGER, thread TEXT NOT NULL, place TEXT NOT NULL, extra TEXT NOT NULL, digest BLOB NOT NULL,"
    " learnt_at REAL NOT NULL, indexed INTEGER NOT NULL, UNIQUE (source_id, key))",
    "CREATE INDEX record_by_time ON record (at) WHERE at IS NOT NULL",
    "CREATE INDEX record_by_end ON record (until) WHERE until IS NOT NULL",
    "CREATE INDEX record_by_author ON record (author, at) WHERE author <> ''",
    "CREATE INDEX record_by_kind ON record (kind, at)",
    "CREATE TABLE passage (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    ' record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER'
    " NOT NULL)",
    "CREATE INDEX passage_by_record ON passage (record_id)",
    "CREATE TABLE turn (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL,"
    " who TEXT NOT NULL, device TEXT NOT NULL, started_at TEXT NOT NULL, transcript TEXT NOT NULL,"
    " language TEXT NOT NULL, confidence REAL NOT NULL, reply TEXT NOT NULL, said TEXT NOT NULL, outcome TEXT NOT NULL,"
    " error TEXT NOT NULL, wake TEXT NOT NULL, speech_seconds REAL NOT NULL, marks TEXT NOT NULL,"
    " engines TEXT NOT NULL, heard_record INTEGER REFERENCES record (id) ON DELETE SET NULL,"
    " said_record INTEGER REFERENCES record (id) ON DELETE SET NULL)",
    "CREATE INDEX turn_by_time ON turn (started_at)",
    "CREATE INDEX turn_by_heard_record ON turn (heard_record) WHERE heard_record IS NOT NULL",
    "CREATE INDEX turn_by_said_record ON turn (said_record) WHERE said_record IS NOT NULL",
    # receipts: what was done in a turn, or refused; and the chain of all their steps, which has no words: see acts.py
    "CREATE TABLE act (id INTEGER PRIMARY KEY AUTOINCREMENT, act TEXT NOT NULL, turn_id TEXT NOT NULL,"
    " who TEXT NOT NULL, device TEXT NOT NULL, at REAL NOT NULL, progress TEXT NOT NULL"
    " CHECK (progress IN ('begun', 'done', 'failed', 'refused', 'doubted')), result TEXT NOT NULL,"
    " arguments TEXT NOT NULL, origins TEXT NOT NULL, rule TEXT NOT NULL, salt TEXT NOT NULL DEFAULT '')",
    "CREATE TABLE act_link (id INTEGER PRIMARY KEY AUTOINCREMENT, act_id INTEGER NOT NULL, step TEXT NOT NULL,"
    " at REAL NOT NULL, words TEXT NOT NULL, hash TEXT NOT NULL)",
    # calls that wait for a yes, and what the owner has allowed for good: see permissions.py
    "CREATE TABLE consent (device TEXT PRIMARY KEY, who TEXT NOT NULL, turn_id TEXT NOT NULL, tool TEXT NOT NULL,"
    " stamp TEXT NOT NULL, arguments TEXT NOT NULL, origins TEXT NOT NULL, doubtful TEXT NOT NULL,"
    " key TEXT NOT NULL, question TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE permission (id INTEGER PRIMARY KEY AUTOINCREMENT, tool TEXT NOT NULL, stamp TEXT NOT NULL,"
    " doubtful TEXT NOT NULL, who TEXT NOT NULL, at REAL NOT NULL)",
    "CREATE INDEX act_by_turn ON act (turn_id)",
    "CREATE INDEX act_by_time ON act (at)",
    "CREATE INDEX act_by_progress ON act (progress) WHERE progress = 'begun'",
    # timers, alarms and reminders: see schedule.py
    "CREATE TABLE schedule (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, due REAL,"
    " wall TEXT, first TEXT, rule TEXT NOT NULL, country TEXT NOT NULL, length REAL NOT NULL, remaining REAL,"
    " ringing REAL, missed REAL, times INTEGER NOT NULL, last TEXT, boot TEXT NOT NULL, booted REAL NOT NULL,"
    " who TEXT NOT NULL, device TEXT NOT NULL, turn TEXT NOT NULL, made_at REAL NOT NULL, event TEXT NOT NULL,"
    " afterwards TEXT NOT NULL, left_out TEXT NOT NULL DEFAULT '[]')",
    # shopping lists, things to do and any others; a thing whose amounts have different units has a row for each
    "CREATE TABLE list (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " made_at REAL NOT NULL)",
    "CREATE TABLE list_item (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " list_id INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE, key TEXT NOT NULL, name TEXT NOT NULL,"
    " amount REAL, unit TEXT NOT NULL, who TEXT NOT NULL, added_at REAL NOT NULL, ticked_at REAL,"
    " UNIQUE (list_id, key, unit))",
    # tools of others, as they were when the owner allowed or denied them: see tools.py
    "CREATE TABLE tool (id INTEGER PRIMARY KEY AUTOINCREMENT, server TEXT NOT NULL, name TEXT NOT NULL,"
    " origin TEXT NOT NULL, fingerprint TEXT NOT NULL, listed TEXT NOT NULL, effect TEXT NOT NULL, at REAL NOT NULL,"
    " UNIQUE (server, name))",
    "CREATE TABLE routine (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, sentences TEXT NOT NULL,"
    " who TEXT NOT NULL, turn TEXT NOT NULL, made_at REAL NOT NULL)",
    "CREATE TABLE prompt (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, who TEXT NOT NULL,"
    " text TEXT NOT NULL, turn TEXT NOT NULL, made_at REAL NOT NULL, UNIQUE (name, who))",
    # what was sent to language models elsewhere: see usage.py
    "CREATE TABLE usage (id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, endpoint TEXT NOT NULL,"
    " model TEXT NOT NULL, requests INTEGER NOT NULL, read INTEGER NOT NULL, made INTEGER NOT NULL,"
    " memories INTEGER NOT NULL, results INTEGER NOT NULL, cost REAL NOT NULL, UNIQUE (day, endpoint, model))",
    # memories of a turn: which were used, and why the others were left out; it holds references, no text
    "CREATE TABLE recollection (turn_id TEXT NOT NULL REFERENCES turn (id) ON DELETE CASCADE,"
    " place INTEGER NOT NULL, memory TEXT NOT NULL,"
    " record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,"
    " score REAL NOT NULL, left_out TEXT NOT NULL, PRIMARY KEY (turn_id, place)) WITHOUT ROWID",
    "CREATE INDEX recollection_by_record ON recollection (record_id)",
    # what this store is called, and what was forgotten in it, so that old backups forget it, too: see lineage.py
    "CREATE TABLE lineage (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, what TEXT NOT NULL,"
    " UNIQUE (kind, what))",
    # digests of files that a person wanted forgotten
    "CREATE TABLE forgotten (digest TEXT PRIMARY KEY) WITHOUT ROWID",
    # what was begun by itself, with nobody there, and has not ended: see under_way.py
    "CREATE TABLE under_way (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL,"
    " steps TEXT NOT NULL, who TEXT NOT NULL, at REAL NOT NULL, turn TEXT NOT NULL)",
    # when everything is to be erased, if the owner has not changed their mind
    "CREATE TABLE doom (id INTEGER PRIMARY KEY CHECK (id = 1), at REAL NOT NULL)",
    # marks that something was deleted but not yet overwritten
    "CREATE TABLE erasing (id INTEGER PRIMARY KEY CHECK (id = 1), since REAL NOT NULL)",
    "CREATE TABLE derived (name TEXT PRIMARY KEY, tables TEXT NOT NULL) WITHOUT ROWID",
)


def make_tables(db: Connection, path: Path) -> None:
    """What is missing of the tables, and those of what is derived. Raises StoreError for another version's database."""
    if _version(db) != VERSION:
        with transaction(db):
            version = _version(db)
            if version not in (0, VERSION) or (version == 0 and db.execute("SELECT 1 FROM sqlite_master").fetchone()):
                whose = "a newer" if version > VERSION else "another"
                raise StoreError(f"{path} was made by {whose} voiceos. Update voiceos, or move that file away.")
            if version == 0:
                migrate(db, TABLES)
                db.execute(f"PRAGMA user_version = {VERSION}")
    if not is_current(db, TABLES):
        migrate(db, TABLES)
    known = dict(db.execute("SELECT name, tables FROM derived").fetchall())
    for derived in db.derived:
        statements = ";\n".join(derived.tables)
        if known.get(derived.name) != statements:
            with transaction(db):
                _make_anew(db, derived, statements)


def _version(db: Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def _make_anew(db: Connection, derived: Derived, statements: str) -> None:
    """Recreates the derived tables, empty."""
    row = db.execute("SELECT tables FROM derived WHERE name = ?", (derived.name,)).fetchone()
    for table in re.findall(r"CREATE TABLE (\w+)", row["tables"] if row else "")[::-1]:
        db.execute(f"DROP TABLE {table}")
    for statement in derived.tables:
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO derived VALUES (?, ?)", (derived.name, statements))
