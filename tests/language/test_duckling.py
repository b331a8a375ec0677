"""Where Duckling's wheel is installed (pyduckling-native-phihos), it says the same of phrases that it is good at."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from voiceos.language.times import Moment, Period, find

duckling: Any = pytest.importorskip("duckling")
NOW = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/London"))
PHRASES = """in an hour and a half; at 7 pm; tomorrow at noon; the day after tomorrow; on 7 May 1983; in March 2025;
between June and September 2025; yesterday; ten minutes ago; yesterday evening; on Friday at 6pm; last year;
next month;
at half past six in the evening tomorrow; on the 3rd of December; on Christmas Eve; in 2021;
from 3 pm to 5 pm on Friday; two weeks ago
""".replace("\n", " ")


@pytest.mark.parametrize("phrase", [phrase.strip() for phrase in PHRASES.split(";")])
def test_duckling_agrees(phrase: str) -> None:
    zones = duckling.load_time_zones("/usr/share/zoneinfo")
    at = duckling.parse_ref_time(zones, "Europe/London", int(NOW.timestamp()))
    context = duckling.Context(
        at, duckling.parse_locale("EN_GB", duckling.default_locale_lang(duckling.parse_lang("EN")))
    )
    (theirs, *_) = duckling.parse(phrase, context, duckling.parse_dimensions(["time"]), False)
    value = theirs["value"].get("from", theirs["value"])["value"]
    (ours,) = find(phrase, NOW, lean="future")
    assert isinstance(ours.meaning, Moment | Period)
    start = ours.meaning.at if isinstance(ours.meaning, Moment) else ours.meaning.start
    assert start == datetime.fromisoformat(value)
