"""Past turns, kept: what was heard and said, when each stage was reached, and how it ended."""

import contextlib
import json
import logging
import os
import sqlite3
import wave
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voiceos.core import RATE, Stage, Turn
from voiceos.errors import StoreError

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
"""How long to wait for another process that is writing."""

Migration = Callable[[sqlite3.Connection], None]
MIGRATIONS: list[Migration] = []
"""In order; `PRAGMA user_version` counts those that were done."""


def migration(step: Migration) -> Migration:
    """The next change of the store's shape. Never edit one that was released."""
    MIGRATIONS.append(step)
    return step


@migration
def _begin(db: sqlite3.Connection) -> None:
    db.execute(
        "CREATE TABLE turn (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL,"
        " started_at TEXT NOT NULL, transcript TEXT NOT NULL, language TEXT NOT NULL, confidence REAL NOT NULL,"
        " reply TEXT NOT NULL, said TEXT NOT NULL, outcome TEXT NOT NULL, error TEXT NOT NULL, wake TEXT NOT NULL,"
        " speech_seconds REAL NOT NULL, marks TEXT NOT NULL, engines TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX turn_by_time ON turn (started_at)")


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One past turn."""

    id: str
    conversation: str
    started_at: datetime
    """When speech began, in UTC."""
    transcript: str = ""
    language: str = ""
    confidence: float = 1.0
    reply: str = ""
    """All that was generated."""
    said: str = ""
    """What of it was really heard."""
    outcome: str = ""
    error: str = ""
    wake: str = ""
    """The wake word in front of it."""
    speech_seconds: float = 0.0
    marks: Mapping[str, float] = field(default_factory=dict[str, float])
    """When each stage was reached: seconds from the start of speech; earlier ones are negative."""
    engines: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def voice_to_voice(self) -> float | None:
        """Seconds from the end of speech to the first sound of the reply; None when there was no such sound."""
        if Stage.FIRST_SOUND in self.marks and Stage.SPEECH_END in self.marks:
            return self.marks[Stage.FIRST_SOUND] - self.marks[Stage.SPEECH_END]
        return None

    def as_json(self) -> dict[str, Any]:
        """What `json` can write."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in FIELDS}
        voice_to_voice = self.voice_to_voice
        return plain | {
            "started_at": self.started_at.isoformat(timespec="milliseconds"),
            "marks": dict(self.marks),
            "engines": dict(self.engines),
            "voice_to_voice_seconds": None if voice_to_voice is None else round(voice_to_voice, 4),
        }


FIELDS = tuple(TurnRecord.__dataclass_fields__)


def record_of(turn: Turn, started_at: datetime) -> TurnRecord:
    """A finished turn as it is kept. `started_at` is the wall clock's time (with its zone) when speech began."""
    zero = (
        turn.speech.start if turn.speech else turn.marks.get(Stage.SPEECH_START, min(turn.marks.values(), default=0.0))
    )
    heard = turn.transcript
    return TurnRecord(
        id=turn.id,
        conversation=turn.conversation,
        started_at=started_at.astimezone(UTC),
        transcript=heard.text if heard else "",
        language=heard.language if heard else "",
        confidence=heard.confidence if heard else 1.0,
        reply=turn.reply,
        said=turn.said,
        outcome=turn.outcome or "",
        error=turn.error,
        wake=(turn.speech.wake or "") if turn.speech else "",
        speech_seconds=turn.speech.end - turn.speech.start if turn.speech else 0.0,
        marks={str(stage): round(at - zero, 4) for stage, at in sorted(turn.marks.items(), key=lambda mark: mark[1])},
        engines=dict(turn.engines),
    )


class TurnStore:
    """The turns in one folder: `turns.db`, and `audio/<turn>.wav` where sound is kept.

    Every method is short and blocking, raises StoreError, and may be called from any thread, by one at a time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "turns.db"
        self._audio = folder / "audio"
        with _told(self.path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = self._open_or_begin_anew()

    def close(self) -> None:
        with _told(self.path):
            self._db.close()

    def __enter__(self) -> "TurnStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def save(self, turn: Turn, started_at: datetime, *, keep_audio: bool = False) -> TurnRecord:
        """Keeps a finished turn, whole or not at all. `started_at`: the wall clock's time when speech began."""
        record = record_of(turn, started_at)
        row = record.as_json() | {"marks": json.dumps(dict(record.marks)), "engines": json.dumps(dict(record.engines))}
        row["started_at"] = _stamp(record.started_at)
        row = {name: _clean(row[name]) for name in FIELDS}
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        with _told(self.path):
            with self._db:
                self._db.execute(f"INSERT OR REPLACE INTO turn ({columns}) VALUES ({marks})", row)  # noqa: S608
            if keep_audio and turn.speech:  # after the row: no sound is ever without its turn
                self._keep_audio(turn.id, turn.speech.pcm)
        return record

    def recent(self, count: int = 20) -> list[TurnRecord]:
        """The last turns, newest first."""
        return self._select("ORDER BY started_at DESC, number DESC LIMIT ?", count)

    def get(self, turn_id: str) -> TurnRecord | None:
        """One turn by its id, or by the beginning of it if no other begins so."""
        found = self._select("WHERE id = ?", turn_id) or self._select(
            "WHERE substr(id, 1, ?) = ? LIMIT 2", len(turn_id), turn_id
        )
        return found[0] if len(found) == 1 and turn_id else None

    def export(self) -> Iterator[dict[str, Any]]:
        """Every turn, oldest first, as JSON-able tables."""
        number = 0
        while True:  # in pages, so that nothing is locked and little is held while somebody reads slowly
            with _told(self.path):
                rows = self._db.execute(
                    "SELECT * FROM turn WHERE number > ? ORDER BY number LIMIT 100", (number,)
                ).fetchall()
            if not rows:
                return
            yield from (_record(row).as_json() for row in rows)
            number = rows[-1]["number"]

    def erase(self, turn_id: str | None = None, *, before: datetime | None = None, everything: bool = False) -> int:
        """Erases one turn, those that began before a moment, or all; with their sound, and from the disk's pages too.

        Returns how many there were.
        """
        if turn_id is not None:
            where, values = "id = ?", [turn_id]
        elif before is not None:
            where, values = "started_at < ?", [_stamp(before)]
        elif everything:
            where, values = "1", []
        else:
            return 0
        with _told(self.path):
            with self._db:
                gone = self._db.execute(f"DELETE FROM turn WHERE {where}", values).rowcount  # noqa: S608
            kept = {row["id"] for row in self._db.execute("SELECT id FROM turn")}
            for file in self._audio.glob("*"):
                if file.stem not in kept:
                    file.unlink(missing_ok=True)
            self._db.execute("VACUUM")
            (busy, _, _) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(f"{self.path} is being read by another process; erase once more when it has finished.")
        return gone

    def audio(self, turn_id: str) -> Path | None:
        """The recording of what was said in a turn, if it was kept."""
        file = self._audio_file(turn_id)
        return file if file.exists() else None

    def _select(self, tail: str, *values: Any) -> list[TurnRecord]:
        with _told(self.path):
            return [_record(row) for row in self._db.execute(f"SELECT * FROM turn {tail}", values)]  # noqa: S608

    def _open_or_begin_anew(self) -> sqlite3.Connection:
        try:
            return _open(self.path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        aside = self.path.with_suffix(f".damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{ending}").replace(f"{aside}{ending}")
        log.warning("The store of turns was damaged: it was set aside as %s, and a new one begins.", aside)
        return _open(self.path)

    def _keep_audio(self, turn_id: str, pcm: bytes) -> None:
        self._audio.mkdir(mode=0o700, exist_ok=True)
        file = self._audio_file(turn_id)
        part = file.with_suffix(".part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out, wave.open(out, "wb") as sound:
            sound.setparams((1, 2, RATE, 0, "NONE", ""))
            sound.writeframes(pcm)
        part.replace(file)

    def _audio_file(self, turn_id: str) -> Path:
        return self._audio / f"{Path(turn_id).name}.wav"


def _open(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        path.chmod(0o600)  # SQLite gives the same mode to the files beside it
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA journal_mode = WAL")
        if [row[0] for row in db.execute("PRAGMA quick_check(1)")] != ["ok"]:
            raise sqlite3.DatabaseError("malformed")
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS):
        return
    with db:
        db.execute("BEGIN IMMEDIATE")
        (done,) = db.execute("PRAGMA user_version").fetchone()
        if done > len(MIGRATIONS):
            raise StoreError(f"{path} was written by a newer voiceos; update voiceos, or move that file away.")
        for step in MIGRATIONS[done:]:
            step(db)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _record(row: sqlite3.Row) -> TurnRecord:
    values = {name: row[name] for name in FIELDS}
    values["started_at"] = datetime.fromisoformat(row["started_at"])
    values["marks"] = json.loads(row["marks"])
    values["engines"] = json.loads(row["engines"])
    return TurnRecord(**values)


def _stamp(moment: datetime) -> str:
    """Of one width and one zone, so that text sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _clean(value: Any) -> Any:
    """Half a surrogate pair, which a model's cut stream can leave, is no text for SQLite."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return any(word in str(error) for word in ("malformed", "not a database", "no such table", "no such column"))


@contextlib.contextmanager
def _told(path: Path) -> Generator[None]:
    """Every failure of disk or database as one sentence."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        if "full" in text:
            raise StoreError(f"The disk is full: {path} could not be written; free some space.") from error
        if "locked" in text:
            raise StoreError(f"{path} is in use by another process; try again when it has finished.") from error
        if "readonly" in text or "unable to open" in text:
            raise StoreError(f"{path} may not be written by this user; change its owner or its mode.") from error
        if isinstance(error, sqlite3.DatabaseError) and _is_damage(error):
            raise StoreError(f"{path} is damaged; restart voiceos to set it aside and begin a new one.") from error
        raise StoreError(f"{path} could not be read or written ({text}); see `voiceos doctor`.") from error
    except OSError as error:
        what = error.strerror or str(error)
        raise StoreError(
            f"{error.filename or path} could not be read or written ({what}); see `voiceos doctor`."
        ) from error
