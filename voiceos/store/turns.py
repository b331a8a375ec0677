"""Past turns: what was heard and said, when each stage was reached, and how it ended."""

import json
import os
import wave
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from voiceos.clock import ClockWatch
from voiceos.core import RATE, Outcome, Recalled, Stage, Turn
from voiceos.errors import StoreError
from voiceos.store.database import NAME, open_database
from voiceos.store.driver import Connection, Derived, Row, transaction
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.ledger import Ledger
from voiceos.store.rows import clean
from voiceos.store.said import CONVERSATIONS, dated, keep_words, words_heard, words_said
from voiceos.store.selection import from_before, undated
from voiceos.store.whole import told

REDATED = 10_000
"""Turns whose time is mended when the clock is put right."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One past turn."""

    id: str
    conversation: str
    started_at: datetime
    """When speech began, in UTC."""
    who: str
    device: str
    transcript: str = ""
    language: str = ""
    confidence: float = 1.0
    reply: str = ""
    """All that was generated."""
    said: str = ""
    """How much of it was heard."""
    outcome: str = ""
    error: str = ""
    wake: str = ""
    """The wake word in front of it."""
    speech_seconds: float = 0.0
    marks: Mapping[str, float] = field(default_factory=dict[str, float])
    """When each stage was reached: seconds from the start of speech; earlier ones are negative."""
    engines: Mapping[str, str] = field(default_factory=dict[str, str])


FIELDS = tuple(TurnRecord.__dataclass_fields__)


def record_of(turn: Turn, started_at: datetime) -> TurnRecord:
    """A finished turn as it is kept. `started_at` is the wall clock's time (with its zone) when speech began."""
    zero = (
        turn.speech.start if turn.speech else turn.marks.get(Stage.SPEECH_START, min(turn.marks.values(), default=0.0))
    )
    heard = None if turn.off_record else turn.transcript
    return TurnRecord(
        id=turn.id,
        conversation=turn.conversation,
        started_at=started_at.astimezone(UTC),
        who=turn.who,
        device=turn.device,
        transcript=heard.text if heard else "",
        language=heard.language if heard else "",
        confidence=heard.confidence if heard else 1.0,
        reply="" if turn.off_record else turn.reply,
        said="" if turn.off_record else turn.said,
        outcome=turn.outcome or "",
        error=turn.error,
        wake=(turn.speech.wake or "") if turn.speech else "",
        speech_seconds=turn.speech.end - turn.speech.start if turn.speech else 0.0,
        marks={str(stage): round(at - zero, 4) for stage, at in sorted(turn.marks.items(), key=lambda mark: mark[1])},
        engines=dict(turn.engines),
    )


class TurnStore:
    """The turns in one folder: in its `memory.db`, and `audio/<turn>.wav` where sound is kept.

    What was said in a turn is in the ledger, too: the owner's words, to be searched, and those of the reply that were
    heard. Every method is short and blocking, raises StoreError, and may be called from any thread, by one at a time.
    """

    def __init__(self, folder: Path, key: str | None = None, derived: Sequence[Derived] = ()) -> None:
        """`derived`: everything made from the records, from which erased data must go too."""
        self.folder = folder
        self.path = folder / NAME
        self._audio = folder / "audio"
        self._db = open_database(self.path, key, derived)
        self._clock = ClockWatch()
        self._kept: deque[str] = deque(maxlen=REDATED)

    def close(self) -> None:
        with told(self.path):
            self._db.close()

    def __enter__(self) -> "TurnStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def save(self, turn: Turn, started_at: datetime, *, keep_audio: bool = False) -> TurnRecord:
        """Saves a finished turn, whole or not at all. `started_at`: the wall clock's time when speech began."""
        record = record_of(turn, started_at)
        row = {name: clean(value) if isinstance(value, str) else value for name, value in asdict(record).items()}
        row |= {"started_at": _stamp(record.started_at)}
        row |= {name: json.dumps(row[name]) for name in ("marks", "engines")}
        with told(self.path):
            with transaction(self._db):
                if jump := self._clock.jumped():
                    self._redate(jump)
                self._db.execute(_SAVE, row)
                self._record(record, started_at, turn.noted)
                save_recollections(self._db, turn.id, () if turn.off_record else turn.recalled)
            self._kept.append(turn.id)
            if keep_audio and turn.speech and not turn.off_record:  # after the row: no sound is ever without its turn
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

    def page(self, after: int, count: int) -> list[tuple[int, TurnRecord]]:
        """The next turns whose number is above `after`, with their numbers, oldest first."""
        query = "SELECT * FROM turn WHERE number > ? ORDER BY number LIMIT ?"
        with told(self.path):
            return [(row["number"], _turn(row)) for row in self._db.execute(query, (after, count))]

    def erase(self, turn_id: str | None = None, *, before: datetime | None = None, everything: bool = False) -> int:
        """Erases one turn, those that began before a moment, or all; with their sound, what was learnt from them, and
        every reply that was based on them; from the disk's pages, too.

        Returns how many there were.
        """
        turns: Sequence[str] = [turn_id] if turn_id else []
        with told(self.path):
            if before:
                turns = from_before(self._db, before).turns
            elif everything:
                turns = [row["id"] for row in self._db.execute("SELECT id FROM turn")]
        if not turns:
            return 0
        gone = forget(self._db, Unwanted(turns=turns))
        if not gone.finished:
            raise StoreError("Erased, but something was reading. The last traces will be gone after a restart.")
        return gone.turns

    def undated(self) -> int:
        """How many were kept while the clock was not set: `erase` before a moment leaves them."""
        with told(self.path):
            return undated(self._db)

    def audio(self, turn_id: str) -> Path | None:
        """The recording of what was said in a turn, if it was kept."""
        file = self._audio_file(turn_id)
        return file if file.exists() else None

    def _select(self, tail: str, *values: Any) -> list[TurnRecord]:
        with told(self.path):
            return [_turn(row) for row in self._db.execute(f"SELECT * FROM turn {tail}", values)]  # noqa: S608

    def _record(self, turn: TurnRecord, at: datetime, noted: str) -> None:
        """Enters both sides into the ledger, unless they are there: what was said may have been remembered at once."""
        ids = {
            side: keep_words(self._db, words(turn.id, turn.conversation, text, turn.who, turn.device), at)
            for side, words, text in (
                ("heard", words_heard, turn.transcript and (noted or turn.transcript)),
                ("said", words_said, turn.said),
            )
            if text.strip() and turn.outcome != Outcome.MERGED  # the turn that took it over has its words
        }
        self._db.execute(
            "UPDATE turn SET heard_record = ?, said_record = ? WHERE id = ?",
            (ids.get("heard"), ids.get("said"), turn.id),
        )

    def _redate(self, jump: timedelta) -> None:
        """Corrects the times of turns that this process saved before the clock was set."""
        ledger = Ledger(self._db)
        for turn_id in self._kept:
            row = self._db.execute("SELECT * FROM turn WHERE id = ?", (turn_id,)).fetchone()
            if row is None:
                continue
            began = datetime.fromisoformat(row["started_at"]) + jump
            self._db.execute("UPDATE turn SET started_at = ? WHERE id = ?", (_stamp(began), turn_id))
            words = ledger.records([id for id in (row["heard_record"], row["said_record"]) if id]).values()
            ledger.add(CONVERSATIONS, [dated(kept.record, began.astimezone()) for kept in words])

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


_SAVE = (
    f"INSERT INTO turn ({', '.join(FIELDS)}) VALUES ({', '.join(f':{name}' for name in FIELDS)})"  # noqa: S608
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in FIELDS)}"
)


def save_recollections(db: Connection, turn_id: str, recalled: Sequence[Recalled]) -> None:
    """Saves the memories of a turn, in order: ids and scores, no text."""
    db.execute("DELETE FROM recollection WHERE turn_id = ?", (turn_id,))
    db.executemany(
        "INSERT INTO recollection (turn_id, place, memory, record_id, score, left_out)"
        " SELECT ?, ?, ?, id, ?, ? FROM record WHERE id = ?",  # skips what has been forgotten meanwhile
        [
            (turn_id, place, memory.id, memory.score, memory.left_out, memory.record_id)
            for place, memory in enumerate(recalled)
        ],
    )


def _turn(row: Row) -> TurnRecord:
    values = {name: row[name] for name in FIELDS}
    values["started_at"] = datetime.fromisoformat(row["started_at"])
    values["marks"] = json.loads(row["marks"])
    values["engines"] = json.loads(row["engines"])
    return TurnRecord(**values)


def _stamp(moment: datetime) -> str:
    """A fixed width and zone, so that text sorts like time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
