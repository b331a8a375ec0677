"""What is due, and when: by the wall clock for alarms, by the time that passes for timers."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.store.days import Days
from voiceos.clock import Clocks
from voiceos.store.database import Connection, open_database
from voiceos.store.forgetting import Unwanted, forget
from voiceos.store.schedule import LONGEST, Entry, add_entry, advance, entries, save_entry

BERLIN = ZoneInfo("Europe/Berlin")


def clocks(wall: str, uptime: float = 1000.0, boot: str = "a", zone: ZoneInfo = BERLIN, fold: int = 0) -> Clocks:
    return Clocks(datetime.fromisoformat(wall).replace(tzinfo=zone, fold=fold), uptime, boot)


def alarm(wall: str, rule: str = "", **more: str) -> Entry:
    at = datetime.fromisoformat(wall)
    return Entry("alarm", wall=at, first=at, rule=rule, **more)  # pyright: ignore[reportArgumentType]


def timer(seconds: float, set_at: Clocks) -> Entry:
    due = set_at.now.timestamp() + seconds
    return Entry("timer", due=due, length=seconds, boot=set_at.boot, booted=set_at.booted)


def states(db: Connection, at: Clocks, *, resumed: bool = False) -> str:
    """w: waits, r: rings, m: to be told."""
    flags = ((e.waits, e.ringing is not None, e.missed is not None) for e in advance(db, at, resumed=resumed))
    return " ".join("".join(letter for letter, flag in zip("wrm", one, strict=True) if flag) for one in flags)


def test_what_is_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    db = open_database(tmp_path / "memory.db")
    added = add_entry(db, replace(alarm("2027-01-04T07:00", "FREQ=DAILY", country="GB"), name="work", who="owner"))
    db.close()
    db = open_database(tmp_path / "memory.db")
    assert entries(db) == [added]
    db.close()


def test_an_alarm_rings_and_its_next_time_is_known(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"))
    assert states(db, clocks("2027-01-04T06:59:59")) == "w"
    assert states(db, clocks("2027-01-04T07:00:00")) == "wr"
    (rings,) = entries(db)
    assert rings.wall == datetime(2027, 1, 5, 7)
    save_entry(db, replace(rings, ringing=None))
    assert states(db, clocks("2027-01-04T07:00:01")) == "w"


def test_what_is_over_a_minute_late_is_told(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00"))
    assert states(db, clocks("2027-01-04T07:01:01")) == "m"


def test_several_days_off_are_told_once_and_counted(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00", "FREQ=DAILY"))
    assert states(db, clocks("2027-01-07T12:00")) == "wm"
    (missed,) = entries(db)
    assert (missed.times, missed.wall) == (4, datetime(2027, 1, 8, 7))
    assert datetime.fromtimestamp(missed.missed or 0, BERLIN) == datetime(2027, 1, 7, 7, tzinfo=BERLIN)


def test_after_days_off_the_one_of_this_minute_rings(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00", "FREQ=DAILY"))
    assert states(db, clocks("2027-01-06T07:00:20")) == "wrm"
    assert entries(db)[0].times == 2


def test_it_rings_on_after_a_moment_off_and_is_told_after_more(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00"))
    assert states(db, clocks("2027-01-04T07:00")) == "r"
    assert states(db, clocks("2027-01-04T07:00:40", 10, "b"), resumed=True) == "r"
    assert states(db, clocks("2027-01-04T07:01:40", 10, "c"), resumed=True) == "m"


def test_what_nobody_hears_is_told(db: Connection) -> None:
    add_entry(db, timer(60, clocks("2027-01-04T07:00")))
    at = clocks("2027-01-04T07:01", 1060)
    assert states(db, at) == "r"
    assert states(db, replace(at, now=at.now + LONGEST, uptime=1060 + LONGEST.total_seconds())) == "r"
    later = LONGEST + timedelta(seconds=1)
    assert states(db, replace(at, now=at.now + later, uptime=1060 + later.total_seconds())) == "m"


@pytest.mark.parametrize(
    ("first", "rings"),
    [
        ("2027-03-28T07:00", "2027-03-28T05:00+00:00"),  # the night before, the clocks went forward
        ("2027-10-31T07:00", "2027-10-31T06:00+00:00"),  # and back
        ("2027-03-28T02:30", "2027-03-28T01:30+00:00"),  # left out: 3:30
        ("2027-10-31T02:30", "2027-10-31T00:30+00:00"),  # comes twice: the first
    ],
)
def test_seven_stays_seven_when_the_clocks_change(db: Connection, first: str, rings: str) -> None:
    add_entry(db, alarm(first))
    at = datetime.fromisoformat(rings)
    before = Clocks((at - timedelta(seconds=1)).astimezone(BERLIN), 1, "a")
    assert states(db, before) == "w"
    assert states(db, replace(before, now=at.astimezone(BERLIN))) == "r"


def test_an_hour_that_comes_twice_rings_once(db: Connection) -> None:
    add_entry(db, alarm("2027-10-31T02:30", "FREQ=DAILY"))
    assert states(db, clocks("2027-10-31T02:30")) == "wr"
    save_entry(db, replace(entries(db)[0], ringing=None))
    assert states(db, clocks("2027-10-31T02:30", fold=1)) == "w"


def test_seven_is_seven_in_another_time_zone(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00"))
    york = ZoneInfo("America/New_York")
    assert states(db, clocks("2027-01-04T02:00", zone=york)) == "w"  # seven in Berlin was an hour ago
    assert states(db, clocks("2027-01-04T07:00", zone=york)) == "r"


def test_a_timer_takes_as_long_when_the_clock_is_set(db: Connection) -> None:
    add_entry(db, timer(600, clocks("2027-01-04T07:00", 1000)))
    assert states(db, clocks("2027-01-04T12:00", 1010)) == "w"
    assert states(db, clocks("2027-01-04T05:09:59", 1599)) == "w"
    assert states(db, clocks("2027-01-04T05:10", 1600)) == "r"


def test_a_timer_runs_on_over_a_reboot(db: Connection) -> None:
    add_entry(db, timer(600, clocks("2027-01-04T07:00", 1000)))
    assert states(db, clocks("2027-01-04T07:09:59", 20, "b")) == "w"
    assert states(db, clocks("2027-01-04T07:10", 21, "b")) == "r"


def test_without_the_time_only_what_was_set_since_the_start_is_due(db: Connection) -> None:
    woken = clocks("1970-01-01T01:00", 5, "b")
    add_entry(db, alarm("2027-01-04T07:00"))
    add_entry(db, timer(600, clocks("2027-01-04T06:55", 1000)))
    add_entry(db, timer(10, woken))
    assert states(db, clocks("1970-01-01T01:00:10", 15, "b"), resumed=True) == "w w r"
    assert states(db, clocks("2027-01-04T07:00:30", 20, "b")) == "r w r"


def test_what_rings_when_the_clock_is_set_rings_on(db: Connection) -> None:
    woken = clocks("1970-01-01T01:00", 5, "b")
    add_entry(db, timer(10, woken))
    assert states(db, clocks("1970-01-01T01:00:10", 15, "b")) == "r"
    assert states(db, clocks("2027-01-04T07:00:30", 20, "b")) == "r"
    assert states(db, clocks("2027-01-04T07:11:00", 650, "b")) == "m"
    assert datetime.fromtimestamp(entries(db)[0].missed or 0, BERLIN).replace(tzinfo=None) == datetime(
        2027, 1, 4, 7, 0, 25
    )


def test_a_clock_that_was_wrong_takes_no_morning_away(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00", "FREQ=DAILY"))
    assert states(db, clocks("2036-05-05T12:00")) == "wm"
    assert states(db, clocks("2027-01-04T06:00")) == "wm"
    assert entries(db)[0].wall == datetime(2027, 1, 4, 7)


def test_holidays_are_left_out(db: Connection) -> None:
    add_entry(db, alarm("2026-12-24T07:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", country="GB"))
    states(db, clocks("2026-12-24T07:00"))
    assert entries(db)[0].wall == datetime(2026, 12, 29, 7)  # Christmas on a Friday, Boxing Day on the Monday


def test_a_count_comes_to_its_end(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00", "FREQ=DAILY;COUNT=2"))
    assert states(db, clocks("2027-01-04T07:00")) == "wr"
    assert states(db, clocks("2027-01-05T07:00", 87_400)) == "rm"


def test_an_hourly_one_is_caught_up_at_once_after_a_year(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00", "FREQ=HOURLY"))
    assert states(db, clocks("2028-01-04T06:30")) == "wm"
    assert entries(db)[0].times == 365 * 24


def test_only_forgetting_everything_forgets_the_schedule(db: Connection) -> None:
    add_entry(db, alarm("2027-01-04T07:00"))
    forget(db, Unwanted())
    assert len(entries(db)) == 1
    forget(db, Unwanted(everything=True))
    assert entries(db) == []


def test_a_thousand_days_lose_nothing_and_double_nothing() -> None:
    days = Days(seed=11, events=1)
    days.live(1000)
    assert days.problems == []
    assert days.rung > 2000
    assert days.told > 500
    assert days.kills > 100
    assert days.latest <= 1.0
