"""Words by their sounds."""

import pytest

from voiceos.engines.phonemes import Phonemes
from voiceos.errors import EngineError


def test_words_that_sound_alike_have_the_same_phonemes() -> None:
    first, second, other = Phonemes()(["Brackenthwaite", "bracken thweight", "Oulu"])
    assert first == second != other


@pytest.mark.parametrize("nothing", ["", "🙂", "…", "[[", "\x00", "\ud800"])
def test_what_cannot_be_pronounced_is_empty(nothing: str) -> None:
    assert Phonemes()([nothing]) == [""]


def test_stress_and_length_are_left_out() -> None:
    assert not set("ˈˌː ") & set(*Phonemes()(["everlasting Caoimhe"]))


def test_an_unknown_language_is_one_sentence() -> None:
    with pytest.raises(EngineError, match="pronunciation rules for xx-none do not work"):
        Phonemes("xx-none")(["word"])
