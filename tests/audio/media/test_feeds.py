"""Podcast feeds: the newest episode, whatever else is in them."""

from collections.abc import Iterator

import pytest

from tests.audio.media.station import Stations, stations
from voiceos.audio.media import feed
from voiceos.audio.media.feed import latest_episode
from voiceos.audio.media.web import Patience
from voiceos.errors import MediaError

QUICK = Patience(stall_seconds=0.4, pauses=())
ITEM = (
    "<item><title>Episode {n}</title><enclosure url='{url}' type='audio/mpeg' length='1'/>"
    "<pubDate>{day}, {n:02} Jun 2026 08:00:00 +0000</pubDate><itunes:title>Other</itunes:title></item>"
)
RSS = (
    "<?xml version='1.0'?><rss xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><title>Pod</title>{}"
)


@pytest.fixture
def web() -> Iterator[Stations]:
    with stations() as found:
        yield found


def rss(*items: str) -> bytes:
    return (RSS.format("".join(items)) + "</channel></rss>").encode()


def item(n: int, url: str = "/a.mp3") -> str:
    return ITEM.format(n=n, url=url, day="Mon")


def told(web: Stations, body: bytes, kind: str = "application/rss+xml") -> str:
    with pytest.raises(MediaError) as caught:
        latest_episode(web.send("/feed", body, kind=kind), QUICK)
    return caught.value.why


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_the_newest_is_the_latest_in_any_order(web: Stations, order: tuple[int, ...]) -> None:
    found = latest_episode(web.send("/feed", rss(*(item(n, f"/{n}.mp3") for n in order))), QUICK)
    assert (found.title, found.address) == ("Episode 3", f"{web.url}/3.mp3")


def test_atom_too_and_a_type_that_says_html(web: Stations) -> None:
    body = b"""<feed xmlns='http://www.w3.org/2005/Atom'><title>Pod</title><entry><title> A
      &amp; B</title><updated>2026-06-01T08:00:00Z</updated>
      <link rel='alternate' href='/page'/><link rel='enclosure' type='audio/mpeg' href='/e.mp3'/></entry></feed>"""
    found = latest_episode(web.send("/feed", body, kind="text/html"), QUICK)
    assert (found.title, found.address) == ("A & B", f"{web.url}/e.mp3")


def test_without_dates_the_first(web: Stations) -> None:
    bare = "<item><enclosure url='/{0}.mp3' type='audio/mpeg'/></item>"
    assert latest_episode(web.send("/feed", rss(bare.format(1), bare.format(2))), QUICK).address.endswith("/1.mp3")


def test_a_feed_without_enclosures(web: Stations) -> None:
    assert told(web, rss("<item><title>Words</title><enclosure url='/a.pdf' type='application/pdf'/></item>")) == (
        "no_episode"
    )


@pytest.mark.parametrize("body", [b"<html><body>Hello<br>there</html>", b"", b"{}", b"\x00\xff" * 100])
def test_no_feed_at_all(web: Stations, body: bytes) -> None:
    assert told(web, body) == "no_feed"


def test_entities_and_document_types_are_refused(web: Stations) -> None:
    bomb = "<!DOCTYPE lolz [<!ENTITY a '{}'>]><rss><channel>&a;</channel></rss>".format("ha" * 100).encode()
    outside = b"<!DOCTYPE r SYSTEM 'file:///etc/passwd'><rss/>"
    assert told(web, bomb) == told(web, outside) == "no_feed"


def test_nesting_without_end_is_refused(web: Stations) -> None:
    assert told(web, b"<rss>" * 100_000) == "no_feed"


def test_other_schemes_are_refused(web: Stations) -> None:
    for url in ("file:///etc/passwd", "ftp://example.com/a.mp3", "data:audio/mpeg,xx"):
        assert told(web, rss(item(1, url))) == "refused"


def test_an_enormous_feed_is_read_so_far_as_is_bearable(web: Stations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST_BYTES", 4000)
    newest_first = [item(n, f"/{n}.mp3") for n in range(30, 0, -1)]
    assert latest_episode(web.send("/feed", rss(*newest_first)), QUICK).title == "Episode 30"
    assert told(web, rss(*reversed(newest_first))) == "too_long"


def test_a_feed_that_is_cut_off_gives_what_came(web: Stations) -> None:
    assert latest_episode(web.send("/feed", rss(item(3), item(2), item(1))[:-200]), QUICK).title == "Episode 3"
