"""Calendars: every event at its time, whoever wrote the file."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

Read = Callable[..., Any]


def calendar(*events: str, head: str = "", kind: str = "VEVENT") -> str:
    blocks = "".join(f"BEGIN:{kind}\r\n{event}\r\nEND:{kind}\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{blocks}END:VCALENDAR\r\n"


def zone(name: str, offset: str) -> str:
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:{offset}\r\n"
        f"TZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


def event(start: str = "20260917T080000Z", *more: str, uid: str = "1", title: str = "Maths") -> str:
    begins = f"DTSTART{start if start[:1] == ';' else ':' + start}"
    return "\r\n".join([f"UID:{uid}", f"SUMMARY:{title}", begins, *more])


def times(records: Any) -> list[str]:
    return [f"{record.at:%m-%d %H:%M}" for record in records if record.at]


def test_several_events_of_one_uid_are_all_kept(read: Read) -> None:
    records, _ = read("c.ics", calendar(event(), event("20260918T080000Z", title="French")))
    assert [(record.title, record.at.day) for record in records] == [("Maths", 17), ("French", 18)]
    assert len({record.key for record in records}) == 2


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("SEQUENCE:0", "SEQUENCE:3"),
        ("X-OLD:1", "SEQUENCE:1"),
        ("LAST-MODIFIED:20260101T000000Z", "LAST-MODIFIED:20260201T000000Z"),
        ("SEQUENCE:1\r\nLAST-MODIFIED:20260301T000000Z", "SEQUENCE:2\r\nLAST-MODIFIED:20260201T000000Z"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_an_event_that_was_moved_the_newest_time_counts(read: Read, older: str, newer: str, turned: bool) -> None:
    events = [event("20260917T080000Z", older), event("20260919T080000Z", newer)]
    [record], _ = read("c.ics", calendar(*(events[::-1] if turned else events)))
    assert (record.at.day, record.key) == (19, "1")
    [record], _ = read("d.ics", "".join(calendar(one) for one in events))
    assert record.at.day == 19


def test_the_same_event_twice_is_once(read: Read) -> None:
    records, _ = read("c.ics", calendar(event(), event()) + calendar(event()))
    assert len(records) == 1


def test_events_without_a_name_keep_theirs(read: Read) -> None:
    nameless = [event(title=title).partition("\r\n")[2] for title in ("Maths", "French")]
    keys = [{record.key for record in read("c.ics", calendar(*nameless[:count]))[0]} for count in (1, 2)]
    assert len(keys[1]) == 2
    assert keys[0] < keys[1]


def test_what_was_cancelled_is_none(read: Read) -> None:
    for status in ("CANCELLED", "CANCELED"):
        cancelled = event("20260917T080000Z", "SEQUENCE:1", f"STATUS:{status}")
        assert read("c.ics", calendar(event(), cancelled))[0] == []
    assert read("d.ics", calendar(event()) + calendar(event(), head="METHOD:CANCEL\r\n"))[0] == []
    weekly = event("20260601T080000Z", "RRULE:FREQ=WEEKLY;COUNT=3")
    one = event("20260608T080000Z", "RECURRENCE-ID:20260608T080000Z")
    records, _ = read("e.ics", calendar(weekly) + calendar(one, head="METHOD:CANCEL\r\n"))
    assert times(records) == ["06-01 08:00", "06-15 08:00"]


def test_each_calendar_has_its_own_zones(read: Read) -> None:
    for name, offset in (("a.ics", "+0100"), ("b.ics", "-0500")):
        there = event(";TZID=Customized Time Zone:20260917T130000")
        [record], _ = read(name, calendar(there, head=zone("Customized Time Zone", offset)))
        assert record.at.strftime("%H%M%z") == f"1300{offset}"
    mine = ";TZID=/x/Mine:20260917T130000"
    both = [calendar(event(mine, uid=one), head=zone("/x/Mine", one)) for one in ("+0300", "-0200")]
    records, _ = read("c.ics", "".join(both))
    assert [record.at.strftime("%z") for record in records] == ["+0300", "-0200"]
    [record], reading = read("d.ics", calendar(event(";TZID=Customized Time Zone:20260917T130000")))
    assert record.at.replace(tzinfo=None).hour == 13
    assert "zone" in reading.problems[0].reason


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        ("Europe/Berlin", "+0200"),
        ("europe/berlin", "+0200"),
        ("America/New York", "-0400"),
        ("/mozilla.org/20050126_1/Europe/Berlin", "+0200"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "-0300"),
        ("W. Europe Standard Time", "+0200"),
        ("GMT Standard Time 1", "+0100"),
        ('"(UTC-05:00) Eastern Time (US & Canada)"', "-0400"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "+0200"),
        ("Eastern", "-0400"),
        ("Pacific Time (US & Canada)", "-0700"),
        ("EST5EDT", "-0400"),
        ("PST", "-0700"),
        ("Etc/GMT+5", "-0500"),
        ("GMT+0100", "+0100"),
        ('"UTC+05:30"', "+0530"),
        ("tzone://Microsoft/Utc", "+0000"),
        ("Z", "+0000"),
    ],
)
def test_zones_by_any_name(read: Read, name: str, offset: str) -> None:
    [record], reading = read("c.ics", calendar(event(f";TZID={name}:20260917T080000")))
    assert record.at.strftime("%H:%M%z") == f"08:00{offset}"
    assert not reading.problems


def test_a_zone_without_rules_is_where_it_says(read: Read) -> None:
    head = "BEGIN:VTIMEZONE\r\nTZID:Custom\r\nX-LIC-LOCATION:Asia/Tokyo\r\nEND:VTIMEZONE\r\n"
    [record], reading = read("c.ics", calendar(event(";TZID=Custom:20260917T080000"), head=head))
    assert record.at.strftime("%H%z") == "08+0900"
    assert not reading.problems


def test_a_calendar_names_the_zone_of_times_without_one(read: Read) -> None:
    here = calendar(
        event("20260917T080000", uid="1"),
        event("20260917T080000Z", uid="2"),
        event(";VALUE=DATE:20260917", uid="3"),
        event("20260601T080000", "RRULE:FREQ=DAILY;UNTIL=20260603T080000", "EXDATE:20260602T080000", uid="4"),
        head="X-WR-TIMEZONE:America/New_York\r\n",
    )
    records, _ = read("c.ics", here)
    assert [record.at.strftime("%d %H%z") for record in records[:2]] == ["17 08-0400", "17 08+0000"]
    assert records[2].until - records[2].at == timedelta(days=1)
    assert [record.at.strftime("%d %H%z") for record in records[3:] if record.at] == ["01 08-0400", "03 08-0400"]


@pytest.mark.parametrize(
    "folded",
    [
        "DESCRIPTION:First line\r\nsecond line\r\n\r\nthird: with colon\r\n",
        "DESCRIPTION:First line\\nsecond\r\n  line\\n\\nthird:\r\n\t with colon\r\n",
        "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:First line=0D=0Asecond=\r\n line=0D=0A=0D=0Athird:=\r\n with colon=\r\n",
        "DESCRIPTION;ENCODING=BASE64:Rmlyc3QgbGluZQpzZWNvbmQgbGluZQoKdGhpcmQ6\r\n IHdpdGggY29sb24=\r\n",
        "DESCRIP\r\n TION:First line\\nsecond line\\n\\nthird: with colon\r\n",
        "X-ALT-DESC;FMTTYPE=text/html:<p>First line<br>second line</p><p>third: with colon</p>\r\n",
        "DESCRIPTION:<p>First line<br>second line</p><p>third: with colon</p>\r\n",
    ],
)
def test_lines_that_are_folded_in_any_way_or_not(read: Read, folded: str) -> None:
    content = calendar(f"{folded}{event()}\r\nLOCATION:Home")
    for ends in ("\r\n", "\n", "\r", "\r\r\n"):
        [record], _ = read("c.ics", content.replace("\r\n", ends))
        assert record.text == "Maths. At Home.\nFirst line\nsecond line\n\nthird: with colon"


def test_a_fold_within_a_letter(read: Read) -> None:
    content = calendar(event(title="Café mit Zoë")).encode().replace("ë".encode(), b"\xc3\r\n \xab")
    [record], _ = read("c.ics", b"\xef\xbb\xbf" + content)
    assert record.title == "Café mit Zoë"
    [record], _ = read("c.vcf", b"BEGIN:VCARD\r\nFN:Zo\xc3\r\n \xab\r\nEND:VCARD\r\n")
    assert record.title == "Zoë"


def test_vcalendar_of_old_telephones(read: Read) -> None:
    old = (
        "BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\nDTSTART:20260601T100000Z\nDTEND:20260601T110000Z\n"
        "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Caf=C3=A9 and=\n everybody=\n\nRRULE:{rule}\n"
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    for rule, expected in (
        ("D2 #2", ["06-01", "06-03"]),
        ("W1 MO TH #3", ["06-01", "06-04", "06-08"]),
        ("MP1 1+ MO #2", ["06-01", "07-06"]),
        ("MD1 1 15 #3", ["06-01", "06-15", "07-01"]),
        ("YM1 6 #1", ["06-01"]),
        ("D1 20260602T100000Z", ["06-01", "06-02"]),
    ):
        records, _ = read("c.vcs", old.format(rule=rule))
        assert [one[:5] for one in times(records)] == expected, rule
        assert records[0].title == "Café and everybody"


def test_a_year_that_stands_for_none_is_not_told(read: Read) -> None:
    records, _ = read("c.ics", calendar(event(";VALUE=DATE:16040314", "RRULE:FREQ=YEARLY", title="Ana's birthday")))
    assert records[-1].text == "Ana's birthday. Every year on 14 March."
    assert times(records) == ["03-14 00:00"] * 6
    records, _ = read("d.ics", calendar(event(";VALUE=DATE:19700229", "RRULE:FREQ=YEARLY", title="Bo's birthday")))
    assert records[-1].text == "Bo's birthday. Every year on 29 February."


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,;UNTIL=", 53),
        ("freq=daily;count=3", 3),
        ("FREQ=DAILY;INTERVAL=0;COUNT=3", 3),
        ("FREQ=DAILY;COUNT=0", 1),
        ("FREQ=DAILY;COUNT=2;X-THING=5;", 2),
        ("FREQ=DAILY;UNTIL=2026-06-02T08:00:00Z", 2),
        ("FREQ=NONSENSE", 1),
        ("BYDAY=MO", 1),
    ],
)
def test_rules_that_are_not_quite_right(read: Read, rule: str, count: int) -> None:
    records, _ = read("c.ics", calendar(event("20260601T080000Z", f"RRULE:{rule}")))
    assert len(times(records)) == count


@pytest.mark.parametrize(
    ("start", "iso", "all_day"),
    [
        ("20260917T0800Z", "2026-09-17T08:00:00+00:00", False),
        ("2026-09-17T08:00:00Z", "2026-09-17T08:00:00+00:00", False),
        ("20260917T100000+0200", "2026-09-17T08:00:00+00:00", False),
        (";TZID=Europe/Berlin:20260917T080000Z", "2026-09-17T08:00:00+00:00", False),
        (";TZID=Europe/Berlin;VALUE=DATE-TIME:20260917T100000", "2026-09-17T10:00:00+02:00", False),
        ("20260917", "2026-09-17", True),
        (";VALUE=DATE;TZID=Asia/Tokyo:20260917", "2026-09-17", True),
        (";VALUE=DATE:20260917T000000", "2026-09-17", True),
        ("20260917T240000Z", "2026-09-18T00:00:00+00:00", False),
        ("20260917T080060Z", "2026-09-17T08:01:00+00:00", False),
    ],
)
def test_times_as_programs_write_them(read: Read, start: str, iso: str, all_day: bool) -> None:
    [record], _ = read("c.ics", calendar(event(start)))
    assert record.at.isoformat().startswith(iso)
    assert (record.until is not None) is all_day


@pytest.mark.parametrize(
    ("start", "end", "until"),
    [
        ("20260917T080000Z", "DURATION:PT1H30M", "09-17 09:30"),
        (";VALUE=DATE:20260917", "DURATION:P2D", "09-19 00:00"),
        (";VALUE=DATE:20260917", "DTEND;VALUE=DATE:20260917", "09-18 00:00"),
        (";VALUE=DATE:20260917", "DTEND;VALUE=DATE:20260920", "09-20 00:00"),
        ("20260917T080000Z", "DTEND:20260917T080000Z", ""),
        ("20260917T080000Z", "DTEND:20260917T070000Z", ""),
        ("20260917T080000Z", "DTEND:20260917T090000", "09-17 09:00"),
        (";VALUE=DATE:20260917", "DTEND:20260918T090000Z", "09-18 09:00"),
    ],
)
def test_how_long_an_event_lasts(read: Read, start: str, end: str, until: str) -> None:
    [record], _ = read("c.ics", calendar(event(start, end)))
    assert (f"{record.until:%m-%d %H:%M}" if record.until else "") == until


def test_dates_that_are_taken_out_and_put_in_with_their_zones(read: Read) -> None:
    weekly = event(
        ";TZID=Europe/Berlin:20260601T100000",
        "RRULE:FREQ=WEEKLY;COUNT=5",
        "EXDATE:20260608T080000Z",
        "EXDATE;TZID=W. Europe Standard Time:20260615T100000",
        "RDATE;TZID=Europe/Berlin:20260603T120000",
    )
    records, _ = read("c.ics", calendar(weekly))
    assert times(records) == ["06-01 10:00", "06-03 12:00", "06-22 10:00", "06-29 10:00"]
    listed = event("20100131T100000Z", "RDATE;VALUE=PERIOD:20100201T100000Z/20100201T110000Z,20100203T100000Z/PT1H")
    records, _ = read("d.ics", calendar(listed))
    assert times(records) == ["01-31 10:00", "02-01 10:00", "02-03 10:00"]


def test_an_exception_may_count_for_all_that_follow(read: Read) -> None:
    weekly = event("20260601T080000Z", "RRULE:FREQ=WEEKLY;COUNT=4")
    later = event("20260615T100000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260615T080000Z")
    records, _ = read("c.ics", calendar(weekly, later))
    assert times(records) == ["06-01 08:00", "06-08 08:00", "06-15 10:00", "06-22 10:00"]


def test_an_exception_may_name_the_day_alone(read: Read) -> None:
    weekly = event("20260601T080000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    moved = event("20260608T120000Z", "RECURRENCE-ID;VALUE=DATE:20260608")
    assert times(read("c.ics", calendar(weekly, moved))[0]) == ["06-01 08:00", "06-08 12:00"]


def test_exceptions_without_their_series_are_events(read: Read) -> None:
    alone = [event(f"201{n}0601T080000Z", f"RECURRENCE-ID:201{n}0601T080000Z") for n in (0, 1)]
    records, _ = read("c.ics", calendar(*alone))
    assert [record.at.year for record in records] == [2010, 2011]


def test_tasks_and_journals(read: Read) -> None:
    [record], _ = read("c.ics", calendar("UID:1\r\nSUMMARY:Taxes\r\nDUE;VALUE=DATE:20260731", kind="VTODO"))
    assert (record.text, record.at.month) == ("To do: Taxes.", 7)
    [record], _ = read("d.ics", calendar(event(title="Diary"), kind="VJOURNAL"))
    assert record.kind == "note"
    done = "UID:1\r\nSUMMARY:Taxes\r\nDUE;VALUE=DATE:20260731\r\nSTATUS:COMPLETED"
    assert read("e.ics", calendar(done, kind="VTODO"))[0][0].text == "Taxes."


def test_an_event_may_have_a_place_and_no_title(read: Read) -> None:
    [record], _ = read("c.ics", calendar(event("20260917t080000z", "LOCATION:Garage", title="")))
    assert "Garage" in record.text
    assert times([record]) == ["09-17 08:00"]


def test_the_first_time_of_a_series_may_be_taken_out(read: Read) -> None:
    weekly = event("20260601T080000Z", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20260601T080000Z")
    records, _ = read("c.ics", calendar(weekly))
    assert times([one for one in records if one.at]) == ["06-08 08:00", "06-15 08:00"]


def test_a_calendar_may_name_a_zone_of_its_own_for_all_times(read: Read) -> None:
    head = "X-WR-TIMEZONE:Ours\r\n" + zone("Ours", "-0400")
    [record], _ = read("c.ics", calendar(event("20260917T080000"), head=head))
    assert record.at.strftime("%H%z") == "08-0400"
    named = event(";TZID=ours:20260917T080000")
    [record], _ = read("d.ics", calendar(named, head=zone("Ours", "-0400")))
    assert record.at.strftime("%H%z") == "08-0400"


def test_entities_are_letters(read: Read) -> None:
    title = "Tea &amp; cake?a=1&copy=2"
    [record], _ = read("c.ics", calendar(event(title=title)))
    assert record.title == "Tea & cake?a=1&copy=2"


def test_what_has_no_end_is_kept(read: Read) -> None:
    broken = (
        f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event(uid='1')}\r\nBEGIN:VEVENT\r\n{event(uid='2', title='French')}\r\n"
    )
    records, _ = read("c.ics", broken)
    assert [record.title for record in records] == ["Maths", "French"]


def test_an_alarm_is_no_part_of_the_words(read: Read) -> None:
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\nTRIGGER:-PT15M\r\nEND:VALARM"
    [record], _ = read("c.ics", calendar(event("20260917T080000Z", alarm, "LOCATION:Home")))
    assert record.text == "Maths. At Home."


def test_an_event_has_its_zone_place_and_people(read: Read) -> None:
    event = (
        "UID:1\r\nSUMMARY:Dentist\r\nLOCATION:Main Street 5\r\nDTSTART;TZID=Europe/Berlin:20260503T100000\r\n"
        "DTEND;TZID=Europe/Berlin:20260503T110000\r\nATTENDEE;CN=Ana:mailto:ana@example.org\r\n"
        "ATTENDEE;CN=Jo:mailto:me@example.org"
    )
    [record], _ = read("c.ics", calendar(event), "me@example.org")
    assert record.text == "Dentist. At Main Street 5. With Ana."
    assert record.at.isoformat() == "2026-05-03T10:00:00+02:00"
    assert record.until.isoformat() == "2026-05-03T11:00:00+02:00"
    assert record.addressees == ("Ana", "owner")


def test_a_day_is_a_day(read: Read) -> None:
    [record], _ = read("c.ics", calendar("UID:1\r\nSUMMARY:Holiday\r\nDTSTART;VALUE=DATE:20260503"))
    assert (record.at.hour, record.at.day, record.until.day) == (0, 3, 4)


def test_a_series_has_its_occurrences_without_exceptions(read: Read) -> None:
    series = "UID:1\r\nSUMMARY:Piano\r\nDTSTART:20260505T160000Z\r\nRRULE:FREQ=WEEKLY\r\nEXDATE:20260512T160000Z"
    moved = "UID:1\r\nSUMMARY:Piano late\r\nRECURRENCE-ID:20260519T160000Z\r\nDTSTART:20260519T180000Z"
    cancelled = (
        "UID:1\r\nSUMMARY:Piano\r\nSTATUS:CANCELLED\r\nRECURRENCE-ID:20260526T160000Z\r\nDTSTART:20260526T160000Z"
    )
    records, _ = read("c.ics", calendar(series, moved, cancelled))
    times = [record.at.strftime("%m-%d %H") for record in records if record.at and record.at.month < 7]
    assert times[:4] == ["05-05 16", "05-19 18", "06-02 16", "06-09 16"]
    assert 50 < len(records) < 60
    assert records[-1].text == "Piano. Every week since 5 May 2026."


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;COUNT=99999999"],
)
def test_endless_series_are_bounded(read: Read, rule: str) -> None:
    records, _ = read("c.ics", calendar(f"UID:1\r\nSUMMARY:Never\r\nDTSTART:20200101T000000Z\r\nRRULE:{rule}"))
    assert 1 <= len(records) <= 1_001


def test_a_broken_event_costs_one_event(read: Read) -> None:
    good, bad = "UID:2\r\nSUMMARY:Good\r\nDTSTART:20260505T160000Z", "UID:1\r\nSUMMARY:Bad\r\nDTSTART:garbage"
    records, reading = read("c.ics", calendar(bad, good) + "BEGIN:VEVENT\r\nUID:3")
    assert [record.title for record in records] == ["Good"]
    assert reading.problems[0].part == "event '1'"
