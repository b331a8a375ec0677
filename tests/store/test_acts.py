"""Receipts: written ahead, chained, and forgotten without breaking the chain."""

from datetime import UTC, datetime

import pytest

from voiceos.store.acts import Progress, Receipt, end, receipts, save_receipt, unended, verify_acts
from voiceos.store.database import Connection
from voiceos.store.forgetting import Unwanted, forget

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def signed(number: int, progress: Progress = Progress.DONE) -> Receipt:
    arguments = {"to": f"person{number}@example.org"}
    return Receipt("mail.send", f"t{number}", "owner", "", NOON, progress, "Sent.", arguments, {"to": "owner"}, "words")


@pytest.fixture
def kept(db: Connection) -> Connection:
    """Three acts, of which the last was begun and has ended."""
    save_receipt(db, signed(1))
    save_receipt(db, signed(2, Progress.REFUSED))
    begun = save_receipt(db, signed(3, Progress.BEGUN))
    end(db, begun, Progress.FAILED, "The server said no.", NOON)
    return db


def test_the_chain_holds_and_an_act_ends_once(kept: Connection) -> None:
    last = receipts(kept)[0]
    assert (last.progress, last.result, last.arguments) == (
        *(Progress.FAILED, "The server said no."),
        {"to": "person3@example.org"},
    )
    end(kept, last.id, Progress.DONE, "Sent after all.", NOON)
    assert receipts(kept)[0] == last
    assert unended(kept) == []
    found = verify_acts(kept)
    assert (found.links, found.acts, found.forgotten, found.wrong) == (4, 3, 0, [])


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        ("UPDATE act SET arguments = '{}' WHERE id = 2", "The words of act 2"),
        ("UPDATE act SET result = 'Nothing.' WHERE id = 3", "The words of act 3"),
        ("UPDATE act SET progress = 'done' WHERE id = 2", "Act 2 is not in the chain as done."),
        ("UPDATE act SET rule = 'me' WHERE id = 1", "The words of act 1"),
        ("DELETE FROM act WHERE id = 1", "Act 1 is missing."),
        ("DELETE FROM act_link WHERE id = 2", "a link is missing"),
        ("DELETE FROM act_link WHERE id = 1", "The beginning of the chain is missing."),
        ("DELETE FROM act_link WHERE id = 4", "The end of the chain is missing."),
        ("UPDATE act_link SET at = at + 1 WHERE id = 2", "Link 2 of the chain"),
        ("INSERT INTO act SELECT 9, act, turn_id, who, device, at, progress, result, arguments, origins, rule, salt"
         " FROM act WHERE id = 1", "Act 9 is not in the chain"),
    ],
)  # fmt: skip
def test_what_was_changed_shows(kept: Connection, tamper: str, told: str) -> None:
    kept.execute(tamper)
    assert any(told in one for one in verify_acts(kept).wrong)


@pytest.mark.parametrize("forgotten", [Unwanted(turns=["t1", "t3"]), Unwanted(rows={"act": [1, 3]})])
def test_words_go_and_the_chain_stays(kept: Connection, forgotten: Unwanted) -> None:
    forget(kept, forgotten)
    assert [one.turn for one in receipts(kept)] == ["t2"]
    found = verify_acts(kept)
    assert (found.acts, found.forgotten, found.wrong) == (1, 2, [])
    everything = " ".join(map(str, (tuple(row) for row in kept.execute("SELECT * FROM act_link"))))
    assert "person" not in everything


def test_everything_goes_and_another_chain_begins(kept: Connection) -> None:
    forget(kept, Unwanted(everything=True))
    assert verify_acts(kept).acts == 0
    save_receipt(kept, signed(4))
    found = verify_acts(kept)
    assert (found.acts, found.wrong) == (1, [])
    kept.execute("DELETE FROM act_link WHERE step = 'forgotten'")
    assert verify_acts(kept).wrong
