"""The gate, on evidence alone."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.config.settings import ListenSettings
from voiceos.core import Cut
from voiceos.listen.gate import SURE_SECONDS, Evidence, Gate, State

SETTINGS = ListenSettings()
TICK = 0.02


def run(gate: Gate, *stretches: tuple[float, float], completeness: float | None = None) -> list[tuple[float, Cut]]:
    """Feeds (seconds, speech score) stretches; gives the cuts and when they came."""
    cuts: list[tuple[float, Cut]] = []
    at = 0.0
    for seconds, speech in stretches:
        for _ in range(round(seconds / TICK)):
            at += TICK
            cut = gate(Evidence(TICK, speech))
            if cut:
                cuts.append((round(at, 2), cut))
            if cut is Cut.PAUSE and completeness is not None:
                gate.completeness = completeness
    return cuts


def names(cuts: Iterable[tuple[float, Cut]]) -> list[Cut]:
    return [cut for _, cut in cuts]


def test_asleep_it_cuts_nothing() -> None:
    assert run(Gate(SETTINGS), (5, 1.0), (5, 0.0)) == []


def test_open_it_cuts_an_utterance() -> None:
    gate = Gate(SETTINGS, has_turn_end=True)
    gate.open()
    cuts = run(gate, (0.5, 0), (1.0, 1), (2.0, 0), completeness=0.9)
    assert names(cuts) == [Cut.START, Cut.PAUSE, Cut.END]
    start, pause, end = (at for at, _ in cuts)
    assert start == pytest.approx(0.5 + SETTINGS.start_seconds, abs=TICK)
    assert pause == pytest.approx(1.5 + SETTINGS.pause_seconds, abs=TICK)
    assert end == pytest.approx(1.5 + SETTINGS.end_seconds, abs=TICK)


@pytest.mark.parametrize(
    ("completeness", "has_turn_end", "silence"),
    [
        (0.9, True, SETTINGS.end_seconds),
        (0.1, True, SETTINGS.unfinished_seconds),
        (None, True, SETTINGS.silence_seconds),
        (None, False, SETTINGS.silence_seconds),
    ],
)
def test_how_long_it_waits(completeness: float | None, has_turn_end: bool, silence: float) -> None:
    gate = Gate(SETTINGS, has_turn_end=has_turn_end)
    gate.open()
    cuts = run(gate, (1.0, 1), (3.0, 0), completeness=completeness)
    assert cuts[-1] == (pytest.approx(1.0 + silence, abs=2 * TICK), Cut.END)


@pytest.mark.parametrize(
    ("completeness", "whole", "silence"),
    [
        (0.97, True, SURE_SECONDS),
        (0.97, False, SETTINGS.end_seconds),
        (0.9, True, SETTINGS.end_seconds),
        (0.1, True, SETTINGS.unfinished_seconds),
        (None, True, SETTINGS.silence_seconds),
    ],
)
def test_it_waits_less_where_tune_and_words_agree(completeness: float | None, whole: bool, silence: float) -> None:
    gate = Gate(SETTINGS, has_turn_end=True)
    gate.open()
    run(gate, (1.0, 1), (0.2, 0), completeness=completeness)
    gate.whole = whole
    assert run(gate, (2.0, 0)) == [(pytest.approx(silence - 0.2, abs=2 * TICK), Cut.END)]


def test_that_words_were_whole_counts_for_their_pause_only() -> None:
    gate = Gate(SETTINGS, has_turn_end=True)
    gate.open()
    run(gate, (1.0, 1), (0.2, 0), completeness=0.97)
    gate.whole = True
    cuts = run(gate, (0.5, 1), (1.0, 0), completeness=0.97)
    assert cuts[-1] == (pytest.approx(0.5 + SETTINGS.end_seconds, abs=2 * TICK), Cut.END)


def test_going_on_takes_the_pause_back() -> None:
    gate = Gate(SETTINGS, has_turn_end=True)
    gate.open()
    cuts = run(gate, (1.0, 1), (0.3, 0), (0.5, 1), (2.0, 0), completeness=0.9)
    assert names(cuts) == [Cut.START, Cut.PAUSE, Cut.RESUME, Cut.PAUSE, Cut.END]


def test_a_click_is_no_start() -> None:
    gate = Gate(SETTINGS)
    gate.open()
    assert run(gate, (0.04, 1), (0.5, 0), (0.04, 1), (0.5, 0)) == []


def test_a_dip_inside_a_word_is_no_pause() -> None:
    gate = Gate(SETTINGS)
    gate.open()
    assert names(run(gate, (0.4, 1), (0.06, 0), (0.4, 1), (0.06, 0), (0.4, 1))) == [Cut.START]


def test_the_wake_word_alone_is_no_utterance() -> None:
    gate = Gate(SETTINGS)
    gate(Evidence(TICK, 1, wake=True))
    assert names(run(gate, (0.2, 1), (3.0, 0))) == []
    assert gate.state is State.OPEN


def test_a_command_in_the_same_breath_includes_the_wake_word() -> None:
    gate = Gate(SETTINGS)
    assert gate(Evidence(TICK, 1, wake=True)) is Cut.WAKE
    assert names(run(gate, (1.0, 1)))[0] is Cut.START
    assert gate.from_wake


def test_nobody_speaks_after_the_wake_word() -> None:
    gate = Gate(SETTINGS)
    gate(Evidence(TICK, 0, wake=True))
    cuts = run(gate, (20, 0))
    assert names(cuts) == [Cut.LAPSE]
    assert cuts[0][0] == pytest.approx(SETTINGS.patience_seconds, abs=0.3)
    assert gate.state is State.ASLEEP


def test_a_monologue_is_cut_off() -> None:
    gate = Gate(SETTINGS)
    gate.open()
    cuts = run(gate, (SETTINGS.longest_seconds + 1, 1))
    assert names(cuts)[:2] == [Cut.START, Cut.END]


def test_before_the_reply_sounds_speech_counts_at_once() -> None:
    gate = Gate(SETTINGS)
    gate.open(over_reply=True)
    cuts = run(gate, (1.0, 1))
    assert cuts[0] == (pytest.approx(SETTINGS.start_seconds, abs=TICK), Cut.START)


def test_speech_over_a_reply_must_last_longer() -> None:
    gate = Gate(SETTINGS)
    gate.open(over_reply=True)
    gate.over_sound()
    cuts = run(gate, (1.0, 1))
    assert cuts[0] == (pytest.approx(SETTINGS.barge_in_seconds, abs=TICK), Cut.START)


def test_a_noise_does_not_lengthen_the_time_left() -> None:
    gate = Gate(SETTINGS)
    gate.open(4.0)
    first = names(run(gate, (2.0, 0), (0.5, 1), (1.0, 0)))
    gate.open(over_reply=True)
    gate.reopen()
    assert first == [Cut.START, Cut.PAUSE, Cut.END]
    lapse = run(gate, (5.0, 0))
    assert lapse[0] == (pytest.approx(2.0, abs=0.4), Cut.LAPSE)


def test_the_button_wakes_and_ends() -> None:
    gate = Gate(SETTINGS)
    assert gate.finish() is None
    assert gate.wake() is Cut.WAKE
    run(gate, (1.0, 1))
    assert gate.finish() is Cut.END


ORDER = {
    None: {Cut.START, Cut.LAPSE, Cut.WAKE},
    Cut.WAKE: {Cut.START, Cut.LAPSE, Cut.WAKE},
    Cut.START: {Cut.PAUSE, Cut.END},
    Cut.PAUSE: {Cut.RESUME, Cut.END},
    Cut.RESUME: {Cut.PAUSE, Cut.END},
    Cut.END: {Cut.START, Cut.LAPSE, Cut.WAKE},
    Cut.LAPSE: {Cut.START, Cut.LAPSE, Cut.WAKE},
}


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.one_of(st.none(), st.floats(0, 1))), max_size=400),
    st.booleans(),
)
def test_cuts_always_come_in_order(evidence: list[tuple[float, bool, float | None]], has_turn_end: bool) -> None:
    """Whatever the detectors say, each cut is one that may follow the last."""
    gate = Gate(SETTINGS, has_turn_end=has_turn_end)
    gate.open(3.0)
    last: Cut | None = None
    for speech, wake, completeness in evidence:
        cut = gate(Evidence(0.1, speech, wake))
        gate.completeness = completeness
        if cut:
            assert cut in ORDER[last]
            last = cut


def test_silence_by_loudness_is_a_pause_before_the_detector_comes_down() -> None:
    gate = Gate(SETTINGS, has_turn_end=True)
    gate.open()
    run(gate, (1.0, 1))
    fading = [gate(Evidence(TICK, 0.9, hush=TICK * n)) for n in range(1, 1 + round(SETTINGS.pause_seconds / TICK))]
    assert fading[-1] is Cut.PAUSE
    assert gate.silence == pytest.approx(SETTINGS.pause_seconds)
    gate.completeness = 0.9
    assert [gate(Evidence(TICK, 0.9, hush=0.2)) for _ in range(5)] == [None] * 5  # no resumption, either
    cuts = run(gate, (1.0, 0))
    assert cuts == [(pytest.approx(SETTINGS.end_seconds, abs=TICK), Cut.END)]  # and no earlier end


def test_a_smack_of_the_lips_in_a_pause_does_not_lengthen_it() -> None:
    gate = Gate(SETTINGS, has_turn_end=True)
    gate.open()
    cuts = run(gate, (1.0, 1), (0.2, 0), (0.06, 1), (1.0, 0), completeness=0.9)
    assert names(cuts) == [Cut.START, Cut.PAUSE, Cut.END]
    assert cuts[-1][0] == pytest.approx(1.0 + SETTINGS.end_seconds, abs=TICK)


def test_no_end_within_what_may_be_speech() -> None:
    gate = Gate(SETTINGS, has_turn_end=True)
    gate.open()
    cuts = run(gate, (1.0, 1), (SETTINGS.end_seconds - 0.04, 0), (0.5, 1), (1.0, 0), completeness=0.9)
    assert names(cuts) == [Cut.START, Cut.PAUSE, Cut.RESUME, Cut.PAUSE, Cut.END]
