"""Names by their sound: with espeak's phonemes, which come with the voice and need no model."""

import pytest

from voiceos.core import Word
from voiceos.engines.phonemes import Phonemes
from voiceos.memory.sounding import Sounding, doubtful

NAMES = ["Siobhan Kowalczyk", "Quorvella", "Brackenthwaite", "Zojirushi", "Xochitl", "Oulu", "Ed", "Łukasz 7", "🙂", ""]


@pytest.fixture(scope="module")
def pronounce() -> Phonemes:
    return Phonemes()


@pytest.fixture(scope="module")
def sounding(pronounce: Phonemes) -> Sounding:
    return Sounding(NAMES, pronounce)


def heard(text: str, sure: float = 0.95) -> list[Word]:
    """Words with a star were hard to hear."""
    return [Word(word.strip("*"), 0.3 if word.startswith("*") else sure) for word in text.split()]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("Which password do I use for *core *vella?", "Quorvella", ("core", "vella")),
        ("The cottage in *Brackenthweight has no heating.", "Brackenthwaite", ("Brackenthweight",)),
        ("Where is the manual for the *Zouji *Rishi rice cooker?", "Zojirushi", ("Zouji", "Rishi")),
        ("Call *Shiv on *Covell *Chick and tell her.", "Siobhan Kowalczyk", ("Shiv", "on", "Covell", "Chick")),
    ],
)
def test_words_that_were_hard_to_hear_sound_like_a_name(
    sounding: Sounding, text: str, name: str, words: tuple[str, ...]
) -> None:
    best = sounding.near(heard(text))[0]
    assert (best.name, best.heard) == (name, words)
    assert 0 <= best.distance < 0.4


def test_words_that_were_heard_well_are_left_alone(sounding: Sounding) -> None:
    assert sounding.near(heard("Which password do I use for core vella?")) == []


def test_words_that_are_like_no_name_suggest_none(sounding: Sounding) -> None:
    assert sounding.near(heard("*Turn *off the *lights please")) == []


def test_the_same_sounds_are_no_distance_apart(sounding: Sounding) -> None:
    assert sounding.near(heard("*Brackenthweight"))[0].distance == pytest.approx(0.0)


@pytest.mark.parametrize(
    "text", ["", "*", "*🙂 *…", "*日本語 *中文", "*'; *DROP *TABLE", "*1234567890 " * 70, "*a " * 500]
)
def test_anything_may_have_been_heard(sounding: Sounding, text: str) -> None:
    sounding.near(heard(text))


def test_no_names_and_nothing_heard_suggest_nothing(sounding: Sounding, pronounce: Phonemes) -> None:
    assert Sounding((), pronounce).near(heard("*core *vella")) == []
    assert sounding.near([]) == []


def test_names_of_two_sounds_are_in_every_sentence_and_left_out(pronounce: Phonemes) -> None:
    assert len(Sounding(["Ed", "🙂", "", "Edda"], pronounce)) == 1


def test_stretches_that_touch_are_one() -> None:
    assert doubtful([0.9, 0.1, 0.9, 0.9, 0.2, 0.9, 0.9, 0.9, 0.1]) == [(0, 6), (7, 9)]
    assert doubtful([0.9, 0.95]) == []
