"""When an alarm or a reminder is due: the times of a request, as entries of the schedule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from voiceos.clock import Clocks
from voiceos.errors import VoiceosError
from voiceos.language.data import table
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Duration, Found, Moment, Period, Recurrence
from voiceos.skills.schedule.words import FILE, at, in_its_hour, matches, other_part, tells_no_day, times_in
from voiceos.store.schedule import Entry, Kind, due_after

RISING = range(5, 12)
"""Hours at which people get up: "wake me at ten" means the morning."""
NIGHT = range(6)
"""Hours at which nobody wants to be reminded of anything: "remind me at four" means the afternoon."""
SHORTLY = timedelta(hours=3)
DAY = timedelta(days=1)
LEAST_SECONDS = 60
"""Between two times of what is said again and again."""


@dataclass(frozen=True, slots=True)
class Appointed:
    """The times that a request tells."""

    entries: Sequence[Entry] = ()
    used: Sequence[Found] = ()
    """What told them."""
    words: str = ""
    """Those that told of a recurrence."""
    problem: str = ""
    """past; often: again too soon; day: the hour is missing; when: so is the day."""


def appointed(text: str, clocks: Clocks, kind: Kind, country: str, *, rises: bool = False) -> Appointed:
    """Works them out. `rises`: who asks wants to be woken. Raises VoiceosError where nothing can tell."""
    holidays = matches("except_holidays", text)
    if holidays:
        country = _known(country)
        text = f"{text[: holidays.start()]}{' ' * len(holidays[0])}{text[holidays.end() :]}"
    found = times_in(text, clocks.now)
    days = [one for one in found if isinstance(one.meaning, Period | Recurrence) and not _tells_hour(one)]
    hours = [one for one in found if one not in days]
    if hours and all(one.every not in ("half", "day") for one in hours):
        hours, days = _with_days_before(text, days, hours, clocks.now, wakes=kind == "alarm"), []  # each has its day
    hours = hours if days else _with_days_shared(text, hours, clocks.now, wakes=kind == "alarm")
    units = list(_units(text, days, hours, clocks.now, wakes=kind == "alarm"))
    found = [*days[:1], *hours] if hours else days[-1:]
    entries = list[Entry]()
    for one in units:
        made = _entry(one, text, clocks, kind, rises)
        if isinstance(made, str):
            return Appointed((), found, "", made)
        if not clocks.known and made.due is None:
            raise VoiceosError("The clock is not set.", spoken=says("schedule.no_clock"))
        entries.append(replace(made, country=country if holidays and made.rule else ""))
    words = next((text[one.start : one.end] for one in found if isinstance(one.meaning, Recurrence)), "")
    return Appointed(entries, found, words.strip(" ,"), "" if entries else "when")


def _known(country: str) -> str:
    from holidays import country_holidays

    try:
        country_holidays(country.upper())
    except NotImplementedError as error:
        raise VoiceosError("No such country.", spoken=says("schedule.no_country")) from error
    return country.upper()


def _units(text: str, days: Sequence[Found], hours: Sequence[Found], now: datetime, *, wakes: bool) -> Iterator[Found]:
    """The times, each with its day where that stands elsewhere: "tomorrow I need an alarm at 7"."""
    form = _form(wakes)
    if not hours or not days:
        yield from (hours or days[-1:])
        return
    for hour in hours:
        words = [text[one.start : one.end] for one in (days[0], hour)]
        for joint in (" ".join(words), " ".join(reversed(words))):
            whole = times_in(form.format(words=joint), now)
            if len(whole) == 1:
                yield whole[0]
                break
        else:
            yield hour


def _with_days_before(
    text: str, days: Sequence[Found], hours: Sequence[Found], now: datetime, *, wakes: bool
) -> list[Found]:
    """Times, and those of the days before them that have the same hour: "on Monday and Wednesday at seven"."""
    found, hour = [*hours], hours[0]
    for day in reversed(days):
        if day.end > found[0].start or not matches("and", text[day.end : found[0].start]):
            continue
        words = text[day.start : day.end]
        whole = times_in(_form(wakes).format(words=f"{words} {other_part(text, hour, words, day, now)}"), now)
        if len(whole) == 1 and isinstance(whole[0].meaning, Moment):
            found = [replace(whole[0], start=day.start, end=found[0].start), *found]
    return found


def _with_days_shared(text: str, hours: Sequence[Found], now: datetime, *, wakes: bool) -> list[Found]:
    """Times, those without a day on that of the nearest before, or else after: "at seven and at eight tomorrow"."""
    found = list[Found]()
    for number, hour in enumerate(hours):
        words = text[hour.start : hour.end]
        words = words if times_in(words, now) else at(words)
        if hour.every == "hour" and found:
            whole = times_in(in_its_hour(text, found[-1], words, now), now)
            hour = replace(whole[0], start=hour.start, end=hour.end) if whole else hour
        for other in [*reversed(found), *hours[number + 1 :]] if tells_no_day(hour) else ():
            day = other_part(text, other, words, hour, now)
            whole = times_in(_form(wakes).format(words=f"{day} {words}"), now) if day else []
            if len(whole) == 1 and (other.start < hour.start or not _is_later(whole[0], other)):
                hour = replace(whole[0], start=hour.start, end=hour.end)
                break
        found.append(hour)
    return found


def _is_later(one: Found, other: Found) -> bool:
    """ "At seven PM and at eight AM tomorrow" begins today."""
    if not isinstance(one.meaning, Moment) or not isinstance(other.meaning, Moment):
        return False
    return one.meaning.at > other.meaning.at


def _form(wakes: bool) -> str:
    return table("en", FILE)["said"]["wake"] if wakes else "{words}"


def _tells_hour(found: Found) -> bool:
    return isinstance(found.meaning, Recurrence) and isinstance(found.meaning.first, Moment)


def _entry(found: Found, text: str, clocks: Clocks, kind: Kind, rises: bool) -> Entry | str:
    """One entry, or what is wrong with the time."""
    meaning, now = found.meaning, clocks.now
    if isinstance(meaning, Duration):
        seconds = meaning.length.total_seconds()
        return due_after(Entry(kind), seconds, clocks) if seconds >= 1 else "when"
    if isinstance(meaning, Moment):
        at = _awake(found, meaning, now) if kind == "reminder" else _meant(found, meaning, rises)
        if at <= now:
            return "past"
        if _passes(found, text, now):
            return due_after(Entry(kind), (at.astimezone(UTC) - now.astimezone(UTC)).total_seconds(), clocks)
        return _at_wall(kind, _wall(at))
    if isinstance(meaning, Period) and meaning.end and found.bound in ("by", "before", "until") and meaning.end.hour:
        return _at_wall(kind, _wall(meaning.end)) if meaning.end > now else "past"
    if isinstance(meaning, Recurrence):
        first = meaning.first
        if _is_too_often(meaning.rule):
            return "often"
        if isinstance(first, Moment):
            return _at_wall(kind, _wall(first.at), _local(meaning.rule, clocks))
        if kind != "reminder":
            return "day"
        start = first.start if first and first.start else now
        wall = _wall(_hour_of(start) or start)
        wall += DAY * (wall <= _wall(now))
        return _at_wall(kind, wall, _local(meaning.rule, clocks))
    if kind != "reminder":
        return "day"
    at = in_period(following(found, meaning, now), now)
    return _at_wall(kind, _wall(at)) if at else "past"


def _is_too_often(rule: str) -> bool:
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    return parts.get("FREQ") == "SECONDLY" and int(parts.get("INTERVAL", 1)) < LEAST_SECONDS


def _meant(found: Found, meaning: Moment, rises: bool) -> datetime:
    """Of two halves of the day the one in which people get up, for who wants to be woken."""
    if rises and found.every == "half" and meaning.at.hour not in RISING:
        others = (one.at for one in found.others if isinstance(one, Moment))
        return next((at for at in others if at.hour in RISING and at - meaning.at < DAY), meaning.at)
    return meaning.at


def _awake(found: Found, meaning: Moment, now: datetime) -> datetime:
    """Of two halves of the day the one that is not at night, unless that is said at night or shortly before."""
    if found.every == "half" and meaning.at.hour in NIGHT and now.hour not in NIGHT and meaning.at - now > SHORTLY:
        others = [one.at for one in found.others if isinstance(one, Moment) and one.at > now]
        return min((at for at in others if at.hour not in NIGHT), default=meaning.at)
    return meaning.at


def _passes(found: Found, text: str, now: datetime) -> bool:
    """Whether a time is told from now on, as in "in an hour": a little later it is another."""
    later = timedelta(seconds=7)
    again = times_in(text[found.start : found.end], now + later)
    return (
        len(again) == 1
        and isinstance(again[0].meaning, Moment)
        and isinstance(found.meaning, Moment)
        and (again[0].meaning.at - found.meaning.at == later)
    )


def following(found: Found, meaning: Period, now: datetime) -> Period:
    """The one after that which has begun: "on Monday", said on a Monday; "in the morning", said in the morning."""
    again = {"day": DAY, "week": 7 * DAY}.get(found.every)
    if again and meaning.start and meaning.end and meaning.start <= now and not found.bound:
        return Period(meaning.start + again, meaning.end + again)
    return meaning


def in_period(meaning: Period, now: datetime) -> datetime | None:
    """The hour of a day or a part of one that is meant, if it is not over."""
    start, end = meaning.start, meaning.end
    if start is None:
        start = (end or now) - DAY
    at = max(_hour_of(start) or start, start)
    if end and at >= end:  # lunch is over at two
        at = start
    if at <= now:
        at = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return at if at > now and (end is None or at < end) else None


def _hour_of(start: datetime) -> datetime | None:
    hours: dict[str, int] = table("en", FILE)["said"]["hours"]
    if start.minute or (begins := max((int(hour) for hour in hours if int(hour) <= start.hour), default=None)) is None:
        return None
    return start.replace(hour=max(hours[str(begins)], start.hour))


def _at_wall(kind: Kind, wall: datetime, rule: str = "") -> Entry:
    return Entry(kind, wall=wall, first=wall, rule=rule)


def _wall(at: datetime) -> datetime:
    return at.replace(tzinfo=None, microsecond=0, fold=0)


def _local(rule: str, clocks: Clocks) -> str:
    """A rule that ends at a time of the wall clock."""
    parts = rule.split(";")
    for number, part in enumerate(parts):
        if part.startswith("UNTIL="):
            until = datetime.strptime(part, "UNTIL=%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(clocks.now.tzinfo)
            parts[number] = f"UNTIL={until:%Y%m%dT%H%M%S}"
    return ";".join(parts)
