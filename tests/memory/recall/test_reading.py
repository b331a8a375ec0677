"""Which line of what was found answers a question, and whether one surely does."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from voiceos.core import Recalled
from voiceos.memory.memory import Memory
from voiceos.memory.recall import reading
from voiceos.memory.recall.ages import born
from voiceos.memory.recall.compared import FEATURES, shape_of
from voiceos.memory.recall.pairs import pairs
from voiceos.memory.recall.parts import of_parts, parts_of
from voiceos.memory.recall.reading import ANSWERED, SURE, is_doubted, read, texts_of
from voiceos.memory.recall.recall import Recall
from voiceos.memory.recall.recollection import Recollection
from voiceos.memory.recall.wanted import tells_itself
from voiceos.store.database import Connection
from voiceos.store.records import OWNER, Kind, Record, Source

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path) as memory:
        said = [
            ("Jonah", "the wifi is in, it's called tannery3"),
            (OWNER, "what is the password"),
            ("Jonah", "heron-47-lamp"),
        ]
        memory.ledger.add(
            Source("chat", "chat"),
            [
                Record(Kind.MESSAGE, f"{n}", text, author=who, at=NOON - timedelta(days=9, minutes=-n), thread="Jonah")
                for n, (who, text) in enumerate(said)
            ],
        )
        window = "- bedroom window: 118 cm wide and 96 cm high, and the sill under it is 12 cm deep"
        note = f"{window}\n- stair carpet: 13 steps\n- fridge gap: 60.5 cm"
        memory.ledger.add(Source("sizes", "text"), [Record(Kind.NOTE, "sizes", note, title="Sizes")])
        mine = "My blood group is A negative, they checked it again today."
        memory.ledger.add(Source("said", "text"), [Record(Kind.SAID, "1", mine, author=OWNER, at=NOON)])
        memory.catch_up()
        yield memory


def chosen(memory: Memory, question: str) -> list[str]:
    return [one.text for one in memory.recall(question, NOON).memories if not one.left_out]


def test_of_a_note_only_the_line_that_answers_is_told(memory: Memory) -> None:
    assert chosen(memory, "How many steps does our stair carpet have?")[0] == "stair carpet: 13 steps"


def test_what_was_said_in_reply_is_looked_at(memory: Memory) -> None:
    found = memory.evidence("What is the wifi password?", NOON)
    assert "heron-47-lamp" in [line.memory.text for line in found.lines]


def test_the_reply_to_the_same_question_is_the_answer(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOKED_AT", 2)  # neither of which it is
    found = memory.evidence("What is the wifi password?", NOON)
    assert "heron-47-lamp" in [line.memory.text for line in found.compared.likeliest()]
    texts = {text for line in found.lines for text in texts_of(line)}
    for same, likely in ((0.7, True), (0.5, False)):
        alike = dict.fromkeys(texts, 0.1) | {"what is the password": same}
        best = {one.line.memory.text: one.probability for one in read(found.compared, alike)}
        assert (best["heron-47-lamp"] == pytest.approx(ANSWERED)) is likely


def test_where_there_is_time_a_line_of_all_that_was_found_is_read(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_with_it = list[str]()

    def odds(_: Recall, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        read_with_it.extend(line for _, line in pairs)
        return np.zeros(len(pairs), np.float32)

    def alike(_: Recall, __: Connection, ___: str, some: Sequence[tuple[int, str]]) -> dict[str, float]:
        return {text: 0.9 if "window" in text else 0.0 for _, text in some}

    def meaning(_: Recall, __: str) -> np.ndarray:
        return np.zeros(384, np.float32)

    monkeypatch.setattr(Recall, "odds", odds)
    monkeypatch.setattr(Recall, "alike", alike)
    monkeypatch.setattr(Recall, "meaning", meaning)
    for closely in (False, True):
        read_with_it.clear()
        memory.recall("How wide is the bedroom window, and what's my blood group?", NOON, closely=closely)
        assert any("118 cm" in line for line in read_with_it)
        assert any("heron-47" in line for line in read_with_it) is closely


def test_what_is_read_with_the_question_counts(memory: Memory) -> None:
    found = memory.evidence("How wide is the bedroom window?", NOON)
    alike = dict.fromkeys((text for line in found.lines for text in texts_of(line)), 0.3)
    (line,) = [line for line in found.lines if "bedroom window" in line.memory.text]
    others = {other.key: -4.0 for other in found.lines if other.key != line.key}
    likely = [
        next(one.probability for one in read(found.compared, alike, {**others, line.key: odds}) if one.line is line)
        for odds in (-6.0, 0.0, 6.0)
    ]
    known = next(one.probability for one in read(found.compared, alike) if one.line is line)
    assert likely[0] == known < SURE < likely[2], "it may make a line likelier, not less"
    assert likely == sorted(likely)


def test_what_is_read_makes_a_line_of_a_long_question_unsure(memory: Memory) -> None:
    short = "How wide is the bedroom window?"
    long = "And how wide is the bedroom window, which is 96 cm high and has a deep sill?"
    for question, doubted in ((short, False), (long, True)):
        found = memory.evidence(question, NOON)
        (line,) = [line for line in found.lines if "bedroom window" in line.memory.text]
        assert is_doubted(found.findings.question, line, {line.key: -3.0}) is doubted
        assert not is_doubted(found.findings.question, line, {line.key: 1.0})
        assert not is_doubted(found.findings.question, line, {}), "nobody has read it"


def test_one_of_somebodys_names_is_enough_by_itself(memory: Memory) -> None:
    names = ("Jonah Reed", "Jonah", "Jonah Carter")
    said = [Record(Kind.SAID, f"n{n}", f"The boat of {name} is blue.", author=OWNER) for n, name in enumerate(names)]
    memory.ledger.add(Source("boats", "text"), said)
    memory.catch_up()
    found = memory.evidence("What colour is the boat of Jonah Reed?", NOON)
    missing = found.compared.table[:, FEATURES.index("missing_names")]
    there = {line.memory.text for line, lacks in zip(found.lines, missing, strict=True) if not lacks}
    assert {one.text for one in said} & there == {said[0].text, said[1].text}


def test_a_day_is_no_count(memory: Memory) -> None:
    found = memory.evidence("How many concerts did we hear?", NOON).compared.asked
    assert [found.fits(text) for text in ("On 3 May at 19:30: the concert.", "On 3 May: five of them.")] == [
        False,
        True,
    ]


def test_a_pair_tells_who_and_when_and_what_was_said_before(memory: Memory) -> None:
    found = memory.evidence("What is the wifi password?", NOON)
    (line,) = [line for line in found.lines if line.memory.text == "heron-47-lamp"]
    ((asked, told),) = pairs(found.findings.question, [line], ())
    assert asked == "4 May 2026: What is the wifi password?"
    assert told == "Jonah, 25 April 2026: heron-47-lamp | what is the password"
    assert pairs(found.findings.question, [line], ["jonah"])[0][1].startswith("you, 25 April")


def test_what_is_told_of_somebody_else_is_not_sure(memory: Memory) -> None:
    assert memory.recall("What's my blood group?", NOON).sure
    assert not memory.recall("What is Jonah's blood group?", NOON).sure


def test_an_appointment_is_looked_up_where_a_question_names_only_a_time(memory: Memory) -> None:
    soon = Record(Kind.EVENT, "1", "9:00 AM, Chimney sweep.", title="Chimney sweep", at=NOON + timedelta(days=1))
    memory.ledger.add(Source("calendar", "calendar"), [soon])
    memory.catch_up()
    for question, best in (("What is planned this week?", True), ("On which day did Bo plan the plank bridge?", False)):
        found = read(memory.evidence(question, NOON).compared, {})
        likely = {one.line.kind: one.probability for one in reversed(found)}
        assert (likely.get(Kind.EVENT, 0.0) >= 0.9) is best, question


def test_what_adds_nothing_is_no_answer_but_to_a_yes_or_no_question(memory: Memory) -> None:
    memory.ledger.add(Source("mail", "mail"), [Record(Kind.SAID, "2", "Jonah is ill.", author=OWNER, at=NOON)])
    memory.catch_up()
    for question, fits in (("Is Jonah ill?", True), ("What is Jonah ill with?", False)):
        found = read(memory.evidence(question, NOON).compared, {})
        one = next(one for one in found if one.line.memory.text == "Jonah is ill.")
        assert one.fits is fits, question


def test_general_questions_are_not_about_the_owner(memory: Memory) -> None:
    for question in ("How wide is a window?", "What is a blood group?", "How do I clean a stair carpet?"):
        assert not memory.recall(question, NOON).sure, question


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("How much did we pay for the house?", "money"),
        ("What time does the shop close?", "clock"),
        ("How long ago did I get it?", "when"),
        ("How many steps are there?", "number"),
        ("What is the midwife called?", "who"),
        ("Where did I put it?", "where"),
        ("Is a peanut okay for me?", "yes"),
        ("What did Verna have?", ""),
    ],
)
def test_what_kind_of_answer_is_wanted(question: str, shape: str) -> None:
    assert shape_of(question) == shape


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("What's the alarm code?", True),
        ("How many steps does the staircase have?", True),
        ("How many pounds have I lost?", False),
        ("What did we pay, and what was the asking price?", False),
        ("Which names did Bea think of?", False),
        ("Which date did the wedding have at first?", False),
        ("Which tyres did I have before these?", False),
    ],
)
def test_one_line_is_the_whole_answer(question: str, alone: bool) -> None:
    assert tells_itself(question) is alone


def test_of_two_that_answer_the_newest_is_told_first(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:
        said = ("The alarm code of our house is 5926.", "The alarm code of our house is 8140 now.")
        for days, text in zip((90, 2), said, strict=True):
            record = Record(Kind.SAID, text, text, author=OWNER, at=NOON - timedelta(days=days))
            memory.ledger.add(Source(text, "text"), [record])
        memory.catch_up()
        assert chosen(memory, "What's the alarm code of our house now?")[0] == said[1]


def test_an_order_is_no_memory(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:
        for text in ("Start a timer for the eggs.", "Remember that the eggs are for Rita."):
            memory.ledger.add(Source(text, "text"), [Record(Kind.SAID, text, text, author=OWNER, at=NOON)])
        memory.catch_up()
        assert chosen(memory, "Who are the eggs for?") == ["Remember that the eggs are for Rita."]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("What's the alarm code?", []),
        ("Who signs and what is the number?", ["Who signs?", "what is the number?"]),
        ("What did Ann ask, and did I do it?", ["What did Ann ask?", "did I do it, ann ask?"]),
        ("Whom did I meet and have a talk with?", []),
    ],
)
def test_each_part_of_a_question_is_one(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


def test_both_parts_are_told_where_both_are_likely() -> None:
    lines = [Recalled(f"passage:{n}", text, n, "", "you", NOON, 0.0) for n, text in enumerate(("two sign", "number 7"))]

    def part(line: Recalled, score: float) -> Recollection:
        return Recollection([replace(line, score=score)], score, of_life=True, sure=score >= SURE)

    whole = Recollection([replace(lines[1], score=0.2)], 0.2, of_life=True)
    both = of_parts(whole, [part(lines[0], 0.46), part(lines[1], 0.8)])
    assert both.sure
    assert [(one.text, one.score) for one in both.memories] == [("two sign", 0.46), ("number 7", 0.46)]
    assert not of_parts(whole, [part(lines[0], 0.3), part(lines[1], 0.8)]).sure
    assert of_parts(whole, [part(lines[1], 0.8), part(lines[1], 0.3)]).sure  # one line answers both


def test_an_age_is_known_from_a_day_of_birth(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:
        text = "Milo, born 9 October 2018, is afraid of the toilet."
        memory.ledger.add(Source("said", "text"), [Record(Kind.SAID, "1", text, author=OWNER, at=NOON)])
        memory.catch_up()
        found = memory.recall("How old is Milo?", NOON, of_life=True)
        assert (found.sure, [born("How old is Milo?", one.text) for one in found.memories]) == (
            True,
            [date(2018, 10, 9)],
        )
        for question in ("How tall is Milo?", "How old is my brother?"):
            assert not memory.recall(question, NOON, of_life=True).sure
    for text in (
        "Milo was born on 3 May.",  # in which year?
        "Milo: born 9 October 2018. Ingrid: born 22 July 2014.",  # whose?
        "Milo's sister, born 22 July 2014, likes boats.",
        "Milo has a sister who was born on 22 July 2014.",
    ):
        assert born("How old is Milo?", text) is None
