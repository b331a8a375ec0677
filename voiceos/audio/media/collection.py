"""One's own music: a folder whose songs, albums and artists are found by file names at once, and by tags once read."""

import logging
import os
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from voiceos.audio.media.decoder import SongFile
from voiceos.audio.media.jukebox import Track
from voiceos.audio.recording import FORMATS
from voiceos.errors import MediaError
from voiceos.language.terms import fold, words

log = logging.getLogger(__name__)

ENDINGS = frozenset(".mp3 .flac .ogg .oga .opus .m4a .m4b .aac .wav .aif .aiff .wv .mka".split())
MOST = 100_000
"""Songs; more are left out."""
FRESH_SECONDS = 60.0
"""Between two looks into the folder."""
PATIENCE_SECONDS = 2.0
"""How long is waited for tags when no file name fits."""
ALIKE = 0.8
"""How alike names must be that a recogniser spelt its own way."""
GROUPS = ("artist", "album", "song")
"""What a name may be of, the likeliest first."""
LEAST = {"artist": 0.25, "album": 0.4, "song": 0.4}
"""How alike a name must be in its words."""
SHORT = 3
"""Letters of words that alone are no part of a name: "the", "of"."""
_NUMBER = re.compile(r"^\d{1,3}(?:[-.]\d{1,3})?[\s._-]+(?=\S)")
_DASH = " - "

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Song:
    path: str
    name: str
    album: str = ""
    artist: str = ""
    other: str = ""
    """Another artist that it may be of, as where a folder is all that tells."""


@dataclass(frozen=True, slots=True)
class Found:
    """What fits some words."""

    group: str
    """artist, album or song; all."""
    name: str
    artist: str
    tracks: Sequence[Track]


class Collection:
    """A folder of music. Its methods block: call them in a thread. Everything is kept in memory only."""

    def __init__(self, folder: Path, *, shuffle: random.Random | None = None) -> None:
        self._folder = folder
        self._shuffle = shuffle or random.Random()
        self._lock = threading.Lock()
        self._songs: dict[str, Song] = {}
        self._tagged: dict[str, Song] = {}
        self._looked = float("-inf")
        self._groups: Mapping[str, Mapping[Key, Sequence[Song]]] = {}
        self._grouped = (-1, -1)
        self._reading: threading.Thread | None = None

    def everything(self) -> Found:
        """All songs, in any order. Raises MediaError where there is none."""
        with self._lock:
            songs = self._look()
        return Found("all", "", "", self._mixed(songs))

    def find(self, said: str, *, by: str = "", group: str = "") -> Found | None:
        """What some words name, perhaps `by` an artist, or only of one group. Raises MediaError."""
        with self._lock:
            self._look()
            self._read_tags()
            if found := self._find(said, by, group):
                return found
            if not self._is_read(PATIENCE_SECONDS):
                if found := self._find(said, by, group):
                    return found
                raise MediaError("The tags of the music are still being read.", why="still_reading")
            return self._find(said, by, group)

    def _find(self, said: str, by: str, group: str) -> Found | None:
        groups = self._regrouped()
        if by:
            artist = _best(_key(by), groups["artist"], "artist")
            if not artist:
                return None
            if not said:
                return self._found("artist", artist, groups)
            groups = _grouped(groups["artist"][artist])
        wanted = _key(said)
        best: tuple[float, str, Key] | None = None
        for one in [group] if group else GROUPS:
            found = _best(wanted, groups[one], one)
            if found and (best is None or _likeness(wanted, found) > best[0]):
                best = _likeness(wanted, found), one, found
        return self._found(best[1], best[2], groups) if best else None

    def _found(self, group: str, key: Key, groups: Mapping[str, Mapping[Key, Sequence[Song]]]) -> Found:
        songs = groups[group][key]
        first = songs[0]
        match group:
            case "artist":
                name = next(name for name in (first.artist, first.other, *key) if _key(name) == key or name in key)
                return Found(group, name, name, self._mixed(songs))
            case "album":
                return Found(group, first.album, first.artist, _tracks(sorted(songs, key=lambda song: song.path)))
            case _:
                return Found(group, first.name, first.artist, _tracks(songs[:1]))

    def _mixed(self, songs: Iterable[Song]) -> Sequence[Track]:
        songs = [*songs]
        self._shuffle.shuffle(songs)
        return _tracks(songs)

    def _look(self) -> Iterable[Song]:
        """The songs that are there now. Raises MediaError."""
        if time.monotonic() - self._looked > FRESH_SECONDS or not self._songs:
            if not self._folder.is_dir():
                raise MediaError(f"{self._folder} is not there. Check `media.folder`.", why="no_folder")
            self._songs = {path: self._songs.get(path) or _by_name(path, self._folder) for path in _files(self._folder)}
            self._tagged = {path: song for path, song in self._tagged.items() if path in self._songs}
            self._looked, self._grouped = time.monotonic(), (-1, -1)
        if not self._songs:
            raise MediaError(f"There is no music in {self._folder}. Check `media.folder`.", why="empty_folder")
        return self._songs.values()

    def _regrouped(self) -> Mapping[str, Mapping[Key, Sequence[Song]]]:
        state = len(self._songs), len(self._tagged)
        if self._grouped != state:
            tagged = dict(self._tagged)
            self._groups = _grouped([*self._songs.values(), *tagged.values()])
            self._grouped = len(self._songs), len(tagged)
        return self._groups

    # Tags

    def _read_tags(self) -> None:
        untagged = [song for path, song in self._songs.items() if path not in self._tagged]
        if untagged and not (self._reading and self._reading.is_alive()):
            self._reading = threading.Thread(target=self._read, args=(untagged,), name="tags", daemon=True)
            self._reading.start()

    def _is_read(self, seconds: float) -> bool:
        if self._reading:
            self._reading.join(seconds)
        return not (self._reading and self._reading.is_alive())

    def _read(self, songs: Sequence[Song]) -> None:
        """In a thread of its own, which rests as long as it works."""
        for song in songs:
            began = time.monotonic()
            self._tagged[song.path] = _by_tags(song)
            time.sleep(time.monotonic() - began)


def _files(folder: Path) -> list[str]:
    found: list[str] = []
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            os.path.join(path, name)  # noqa: PTH118 - of 20,000 files, a Path each takes seconds on a board
            for name in sorted(names)
            if name[name.rfind(".") :].lower() in ENDINGS and not name.startswith(".")
        ]
        if len(found) > MOST:
            log.warning("%s holds more than %d songs; the others are left out.", folder, MOST)
            return found[:MOST]
    return found


def _by_name(path: str, folder: Path) -> Song:
    """ARTIST/ALBUM/01 - SONG.mp3, ARTIST - SONG.mp3 and the like."""
    *folders, name = path[len(str(folder)) :].strip("/").split("/")
    name = _NUMBER.sub("", name[: name.rfind(".")].replace("_", " "))
    before, _, after = name.rpartition(_DASH)
    artist = before.partition(_DASH)[0].strip()
    if len(folders) > 1:
        return Song(path, (after or name).strip(), folders[-1], folders[-2], artist)
    return Song(path, (after or name).strip(), folders[-1] if folders else "", artist, folders[-1] if folders else "")


def _by_tags(song: Song) -> Song:
    """What a file says of itself; what it does not say, its name does."""
    import av
    from av.error import FFmpegError

    options = {"format_whitelist": FORMATS, "protocol_whitelist": "", "analyzeduration": "0", "probesize": "32768"}
    try:
        with (
            SongFile(song.path) as file,
            av.open(file, "r", options=options, metadata_errors="ignore") as container,
        ):
            tags: dict[str, str] = {**container.metadata, **container.streams.audio[0].metadata}
    except (OSError, FFmpegError, IndexError, ValueError):
        return song  # it is told when it should sound
    tags = {name.lower(): value.strip() for name, value in tags.items()}
    return replace(
        song,
        name=tags.get("title") or song.name,
        album=tags.get("album") or song.album,
        artist=tags.get("artist") or song.artist,
        other=tags.get("album_artist") or song.other,
    )


def _grouped(songs: Iterable[Song]) -> Mapping[str, Mapping[Key, Sequence[Song]]]:
    found: dict[str, dict[Key, dict[str, Song]]] = {group: defaultdict(dict) for group in GROUPS}
    for song in songs:
        for group, name in (
            *(("artist", song.artist), ("artist", song.other)),
            *(("album", song.album), ("song", song.name)),
        ):
            if key := _key(name):
                found[group][key][song.path] = song
    return {group: {key: [*those.values()] for key, those in named.items()} for group, named in found.items()}


def _key(name: str) -> Key:
    return tuple(words(fold(name)))


def _best(wanted: Key, names: Mapping[Key, object], group: str) -> Key | None:
    """The name that is most alike."""
    if wanted in names:
        return wanted
    best = max(names, key=lambda name: _likeness(wanted, name), default=())
    if best and _likeness(wanted, best) >= LEAST[group]:
        return best
    spelt = {"".join(name): name for name in names}
    close = get_close_matches("".join(wanted), spelt, n=1, cutoff=ALIKE)
    return spelt[close[0]] if close else None


def _likeness(wanted: Key, name: Key) -> float:
    """1: the same; 0: nothing alike in their words."""
    if wanted == name:
        return 1.0
    asked, there = set(wanted), set(name)
    if asked and asked <= there and len(max(asked, key=len)) > SHORT:
        return 0.95 * len(asked) / len(there)
    if there and there < asked and len(there) / len(asked) >= 0.6:
        return 0.8 * len(there) / len(asked)
    return 0.0


def _tracks(songs: Iterable[Song]) -> Sequence[Track]:
    return [Track("song", song.name, song.path, song.artist, song.album) for song in songs]
