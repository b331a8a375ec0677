"""What was heard of a reply that was cut off."""

from hypothesis import given
from hypothesis import strategies as st

from voiceos.dialogue.heard import Spoken, heard_until

UNITS = [Spoken("Well, yes.", 1.0, whole=True), Spoken("The kettle is on", 2.0, whole=True)]


def test_all_of_it() -> None:
    assert heard_until(UNITS, 3.0) == "Well, yes. The kettle is on"


def test_nothing() -> None:
    assert heard_until(UNITS, 0.0) == ""


def test_cut_to_the_word() -> None:
    assert heard_until(UNITS, 2.2) == "Well, yes. The kettle"


def test_a_unit_whose_sound_is_still_being_made_is_not_whole() -> None:
    assert heard_until([Spoken("one two three four", 1.0)], 0.5) == "one two"


words = st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=12).map(" ".join)


@given(st.lists(st.tuples(words, st.floats(0.1, 5)), min_size=1, max_size=5), st.floats(0, 30), st.floats(0, 30))
def test_more_time_never_hears_less(units: list[tuple[str, float]], one: float, other: float) -> None:
    spoken = [Spoken(text, seconds, whole=True) for text, seconds in units]
    less, more = heard_until(spoken, min(one, other)), heard_until(spoken, max(one, other))
    assert more.startswith(less)
    assert " ".join(text for text, _ in units).startswith(more)
