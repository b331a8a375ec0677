"""The guard of short windows: loops, words after the end, crowds of words, and words where nobody speaks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.core import RATE
from voiceos.engines.whisper_guard import (
    Look,
    Segment,
    Verdict,
    crowded,
    ghost,
    judge,
    looping,
    settled,
    sound_seconds,
)

CLEAR = (-0.3, 0.05)  # log-probability of a token, probability of no speech
DOUBTFUL = (-1.0, 0.3)
NOISY = (-1.3, 0.7)
QUESTION = "Can I get a triple shot iced coffee?"


def verdict(text: str, how: tuple[float, float], *, seconds: float = 3.0, first: bool = True) -> Verdict:
    look = Look((Segment(0.0, text),), *how)
    return judge(look, settled(look.segments, seconds), seconds, first=first)


def test_clear_speech_is_taken_at_the_first_look() -> None:
    assert verdict(QUESTION, CLEAR) is Verdict.TAKE
    assert verdict("Thank you.", CLEAR) is Verdict.TAKE
    assert verdict("Stop.", (-0.8, 0.2), seconds=0.5) is Verdict.TAKE


def test_doubtful_speech_is_looked_at_again_and_then_taken() -> None:
    assert verdict(QUESTION, DOUBTFUL) is Verdict.AGAIN
    assert verdict("Iced coffee.", DOUBTFUL, first=False) is Verdict.TAKE
    assert verdict(QUESTION, (-0.9, 0.1), first=False) is Verdict.TAKE


def test_a_phrase_that_stays_doubtful_is_made_of_noise() -> None:
    assert verdict(QUESTION, DOUBTFUL, first=False) is Verdict.NOTHING


def test_a_doubtful_phrase_that_whisper_makes_up_is_nothing() -> None:
    assert verdict("Thank you.", DOUBTFUL, first=False) is Verdict.NOTHING
    assert verdict("you", (-0.95, 0.0)) is Verdict.NOTHING
    assert verdict("Thanks for watching!", DOUBTFUL, first=False) is Verdict.NOTHING


def test_noise_is_nothing_at_the_first_look() -> None:
    assert verdict("I'm going to put it on the top right side.", NOISY) is Verdict.NOTHING
    assert verdict("", CLEAR) is Verdict.NOTHING
    assert verdict("...", CLEAR) is Verdict.NOTHING


def test_a_loop_a_crowd_and_an_open_end_are_looked_at_again_at_every_window() -> None:
    for first in (True, False):
        assert verdict("I'm going to do it. I'm going to do it.", CLEAR, first=first) is Verdict.AGAIN
        assert verdict(" ".join("abcdefghijklmnopqrst"), CLEAR, seconds=1.0, first=first) is Verdict.AGAIN
        open_end = Look((Segment(0.0, "Never bond", closed=False),), *CLEAR)
        assert judge(open_end, "Never bond", 1.0, first=first) is Verdict.AGAIN


def test_words_after_the_end_of_the_sound_are_dropped() -> None:
    loop = [Segment(0.0, f" {QUESTION}"), Segment(5.4, f" {QUESTION}"), Segment(8.6, " Thank you.", closed=False)]
    assert settled(loop, 5.2) == QUESTION


def test_a_segment_that_repeats_the_one_before_is_dropped_and_others_are_joined() -> None:
    assert settled([Segment(0, " Yes, yes."), Segment(1, " Yes yes"), Segment(2, " Go on.")], 4.0) == "Yes, yes. Go on."


def test_an_unfinished_segment_counts_only_if_it_is_alone() -> None:
    assert settled([Segment(0, "One."), Segment(1, "Tw", closed=False)], 4.0) == "One."
    assert settled([Segment(0, "Tw", closed=False)], 4.0) == "Tw"


@pytest.mark.parametrize(
    "text",
    [
        "never bond never bond",
        "no no no no no no",
        "computer. Computer. Computer. Computer. computer",
        "I'm a student, I'm a student, I'm a student",
        "Well I'm going to go, going to go, going to go there",
        "a little bit of a little bit of a little bit",
        "N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N.N",
    ],
)
def test_loops(text: str) -> None:
    assert looping(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no no no",
        "bye bye",
        "very very good",
        "I know that that is it",
        "the phone number is five five five one two one two",
        "set a timer for ten minutes and a timer for twenty minutes",
        "turn the light on and turn the heating on and turn the music off",
    ],
)
def test_no_loops(text: str) -> None:
    assert not looping(text)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=6, unique=True), st.integers(2, 5))
@settings(deadline=None)
def test_any_phrase_said_twice_in_a_row_is_a_loop(phrase: list[str], times: int) -> None:
    assert looping(" ".join(phrase * times))


@given(st.lists(st.integers(), unique=True))
@settings(deadline=None)
def test_words_that_never_come_again_are_no_loop(numbers: list[int]) -> None:
    assert not looping(" ".join(f"w{abs(n)}x{n < 0}" for n in numbers[:12]))


@given(st.text(), st.floats(-5, 0), st.floats(0, 1), st.floats(0, 30), st.booleans())
@settings(deadline=None)
def test_every_look_has_a_verdict_and_nothing_odd_is_taken(
    text: str, logprob: float, no_speech: float, seconds: float, first: bool
) -> None:
    look = Look((Segment(0.0, text),), logprob, no_speech)
    said = settled(look.segments, seconds)
    if judge(look, said, seconds, first=first) is Verdict.TAKE:
        assert any(c.isalnum() for c in said)
        assert not crowded(said, seconds)
        assert not looping(said)


def test_ghosts_are_known_whatever_their_punctuation_and_however_often() -> None:
    assert all(map(ghost, ["you", "Thank you.", "Thanks for watching!", "I'm sorry.", "you you you", "Music"]))
    assert not any(map(ghost, ["stop", "yes", "Thank you, Nova", "thank you for the music", "no"]))


def test_the_end_of_the_sound() -> None:
    def tone(seconds: float, level: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return (level * np.sin(np.arange(int(seconds * RATE)) * 0.3)).astype(np.float32)

    noise = np.random.default_rng(0).normal(0, 0.001, RATE).astype(np.float32)
    assert sound_seconds(np.zeros(0, np.float32)) == 0
    assert sound_seconds(np.zeros(RATE, np.float32)) == 0
    assert sound_seconds(tone(1, 10 ** (-70 / 20))) == 0
    assert sound_seconds(tone(1, 0.01)) == 1.0
    assert sound_seconds(np.concatenate([tone(1, 0.1), np.zeros(RATE, np.float32)])) == 1.0
    assert sound_seconds(np.concatenate([tone(1, 0.1), noise])) == pytest.approx(1.0, abs=0.02)
    assert sound_seconds(np.concatenate([tone(1, 0.1), np.zeros(RATE, np.float32), tone(0.5, 0.05)])) == 2.5
