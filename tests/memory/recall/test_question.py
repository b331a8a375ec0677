"""What a question asks: terms, people, times, shape; and no text that breaks it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.language.terms import Analyzer
from voiceos.memory.recall.periods import periods
from voiceos.memory.recall.question import MOST_TERMS, Question, Shape, ask

ANALYZE = Analyzer("en")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday


def asked(text: str) -> Question:
    return ask(text, ANALYZE, NOW, owner=("Ada Byron",))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("in 2021", "2021-01-01", "2022-01-01"),
        ("on 7 May 2023", "2023-05-07", "2023-05-08"),
        ("on May 7th, 2023", "2023-05-07", "2023-05-08"),
        ("2023-05-07", "2023-05-07", "2023-05-08"),
        ("in May 2023", "2023-05-01", "2023-06-01"),
        ("from February 11th to 13th, 2025", "2025-02-11", "2025-02-14"),
        ("in mid-January", "2026-01-10", "2026-01-22"),
        ("in late March 2025", "2025-03-20", "2025-04-01"),
        ("last winter", "2025-12-01", "2026-03-01"),
        ("in the spring of 2023", "2023-03-01", "2023-06-01"),
        ("in the fall of 2023", "2023-09-01", "2023-12-01"),
        ("yesterday", "2026-11-22", "2026-11-23"),
        ("the day before yesterday", "2026-11-21", "2026-11-22"),
        ("last Tuesday", "2026-11-17", "2026-11-18"),
        ("on Monday", "2026-11-23", "2026-11-24"),
        ("last week", "2026-11-16", "2026-11-23"),
        ("last weekend", "2026-11-21", "2026-11-23"),
        ("last month", "2026-10-01", "2026-11-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("three days ago", "2026-11-20", "2026-11-21"),
    ],
)
def test_a_time_becomes_a_period(text: str, start: str, end: str) -> None:
    first = asked(f"What did I say about the boiler {text}?").periods[0]
    days = [datetime.fromtimestamp(at, UTC).date().isoformat() for at in (first.start, first.end)]
    assert days == [start, end]


def test_two_weeks_ago_is_about_two_weeks_ago() -> None:
    (period,) = asked("what was it two weeks ago").periods
    assert period.start < datetime(2026, 11, 9, 12, tzinfo=UTC).timestamp() < period.end
    assert period.end - period.start < 16 * 86_400


def test_a_month_without_a_year_is_most_surely_the_last_one() -> None:
    found = asked("Who came in March?").periods
    assert datetime.fromtimestamp(found[0].start, UTC).year == 2026
    assert found[0].weight > found[1].weight


@pytest.mark.parametrize("text", ["May I go?", "on 31 February 2023", "0000-99-99", "march on, soldier", "fall down"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert asked(text).periods == ()


def test_words_that_only_tell_the_time_are_not_the_topic() -> None:
    question = asked("What did I say about the boiler last winter?")
    assert question.topic == ("boiler",)
    assert "winter" in question.terms


def test_who_asks_about_themself() -> None:
    assert asked("what did I say about my boiler").about_owner
    assert asked("Where did Ada go?").about_owner
    assert not asked("Where did Caroline go?").about_owner
    assert "carolin" in "".join(asked("Where did Caroline go?").names)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("When did she move?", Shape.WHEN),
        ("On which day was it?", Shape.WHEN),
        ("Who told me?", Shape.WHO),
        ("Where does he live?", Shape.WHERE),
        ("How many cats has she?", Shape.HOW_MANY),
        ("Why did they leave?", Shape.WHY),
        ("Did I pay the rent?", Shape.WHAT),
        ("What is it?", Shape.WHAT),
    ],
)
def test_shapes(text: str, shape: Shape) -> None:
    assert asked(text).shape is shape


def test_an_event_as_a_time() -> None:
    question = asked("Where did we live before the move?")
    assert (question.relation, question.anchor) == ("before", "the move")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_question(text: str) -> None:
    question = asked(text)
    assert len(question.terms) <= MOST_TERMS


@pytest.mark.parametrize(
    "text",
    [
        "word " * 5000,
        "😀" * 50,
        "你昨天说了什么关于锅炉的事情",
        'NEAR("a" b*) OR col:^x AND NOT -"',
        "'; DROP TABLE record; --",
        "99999999999999999999 days ago",
        "999 years ago",
        "in 1900, January 1900 to 31",
        "next year " * 2000,
        "\x00\ud800",
        "",
    ],
)
def test_hostile_questions(text: str) -> None:
    question = asked(text)
    assert len(question.terms) <= MOST_TERMS
    assert len(question.periods) <= 32


def test_the_beginning_and_the_end_of_the_calendar() -> None:
    for year in (1, 9999):
        assert isinstance(
            periods("last winter, 900 years ago, next year, in May", datetime(year, 1, 2, tzinfo=UTC)), tuple
        )
