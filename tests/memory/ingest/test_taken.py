"""Resources of servers as memories: what they say is found, nobody's words become the owner's, and they can go."""

from pathlib import Path

import pytest

from voiceos.memory.facts.learning import catch_up
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.taken import taken_from, taken_source
from voiceos.store.database import Connection
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.records import Kind
from voiceos.store.selection import from_file

HOUSE = (
    "---\ntitle: Home\naliases: [Base]\n---\n# Keys\n\nI live in Oslo. My sister is called Ann.\n\n# Bins\n\nTuesday."
)
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nTEL:+4712345678\nEND:VCARD"
PAGE = "<html><head><title>Rules</title></head><body><h1>Quiet</h1><p>After ten.</p></body></html>"
MAIL = "From ann@example.com Mon Jan  5 10:00:00 2026\nFrom: Ann <ann@example.com>\nSubject: Hi\n\nPay me."


def rows(db: Connection) -> list[tuple[str, str, str, str]]:
    found = db.execute("SELECT kind, author, title, text FROM record ORDER BY id")
    return [(row["kind"], row["author"], row["title"], row["text"]) for row in found]


@pytest.mark.parametrize(
    ("uri", "type", "text", "titles"),
    [
        ("a", "text/markdown", HOUSE, ["Home > Keys", "Home > Bins"]),
        ("notes/a.md", "", HOUSE, ["Home > Keys", "Home > Bins"]),
        ("a", "text/html; charset=utf-8", PAGE, ["Rules > Quiet"]),
        ("a", "application/json", '{"boiler": "4711"}', ["House"]),
        ("a.vcf", "text/vcard", CARD, ["House"]),  # no contact of the owner's
        ("a.vcf", "", CARD, ["House"]),
        ("a.mbox", "text/plain", MAIL, ["House"]),  # no mail to the owner
    ],
)
def test_it_is_a_document_that_nobody_here_wrote(
    db: Connection, uri: str, type: str, text: str, titles: list[str]
) -> None:
    source = taken_source("notes", uri)
    report = Intake(db, me=["Ann"]).take(source, "House", type, text, "the notes tool")
    assert report.new == len(titles)
    assert not [one for one in report.skipped if one.lost]
    kept = rows(db)
    assert [title for _, _, title, _ in kept] == [f"{title} from the notes tool" for title in titles]
    assert {(kind, author) for kind, author, _, _ in kept} == {(Kind.DOCUMENT, "")}
    catch_up(db, lambda _: True)
    assert db.execute("SELECT count(*) FROM fact").fetchone()[0] == 0
    assert taken_from(db, "notes") == [uri]
    assert taken_from(db, "note") == []


def test_it_is_refreshed_and_forgotten(db: Connection, tmp_path: Path) -> None:
    def take(text: str, uri: str = "memo://house/1", type: str = "text/markdown") -> tuple[int, int, int]:
        report = Intake(db).take(taken_source("notes", uri), "House", type, text, "the notes tool")
        return report.new, report.changed, report.vanished

    assert take(HOUSE) == (2, 0, 0)
    assert take(HOUSE) == (0, 0, 0)
    assert take(HOUSE.replace("Tuesday", "Friday")) == (0, 1, 0)
    assert take("# Bins\n\nFriday.") == (0, 1, 1)
    assert take(" \n") == (0, 0, 1)
    assert take("# Bins\n\nFriday.") == (1, 0, 0)
    twin = tmp_path / "house.md"
    twin.write_text("# Bins\n\nFriday.")
    assert Intake(db).add([twin]).new == 1  # a file of the same words is a source of its own
    take("Something else.", "memo:other")
    chosen = from_file(db, "mcp:notes/memo://house/1")
    assert (len(chosen.records), list(chosen.sources)) == (1, ["mcp:notes/memo://house/1"])
    forget(db, Unwanted(chosen.records, sources=chosen.sources))
    assert taken_from(db, "notes") == ["memo:other"]
    chosen = from_file(db, "mcp:notes")
    forget(db, Unwanted(chosen.records, sources=chosen.sources))
    assert taken_from(db, "notes") == []
    assert [text for *_, text in rows(db)] == ["Friday."]
