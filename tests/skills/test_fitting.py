"""Whether an appointment is what is asked about, or only shares a name with the question."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from voiceos.config.settings import Config
from voiceos.core import Transcript, Turn
from voiceos.skills.calendar import tells
from voiceos.skills.calendar.book import Book
from voiceos.skills.calendar.fitting import fits
from voiceos.skills.skill import Asked, Workshop
from voiceos.store.appointments import Appointment

pytestmark = pytest.mark.anyio
NOW = datetime.fromisoformat("2027-03-10T08:30+00:00")
CHRISTENING = Appointment("Ottilie's christening", NOW, place="St Teilo's")
TOLD = "Ottilie's christening is at St Teilo's."


def asked(text: str) -> Asked:
    return Asked("calendar.where", text, NOW, Turn("1", "c", transcript=Transcript(text)))


@pytest.mark.parametrize(
    ("text", "alike", "fitting"),
    [
        ("Where is Ottilie's christening?", 0.5, True),
        ("Where is Ottilie's christening?", 0.2, False),  # it means another thing, by whatever words
        ("Which hospital was Ottilie born in?", 0.5, False),
        ("Which hospital was Ottilie born in?", 0.6, True),
        ("Where is St Teilo's?", 0.1, True),  # its place alone names none
        ("And where is that?", 0.1, True),
    ],
)
async def test_it_fits_what_means_the_same(text: str, alike: float, fitting: bool) -> None:
    def encode(words: str) -> NDArray[np.float32]:
        return np.array([alike, (1 - alike**2) ** 0.5] if words == TOLD else [1.0, 0.0], np.float32)

    book = Book(Workshop(Config()), encode)
    assert await fits(book, asked(text), CHRISTENING, TOLD) is fitting
    assert await fits(replace(book, encode=None), asked(text), CHRISTENING, TOLD)  # nothing to go by


@pytest.mark.parametrize(
    ("text", "title", "days", "fitting"),
    [
        (
            "When does Bram's licence end?",
            "Bram licence office",
            -40,
            False,
        ),  # that is over, and it asks of what is not
        ("When did Bram's licence office end?", "Bram licence office", -40, True),
        ("When does the licence office end?", "Bram licence office", 3, True),
        ("How long did Bram stay with us?", "Collect Bram", -40, False),  # it shares only him
        ("How long is it with Bram?", "Lunch with Bram", 3, True),
        ("When does Bram's bus pass end?", "Bram rowing test", 3, False),
        ("How long does the rowing test take?", "Bram rowing test", 3, True),
    ],
)
async def test_an_end_or_a_length_is_of_what_is_named(text: str, title: str, days: int, fitting: bool) -> None:
    def encode(words: str) -> NDArray[np.float32]:
        return np.array([0.5, 0.5] if words == TOLD else [1.0, 0.0], np.float32)

    at = NOW + timedelta(days=days)
    one = Appointment(title, at, until=at + timedelta(hours=1))
    assert await fits(Book(Workshop(Config()), encode), asked(text), one, TOLD, closely=True) is fitting


@pytest.mark.parametrize(
    ("text", "title", "days", "fitting"),
    [
        ("When does Bram come back?", "Walk with Bram", -3, False),
        ("When was Bram's walk?", "Walk with Bram", -3, True),
        ("When do we fly back from Faro?", "Flight to Faro", 3, False),  # that is the way there
        ("When do we fly to Faro?", "Flight to Faro", 3, True),
        ("When is the massage for my back?", "Massage", 3, True),
        ("When is the rowing club?", "Rowing club, summer party", -3, True),
        ("When does the train to Leeds leave?", "Train to York", 3, False),
        ("When does the train leave?", "Train to York", 3, True),
        ("When does the rowing club meet?", "Rowing club party", -3, False),  # a party is no club
    ],
)
async def test_what_is_over_is_told_of_what_is_called_so(text: str, title: str, days: int, fitting: bool) -> None:
    def encode(words: str) -> NDArray[np.float32]:
        return np.array([0.5, 0.5] if words == TOLD else [1.0, 0.0], np.float32)

    one = Appointment(title, NOW + timedelta(days=days))
    assert await fits(Book(Workshop(Config()), encode), asked(text), one, TOLD) is fitting


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ("2027-03-12T16:00", "2027-03-14T15:00", "2 days. Regatta is on Friday at 4:00 PM, until Sunday at 3:00 PM."),
        ("2027-03-08T16:00", "2027-03-08T17:00", "one hour. Regatta was last Monday at 4:00 PM, until 5:00 PM."),
    ],
)
def test_how_long_it_takes(begins: str, ends: str, said: str) -> None:
    at, until = (datetime.fromisoformat(f"{one}+00:00") for one in (begins, ends))
    assert tells.length(Appointment("Regatta", at, until), NOW) == said
