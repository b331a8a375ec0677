"""The public sets of lives: rows with missing keys do not stop a benchmark."""

import json
from pathlib import Path

import pytest

from benchmarks.lives import lifebench

KINDS = ("sms", "call", "calendar", "note", "push", "photo", "agent_chat", "contact", "fitness_health")


@pytest.fixture
def person(tmp_path: Path) -> Path:
    for folder in ("phone_data", "QA"):
        (tmp_path / "li" / folder).mkdir(parents=True)
    (tmp_path / "li" / "persona.json").write_text('{"name": "Li"}')
    return tmp_path / "li"


def test_rows_without_keys_are_read_as_far_as_they_go(person: Path) -> None:
    for kind in KINDS:
        rows = [{"id": 7, "datetime": "2025-03-01 10:00:00"}, {"event_id": "x"}]
        (person / "phone_data" / f"{kind}.json").write_text(json.dumps(rows))
    (person / "phone_data" / "note.json").write_text(
        '[{"id": "3", "content": "The code is 4471.", "event_id": "8"}, {"phone_id": "4", "event_id": "0"}]'
    )
    question = {"question": "Which code?", "evidence": [{"type": "note", "id": "3"}, {"type": "note"}]}
    (person / "QA" / "QA_clean.json").write_text(json.dumps([question]))
    [life] = lifebench(person.parent)
    assert len(life.records) == 2 * len(KINDS)
    assert {record.key: record.text for record in life.records}["note:3"] == "The code is 4471."
    assert [(asked.text, asked.evidence, asked.answer) for asked in life.questions] == [("Which code?", ["note:3"], "")]
    assert [life.event(key) for key in ("note:3", "note:4", "sms:7")] == ["event 8", "note:4", "sms:7"]
