"""What the recogniser is told may be said to this device."""

from datetime import UTC, datetime

from voiceos.mind.asked_for import MOST, asked_for
from voiceos.store.database import Connection
from voiceos.store.lists import add
from voiceos.store.schedule import Entry, add_entry

NOW = datetime(2027, 3, 10, 8, 30, tzinfo=UTC)


def test_it_is_told_what_is_often_asked_and_the_names_that_are_there(db: Connection) -> None:
    often = asked_for(None, {})
    assert "Set a timer" in often
    assert asked_for(db, {}) == often
    for name in ("groceries", "shopping", "camping list", "Norway"):
        add(db, name, name, [], NOW, "owner")
    add_entry(db, Entry("timer", "lasagne", due=1.0))
    add_entry(db, Entry("timer", due=2.0))
    add_entry(db, Entry("alarm", "work", wall=NOW.replace(tzinfo=None)))
    named = {"room": ["Kitchen", "Conservatory", "Scullery"], "station": ["Radio Nordlicht"]}
    told = asked_for(db, named)
    assert told.endswith(often)
    assert told.index("Norway list") < told.index("camping list") < told.index("groceries list")
    assert "lasagne timer" in told
    assert "work" not in told
    assert all(name in told for name in ("Conservatory lights", "Scullery lights", "Play Radio Nordlicht."))
    assert "Kitchen lights" not in told  # which is known anyway
    assert told.count("shopping list") == 1


def test_it_is_told_few_names(db: Connection) -> None:
    for number in range(9):
        add(db, f"n{number}", f"list{number}x", [], NOW, "owner")
    assert sum(f"list{number}x" in asked_for(db, {}) for number in range(9)) == MOST
