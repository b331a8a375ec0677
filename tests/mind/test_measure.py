"""A reply that has no end is cut."""

from hypothesis import given
from hypothesis import strategies as st

from voiceos.mind.measure import Measure


def kept(measure: Measure, pieces: list[str]) -> str:
    text = ""
    for piece in pieces:
        text += measure(piece)
        if measure.enough:
            break
    return text


def test_a_reply_that_is_too_long_is_cut() -> None:
    measure = Measure(10)
    assert kept(measure, ["123456", "789012", "x"]) == "1234567890"
    assert measure.enough == "is too long"


def test_loops_are_noticed() -> None:
    for unit in ("I like it. ", "and on ", "ha", "- an item\n", "...", "Yes! No! "):
        measure = Measure(10_000)
        assert len(kept(measure, ["Well, here it is: ", *[unit] * 500])) < 200
        assert measure.enough == "repeats itself"


def test_a_sentence_that_keeps_coming_back_is_noticed() -> None:
    measure = Measure(10_000)
    said = kept(measure, [f"Number {number} is next. That is what I think.\n" for number in range(100)])
    assert said.count("That is what I think") == 4


def test_what_repeats_on_purpose_is_left_alone() -> None:
    song = "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream. "
    laughter = "Ha ha ha ha ha! One, two, three, four, five. Very, very, very, very, very good. "
    for text in (song + song, laughter, "No. No. No. No."):
        measure = Measure(10_000)
        assert kept(measure, list(text)) == text
        assert not measure.enough


@given(st.lists(st.text("ab .!\n", max_size=9), max_size=30))
def test_anything_is_measured(pieces: list[str]) -> None:
    measure = Measure(100)
    assert len(kept(measure, pieces)) <= 100
