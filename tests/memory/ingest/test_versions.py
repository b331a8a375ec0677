"""An event that several files tell: its newest version counts, and the older one when that is gone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from voiceos.memory.ingest.intake import Intake
from voiceos.store.database import Connection
from voiceos.store.forgetting import Unwanted, extent, forget
from voiceos.store.ledger import Ledger
from voiceos.store.verify import verify

BEGIN, END = "BEGIN:VCALENDAR\nMETHOD:{}\n", "END:VCALENDAR\n"


def event(day: int, sequence: int, *lines: str, method: str = "REQUEST") -> str:
    lines = (f"DTSTART:202606{day}T080000Z", f"SEQUENCE:{sequence}", *lines)
    inner = "\n".join(["BEGIN:VEVENT", "UID:meet", "SUMMARY:Board", *lines, "END:VEVENT\n"])
    return BEGIN.format(method) + inner + END


def mail(number: int, calendar: str) -> str:
    return f"From: Ana <ana@example.org>\nMessage-ID: <{number}@x>\nContent-Type: text/calendar\n\n{calendar}"


def days(db: Connection) -> list[str]:
    """The days of what is told of the event; all that is told is searched, and nothing else."""
    assert verify(db) == []
    return [f"{one.record.at:%d}" for one in Ledger(db).between() if one.record.at]


OLD, NEW, OFF = event(17, 0), event(19, 1), event(17, 1, method="CANCEL")
WEEKLY = event(17, 0, "RRULE:FREQ=WEEKLY;COUNT=2")
ONE = "RECURRENCE-ID:20260624T080000Z"


@pytest.mark.parametrize(
    ("files", "right"),
    [
        ((OLD, NEW), ["19"]),
        ((NEW, OLD), ["19"]),
        ((OLD, mail(2, NEW)), ["19"]),
        ((mail(1, OLD), mail(2, OFF)), []),
        ((OLD, event(18, 0, method="COUNTER")), ["17"]),
        ((event(18, 0, method="REPLY"),), ["18"]),
        ((OLD, OLD.replace("SUMMARY", "STATUS:CONFIRMED\nSUMMARY")), ["17"]),
        ((OLD.replace("meet", "7"), NEW.replace("meet", "7").replace("Board", "Choir")), ["17", "19"]),
        ((WEEKLY, event(25, 1, ONE)), ["17", "25"]),
        ((WEEKLY, event(24, 1, ONE, method="CANCEL")), ["17"]),
        ((WEEKLY, event(25, 1, ONE), event(18, 2, "RRULE:FREQ=WEEKLY;COUNT=2")), ["18", "25"]),
        ((WEEKLY, event(25, 1, ONE), OFF.replace("SEQUENCE:1", "SEQUENCE:2")), []),
    ],
)
def test_the_newest_version_counts(
    intake: Intake, folder: Path, db: Connection, files: tuple[str, ...], right: list[str]
) -> None:
    for number, content in enumerate(files):
        (folder / f"{number}.{'ics' if content.startswith('BEGIN') else 'eml'}").write_text(content)
        intake.add([folder])
    assert days(db) == right


def test_the_mails_of_one_mailbox(intake: Intake, folder: Path, db: Connection) -> None:
    box = folder / "a.mbox"
    first = f"From a@b Mon Jun  1 10:00:00 2026\n{mail(1, OLD)}\n"
    box.write_text(first)
    intake.add([box])
    box.write_text(f"{first}From a@b Tue Jun  2 10:00:00 2026\n{mail(2, OFF)}\n")
    intake.add([box])
    assert days(db) == []


@pytest.mark.parametrize("newer", [NEW, OFF])
def test_the_older_version_comes_back(intake: Intake, folder: Path, db: Connection, newer: str) -> None:
    (folder / "old.ics").write_text(OLD)
    (folder / "new.ics").write_text(newer)
    intake.add([folder])
    assert days(db) == ["19"] * (newer is NEW)
    (folder / "old.ics").write_text(OLD + "\n")  # read again, and still replaced
    assert intake.add([folder]).changed == 0
    assert days(db) == ["19"] * (newer is NEW)
    (folder / "new.ics").unlink()
    intake.add([folder], forget_removed=True)
    assert days(db) == ["17"]


def test_with_an_event_all_its_versions_are_forgotten(intake: Intake, folder: Path, db: Connection) -> None:
    (folder / "old.ics").write_text(OLD)
    (folder / "new.ics").write_text(NEW)
    intake.add([folder])
    told = [one.id for one in Ledger(db).between(datetime(2026, 1, 1, tzinfo=UTC))]
    assert len(extent(db, Unwanted(told))[0]) == 2
    forget(db, Unwanted(told))
    assert not db.execute("SELECT * FROM record").fetchall()
