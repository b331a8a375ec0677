"""One's own music: found by what its files and folders are called, and by their tags."""

import random
import threading
import time
from pathlib import Path

import pytest

from tests.audio.media.station import mp3
from voiceos.audio.media import collection
from voiceos.audio.media.collection import Collection, Song
from voiceos.errors import MediaError

FILES = (
    "The Beatles/Abbey Road/01 - Come Together.mp3",
    "The Beatles/Abbey Road/07 Here Comes the Sun.mp3",
    "The Beatles/Help!/13 Yesterday.flac",
    "Miles Davis/Kind of Blue/1. So What.m4a",
    "Nina Simone - Feeling Good.ogg",
    "Beyoncé/Halo.mp3",
    "unnamed/track_01.mp3",
    ".hidden/Secret.mp3",
    "Cover.jpg",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"\0" * 64)
    (tmp_path / "unnamed/track_01.mp3").write_bytes(
        mp3(0.3, artist="ABBA", title="Dancing Queen", album="Arrival", track="2")
    )
    return tmp_path


@pytest.mark.parametrize(
    ("said", "by", "group", "name", "count"),
    [
        ("the beatles", "", "artist", "The Beatles", 3),
        ("beatles", "", "artist", "The Beatles", 3),
        ("the beetles", "", "artist", "The Beatles", 3),
        ("abbey road", "", "album", "Abbey Road", 2),
        ("here comes the sun", "", "song", "Here Comes the Sun", 1),
        ("come together", "the beatles", "song", "Come Together", 1),
        ("help", "beatles", "album", "Help!", 1),
        ("", "miles davis", "artist", "Miles Davis", 1),
        ("feeling good", "", "song", "Feeling Good", 1),
        ("nina simone", "", "artist", "Nina Simone", 1),
        ("beyonce", "", "artist", "Beyoncé", 1),
        ("dancing queen", "", "song", "Dancing Queen", 1),
        ("abba", "", "artist", "ABBA", 1),
        ("arrival", "", "album", "Arrival", 1),
    ],
)
def test_what_is_said_is_found(folder: Path, said: str, by: str, group: str, name: str, count: int) -> None:
    found = Collection(folder).find(said, by=by)
    assert found
    assert (found.group, found.name, len(found.tracks)) == (group, name, count)


@pytest.mark.parametrize(("said", "by"), [("mozart", ""), ("come together", "abba"), ("secret", ""), ("the", "")])
def test_what_is_not_there_is_not_found(folder: Path, said: str, by: str) -> None:
    assert Collection(folder).find(said, by=by) is None


def test_an_album_is_played_in_order_and_an_artist_in_any(folder: Path) -> None:
    album = Collection(folder).find("abbey road")
    assert album
    assert [track.name for track in album.tracks] == ["Come Together", "Here Comes the Sun"]
    orders = {
        tuple(track.name for track in found.tracks)
        for seed in range(9)
        if (found := Collection(folder, shuffle=random.Random(seed)).find("the beatles"))
    }
    assert len(orders) > 1
    assert len(Collection(folder).everything().tracks) == 7


def test_a_folder_that_is_empty_or_gone(tmp_path: Path) -> None:
    for path, why in ((tmp_path, "empty_folder"), (tmp_path / "gone", "no_folder")):
        with pytest.raises(MediaError) as caught:
            Collection(path).find("abba")
        assert caught.value.why == why


def test_songs_that_came_later_are_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    music = Collection(folder)
    assert music.find("mamma mia") is None
    (folder / "ABBA - Mamma Mia.mp3").write_bytes(b"\0")
    monkeypatch.setattr(collection, "FRESH_SECONDS", -1)
    found = music.find("mamma mia")
    assert found
    assert found.name == "Mamma Mia"


def test_many_songs_answer_at_once_by_name_and_it_says_that_it_still_reads_tags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 20,000: see docs/research/skills.md."""
    monkeypatch.setattr(collection, "PATIENCE_SECONDS", 0.05)
    goes_on = threading.Event()

    def waits(song: Song) -> Song:
        goes_on.wait()
        return song

    monkeypatch.setattr(collection, "_by_tags", waits)
    for artist in range(20):
        folder = tmp_path / f"Band {artist}"
        folder.mkdir()
        for song in range(50):
            (folder / f"{song:02} Piece {artist} {song}.mp3").touch()
    music, began = Collection(tmp_path), time.process_time()
    found = music.find("piece 17 3")
    assert found
    assert found.name == "Piece 17 3"
    assert music.find("band 17")
    assert time.process_time() - began < 1
    with pytest.raises(MediaError) as caught:
        music.find("zebra crossing")
    assert caught.value.why == "still_reading"
    goes_on.set()
    monkeypatch.setattr(collection, "PATIENCE_SECONDS", 20)
    assert music.find("zebra crossing") is None


def test_a_file_without_end_or_sound_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "Real.mp3").write_bytes(mp3(0.3, artist="ABBA"))
    (tmp_path / "Empty.mp3").touch()
    (tmp_path / "Loop").symlink_to(tmp_path)
    found = Collection(tmp_path).find("abba")
    assert found
    assert [track.name for track in found.tracks] == ["Real"]
