"""How times that are to come are said, and timers, alarms and reminders with them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from voiceos.clock import Clocks
from voiceos.language.said_times import said_clock, said_date, weekday_name
from voiceos.language.sentences import joined
from voiceos.language.sentences import skill_says as says
from voiceos.skills.schedule.words import turned
from voiceos.store.schedule import Entry

SOON = 6
"""Days; a nearer one is told by its name."""
FEW = 3
"""Times that are told one by one."""
DAYS = "MO TU WE TH FR SA SU".split()


def said_length(seconds: float) -> str:
    """As in "1 hour and 30 minutes"; of what is longer than an hour, no seconds."""
    whole = round(seconds)
    if whole >= 3600 and whole % 60:
        whole = round(whole / 60) * 60
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    units = (("days", days), ("hours", hour), ("minutes", minute), ("seconds", second))
    parts = [says(f"schedule.{unit}", count=count) for unit, count in units if count]
    return joined(parts or [says("schedule.seconds", count=0)])


def said_day(when: datetime, now: datetime) -> str:
    """As in "tomorrow at 7:00 AM"."""
    days, time = (when.date() - now.date()).days, said_clock(when)
    if -1 <= days <= 1:
        return says(f"schedule.{('today', 'tomorrow', 'yesterday')[days]}", time=time)
    if 0 < days <= SOON:
        return says("schedule.weekday", day=weekday_name(when), time=time)
    return says("schedule.date", day=weekday_name(when), date=said_date(when, now), time=time)


def said_days(times: Sequence[datetime], now: datetime) -> str:
    """The same of several; of many only the first, and how many they are. `times`: of the wall clock."""
    told = [said_day(at.replace(tzinfo=now.tzinfo), now) for at in times[: FEW + 1]]
    return joined(told) if len(told) <= FEW else says("schedule.many_days", count=len(times), first=told[0])


def said_when(entry: Entry, clocks: Clocks, words: str = "") -> str:
    """When it is due, and when again. `words`: those that told of a recurrence without a shorter name."""
    at = entry.at(clocks)
    when = moment(at, clocks) if at is not None else clocks.now
    if not entry.rule:
        return said_day(when, clocks.now)
    parts = dict(part.split("=", 1) for part in entry.rule.split(";"))
    days, time = parts.get("BYDAY", "").split(","), said_clock(when)
    plain = parts.keys() <= {"FREQ", "BYDAY"}
    if plain and parts["FREQ"] == "DAILY":
        told = says("schedule.daily", time=time)
    elif plain and parts["FREQ"] == "WEEKLY" and days == DAYS[:5]:
        told = says("schedule.weekdays", time=time)
    elif plain and parts["FREQ"] == "WEEKLY" and days == DAYS[5:]:
        told = says("schedule.weekends", time=time)
    elif plain and parts["FREQ"] == "WEEKLY":
        names = [weekday_name(datetime(2024, 1, 1 + DAYS.index(day))) for day in days if day in DAYS]
        told = says("schedule.weekly", days=joined(names or [weekday_name(when)]), time=time)
    elif words:
        told = says("schedule.again", words=words, when=said_day(when, clocks.now))
    elif parts.keys() == {"FREQ", "INTERVAL", "BYDAY"} and (parts["FREQ"], parts["INTERVAL"]) == ("WEEKLY", "2"):
        names = [weekday_name(datetime(2024, 1, 1 + DAYS.index(day))) for day in days if day in DAYS]
        told = says("schedule.every_other", days=joined(names), when=said_day(when, clocks.now))
    else:
        told = said_day(when, clocks.now)
    told = says("schedule.but_holidays", when=told) if entry.country else told
    now = clocks.now.replace(tzinfo=None)
    days = [at for day in entry.left_out if (at := datetime.combine(datetime.fromisoformat(day), when.time())) > now]
    if days:
        told = says("schedule.but_days", when=told, days=said_days(days, clocks.now))
    skips = entry.skips(clocks.now.replace(tzinfo=None))
    return says("schedule.but_skipped", when=told, then=said_day(when, clocks.now)) if skips else told


def moment(stamp: float, clocks: Clocks) -> datetime:
    return datetime.fromtimestamp(stamp, UTC).astimezone(clocks.now.tzinfo)


def title(entry: Entry, clocks: Clocks, form: str = "title", stamp: float | None = None) -> str:
    """What it is called; or another form of it: what is said when it rings (`rings`) or was `missed`."""
    stamp = entry.at(clocks) if stamp is None else stamp
    when = moment(stamp, clocks) if stamp is not None else clocks.now
    values = {"name": entry.name, "length": said_length(entry.length), "time": said_clock(when)}
    key = f"schedule.{form}.{entry.kind}" + ("_named" if entry.name else "")
    return says(key, **values, when=said_day(when, clocks.now))


def rings(entry: Entry, clocks: Clocks) -> str:
    return title(entry, clocks, "rings", entry.ringing)


def told(entry: Entry, clocks: Clocks, late: float) -> str:
    """What is said of something that did not ring; a reminder is late after so many seconds."""
    stamp = entry.missed or 0.0
    if entry.kind == "reminder" and clocks.now.timestamp() - stamp <= late:
        sentence = title(entry, clocks, "rings", stamp)
    else:
        sentence = title(entry, clocks, "missed", stamp)
    if entry.afterwards:
        sentence += says("schedule.not_done", steps=joined([*map(turned, entry.afterwards)]))
    return f"{sentence} {says('schedule.before', count=entry.times - 1)}" if entry.times > 1 else sentence
