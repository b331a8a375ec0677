"""Which names of a memory recognition is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voiceos.core import Word
from voiceos.engines.phonemes import Phonemes
from voiceos.memory.names import Mention, Names, mentions
from voiceos.memory.registered import derived
from voiceos.store.database import open_database
from voiceos.store.ledger import Ledger
from voiceos.store.records import ASSISTANT, OWNER, Kind, Record, Source

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
COMMON = frozenset("anna bell core will may lunch dentist with at call the call shop".split())


def known(word: str) -> bool:
    return word.lower() in COMMON


@pytest.fixture
def names() -> Names:
    return Names(Phonemes(), known)


def test_a_memory_without_names_suggests_none(names: Names) -> None:
    assert names.suggest([Word("Quorvela", 0.1)]) == []
    assert len(names) == 0


def test_a_name_is_known_whole_and_by_its_parts_if_they_are_rare(names: Names) -> None:
    names.learn([Mention("Anna Kowalczyk")], NOW)
    assert len(names) == 2  # not "Anna", which everybody hears
    assert {one.name for one in names.suggest([Word("Covalchick", 0.1)])} == {"Kowalczyk"}


def test_names_that_the_recogniser_knows_are_not_told(names: Names) -> None:
    names.learn([Mention("Anna Bell"), Mention("Will")], NOW)
    assert len(names) == 0


def test_common_words_speak_less_for_a_name_than_strange_ones(names: Names) -> None:
    names.learn([Mention("Quorvella")], NOW)
    (strange,) = names.suggest([Word("corvela", 0.1)])
    names.learn([Mention("Cor")], NOW)
    (common,) = names.suggest([Word("core", 0.1)])
    assert strange.evidence > 1 > common.evidence


def test_names_come_from_contacts_people_calendar_and_recent_words(tmp_path: Path) -> None:
    db = open_database(tmp_path / "memory.db", derived=derived())
    ledger = Ledger(db, now=lambda: NOW)
    ledger.add(
        Source("file:contacts", "contacts"),
        [
            Record(Kind.CONTACT, "1", "Siobhan Kowalczyk\n555", title="Siobhan Kowalczyk", extra={"nickname": "Shiv"}),
            Record(Kind.CONTACT, "2", "", title=""),
        ],
    )
    event = Record(Kind.EVENT, "e", "", title="Lunch with Xochitl", at=NOW + timedelta(hours=3), place="at Quorvella")
    past = Record(Kind.EVENT, "p", "", title="Lunch with Tadhg", at=NOW - timedelta(days=30))
    ledger.add(Source("file:calendar", "calendar"), [event, past])
    ledger.add(
        Source("file:mail", "mail"),
        [
            Record(Kind.MAIL, "m", "Greetings from Szczecin!", author="Zbigniew Nowak", at=NOW),
            Record(Kind.SAID, "s", "We had tea at Brackenthwaite. Lovely HOUSE.", author=OWNER, at=NOW),
            Record(Kind.REPLY, "r", "I invented Fakename.", author=ASSISTANT, at=NOW),
        ],
    )
    found = {mention.name: mention for mention in mentions(db, NOW)}
    assert {"Siobhan Kowalczyk", "Shiv", "Xochitl", "Quorvella", "Zbigniew Nowak", "Szczecin"} <= found.keys()
    assert "Brackenthwaite" in found
    assert not {"Fakename", "Lovely", "HOUSE", "We", ASSISTANT, OWNER} & found.keys()
    assert found["Xochitl"].weight > max(one.weight for name, one in found.items() if name == "Tadhg" or one.at is None)
    db.close()
