"""Calendars and contacts."""

from collections.abc import Callable
from typing import Any

import pytest

Read = Callable[..., Any]


def calendar(*events: str) -> str:
    blocks = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{blocks}END:VCALENDAR\r\n"


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
    assert record.extra["all_day"] is True
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


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;COUNT=99999999"])
def test_endless_series_are_bounded(read: Read, rule: str) -> None:
    records, _ = read("c.ics", calendar(f"UID:1\r\nSUMMARY:Never\r\nDTSTART:20200101T000000Z\r\nRRULE:{rule}"))
    assert 1 <= len(records) <= 1_001


def test_a_broken_event_costs_one_event(read: Read) -> None:
    good, bad = "UID:2\r\nSUMMARY:Good\r\nDTSTART:20260505T160000Z", "UID:1\r\nSUMMARY:Bad\r\nDTSTART:garbage"
    records, reading = read("c.ics", calendar(bad, good) + "BEGIN:VEVENT\r\nUID:3")
    assert [record.title for record in records] == ["Good"]
    assert reading.problems[0].part == "event '1'"


def test_contacts_read_like_sentences(read: Read) -> None:
    cards = (
        "BEGIN:VCARD\nVERSION:4.0\nFN:Jo Kim\nEMAIL:me@example.org\n"
        "RELATED;TYPE=sister;VALUE=text:Ana Kowalczyk\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ana Kowalczyk\nNICKNAME:Ania\nBDAY:1990-05-03\nTEL;TYPE=CELL:+48 600 700 800\n"
        "item1.X-ABRELATEDNAMES:Tom\nitem1.X-ABLabel:_$!<Brother>!$_\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCl=\nler;J=C3=BCrgen\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nPHOTO;ENCODING=b:AAAA\nEND:VCARD\n"
    )
    records, reading = read("c.vcf", cards, "me@example.org")
    assert records[0].text == "Jo Kim, the owner. Sister: Ana Kowalczyk. Mail me@example.org."
    assert records[1].text == (
        "Ana Kowalczyk (Ania), sister. Birthday 3 May 1990. Brother: Tom. Mobile +48 600 700 800."
    )
    assert records[2].text == "Jürgen Müller."
    assert [str(problem.part) for problem in reading.problems] == ["card 4"]
