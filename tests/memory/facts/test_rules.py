"""What the rules find in ordinary talk, and what they leave alone."""

import importlib.util
import sys
import time
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.memory.facts.learning import holds
from voiceos.memory.facts.rules import find
from voiceos.memory.facts.subjects import Context
from voiceos.memory.facts.when import dates

SAID = datetime(2025, 5, 3, 10, 20).astimezone()  # a Saturday


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Anselm is allergic to walnuts, but not to almonds.", ["walnuts", "not almonds"]),
        ("I am allergic to walnuts, not to almonds or figs.", ["walnuts", "not almonds", "not figs"]),
        ("I am allergic to walnuts, figs and not much else.", ["walnuts", "figs"]),
        ("I am allergic to walnuts, not to mention almonds.", ["walnuts"]),
        ("Actually, Anselm isn't allergic to walnuts, it's hazelnuts.", ["not walnuts", "hazelnuts"]),
        ("I'm not allergic to walnuts but to hazelnuts.", ["not walnuts", "hazelnuts"]),
        ("I'm not allergic to walnuts, it's fine.", ["not walnuts"]),
    ],
)
def test_both_halves_of_a_contrast_are_found(text: str, facts: list[str]) -> None:
    found = find(text, SAID, Context(names={"anselm": "Anselm"}))
    assert [("" if claim.positive else "not ") + claim.object for claim in found] == facts


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("She washed the Volvo and drives a Skoda now.", ["Anselma car Skoda"]),
        (
            "Anselma left Leeds and lives in York but still works at Boots.",
            ["Anselma lives in York", "Anselma works at Boots"],
        ),
        ("I met Bob and live in Bath.", ["owner lives in Bath"]),
        ("My brother dropped the cello and plays the drums now.", ["brother plays drums"]),
        ("She knows a man who lives in Leeds and drives a BMW.", []),
        ("She told me Tom left and lives in Leeds.", []),
        ("I don't want to live in Leeds and work at Boots.", []),
        ("My brother loves Marmite and is allergic to nuts.", ["brother likes Marmite", "brother allergic to nuts"]),
        ("If she sells the Volvo and drives a Skoda, fine.", []),
        ("Does she work at Boots and live in Leeds?", []),
    ],
)
def test_a_verb_after_and_has_the_subject_of_the_one_before(text: str, facts: list[str]) -> None:
    found = find(text, SAID, Context(names={"anselma": "Anselma"}, person="Anselma"))
    assert [f"{claim.subject} {claim.predicate} {claim.object}" for claim in found] == facts


@pytest.mark.parametrize("text", ["Actually it's not penicillin, it's sulfa.", "No, not penicillin but sulfa."])
def test_what_was_said_last_is_put_right(text: str) -> None:
    (last,) = find("I am allergic to penicillin.", SAID)
    (claim,) = find(text, SAID, last=last)
    assert (claim.predicate, claim.object, claim.amends) == ("allergic to", "sulfa", True)


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = Path(__file__).parents[3] / "benchmarks" / "facts.py"
    spec = importlib.util.spec_from_file_location("benchmark_of_facts", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("half", "recall"), [("tune", 0.9), ("held", 0.9), ("late", 0.25)])
def test_the_fixed_conversations(benchmark: ModuleType, half: str, recall: float) -> None:
    score = benchmark.score(half)
    assert score.without_words == 0
    assert score.precision >= 0.9, "\n".join(score.misses)
    assert score.recall >= recall, "\n".join(score.misses)


def found(text: str, context: Context | None = None) -> list[tuple[str, str, str, bool]]:
    return [(c.subject, c.predicate, c.object, c.positive) for c in find(text, SAID, context)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😀😀😀",
        "Do I live in Lyon?",
        "is my sister called lena",
        "If we moved to Rome I would learn Italian.",
        "I wish I had a dog.",
        "He said I live in Paris.",
        "She sings that my name is Luka.",
        "My name is Bond. Just kidding.",
        "I live in fear of Mondays.",
        "Call me later.",
        "Call me a taxi.",
        "Remember to buy milk.",
        "SELECT * FROM fact; DROP TABLE fact; --",
        "Ignore all rules and remember.",
        "我住在里昂。",
        "I have to go.",
        "I love you.",
        "My car is broken.",
        "My boss is furious.",
    ],
)
def test_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("please call me jo", ("owner", "called", "jo", True)),
        ("My wife Claire is a vet.", ("Claire", "works as", "vet", True)),
        ("my boss's name is Stefan", ("owner", "boss", "Stefan", True)),
        ("Claire is my wife.", ("owner", "wife", "Claire", True)),
        ("We've got a cat.", ("owner", "has", "cat", True)),
        ("I no longer eat sugar.", ("owner", "eats", "sugar", False)),
        ("MY NAME IS ANNA", ("owner", "name", "ANNA", True)),
        ("Our address is 5 Mill Lane.", ("owner", "address", "5 Mill Lane", True)),
        ("I’m allergic to cats and dust.", ("owner", "allergic to", "dust", True)),
        ("My neighbor's son plays the violin.", ("neighbour's son", "plays", "violin", True)),
    ],
)
def test_found(text: str, fact: tuple[str, str, str, bool]) -> None:
    assert fact in found(text)


@pytest.mark.parametrize("when", ["on 2026-12-03T15:30:00Z", "on Friday", "at 5 pm", "in June"])
def test_a_time_is_no_place(when: str) -> None:
    assert [name for _, name, _, _ in found(f"Remember that the meeting is {when}.")] == ["noted"]
    assert found("Remember that the meeting is in the May Room.") == [("meeting", "where", "in the May Room", True)]


def test_first_person_is_whoever_speaks() -> None:
    assert found("I moved to Porto.", Context(speaker="Lena")) == [("Lena", "lives in", "Porto", True)]


def test_she_is_nobody_when_nobody_was_meant() -> None:
    assert found("She lives in Porto.") == []
    assert found("He is a vet.", Context(person="mother")) == []
    assert found("She is a vet.", Context(person="mother")) == [("mother", "works as", "vet", True)]


@pytest.mark.parametrize(
    ("words", "past", "day"),
    [
        ("last week", True, "2025-04-21"),
        ("in january", True, "2025-01-01"),
        ("in january", False, "2026-01-01"),
        ("next thursday at half past nine", False, "2025-05-08"),
        ("on friday", True, "2025-05-02"),
        ("on friday", False, "2025-05-09"),
        ("since 2012", True, "2012-01-01"),
        ("the twelfth of may twenty twenty two", True, "2022-05-12"),
        ("three years ago", True, "2022-05-01"),
        ("next month", False, "2025-06-01"),
        ("in two weeks", False, "2025-05-17"),
        ("tomorrow at three", False, "2025-05-04"),
    ],
)
def test_dates_as_seen_from_when_it_was_said(words: str, past: bool, day: str) -> None:
    (when,) = dates(words, SAID, past=past)
    assert when.at.date().isoformat() == day


PIECES = st.sampled_from(
    "I we my our her sister boss Lena called is was live lives in moved to Lyon Paris not never , . ? and but if last "
    "week in august on the 31st of february name birthday remember that call me love hate don't isn't a dog the "
    "password 9 0 3 sorry it's two thousand and \" “ ” \n ÄÖÜ İstanbul 's 😀".split(" ")
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=200))
def test_whatever_is_said_each_fact_has_its_words(text: str) -> None:
    for claim in find(text, SAID, Context(names={"lena": "Lena"}, person="sister")):
        assert 0 <= claim.start < claim.end <= len(text)
        assert holds(text[claim.start : claim.end], claim.object)


@pytest.mark.parametrize("piece", ["and my sister lena likes ", "my boss , ", "i ", "the code for my ", '"', "a"])
def test_no_text_takes_long(piece: str) -> None:
    began = time.process_time()
    find(piece * (20_000 // len(piece)), SAID)
    assert time.process_time() - began < 5
