"""What a tool brings as data is said in words: as it is where it is short, else by the model."""

import json
from datetime import UTC, datetime

import pytest

from voiceos.mind.supported import Said
from voiceos.mind.telling_data import told
from voiceos.tools.data_in_words import in_words

NOW = datetime(2027, 3, 10, 8, 30, tzinfo=UTC)
WEATHER = {"temperature": 3, "unit": "celsius", "sky": "cloudy", "rain_probability": 0.8, "wind": {"speed": 14}}
MONEY = {"amount": 50, "base": "EUR", "target": "USD", "rate": 1.08, "result": 54.0}
TRAINS = {"departures": [{"time": "14:05", "platform": 3}, {"time": "14:25", "platform": 1}]}
DAY = {"event": "Dentist", "start": "2027-03-12T09:00:00Z", "day": "Friday"}


@pytest.mark.parametrize(
    ("asked", "data", "said"),
    [
        ("How is it in Oslo?", WEATHER, "Temperature 3 celsius, sky cloudy, rain probability 0.8; wind speed 14."),
        ("How much is 50 euros in USD?", MONEY, "Rate 1.08, result 54."),
        ("How much is 54 euros in USD?", MONEY | {"amount": 54}, "Rate 1.08, result 54."),
        ("Which trains leave?", TRAINS, "Departures: time 14:05, platform 3; time 14:25, platform 1."),
        ("When is it?", DAY, "Event Dentist, start 9:00 AM on Friday, 12 March 2027."),
        ("When?", {"birthday": "2000-01-02"}, "Birthday Sunday, 2 January 2000."),
        ("Roll dice.", [3, 5], "3, 5."),
        ("Is it open?", {"open": False, "closes": "17:00"}, ""),
        ("Sum it up.", {"note": "Go on."}, ""),
        ("Which?", {"line": list(range(9))}, ""),
        ("Which?", {"value": "<b>3</b>"}, ""),
        ("Nothing?", {"a": None, "b": [], "c": ""}, ""),
    ],
)
def test_short_data_is_told_without_what_was_asked_with(asked: str, data: object, said: str) -> None:
    assert told(json.dumps(data), Said(asked, NOW), NOW) == said


@pytest.mark.parametrize("text", ["", "It rains.", "[1", "3", '"x"', "[" * 5000, json.dumps(list(range(900)))])
def test_what_is_no_data_stays_as_it_is(text: str) -> None:
    assert told(text, Said("What is it?", NOW), NOW) == ""
    assert in_words(text, NOW) == text


def test_a_model_reads_times_as_they_are_said() -> None:
    """As written, 00:30 became "00:30 AM"."""
    zone = {
        "timezone": "Asia/Tokyo",
        "datetime": "2027-03-11T00:30:00+09:00",
        "day_of_week": "Thursday",
        "is_dst": False,
    }
    data = json.dumps({"target": zone, "time_difference": "+9.0h", "note": "2027-99-11"})
    assert in_words(data, NOW) == (
        "target: timezone Asia/Tokyo, 12:30 AM on Thursday, 11 March 2027, is dst no; "
        "time difference +9.0h, note 2027-99-11"
    )
