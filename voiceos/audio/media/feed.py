"""Podcast feeds (RSS and Atom): the latest episode, read with bounds, without entities and without what they name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin
from xml.parsers import expat

from voiceos.audio.media.web import PATIENCE, Patience, Stream, must_be_web, read_up_to
from voiceos.errors import MediaError

MOST_BYTES = 8_000_000
MOST_DEPTH = 50
_TITLE_LENGTH = 300
_SEPARATOR = "\t"


@dataclass(slots=True)
class Episode:
    """One episode of a podcast."""

    title: str = ""
    address: str = ""
    at: datetime | None = None


def latest_episode(address: str, patience: Patience = PATIENCE) -> Episode:
    """The newest episode of the feed at an address. Blocks; raises MediaError."""
    stream = Stream(address, patience)
    try:
        episodes, whole = episodes_in(read_up_to(stream, MOST_BYTES), stream.address)
    finally:
        stream.close()
    if not episodes:
        raise MediaError(f"{address} names no episode that could be played.", why="no_episode")
    dated = [one for one in episodes if one.at]
    newest = max(dated, key=lambda one: one.at or datetime.min.replace(tzinfo=UTC)) if dated else episodes[0]
    if not whole and newest is episodes[-1] and len(episodes) > 1:  # oldest first, and the end was not read
        raise MediaError(f"{address} is longer than {MOST_BYTES // 1_000_000} MB.", why="too_long")
    must_be_web(newest.address)
    return newest


def episodes_in(pieces: Iterable[bytes], base: str) -> tuple[list[Episode], bool]:
    """The episodes that can be played, in order, and whether the feed was whole. Raises MediaError if it is none."""
    reader, size = _Reader(base), 0
    try:
        for piece in pieces:
            size += len(piece)
            reader.parser.Parse(piece, False)
        if size < MOST_BYTES:
            reader.parser.Parse(b"", True)
            return reader.episodes, True
    except expat.ExpatError as error:
        if not reader.episodes:
            raise MediaError(f"{base} is no feed ({error}).", why="no_feed") from error
    return reader.episodes, False


@dataclass
class _Reader:
    """Takes episodes out of a feed as it comes."""

    base: str
    episodes: list[Episode] = field(default_factory=list[Episode])

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._path: list[str] = []
        self._episode: Episode | None = None
        self._words = ""

    def _refuse(self, *_: object) -> None:
        raise MediaError(f"{self.base} declares a document type, which could be an XML bomb.", why="no_feed")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(_SEPARATOR)[2].lower()
        self._path.append(name)
        if len(self._path) > MOST_DEPTH:
            raise MediaError(f"{self.base} is nested too deeply.", why="no_feed")
        self._words = ""
        if name in ("item", "entry"):
            self._episode = Episode()
        elif self._episode and not self._episode.address and _is_sound(name, attributes):
            found = attributes.get("url") or attributes.get("href") or ""
            self._episode.address = urljoin(self.base, found.strip()) if found else ""

    def _text(self, words: str) -> None:
        if len(self._words) < _TITLE_LENGTH:
            self._words += words

    def _end(self, tag: str) -> None:
        name = self._path.pop()
        episode = self._episode
        if not episode:
            return
        inside = bool(self._path) and self._path[-1] in ("item", "entry")
        if name in ("item", "entry"):
            if episode.address:
                self.episodes.append(episode)
            self._episode = None
        elif inside and name == "title" and not episode.title:
            episode.title = " ".join(self._words.split())[:_TITLE_LENGTH]
        elif inside and name in ("pubdate", "published", "updated", "date") and not episode.at:
            episode.at = _moment(self._words.strip())


def _is_sound(name: str, attributes: Mapping[str, str]) -> bool:
    kind = attributes.get("type", "").lower()
    if name == "enclosure":
        return kind.startswith(("audio/", "application/ogg", "application/octet-stream")) or not kind
    return name == "link" and attributes.get("rel") == "enclosure" and kind.startswith("audio/")


def _moment(words: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(words)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
