"""When everything is to be erased, where the owner wants time to change their mind."""

from datetime import UTC, datetime

from voiceos.store.database import Connection, file_of, told, transaction


def set_doom(db: Connection, at: datetime | None) -> None:
    """Everything goes then; None: it stays. Raises StoreError."""
    with told(file_of(db)), transaction(db):
        db.execute("DELETE FROM doom")
        if at:
            db.execute("INSERT INTO doom VALUES (1, ?)", (at.timestamp(),))


def doom(db: Connection) -> datetime | None:
    """Raises StoreError."""
    with told(file_of(db)):
        row = db.execute("SELECT at FROM doom").fetchone()
    return datetime.fromtimestamp(row["at"], UTC) if row else None
