"""Why something was said or done: taking away a cited cause changes the outcome, taking away another does not."""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.skills.household import Household
from voiceos.core import Outcome, Part, Recalled, Transcript, Turn
from voiceos.skills.why import bearing, reasons
from voiceos.store.acts import Progress, Receipt, save_receipt
from voiceos.store.database import Connection
from voiceos.store.ledger import Ledger
from voiceos.store.records import OWNER, Kind, Record, Source
from voiceos.store.turns import save_recollections

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 29, 12).astimezone()
NOTES = ("The boiler was serviced by Hartmann in May.", "The boiler stands in the cellar.", "Lena likes tulips.")


async def scripted(turn: Turn) -> AsyncGenerator[Part, None]:
    """Answers who serviced the boiler, if it was told."""
    told = [memory.text for memory in turn.recalled if not memory.left_out]
    yield Part("Hartmann did it in May." if any("Hartmann" in text for text in told) else "I don't know.")


@pytest.fixture
def memories(db: Connection) -> list[Recalled]:
    ids = [
        Ledger(db).add(Source("note:1", "note"), [Record(Kind.NOTE, str(n), text, who=OWNER, title=f"Note {n}")])
        for n, text in enumerate(NOTES)
    ]
    assert ids
    rows = db.execute("SELECT id, text FROM record ORDER BY id").fetchall()
    return [Recalled(f"record:{row['id']}", row["text"], row["id"]) for row in rows]


async def answer(turn: Turn) -> str:
    return "".join([part.text async for part in scripted(turn)])


async def test_taking_away_a_cause(db: Connection, memories: list[Recalled]) -> None:
    turn = Turn("t1", "c", transcript=Transcript("Who serviced the boiler?"))
    turn.recalled = [memories[0], memories[1], replace(memories[2], left_out="unlikely")]
    turn.reply = turn.said = await answer(turn)
    turn.outcome, turn.engines = Outcome.ANSWERED, {"mind": "scripted"}
    save(db, turn)
    cited = {one.about for one in reasons(db, "t1") if one.kind == "memory"}
    assert cited == {f"record:{memories[0].record_id}"}
    for gone in turn.recalled:
        left = replace(turn, recalled=[one for one in turn.recalled if one is not gone])
        assert (await answer(left) != turn.reply) == (gone.id in cited), gone


def save(db: Connection, turn: Turn) -> None:
    values = (turn.id, turn.words, turn.reply, json.dumps(turn.engines))
    db.execute(
        "INSERT INTO turn (id, conversation, who, device, started_at, transcript, language, confidence, reply, said,"
        " outcome, error, wake, speech_seconds, marks, engines)"
        " VALUES (?1, 'c', 'owner', '', '2026', ?2, 'en', 1, ?3, ?3, 'answered', '', '', 0, '{}', ?4)",
        values,
    )
    save_recollections(db, turn.id, turn.recalled)


@pytest.mark.parametrize(
    ("receipt", "told"),
    [
        (("web.get", Progress.DONE, "Rain.", "reading"), "I read that with get of the web tool, which said: Rain."),
        (
            ("mail.send", Progress.DONE, "Sent.", "owner's yes"),
            "I used send of the mail tool because you said yes. Some of it came from the web page, not from you.",
        ),
        (
            ("mail.send", Progress.REFUSED, "No.", "not asked for"),
            "I didn't use send of the mail tool because of this rule: not asked for.",
        ),
    ],
)
def test_what_was_done_cites_its_rule(db: Connection, receipt: Sequence[str], told: str) -> None:
    engines = {"mind": "skill lists.add", "template": "add {items}"}
    turn = Turn("t1", "c", transcript=Transcript("Mail it"), engines=engines)
    save(db, turn)
    act, progress, result, rule = receipt
    origins = {"to": "tool: the web page", "body": "owner"}
    save_receipt(db, Receipt(act, "t1", "owner", "", NOON, Progress(progress), result, {}, origins, rule))
    assert [one.text for one in reasons(db, "t1")] == [
        "You said: Mail it.",
        "I knew what to do with that myself, without the language model.",
        "It matches this sentence in my grammar: add {items}",
        told,
    ]
    assert reasons(db, "t2") == []


def test_a_mere_answer_bears_nothing_out_and_a_question_keeps_its_mark(db: Connection) -> None:
    texts = ["ok.", "We have two cats."]
    assert bearing(texts, str, "Yes.", "How many cats do we have?") == texts[1:]
    assert bearing(texts[:1], str, "ok", "How many cats do we have?") == []
    save(db, Turn("t1", "c", transcript=Transcript("How many cats do we have?")))
    assert reasons(db, "t1")[0].text == "You said: How many cats do we have?"


async def test_by_voice(talk: Any) -> None:
    for words in ("Why did you do that?", "what made you do that", "explain that answer", "why was that refused"):
        assert await talk(words) == "I have no record of what came before."


async def test_after_an_undo_its_own_record_tells(tmp_path: Path) -> None:
    household = Household(tmp_path)
    await household("Set a timer for ten minutes.")
    await household("Undo that.")
    said = await household("Why did you say that?")
    assert said == "Because you asked me to."
    assert await household("Why?") == "I knew what to do with that myself, without the language model."
    (sentence,) = [one.about for one in reasons(household.db, "turn2") if one.kind == "template"]
    assert "] undo [" in sentence


@pytest.mark.parametrize(
    ("right", "where"),
    [
        ("No, it is in the garage, not in the cellar.", "In the garage."),
        ("No, it's behind the shed.", "Behind the shed."),
        ("That's wrong, it's on the balcony now.", "On the balcony."),
        ("No, it's not in the cellar, it's in the hall.", "In the hall."),
    ],
)
async def test_a_place_is_told_as_it_was_put_right(tmp_path: Path, right: str, where: str) -> None:
    household = Household(tmp_path)
    await household("Remember that my bike is in the cellar.")
    await household(right)
    assert (await household("Where is my bike?")).startswith(where)
