"""Which timer, alarm or reminder of several some words mean: by its name, its time, its length or its place."""

from collections.abc import Callable, Sequence
from datetime import datetime

from voiceos.clock import Clocks
from voiceos.language.data import table
from voiceos.language.times import Duration, Moment, Period
from voiceos.skills.schedule.appointed import following
from voiceos.skills.schedule.words import FILE, at, matches, names, times_in, word_set
from voiceos.skills.skill import Asked
from voiceos.store.schedule import Entry, Kind

ALL: tuple[Kind, ...] = ("timer", "alarm", "reminder")
NEAR_SECONDS = 60.0
"""How well people tell what is left."""


class Which:
    """Finds it among those there are."""

    def __init__(self, clocks: Callable[[], Clocks]) -> None:
        self.clocks = clocks

    def named(self, text: str, among: Sequence[Entry]) -> list[Entry]:
        """Those whose names have most of the words of a text."""
        if exact := [one for one in among if one.name and f" {one.name.lower()} " in f" {text.lower()} "]:
            return exact
        spoken = names(text)
        shares = [len(names(entry.name) & spoken) for entry in among]
        most = max(shares, default=0)
        return [entry for entry, share in zip(among, shares, strict=True) if share == most > 0]

    def within(self, words: str, now: datetime, among: Sequence[Entry]) -> list[Entry]:
        """Those of the length or at the time that is told."""
        for found in times_in(words, now) or times_in(at(words), now):
            coming = following(found, found.meaning, now) if isinstance(found.meaning, Period) else found.meaning
            tried = ([entry for entry in among if self._is_at(entry, one)] for one in (found.meaning, coming))
            if meant := next(filter(None, tried), []):
                sure = [entry for entry in meant if found.every == "day" and self._is_hour(entry, found.meaning)]
                return sure or meant
            if isinstance(found.meaning, Duration) and (near := self._with_left(found.meaning, among)):
                return [near]
        return []

    def _with_left(self, meaning: Duration, among: Sequence[Entry]) -> Entry | None:
        """The one that has about so long to go."""
        clocks, seconds = self.clocks(), meaning.length.total_seconds()
        off = {entry: abs((entry.at(clocks) or 0.0) - clocks.now.timestamp() - seconds) for entry in among}
        nearest = min(off, key=lambda entry: off[entry], default=None)
        return nearest if nearest and off[nearest] < NEAR_SECONDS else None

    def _is_hour(self, entry: Entry, meaning: object) -> bool:
        return isinstance(meaning, Moment) and bool(entry.wall) and entry.wall.hour == meaning.at.hour

    def _is_at(self, entry: Entry, meaning: object) -> bool:
        stamp = entry.at(self.clocks())
        if isinstance(meaning, Duration):
            return entry.length == meaning.length.total_seconds()
        if isinstance(meaning, Moment):
            hour, minute = (entry.wall.hour, entry.wall.minute) if entry.wall else (-1, -1)
            return minute == meaning.at.minute and hour % 12 == meaning.at.hour % 12
        if isinstance(meaning, Period) and stamp is not None:
            start, end = (at.timestamp() if at else None for at in (meaning.start, meaning.end))
            if (start is None or start <= stamp) and (end is None or stamp < end):
                return True
            return bool(meaning.start and meaning.end) and _comes_in(entry, meaning)
        return False

    def at_place(self, spoken: set[str], among: Sequence[Entry]) -> list[Entry]:
        places: dict[str, int] = table("en", FILE)["said"]["ordinals"]
        found = [place for word, place in places.items() if word in spoken]
        return [among[found[0]]] if found and -len(among) <= found[0] < len(among) else []


def _comes_in(entry: Entry, period: Period) -> bool:
    """Whether a later time of what comes again is within it."""
    return next(iter(times_within(entry, period)), None) is not None


def times_within(entry: Entry, period: Period) -> list[datetime]:
    """When it comes within a period that has a beginning and an end, on the wall clock."""
    if not period.start or not period.end:
        return []
    return [*entry.times_in(period.start.replace(tzinfo=None), period.end.replace(tzinfo=None))]


def place_in(asked: Asked) -> str:
    """ "The longest one", of a kind that is not told; empty: none, or the place among those that were listed."""
    which = "" if "among" in asked.slots else asked.slots.get("which", "")
    places = table("en", FILE)["said"]["ordinals"].keys()
    return asked.slots.get("place") or (which if matches("other", which) or places & word_set(which) else "")
