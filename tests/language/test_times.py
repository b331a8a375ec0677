"""Times as people say them mean what people mean by them."""

import inspect
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.clock import local_zone
from voiceos.language.data import table
from voiceos.language.times import (
    Duration,
    Moment,
    Period,
    Recurrence,
    again_rules,
    clock_rules,
    date_rules,
    find,
    span_rules,
)
from voiceos.language.times.chart import sequences

LONDON = ZoneInfo("Europe/London")
LINES = [line.split("\t") for line in (Path(__file__).parent / "times.tsv").read_text().splitlines() if line]
NOWS = {line[1]: datetime.fromisoformat(line[2]).replace(tzinfo=LONDON) for line in LINES if line[0] == "#now"}
PHRASES = [line[:4] for line in LINES if line[0][0] != "#"]


@pytest.mark.parametrize(("now", "lean", "text", "meaning"), PHRASES, ids=[line[2] for line in PHRASES])
def test_phrases(now: str, lean: Any, text: str, meaning: str) -> None:
    plain = text.replace("[", "").replace("]", "")
    found = find(plain, NOWS[now], lean=lean)
    if meaning == "-":
        assert found == []
        return
    (one,) = found
    assert _alike(str(one.meaning), meaning)
    start, end = text.index("["), text.index("]") - 1
    assert one.start <= start
    assert one.end == end


def _alike(shown: str, meant: str) -> bool:
    if meant.startswith("P"):
        parts = re.fullmatch(r"P(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", meant)
        assert parts
        months, days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        return shown == str(Duration(months, days, hours * 3600 + minutes * 60 + seconds))
    return shown == meant or ("@" not in meant and shown.partition(" @")[0] == meant)


def test_the_other_years_and_weeks_that_may_be_meant() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    (march,) = find("in March", now)
    assert [str(one)[:4] for one in march.others[:3]] == ["2025", "2024", "2023"]
    assert march.every == "year"
    (monday,) = find("on Tuesday", now, lean="future")
    assert str(monday.others[0]) == "2026-12-01/2026-12-02"
    assert find("on 3 March 2025", now)[0].others == ()


def test_a_length_of_days_is_reckoned_on_the_calendar_and_one_of_hours_by_the_clock() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=LONDON)  # the clocks go forward in the night
    (hours,) = find("in 24 hours", before, lean="future")
    (day,) = find("tomorrow at noon", before, lean="future")
    assert isinstance(hours.meaning, Moment)
    assert isinstance(day.meaning, Moment)
    assert hours.meaning.at == datetime(2026, 3, 29, 13, 0, tzinfo=LONDON)
    assert day.meaning.at.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=23)


def test_a_far_date_and_a_recurrence_keep_the_wall_clock_over_the_change_of_the_clocks(tmp_path: Path) -> None:
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Europe/London")
    zone = local_zone("", tmp_path / "localtime")
    assert zone == local_zone(":Europe/London", tmp_path)
    now = datetime(2026, 3, 27, 12, tzinfo=zone)
    (far,) = find("at nine in the morning on 1 July", now, lean="future")
    (again,) = find("every Monday at 9 am", now, lean="future")
    assert isinstance(again.meaning, Recurrence)
    for meaning in (far.meaning, again.meaning.first):
        assert isinstance(meaning, Moment)
        assert (meaning.at.hour, meaning.at.utcoffset()) == (9, timedelta(hours=1))
    assert local_zone("", tmp_path / "nowhere") is None
    assert local_zone("Mars/Olympus", tmp_path) is None


def test_a_time_that_the_clock_leaves_out_or_has_twice() -> None:
    (skipped,) = find("at 1:30 am on 29 March 2026", datetime(2026, 3, 1, tzinfo=LONDON))
    assert isinstance(skipped.meaning, Moment)
    assert skipped.meaning.at.hour == 2
    second = datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=LONDON)
    (ago,) = find("30 minutes ago", second)
    assert isinstance(ago.meaning, Moment)
    assert second.astimezone(UTC) - ago.meaning.at.astimezone(UTC) == timedelta(minutes=30)


def test_the_zone_is_that_of_now() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo("America/New_York"))
    (july,) = find("in July 2025", now)
    assert isinstance(july.meaning, Period)
    assert july.meaning.start
    assert july.meaning.start.utcoffset() == timedelta(hours=-4)


def test_a_recurrence_comes_when_its_words_say() -> None:
    now = datetime(2026, 3, 27, 23, tzinfo=LONDON)  # a Friday; the clocks go forward on Sunday
    for words, days, clocks in (
        ("every weekday at 8:30 and ten at night for a week", "30 31 1 2 3", "08:30 22:00"),
        ("every morning and evening starting tomorrow until Tuesday", "28 29 30", "05:00 18:00"),
        ("every Monday and Wednesday at 7, 12:15 and 6 for the next two weeks", "30 1 6 8", "07:00 12:15 18:00"),
        ("every 90 minutes from 9 to 3 starting tomorrow through Monday", "28 29 30", "09:00 10:30 12:00 13:30 15:00"),
        ("at 7 and 9 pm for the next three Sundays", "29 5 12", "07:00 21:00"),
        ("every day this week at noon except Saturday", "29", "12:00"),
    ):
        (one,) = find(words, now, lean="future")
        assert isinstance(one.meaning, Recurrence)
        assert isinstance(one.meaning.first, Moment | Period)
        first = one.meaning.first.at if isinstance(one.meaning.first, Moment) else one.meaning.first.start
        every = [f"{at.day} {at:%H:%M}" for at in rrulestr(one.meaning.rule, dtstart=first)]
        assert every == [f"{day} {clock}" for day in days.split() for clock in clocks.split()]


def test_a_language_without_a_grammar_has_no_times() -> None:
    assert find("morgen um drei", datetime(2026, 1, 1, tzinfo=UTC), language="xx") == []


WORDS = sorted(
    {
        word
        for by in table("en", "times")["words"].values()
        for phrases in by.values()
        for word in phrases.replace(",", " ").split()
    }
    | set(
        "in on at the of from to until since before after by every each ago 7 15 31 2024 0 99 - : , . 12:30 1/2".split()
    )
)
ZONES = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join) | st.text(max_size=80),
    st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=ZONES.map(ZoneInfo)) | st.just(datetime.max),
    st.sampled_from(["past", "future"]),
)
def test_any_text_has_times_inside_it(text: str, now: datetime, lean: Any) -> None:
    end = 0
    for one in find(text, now, lean=lean):
        assert end <= one.start < one.end <= len(text)
        end = one.end
        for meaning in (one.meaning, *one.others):
            assert str(meaning)
            if isinstance(meaning, Recurrence) and meaning.first:
                meaning = meaning.first
            if isinstance(meaning, Period) and meaning.start and meaning.end:
                assert meaning.start.timestamp() <= meaning.end.timestamp()


@pytest.mark.parametrize("piece", ["monday and ", "the 3rd of may at 5 to 6 ", "7 ", "every day at ", "a ", '"'])
def test_no_text_takes_long(piece: str) -> None:
    began = time.process_time()
    find(piece * (4000 // len(piece)), datetime(2026, 1, 1, tzinfo=UTC))
    assert time.process_time() - began < 5


def test_every_rule_has_its_operation_and_every_slot_its_kind() -> None:
    data = table("en", "times")
    kinds = {*data["words"], *data["forms"], *data["rules"], *data["kinds"]}
    rooms = (again_rules, clock_rules, date_rules, span_rules)
    functions = {name: function for room in rooms for name, function in vars(room).items()}
    for rules in data["rules"].values():
        for name, patterns in rules.items():
            operation, _, constant = name.partition("/")
            for sequence in (one for pattern in patterns for one in sequences(pattern.rstrip("!?$"))):
                slots = [piece[1:-1].rpartition(":") for piece in sequence if piece[0] == "{"]
                assert {kind for _, _, kind in slots} <= kinds
                given = {name or kind: kind for name, _, kind in slots if name != "_"} | (
                    {"constant": ""} if constant else {}
                )
                inspect.signature(functions[operation]).bind(None, **given)
