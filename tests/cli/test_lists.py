"""`voiceos lists` and `voiceos acts`."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from voiceos.store.acts import Progress, Receipt, save_receipt
from voiceos.store.database import open_database
from voiceos.store.permissions import Permission, allow

Run = Callable[..., Any]
NOW = datetime(2026, 11, 29, 12).astimezone()


@pytest.fixture
def kept(home: Path) -> Path:
    """A store with two receipts."""
    db = open_database(home / "data" / "memory.db")
    for days, done in ((3, True), (0, False)):
        at = NOW - timedelta(days=days)
        save_receipt(
            db,
            Receipt(
                "lists.add",
                "t1",
                "owner",
                "",
                at,
                Progress.DONE if done else Progress.FAILED,
                f"Added {days}.",
                {"items": ["milk"]},
            ),
        )
    db.close()
    return home


def test_without_a_store_there_are_none(run: Run) -> None:
    assert json.loads(run("lists", "--json").out) == []
    assert "There is no memory yet" in run("lists").err
    assert json.loads(run("acts", "--json").out) == []


def test_a_list_is_made_changed_and_exported(run: Run, kept: Path) -> None:
    assert "No lists yet" in run("lists").out
    assert run("lists", "add", "groceries", "milk", "2 litres of cola", "eggs and bread").out == (
        "Added milk, 2 litres of cola, eggs, bread.\n"
    )
    assert run("lists", "add", "shopping", "milk", "1 litre of cola").out == (
        "Added 3 litres of cola.\nAlready there: milk.\n"
    )
    assert run("lists", "tick", "shopping list", "Eggs").out == "Ticked off eggs.\n"
    assert run("lists", "remove", "shopping", "bread").out == "Removed bread.\n"
    run("lists", "add", "to-do", "call mum and dad")
    assert run("lists").out == "shopping: 2 things\nto-do: 1 thing\n"
    assert run("lists", "show", "shopping").out.startswith("milk\n3 litres of cola\neggs (ticked off ")
    assert run("lists", "export").out == (
        "# shopping\n- [ ] milk\n- [ ] 3 litres of cola\n- [x] eggs\n\n# to-do\n- [ ] call mum and dad\n\n"
    )
    things = json.loads(run("lists", "show", "shopping", "--json").out)["things"]
    assert [(thing["name"], thing["amount"], thing["unit"]) for thing in things] == [
        ("milk", None, ""),
        ("cola", 3.0, "litre"),
    ]


def test_what_is_not_there_changes_nothing(run: Run, kept: Path) -> None:
    run("lists", "add", "shopping", "milk")
    said = run("lists", "remove", "shopping", "milk", "wine")
    assert (said.code, said.err.strip()) == (64, "'wine' is not on the list shopping. Nothing was changed.")
    assert run("lists", "show", "shopping").out == "milk\n"
    assert "There is no list 'x'" in run("lists", "show", "x").err
    assert "nothing to add" in run("lists", "add", "shopping", "and").err


def test_clearing_asks_first(run: Run, typed: Run, kept: Path) -> None:
    run("lists", "add", "shopping", "milk", "eggs")
    refused = typed("lists", "clear", "shopping", keys="n\n")
    assert (refused.code, "Clear shopping, with 2 things?" in refused.err) == (1, True)
    assert run("lists", "clear", "shopping", "--yes").out == "Cleared shopping.\n"
    assert run("lists").out == "shopping: 0 things\n"
    assert run("lists", "clear", "shopping", "--delete", "--yes").out == "Deleted shopping.\n"
    assert "No lists yet" in run("lists").out


def test_acts_are_shown_from_receipts(run: Run, kept: Path) -> None:
    lines = run("acts").out.splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == ["lists.add  Added 3.", "lists.add  failed  Added 0."]
    assert len(run("acts", "--since", "2026-11-28").out.splitlines()) == 1
    (newest, oldest) = json.loads(run("acts", "--json").out)
    assert (newest["done"], oldest["done"], oldest["arguments"], oldest["turn"]) == (
        False,
        True,
        {"items": ["milk"]},
        "t1",
    )
    assert run("acts", "--since", "2030-01-01").out == "Nothing was done.\n"


def test_the_chain_and_what_is_allowed(run: Run, kept: Path) -> None:
    assert run("acts", "verify").out == "2 receipts, 0 forgotten: nothing was changed or taken out.\n"
    db = open_database(kept / "data" / "memory.db")
    db.execute("UPDATE act SET result = 'Nothing.' WHERE id = 1")
    allow(db, Permission("mail.send", "", ["to bob@work.example"], "owner", NOW))
    db.close()
    said = run("acts", "verify")
    assert (said.code, said.err) == (1, "The words of act 1 are not those that were written (done).\n")
    assert run("permissions").out.startswith("1  mail.send  to bob@work.example  ")
    assert run("permissions", "remove", "1").out == "Taken back.\n"
    assert run("permissions").out.startswith("Nothing is allowed for good.")
    assert run("permissions", "remove", "1").code == 64
    assert run("why").code == 64
