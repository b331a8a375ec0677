"""Radio, music and podcasts by voice: what is meant (`media.tsv`: sentence, intent, choice), done and said."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.audio.media.station import mp3, stations
from tests.skills.conftest import MODEL, NOON, Talk
from voiceos.audio.media.feed import Episode
from voiceos.audio.media.jukebox import Jukebox
from voiceos.audio.media.web import Patience
from voiceos.audio.mixer import STEP_BYTES
from voiceos.clock import Clocks
from voiceos.config.settings import Config, HomeSettings, MediaSettings
from voiceos.core import Transcript, Turn
from voiceos.errors import MediaError
from voiceos.language.data import table
from voiceos.mind.router import Router
from voiceos.skills.media import meant as media_meant
from voiceos.skills.media import media
from voiceos.skills.media.meant import Chooser
from voiceos.skills.registry import skills
from voiceos.skills.skill import Workshop
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.store.schedule import entries

pytestmark = pytest.mark.anyio
SONGS = (
    "The Beatles/Abbey Road/01 - Come Together.mp3",
    "The Beatles/Abbey Road/07 - Here Comes the Sun.mp3",
    "Miles Davis/Kind of Blue/01 - So What.mp3",
    "Nina Simone/I Put a Spell on You/03 - Feeling Good.mp3",
    "ABBA/Arrival/02 - Dancing Queen.mp3",
)
ROWS = [
    (*row.split("\t"), "", "")[:3]
    for row in Path(__file__).with_name("media.tsv").read_text().splitlines()
    if row and row[0] != "#"
]


class Sound:
    """A decoder that has sound at once; of an address with "broken" in it, none."""

    def __init__(self, opened: Any, **_: object) -> None:
        address = str(opened.args[0])
        self.error = MediaError("broken", why="nonsense") if "broken" in address else None
        self.flows, self.is_over, self.is_silent = not self.error, bool(self.error), False
        self.title, self.tags = "Miles Davis - So What" if address.startswith("http") else "", dict[str, str]()

    def take(self) -> bytes:
        return b"" if self.error else bytes(STEP_BYTES)

    def close(self) -> None:
        self.is_over = True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in SONGS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def settings(folder: Path) -> MediaSettings:
    return MediaSettings(
        stations={"Radio Bob": "http://bob.example/live rock", "Radio Ruin": "http://broken.example/", "WNYC": ""},
        folder=folder,
        feeds={"Planet Money": "http://money.example/feed", "In Our Time": "http://time.example/feed"},
    )


@pytest.fixture
def home(db: Connection, settings: MediaSettings) -> Iterator[Talk]:
    """Every skill, and a jukebox with a speaker."""
    yield from at_home(db, settings, Jukebox(decoder=Sound))


def at_home(
    db: Connection, settings: MediaSettings, jukebox: Jukebox, house: HomeSettings | None = None
) -> Iterator[Talk]:
    clock = [NOON]

    def clocks() -> Clocks:
        return Clocks(clock[0], clock[0].timestamp(), "a")

    workshop = Workshop(
        Config(media=settings, home=house or HomeSettings()), db, now=lambda: clock[0], clocks=clocks, jukebox=jukebox
    )
    with jukebox.attended():
        yield Talk(Router(skills(workshop), workshop, now=lambda: clock[0]), workshop, clock)


def episode(title: str = "Money") -> Callable[[str], Episode]:
    return lambda address: Episode(title, "http://money.example/1.mp3")


def asked(home: Talk, sentence: str) -> str:
    return " + ".join(one.intent for one in home.router.asked(Turn("t", "c", transcript=Transcript(sentence))))


async def test_what_people_say_is_understood(home: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_meant, "latest_episode", episode())
    wrong: list[str] = []
    for sentence, intent, choice in ROWS:
        home.workshop.jukebox.stop()
        if intent and intent != "media.play":
            await home("play kexp")
        found = asked(home, sentence)
        if (found if found.startswith("media") else "") != intent:
            wrong.append(f"{sentence}: {found}")
        elif choice:
            said = await home(sentence)
            track = home.workshop.jukebox.track
            kind, name = choice.split(" ", 1)
            told = receipts(home.workshop.db, count=1)[0].arguments if home.workshop.db else {}
            kinds = {"station": "station", "feed": "episode", "music": "song"}
            if not track or track.kind != kinds[kind] or told["what"] not in (name, "") or name not in f"{said} all":
                wrong.append(f"{sentence}: {said} {told}")
    assert not wrong


async def test_a_station_is_named_when_it_sounds_and_the_receipt_says_what(home: Talk) -> None:
    assert await home("play some jazz radio") == "Here's Radio Swiss Jazz."
    assert home.workshop.jukebox.is_on
    assert home.workshop.db
    receipt = receipts(home.workshop.db)[0]
    assert (receipt.act, receipt.done, receipt.arguments) == (
        "media.play",
        True,
        {"kind": "station", "what": "Radio Swiss Jazz"},
    )


async def test_a_station_that_does_not_sound_is_told_and_what_played_plays_on(home: Talk) -> None:
    await home("play kexp")
    assert await home("play radio ruin") == "Radio Ruin isn't sending anything I can play."
    assert home.workshop.jukebox.track
    assert home.workshop.jukebox.track.name == "KEXP"
    assert home.workshop.db
    assert not receipts(home.workshop.db)[0].done


async def test_an_album_plays_in_order_from_song_to_song(home: Talk) -> None:
    jukebox = home.workshop.jukebox
    assert await home("play abbey road") == "Here's Abbey Road by The Beatles."
    assert await home("what's playing") == "This is Come Together by The Beatles."
    assert await home("previous song") == "That was the first one."
    assert await home("next") == "This is Here Comes the Sun by The Beatles."
    assert await home("play that song again") == "From the beginning."
    assert await home("skip this song") == "That was the last one."
    assert jukebox.is_on


async def test_a_station_tells_what_it_plays(home: Talk) -> None:
    await home("play kexp")
    assert await home("what song is this") == "This is Miles Davis - So What, on KEXP."
    assert await home("next station") == "This is Radio Paradise."


async def test_pause_resume_stop_and_undo(home: Talk) -> None:
    jukebox = home.workshop.jukebox
    assert await home("pause the music") == "Nothing is playing."
    await home("play dancing queen")
    assert await home("pause") == "Paused."
    assert not jukebox.is_on
    assert await home("what's playing") == "Dancing Queen is paused."
    assert await home("pause the music") == "It's paused already."
    assert await home("resume") == "It's playing again."
    assert await home("keep playing") == "It's playing."
    assert jukebox.is_on
    assert await home("stop the music") == "Stopped."
    assert not jukebox.is_on
    await home("play dancing queen")
    assert await home("undo that") == "Stopped."
    assert jukebox.track is None


async def test_pause_and_next_mean_nothing_of_ours_while_nothing_plays(home: Talk) -> None:
    for words in ("next", "pause it", "go on", "skip it", "who is this"):
        assert not asked(home, words).startswith("media")
    await home("set a pasta timer for ten minutes")
    assert asked(home, "pause it") == "timers.pause"


async def test_the_latest_episode_is_told_by_its_title(home: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_meant, "latest_episode", episode("The price of eggs"))
    said = "Here's the latest episode of Planet Money: The price of eggs."
    assert await home("play the latest episode of planet money") == said
    assert await home("what's playing") == "This is The price of eggs, from Planet Money."
    assert (
        await home("play the podcast serial")
        == "I don't know a podcast called serial. Put its feed in the media section of my settings."
    )


@pytest.mark.parametrize("why", ["no_episode", "too_long", "no_feed", "down", "refused"])
async def test_a_feed_that_fails_is_told(home: Talk, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    def fails(address: str) -> object:
        raise MediaError("It fails.", why=why)

    monkeypatch.setattr(media_meant, "latest_episode", fails)
    said = await home("play the latest episode of planet money")
    assert said == table("en", "skills/media")["replies"]["failed"][why].format(name="Planet Money")
    assert not home.workshop.jukebox.is_on


async def test_what_is_not_there_is_said_to_be_missing(home: Talk) -> None:
    assert await home("play stairway to heaven") == (
        "I can't find stairway to heaven among your stations, podcasts or music."
    )
    assert await home("play the station radio moon") == "I don't know a station like radio moon."
    assert home.workshop.jukebox.track is None


async def test_what_is_not_there_may_be_in_the_house(db: Connection, settings: MediaSettings) -> None:
    house = HomeSettings(url="http://house.example", token=SecretStr("x"))
    for home in at_home(db, settings, Jukebox(decoder=Sound), house):
        router = Router([media.make(home.workshop)], home.workshop, now=lambda: NOON)
        assert await replace(home, router=router)("play jazz in the kitchen") == MODEL


async def test_music_that_is_paused_goes_on(home: Talk) -> None:
    await home("play abbey road")
    await home("pause")
    assert await home("play some music") == "It's playing again."
    assert home.workshop.jukebox.track
    assert home.workshop.jukebox.track.name == "Come Together"


async def test_without_a_folder_music_is_the_radio_and_an_album_is_not_there(
    db: Connection, settings: MediaSettings
) -> None:
    for home in at_home(db, settings.model_copy(update={"folder": None}), Jukebox(decoder=Sound)):
        assert await home("play some music") == "Here's Radio Bob."
        assert (
            await home("play the album abbey road")
            == "I have no music folder. Put its path in the media section of my settings."
        )


async def test_an_empty_folder_and_one_that_is_gone(db: Connection, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("empty", "There's no music in your music folder."),
        ("gone", "I can't find your music folder. Its path may have changed."),
    ):
        for home in at_home(db, MediaSettings(folder=tmp_path / name), Jukebox(decoder=Sound)):
            assert await home("play my music") == said


async def test_corrupt_songs_are_left_out_and_one_alone_is_told(db: Connection, tmp_path: Path) -> None:
    (tmp_path / "Album").mkdir()
    for number in range(2):
        (tmp_path / "Album" / f"{number} Noise.mp3").write_bytes(b"\x01\x02\x03" * 1000)
    (tmp_path / "Album" / "2 Real.mp3").write_bytes(mp3(1))
    for home in at_home(db, MediaSettings(folder=tmp_path), Jukebox(patience=Patience(0.5, ()))):
        assert await home("play the album album") == "Here's Album."
        assert home.workshop.jukebox.track
        assert home.workshop.jukebox.track.name == "Real"
        assert await home("play the song noise") == "Noise isn't sending anything I can play."


async def test_without_a_speaker_it_says_so_in_one_sentence_and_asks_nobody(talk: Talk) -> None:
    assert await talk("play kexp") == "There's no speaker here, so I can't play anything."
    assert await talk("what's playing") == "Nothing is playing."


async def test_nothing_goes_to_the_network_before_somebody_wants_to_hear_something(
    db: Connection, settings: MediaSettings
) -> None:
    with stations() as web:
        address = web.live("/live", mp3(1))
        feed = web.send("/feed", b"<rss/>")
        given = settings.model_copy(update={"stations": {"Here": address}, "feeds": {"Pod": feed}})
        for home in at_home(db, given, Jukebox(patience=Patience(0.5, ()))):
            for words in ("which radio stations do you have", "what's playing", "pause", "play the song so what"):
                await home(words)
            assert web.asked == []
            assert await home("play here") == "Here's Here."
            assert await home("play the podcast pod") == "The feed of Pod has no episode that I can play."
            assert web.asked == ["/live", "/feed"]


@pytest.mark.parametrize(
    ("words", "said", "seconds"),
    [
        ("stop the music in half an hour", "I'll stop it in 30 minutes.", 1800),
        ("set a sleep timer for one hour", "I'll stop it in 1 hour.", 3600),
        ("turn the music off at three pm", "I'll stop it today at 3:00 PM.", 3 * 3600),
        ("sleep timer", "When shall it stop?", None),
    ],
)
async def test_a_sleep_timer_is_on_the_schedule(home: Talk, words: str, said: str, seconds: float | None) -> None:
    await home("play kexp")
    assert await home(words) == said
    assert home.workshop.db
    dues = [entry.due for entry in entries(home.workshop.db) if entry.kind == "sleep"]
    assert dues == ([] if seconds is None else [NOON.timestamp() + seconds])


async def test_a_sleep_timer_is_asked_for_told_replaced_and_cancelled(home: Talk) -> None:
    assert await home("stop the music in half an hour") == "Nothing is playing."
    await home("play kexp")
    assert await home("set a sleep timer") == "When shall it stop?"
    assert await home("in twenty minutes") == "I'll stop it in 20 minutes."
    home.clock[0] += timedelta(minutes=5)
    assert await home("when will the music stop") == "It stops in 15 minutes."
    assert await home("sleep timer for one hour") == (
        "There was a sleep timer already. I'll stop it in 1 hour instead."
    )
    assert await home("how many timers do i have") == "You have no timers."
    assert await home("cancel the sleep timer") == "I won't stop it."
    assert await home("cancel the sleep timer") == "There's no sleep timer."
    assert home.workshop.db
    assert entries(home.workshop.db) == []


async def test_two_requests_in_one_breath_are_both_done(home: Talk) -> None:
    assert asked(home, "play kexp and set a timer for ten minutes") == "media.play + timers.set"
    assert await home("play kexp and stop the music in half an hour") == "Here's KEXP. I'll stop it in 30 minutes."


async def test_a_game_is_for_the_language_model(home: Talk) -> None:
    assert await home("play a game with me") == MODEL


def test_own_stations_come_first_and_replace_or_remove_those_that_are_given(settings: MediaSettings) -> None:
    own = settings.model_copy(
        update={"stations": {"Mine": "http://a.example/x blues", "kexp": "http://b.example/", "FIP": ""}}
    )
    names = Chooser(own).listed()
    assert names[:2] == ["Mine", "kexp"]
    assert "KEXP" not in names
    assert "FIP" not in names
    found = Chooser(own).station("some blues")
    assert found
    assert found.name == "Mine"


def test_the_stations_that_come_with_it_are_web_addresses_and_each_is_found_by_its_name() -> None:
    chooser = Chooser(MediaSettings())
    for one in chooser.stations:
        assert one.address.startswith(("http://", "https://"))
        found = chooser.station(one.name)
        assert found
        assert found.name == one.name
