"""The intake: each file once, changes, removals, interruptions, and whatever lies in a folder."""

import os
import socket
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from voiceos.memory.ingest.formats import recognise
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.mailboxes import read_mbox
from voiceos.memory.ingest.reading import Reading, Unreadable
from voiceos.memory.ingest.report import Progress
from voiceos.store.database import Connection, file_of
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.records import Record


def texts(db: Connection) -> list[str]:
    return [row["text"] for row in db.execute("SELECT text FROM record ORDER BY id")]


def mail(number: int) -> str:
    return f"From a Mon\nFrom: a@example.org\nMessage-ID: <{number}@x>\nSubject: s\n\nWords {number}.\n\n"


def test_the_same_again_changes_nothing(intake: Intake, db: Connection, folder: Path) -> None:
    (folder / "a.md").write_text("One\n# Two\nThree\n")
    assert intake.add([folder]).new == 2
    report = intake.add([folder, folder / "a.md"])
    assert (report.unchanged, report.new, report.read) == (1, 0, 0)
    os.utime(folder / "a.md", (1, 1))
    assert intake.add([folder]).unchanged == 1


def test_two_equal_messages_of_one_minute_are_two(intake: Intake, db: Connection, folder: Path) -> None:
    chat = folder / "WhatsApp Chat with Ana.txt"
    chat.write_text("13/11/2025, 10:14 - Ana: Yes\n" * 2)
    assert intake.add([folder]).new == 2
    chat.write_text("13/11/2025, 10:14 - Ana: Yes\n" * 2 + "13/11/2025, 10:15 - Ana: No\n")
    assert intake.add([folder]).new == 1
    assert texts(db) == ["Yes", "Yes", "No"]


def test_a_changed_file_is_brought_up_to_date(intake: Intake, db: Connection, folder: Path) -> None:
    (folder / "a.md").write_text("# One\nold\n# Two\nstays\n# Three\ngoes\n")
    intake.add([folder])
    (folder / "a.md").write_text("# One\nnew!\n# Two\nstays\n")
    report = intake.add([folder])
    assert (report.changed, report.vanished) == (1, 1)
    assert texts(db) == ["new!", "stays"]


def test_a_renamed_file_is_noticed_and_a_copy_named(intake: Intake, db: Connection, folder: Path) -> None:
    (folder / "a.txt").write_text("words")
    intake.add([folder])
    (folder / "a.txt").rename(folder / "b.txt")
    assert intake.add([folder]).renamed == 1
    (folder / "c.txt").write_text("words")
    report = intake.add([folder])
    assert "the same as" in report.skipped[0].reason
    assert texts(db) == ["words"]


def test_a_removed_file_is_told_and_forgotten_if_asked(intake: Intake, db: Connection, folder: Path) -> None:
    (folder / "a.txt").write_text("words")
    intake.add([folder])
    (folder / "a.txt").unlink()
    report = intake.add([folder])
    assert (report.removed, report.forgotten) == ([str(folder / "a.txt")], 0)
    assert texts(db) == ["words"]
    assert intake.add([folder], forget_removed=True).forgotten == 1
    assert texts(db) == []


def test_what_was_forgotten_leaves_no_name_and_comes_back_only_when_asked_for(
    intake: Intake, db: Connection, folder: Path
) -> None:
    file = folder / "Zebracanary.md"
    file.write_text("# Visit\n\nThe clinic of Zebracanary called.\n")
    (folder / "other.md").write_text("Something else.")
    intake.add([folder])
    (record,) = (row["id"] for row in db.execute("SELECT id FROM record WHERE instr(text, 'clinic')"))
    assert forget(db, Unwanted([record])).finished
    assert intake.add([folder], named=False).unchanged == 2
    assert intake.add([folder]).unchanged == 2
    assert texts(db) == ["Something else."]
    kept = b"".join(path.read_bytes() for path in file_of(db).parent.glob("memory.db*"))
    assert b"zebracanary" not in kept.lower()
    assert intake.add([file]).new == 1


def test_a_forgotten_file_that_changes_is_another_one(intake: Intake, db: Connection, folder: Path) -> None:
    for name in "ab":
        (folder / f"{name}.md").write_text(f"Note {name}.")
    intake.add([folder])
    forget(db, Unwanted([1]))
    (folder / "a.md").write_text("Something new.")
    assert intake.add([folder]).new == 1
    (folder / "a.md").write_text("# Other\nAnother.")
    intake.add([folder])
    assert texts(db) == ["Note b.", "Another."]
    (folder / "a.md").write_text("Something new.")  # its words went with the file, nobody forgot them
    intake.add([folder])
    assert texts(db) == ["Note b.", "Something new."]


def test_after_everything_was_forgotten_all_begins_anew(intake: Intake, db: Connection, folder: Path) -> None:
    (folder / "a.md").write_text("Note a.")
    intake.add([folder])
    forget(db, Unwanted([1]))
    assert intake.add([folder]).new == 1


def test_an_interruption_is_gone_on_from(db: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for user in ("store.ledger", "memory.ingest.intake"):
        monkeypatch.setattr(f"voiceos.{user}.BATCH", 100)
    path = folder / "all.mbox"
    path.write_text("".join(mail(number) for number in range(350)))

    class Killed(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.bytes_done > progress.bytes / 2:
            raise Killed

    with pytest.raises(Killed):
        Intake(db, progress=stop).add([folder])
    assert len(texts(db)) == 200
    position = db.execute("SELECT position FROM reading").fetchone()[0]
    assert path.read_text()[position:].startswith("From a Mon")
    report = Intake(db).add([folder])
    assert 150 <= report.new + report.changed <= 151
    assert len(set(texts(db))) == 350
    with path.open("a") as file:
        file.write(mail(9_999))
    assert Intake(db).add([folder]).new == 1
    assert len(texts(db)) == 351


def test_a_large_mbox_does_not_fill_the_memory(folder: Path) -> None:
    """Twenty times the mails take no more memory: one is held at a time."""
    peaks: list[int] = []
    for count in (5, 60):
        path = folder / f"{count}.mbox"
        with path.open("w") as file:
            file.writelines(mail(number).replace("Words", "Words and more. " * 1_200) for number in range(count))
        tracemalloc.start()
        assert sum(1 for _ in read_mbox(Reading(path))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 300_000


def test_a_maildir_is_one_source(intake: Intake, db: Connection, folder: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (folder / "Mail" / name).mkdir(parents=True)
    for number in range(3):
        (folder / "Mail" / "cur" / f"{number}.x:2,S").write_text(mail(number).partition("\n")[2])
    assert intake.add([folder]).new == 3
    assert intake.add([folder]).unchanged == 1


def test_what_is_no_file_is_never_opened(intake: Intake, db: Connection, folder: Path, tmp_path: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    (folder / "loop").symlink_to(folder)
    (tmp_path / "outside.txt").write_text("outside")
    (folder / "out.txt").symlink_to(tmp_path / "outside.txt")
    with socket.socket(socket.AF_UNIX) as unix:
        os.chdir(folder)  # a socket's path must be short
        unix.bind("s.txt")
        for junk in (".git", "node_modules"):
            (folder / junk).mkdir()
            (folder / junk / "a.txt").write_text("junk")
        (folder / "z.txt").write_text("good")
        report = intake.add([folder, Path("/dev/zero"), tmp_path / "nowhere"])
    assert texts(db) == ["good"]
    reasons = " ".join(str(skipped) for skipped in report.skipped)
    for word in ("regular file", "a link", "hidden", "caches", "does not exist"):
        assert word in reasons


def test_a_file_that_vanishes_is_named(
    intake: Intake, db: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.txt").write_text("gone")
    (folder / "b.txt").write_text("here")
    intake = Intake(db, progress=lambda _: (folder / "a.txt").unlink(missing_ok=True))
    report = intake.add([folder])
    assert "disappeared" in report.skipped[0].reason
    assert texts(db) == ["here"]


def test_a_reader_that_fails_costs_one_file(
    intake: Intake, db: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voiceos.memory.ingest import mail as mails

    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(mails, "records", fail)
    (folder / "a.eml").write_text("From: a\n\nx")
    (folder / "b.txt").write_text("here")
    report = intake.add([folder])
    assert "its reader failed (ZeroDivisionError)" in report.skipped[0].reason
    assert texts(db) == ["here"]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.ics", "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", "event"),
        ("a.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nSTATUS:CANCELLED\nEND:VEVENT\nEND:VCALENDAR\n", "event"),
        ("a.csv", "date;what\n", "row"),
        ("conversations.json", '[{"mapping": {}, "current_node": "a"}]', "message"),
        ("a.html", "<!doctype html><title>x</title>", "text"),
    ],
)
def test_a_file_that_yields_nothing_is_told_each_time(
    intake: Intake, folder: Path, name: str, content: str, what: str
) -> None:
    (folder / name).write_text(content)
    for _ in range(2):
        [told] = intake.add([folder]).skipped
        assert told.reason == f"it was read, but it contains no {what}"
        assert not told.lost


def test_what_is_lost_and_what_is_only_told(intake: Intake, folder: Path) -> None:
    (folder / "a.md").write_text("words")
    (folder / "copy.md").write_text("words")
    (folder / "empty.txt").write_text(" \n")
    (folder / "old.txt").write_bytes("Grüße aus dem Süden".encode("cp1252"))
    (folder / ".hidden").mkdir()
    report = intake.add([folder])
    assert (report.read, report.unchanged) == (2, 1)
    assert len(report.skipped) == 4
    assert not any(one.lost for one in report.skipped)
    (folder / "b.pdf").write_bytes(b"%PDF-1.4 nonsense")
    report = intake.add([folder])
    assert (report.read, [one.path.name for one in report.skipped if one.lost]) == (0, ["b.pdf"])


def test_a_chat_that_is_none_is_told(intake: Intake, db: Connection, folder: Path) -> None:
    (folder / "WhatsApp Chat with Ana.txt").write_text("nothing here has a time")
    [told] = intake.add([folder]).skipped
    assert "contains no messages, so it was read as text" in told.reason
    assert texts(db) == ["nothing here has a time"]


NAMES = ["a.txt", "a.md", "a.html", "a.csv", "a.ics", "a.vcf", "a.eml", "a.mbox", "conversations.json", "a"]
SEEDS = (
    b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:",
    b"BEGIN:VCARD\nFN:",
    b"From a\nTo: b\nSubject: =?",
    b'[{"mapping":',
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), seed=st.sampled_from((b"", *SEEDS)), content=st.binary(max_size=300))
@example(name="a.md", seed=b"---\n", content=b"a: !!python/object:os.system x\n---\n")
@example(name="a.txt", seed=b"\xff\xfe", content=b"\x00\xd8")
def test_any_bytes_are_records_or_a_reason(name: str, seed: bytes, content: bytes) -> None:
    reading = Reading(Path(name), data=seed + content)
    try:
        for record in recognise(reading).read(reading):
            assert isinstance(record, Record)
            record.text.encode()
    except Unreadable:
        pass
