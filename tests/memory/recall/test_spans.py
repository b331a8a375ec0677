"""How long something was, or has been so by now, worked out from what a memory tells."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from voiceos.core import Recalled
from voiceos.memory.recall.spans import can_reckon, span_of, times

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 20, 10, tzinfo=ZONE)


def memory(said: str, text: str) -> Recalled:
    return Recalled("passage:1", text, 1, "", "you", datetime.fromisoformat(said).replace(tzinfo=ZONE), 0.9)


@pytest.mark.parametrize(
    ("question", "said", "text", "told"),
    [
        ("How long have I worked there?", "2026-02-03", "I started there in September 2021.",
         "5 years and 2 months, since September 2021"),
        ("How long have we lived here?", "2026-02-03", "We moved in on 14 June 2018.",
         "8 years and 5 months, since 14 June 2018"),
        ("How long have I been learning it?", "2026-09-09", "I've been learning it since January.",
         "10 months, since January 2026"),
        ("How long has she had it?", "2026-11-18", "I lent it to her three weeks ago.",
         "3 weeks, since 28 October"),
        ("How many years has he been dead?", "2026-10-10", "He died in 2016.", "10 years, since 2016"),
        ("How long have we known her?", "2025-11-20", "We've known her for six years.", "7 years, since 2019"),
        ("How long have we had him?", "2026-08-25", "We got him in October 2022, he was eight weeks old.",
         "4 years and one month, since October 2022"),
        ("How long were we there?", "2026-08-20", "We flew to Lisbon on the 3rd and came back on the 15th.",
         "12 days"),
        ("How long is the trip?", "2026-11-05", "The trip is from 13 to 20 February 2027.", "7 days"),
        ("How long did it take?", "2026-10-31", "I finished it today, I began it in February 2025.",
         "one year and 8 months"),
        ("How long have I been at Dent's?", "2026-11-20", "I start at Dent's tomorrow.", ""),
        ("How long have I been at Dent's?", "2026-10-31", "I start at Dent's tomorrow.",
         "3 weeks, since 1 November"),
        ("How long have I swum?", "2026-03-12", "I swim on Tuesdays at seven.", ""),
        ("How long is the lesson?", "2026-03-12", "The lesson is every Wednesday at seven.", ""),
        ("How long have we been there?", "2026-03-12", "We came in 2011 and left in 2014.", ""),
    ],
)  # fmt: skip
def test_how_long(question: str, said: str, text: str, told: str) -> None:
    one, can_tell = memory(said, text), can_reckon(question)
    assert span_of(question, one, NOW) == (f"That makes {told}." if told else "")
    assert can_tell
    assert can_tell(one, NOW) is bool(told)


@pytest.mark.parametrize(
    ("question", "text", "can"),
    [
        ("How long since the boiler was serviced?", "The boiler was serviced last Wednesday.", True),
        ("How long ago did I see him?", "I see him in May.", False),
        ("How long ago did I last swim?", "I swim on Tuesdays.", False),
        ("When is my train back?", "We came back on 3 May.", False),
        ("When is our anniversary?", "We married on 3 May.", None),
        ("When did I start?", "I start in May.", False),
        ("When did I last swim?", "I swim on Tuesdays.", False),
        ("When did I last swim?", "I swam with Jo on Tuesday.", True),
        ("How long is the boat?", "The boat is 28 ft.", True),
        ("How long is the film?", "The film is two hours and ten minutes.", True),
        ("How long is the film?", "The film is at eight on Friday.", False),
        ("How long did the talk go on?", "We've had the hall since May.", False),
        ("When is my next haircut?", "I had my hair cut yesterday.", False),
        ("When is my next haircut?", "My hair gets cut every six weeks.", True),
    ],
)
def test_what_can_tell(question: str, text: str, can: bool | None) -> None:
    can_tell = can_reckon(question)
    assert (can_tell(memory("2026-11-19", text), NOW) if can_tell else None) is can


def test_a_length_is_told_as_it_stands() -> None:
    married, question = memory("2026-10-12", "45 years married this Saturday!"), "How long have they been married?"
    can_tell = can_reckon(question)
    assert can_tell
    assert can_tell(married, NOW)
    assert span_of(question, married, NOW) == ""


def test_of_what_is_not_reckoned_anything_can_tell() -> None:
    assert can_reckon("How many days have I got left?") is None
    assert can_reckon("Where is the fair?") is None


def test_times_are_as_close_as_they_are_told() -> None:
    said = NOW - timedelta(days=30)
    told = times("We met two years ago, married in May 2025 and moved yesterday at six.", said)
    assert [one.grain for one in told] == ["year", "month", "day"]
    assert [one.said(NOW) for one in told] == ["2024", "May 2025", "20 October"]
    assert times("I swim on Tuesdays at seven, and at night.", said) == []
