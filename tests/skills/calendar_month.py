"""A month of a household's calendar, as the file that a calendar program exports."""

_EVENTS = """
Stand-up|20261102T094500|20261102T100000|Zoom|Tom Baker,Priya Shah|RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR@EXDATE;TZID=Europe/London:20261225T094500
Optician|20261125T150000|20261125T153000|Vision House||
Cinema with Jo|20261128T200000|20261128T223000|Rio Cinema||
Parent-teacher meeting|20261130T160000|20261130T170000|St Mary's School||
Dentist|20261201T143000|20261201T151500|12 Harley Street||
Choir rehearsal|20261103T190000|20261103T210000|St Luke's Church||RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20261229T235959Z
Budget meeting|20261202T110000|20261202T123000|Room 4|Helen Fox,Tom Baker,Priya Shah|
Lunch with Clara|20261202T130000|20261202T140000|Café Luna||
Yoga|20261105T183000|20261105T193000|Community Centre||RRULE:FREQ=WEEKLY;INTERVAL=2
Call with New York|20261203T100000|20261203T104500||Dana Reed|TZ:America/New_York
Squash with Ben|20261203T200000|20261203T210000|Sports Hall||STATUS:CANCELLED
Train to Leeds|20261204T170500|20261204T192000|King's Cross||
Mia's birthday party|20261205T150000|20261205T170000|Jump Arena|Anna Lee,Ben Cole,Zoe Hart|
Messiah concert|20261205T200000|20261205T223000|Royal Albert Hall||
Car service|20261207T083000||Hill Garage||
Dad's birthday|16041208|16041209|||RRULE:FREQ=YEARLY
Interview with Mr Okafor|20261209T103000|20261209T113000|Room 2||
Lunch with Sam|20261209T120000|20261209T130000|||
Design review|20261209T133000|20261209T143000|Room 4||
Call with the bank|20261209T150000|20261209T153000|||
Haircut|20261209T163000|20261209T171500|Salon Bella||
Parents' evening|20261209T180000|20261209T193000|St Mary's School||
Book club|20261209T200000|20261209T220000|Ruth's house||
Server maintenance|20261210T230000|20261211T010000|||
Weekend in Bath|20261211|20261214|Bath||
Plumber|20261214T080000|20261214T100000|||
Office Christmas party|20261218T190000|20261218T230000|The Crown||
Flight to Lisbon|20261219T064000|20261219T092500|Gatwick||
Holiday in Lisbon|20261219|20261224|||
Christmas dinner|20261225T140000|20261225T180000|Grandma's||
"""


def month() -> str:
    """The calendar, in ICS. Choir is on Monday the 21st instead of Tuesday the 22nd."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for number, row in enumerate(_EVENTS.strip().splitlines()):
        title, start, end, place, people, more = row.split("|")
        zone = "Europe/London"
        extra = more.split("@") if more else []
        if more.startswith("TZ:"):
            zone, extra = more[3:], []
        lines += _event(f"event-{number}", title, start, end, place, people, zone, extra)
        if title == "Choir rehearsal":
            moved = ["RECURRENCE-ID;TZID=Europe/London:20261222T190000"]
            lines += _event(f"event-{number}", title, "20261221T200000", "20261221T220000", place, "", zone, moved)
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _event(
    uid: str, title: str, start: str, end: str, place: str, people: str, zone: str, extra: list[str]
) -> list[str]:
    kind = ";VALUE=DATE" if len(start) == 8 else f";TZID={zone}"
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}@example.org",
        "DTSTAMP:20261101T000000Z",
        f"DTSTART{kind}:{start}",
        *([f"DTEND{kind}:{end}"] if end else []),
        f"SUMMARY:{title}",
        *([f"LOCATION:{place}"] if place else []),
        *(f"ATTENDEE;CN={name}:mailto:{name.split()[0].lower()}@example.org" for name in people.split(",") if name),
        *extra,
        "END:VEVENT",
    ]
