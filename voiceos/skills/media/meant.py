"""Which station, podcast or music is meant by what somebody says, from the settings and the folder of music."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import NoReturn

from voiceos.audio.media.collection import ALIKE, Collection, Found
from voiceos.audio.media.feed import latest_episode
from voiceos.audio.media.jukebox import Track
from voiceos.config.settings import MediaSettings
from voiceos.errors import MediaError
from voiceos.language.data import pattern, table
from voiceos.language.sentences import skill_says as says
from voiceos.language.terms import fold, words

FILE = "skills/media"
KINDS = ("episode", "station", "artist", "song", "album")
_WHERE = re.compile(r"\s+")

Look = Callable[[Collection], Found | None]


@dataclass(frozen=True, slots=True)
class Station:
    name: str
    address: str
    plays: frozenset[str]
    """Words for what it plays."""
    said: tuple[str, ...]
    """What else it is called."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be played, and what is said of it."""

    tracks: Sequence[Track]
    index: int
    key: str
    """Of the replies."""
    name: str
    artist: str = ""
    title: str = ""


class Chooser:
    """Everything that can be played here."""

    def __init__(self, settings: MediaSettings) -> None:
        self._settings = settings
        self.collection = Collection(settings.folder.expanduser()) if settings.folder else None

    @cached_property
    def stations(self) -> Sequence[Station]:
        """One's own first; one's own with the name of one that comes with voiceos replaces it, or removes it."""
        own = [_station(name, where) for name, where in self._settings.stations.items()]
        taken = {_key(one.name) for one in own}
        given = [
            Station(one["name"], one["address"], frozenset(one["plays"].split()), tuple(one.get("said", ())))
            for one in table("en", FILE)["stations"]
        ]
        return [one for one in own if one.address] + [one for one in given if _key(one.name) not in taken]

    def is_named(self, said: str) -> bool:
        """Whether it is certainly about sound: the name of a station or podcast, or a word such as "music"."""
        bare = _bare(said)
        return bool(_finds("sound", said) or self._named(bare) or self._feed(bare, exactly=True))

    def station(self, said: str) -> Chosen | None:
        """A station, by its name or by what it plays; None: none, or something else is rather meant."""
        if _is_whole("radio", said) or (_is_whole("music", said) and not self.collection):
            return self._chosen(self.stations[0]) if self.stations else None
        kind, bare = _of_kind(said)
        if kind not in ("", "station"):
            return None
        if kind == "station" and not bare and self.stations:
            return self._chosen(self.stations[0])
        found = self._named(bare) or self._named(_bare(said)) or self._playing(bare)
        return self._chosen(found) if found else None

    def find(self, said: str) -> Chosen:
        """What no station is by name. Blocks, on disk and for a podcast on the network. Raises MediaError."""
        kind, bare = _of_kind(said)
        if _is_whole("music", said):
            return self._music(lambda music: music.everything(), said)
        feed = self._feed(bare, exactly=kind != "episode")
        if feed or kind == "episode":
            return self._episode(feed, bare or said)
        if kind == "station":
            return self._alike(bare) or _unknown("no_station", bare)
        by = pattern("en", FILE, "said.by").search(bare)
        if not self.collection:
            return self._alike(bare) or _unknown("no_music" if kind or by else "not_found", _bare(said))
        group = kind if kind in ("song", "album", "artist") else ""
        try:
            return self._music(
                lambda music: (
                    (by and music.find(_bare(by["what"]), by=by["by"], group="" if by["what"] else group))
                    or music.find(bare, group=group)
                    or (music.find(_bare(said)) if group else None)
                ),
                said,
            )
        except MediaError:
            if station := self._alike(bare):
                return station
            raise

    def is_anything(self, said: str) -> bool:
        """Whether no music in particular is meant."""
        return _is_whole("music", said)

    def own(self) -> Sequence[str]:
        """The stations of the settings."""
        return [one.name for one in self.stations if one.name in self._settings.stations]

    def listed(self) -> Sequence[str]:
        return [one.name for one in self.stations]

    def _music(self, look: Look, said: str) -> Chosen:
        if not self.collection:
            _unknown("no_music", said)
        try:
            found = look(self.collection)
        except MediaError as error:
            raise MediaError(str(error), why=error.why, spoken=says(f"media.failed.{error.why}", name="")) from error
        if not found:
            _unknown("not_found", _bare(said))
        artist = found.artist if found.group in ("album", "song") else ""
        return Chosen(found.tracks, 0, f"{found.group}_by" if artist else found.group, found.name, artist)

    def _episode(self, feed: tuple[str, str] | None, said: str) -> Chosen:
        feeds = self._settings.feeds
        if not feed and len(feeds) == 1 and not _bare(_of_kind(said)[1]):
            feed = next(iter(feeds.items()))
        if not feed:
            _unknown("no_podcast", said)
        name, address = feed
        try:
            found = latest_episode(address)
        except MediaError as error:
            raise MediaError(str(error), why=error.why, spoken=says(f"media.failed.{error.why}", name=name)) from error
        track = Track("episode", name, found.address, album=found.title)
        return Chosen([track], 0, "episode" if found.title else "episode_untitled", name, title=found.title)

    def _chosen(self, station: Station) -> Chosen:
        tracks = [Track("station", one.name, one.address) for one in self.stations]
        return Chosen(tracks, self.stations.index(station), "station", station.name)

    def _named(self, said: str) -> Station | None:
        wanted = _key(said)
        names = {_key(name): one for one in reversed(self.stations) for name in (one.name, *one.said)}
        return names.get(wanted) if wanted else None

    def _playing(self, said: str) -> Station | None:
        """One that plays what is said."""
        wanted = {*words(fold(said))} - {*table("en", FILE)["said"]["filler"]}
        return next((one for one in self.stations if wanted and wanted <= one.plays), None)

    def _alike(self, said: str) -> Chosen | None:
        """A station whose name a recogniser spelt its own way."""
        names = {_key(name): one for one in reversed(self.stations) for name in (one.name, *one.said)}
        close = get_close_matches(_key(said), names, n=1, cutoff=ALIKE)
        return self._chosen(names[close[0]]) if close else None

    def _feed(self, said: str, *, exactly: bool) -> tuple[str, str] | None:
        names = {_key(name): (name, address) for name, address in self._settings.feeds.items()}
        close = get_close_matches(_key(said), names, n=1, cutoff=1.0 if exactly else ALIKE)
        return names[close[0]] if close else None


def may_sound(said: str) -> bool:
    """Whether it may be something to play: no game, no trick and no film."""
    return not _finds("not_sound", said) and bool(_bare(said) or _is_whole("music", said) or _is_whole("radio", said))


def _unknown(key: str, said: str) -> NoReturn:
    raise MediaError(f"There is no '{said}'.", spoken=says(f"media.{key}", what=said), why=key)


def _station(name: str, where: str) -> Station:
    """From the settings: an address, and then words for what it plays."""
    address, *plays = _WHERE.split(where.strip())
    return Station(name, address, frozenset(word for one in plays for word in words(fold(one))), ())


def _of_kind(said: str) -> tuple[str, str]:
    """What kind of thing some words name, if they say so, and the words without that."""
    for kind in KINDS:
        rest, count = pattern("en", FILE, f"said.kinds.{kind}").subn(" ", said)
        if count:
            return kind, _bare(rest)
    return "", _bare(said)


def _bare(said: str) -> str:
    """Without what stands around a name."""
    before = ""
    while before != said:
        before, said = said, pattern("en", FILE, "said.frame").sub("", said.strip(" ,.!?"))
    return " ".join(said.split())


def _key(name: str) -> str:
    return "".join(words(fold(name)))


def _is_whole(key: str, said: str) -> bool:
    return pattern("en", FILE, f"said.whole.{key}").fullmatch(said.strip(" ,.!?")) is not None


def _finds(key: str, said: str) -> bool:
    return pattern("en", FILE, f"said.{key}").search(said) is not None
