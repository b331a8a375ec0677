"""Stations good and bad: what sounds, and what is said of what does not."""

import io
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import anyio
import pytest

from tests.audio.media.station import Stations, comes_true, hertz, m4a, mp3, stalls, stations
from voiceos.audio.media.decoder import AHEAD_SECONDS, Decoder
from voiceos.audio.media.jukebox import Jukebox, Track
from voiceos.audio.media.web import Patience, open_sound
from voiceos.audio.mixer import MUSIC_RATE
from voiceos.errors import MediaError

pytestmark = pytest.mark.anyio
QUICK = Patience(stall_seconds=0.4, pauses=(0.01, 0.02))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def web() -> Iterator[Stations]:
    with stations() as found:
        yield found


@contextmanager
def jukebox() -> Generator[tuple[Jukebox, list[str]]]:
    """One with a speaker, and what it said of troubles."""
    box, troubles = Jukebox(patience=QUICK, first_sound_seconds=1), list[str]()
    box.on_trouble.append(troubles.append)
    with box.attended():
        yield box, troubles


async def heard(box: Jukebox, seconds: float) -> bytes:
    """What it gives, as fast as it comes, until so much has come or it has ended."""
    pcm = b""
    with anyio.move_on_after(8):
        while len(pcm) < 2 * MUSIC_RATE * seconds and box.is_on:
            if chunk := box.take():
                pcm += chunk
            else:
                await anyio.sleep(0.005)
    return pcm


def station(address: str) -> Track:
    return Track("station", "Radio Test", address)


async def failure(address: str) -> str:
    """What is said of a station that does not play."""
    with jukebox() as (box, _), pytest.raises(MediaError) as caught:
        await box.play([station(address)])
    assert not box.is_on
    return caught.value.spoken


async def test_a_station_plays_after_its_first_sound_and_tells_its_title(web: Stations) -> None:
    title = b"StreamTitle='ABBA - Dancing Queen';"
    block = bytes([3]) + title.ljust(48, b"\0")
    sound = mp3(2)[:32_000]
    body = b"".join(sound[i : i + 1000] + block for i in range(0, len(sound), 1000))
    address = web.live("/icy", body, headers={"icy-metaint": "1000"})
    with jukebox() as (box, _):
        assert (await box.play([station(address)])).name == "Radio Test"
        assert hertz(await heard(box, 1), MUSIC_RATE) == pytest.approx(440, abs=2)
        assert box.title == "ABBA - Dancing Queen"
    assert not box.is_on
    assert web.headers[0]["Icy-MetaData"] == "1"


def test_a_stream_that_never_ends_is_decoded_no_further_than_the_buffer(web: Stations) -> None:
    decoder = Decoder(lambda: open_sound(web.live("/endless", mp3(5)), QUICK))
    assert comes_true(lambda: decoder.ahead_seconds >= AHEAD_SECONDS - 1e-6)
    assert not comes_true(lambda: decoder.ahead_seconds > AHEAD_SECONDS + 1e-6, seconds=0.2)
    decoder.close()


async def test_a_station_that_is_down() -> None:
    with socket.socket() as taken:  # nobody listens there
        taken.bind(("127.0.0.1", 0))
        assert await failure(f"http://127.0.0.1:{taken.getsockname()[1]}/") == "I can't reach Radio Test right now."


async def test_a_station_that_is_not_there_any_more(web: Stations) -> None:
    assert (
        await failure(f"{web.url}/nothing") == "Radio Test doesn't answer as it should. Its address may have changed."
    )


@pytest.mark.parametrize("kind", ["text/html", "audio/mpeg"])
async def test_a_web_page_instead_of_sound(web: Stations, kind: str) -> None:
    address = web.send("/page", b"<!DOCTYPE html><title>Listen now!</title>" * 50, kind=kind)
    assert await failure(address) == "Radio Test is sending a web page instead of sound. Its address may have changed."


async def test_something_that_is_no_sound(web: Stations) -> None:
    assert (
        await failure(web.send("/noise", bytes(range(1, 200)) * 400)) == "Radio Test isn't sending anything I can play."
    )


async def test_a_station_that_sends_nothing(web: Stations) -> None:
    assert await failure(web.send("/mute", then=stalls)) == "Radio Test isn't sending anything."


async def test_a_station_that_sends_only_silence(web: Stations) -> None:
    assert await failure(web.live("/silence", mp3(5, 0.0))) == "Radio Test is sending nothing but silence."


async def test_a_wrong_type_does_not_matter_where_there_is_sound(web: Stations) -> None:
    address = web.send("/typed", mp3(3), kind="text/plain", sized=True)
    with jukebox() as (box, _):
        await box.play([station(address)])
        assert hertz(await heard(box, 1), MUSIC_RATE) == pytest.approx(440, abs=2)


async def test_redirects_are_followed_but_not_for_ever_and_not_to_files(web: Stations) -> None:
    live = web.live("/live", mp3(2))
    for number in range(3):
        web.send(f"/hop{number}", status=302, headers={"Location": f"/hop{number + 1}" if number < 2 else live})
    with jukebox() as (box, _):
        await box.play([station(f"{web.url}/hop0")])
        assert await heard(box, 0.5)
    web.send("/round", status=302, headers={"Location": "/round"})
    assert await failure(f"{web.url}/round") == "Radio Test doesn't answer as it should. Its address may have changed."
    web.send("/file", status=302, headers={"Location": "file:///etc/passwd"})
    assert "web address" in await failure(f"{web.url}/file")


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/a.m3u", "audio/x-mpegurl", "#EXTM3U\n#EXTINF:-1,Radio\n{dead}\n{live}\n"),
        ("/b.pls", "audio/x-scpls", "[playlist]\nNumberOfEntries=2\nFile1={dead}\nTitle1=Radio\nFile2={live}\n"),
        ("/c", "text/plain", "[playlist]\nfile1={live}\n"),
        ("/d.m3u", "text/plain", "{live}\n"),
        ("/e.m3u", "audio/x-mpegurl", "live\n"),
    ],
)
async def test_playlists_lead_to_the_first_address_that_answers(web: Stations, path: str, kind: str, body: str) -> None:
    live = web.live("/live", mp3(2))
    address = web.send(path, body.format(live=live, dead=f"{web.url}/dead").encode(), kind=kind)
    with jukebox() as (box, _):
        await box.play([station(address)])
        assert await heard(box, 0.5)


async def test_playlists_that_lead_nowhere_or_to_files(web: Stations) -> None:
    local = web.send("/local.m3u", b"#EXTM3U\nfile:///etc/passwd\n/etc/passwd\n", kind="audio/x-mpegurl")
    assert await failure(local) == "Radio Test doesn't answer as it should. Its address may have changed."
    only = web.send("/only.m3u", b"#EXTM3U\nfile:///etc/passwd\n", kind="audio/x-mpegurl")
    assert "web address" in await failure(only)
    assert web.asked == ["/local.m3u", "/etc/passwd", "/only.m3u"]  # of our server, not of our disk
    hls = web.send("/h.m3u8", b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n", kind="application/x-mpegurl")
    assert await failure(hls) == "Radio Test uses a kind of stream that I can't play."
    web.send("/self.m3u", b"/self.m3u\n", kind="audio/x-mpegurl")
    assert "web address" in await failure(f"{web.url}/self.m3u")
    assert web.asked.count("/self.m3u") <= 3


async def test_a_station_that_breaks_off_is_taken_up_again_a_few_times_and_then_it_says_so(web: Stations) -> None:
    address = web.send("/short", mp3(1))
    with jukebox() as (box, troubles):
        await box.play([station(address)])
        pcm = await heard(box, 60)
        assert not box.is_on
    assert web.asked == ["/short"] * (1 + len(QUICK.pauses))
    assert len(pcm) / 2 / MUSIC_RATE == pytest.approx(3, abs=0.4)
    assert troubles == ["I've lost the connection to Radio Test."]


async def test_a_station_that_stalls_in_the_middle_is_given_up_too(web: Stations) -> None:
    address = web.send("/stalls", mp3(1), then=stalls)
    with jukebox() as (box, troubles):
        await box.play([station(address)])
        await heard(box, 60)
    assert troubles == ["Radio Test isn't sending anything."]


def ranged(web: Stations, path: str, body: bytes, cut: int) -> str:
    """A file of which a connection sends only so much, from any place on."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        start = int(request.headers.get("Range", "bytes=0-")[6:-1])
        request.send_response(206 if "Range" in request.headers else 200)
        request.send_header("Accept-Ranges", "bytes")
        request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        request.wfile.write(body[start : start + cut])

    web.handlers[path] = handle
    return web.url + path


async def test_an_episode_that_breaks_off_goes_on_from_the_same_byte(web: Stations) -> None:
    body = mp3(4)
    with jukebox() as (box, troubles):
        await box.play([Track("episode", "Pod", ranged(web, "/pod.mp3", body, len(body) * 2 // 5))])
        pcm = await heard(box, 60)
    assert len(pcm) / 2 / MUSIC_RATE == pytest.approx(4, abs=0.15)
    assert troubles == []
    assert web.asked == ["/pod.mp3"] * 3


async def test_an_episode_whose_index_is_at_its_end_plays(web: Stations) -> None:
    with jukebox() as (box, _):
        await box.play([Track("episode", "Pod", ranged(web, "/pod.m4a", m4a(2), 10**9))])
        pcm = await heard(box, 60)
    assert len(pcm) / 2 / MUSIC_RATE == pytest.approx(2, abs=0.15)


async def test_a_paused_station_leaves_and_comes_back_live(web: Stations) -> None:
    address = web.live("/live", mp3(2))
    with jukebox() as (box, _):
        await box.play([station(address)])
        box.pause()
        assert not box.is_on
        assert box.take() == b""
        await box.resume()
        assert await heard(box, 0.5)
    assert web.asked == ["/live"] * 2


async def test_without_a_speaker_nothing_is_asked_of_anybody(web: Stations) -> None:
    address = web.live("/live", mp3(2))
    with pytest.raises(MediaError) as caught:
        await Jukebox().play([station(address)])
    assert caught.value.spoken == "There's no speaker here, so I can't play anything."
    assert web.asked == []


@pytest.mark.parametrize(
    "body", [b"ffconcat version 1.0\nfile /etc/passwd\n", b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\n/etc/passwd\n"]
)
def test_what_a_file_names_is_not_opened(body: bytes) -> None:
    """FFmpeg would read a playlist of its own kind, and then the files in it."""
    decoder = Decoder(lambda: io.BytesIO(body))
    assert comes_true(lambda: decoder.is_over)
    assert decoder.error
    assert decoder.error.why == "nonsense"
