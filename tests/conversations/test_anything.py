"""Anything may happen, at any time: what must hold of every conversation."""

from itertools import pairwise
from math import inf
from typing import Any

import anyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from voiceos.core import Outcome
from voiceos.dialogue.manners import Manners
from voiceos.engines.fake import SILENCE, FakeMind, FakeSpeechToText, overhear
from voiceos.language.terms import words

SAID = (
    "computer",
    "computer what time is it?",
    "what time is it?",
    "tell me a story.",
    "set a timer for",
    "ten minutes.",
    "stop",
    "never mind.",
    "mm-hm",
    "yes",
    "\x01" * 8,
    "\x01.",
    "\x01" * 4 + ".",
)
STORY = "Once upon a time there was a fox. It lived in a wood, far away. One day it went out, and met a hen."
REST_SECONDS = 25


def _script(beats: list[tuple[float, str]]) -> tuple[dict[float, str], float]:
    at, script = 0.5, dict[float, str]()
    for gap, said in beats:
        at += gap
        script[round(at, 2)] = said
        at += len(said) * 0.06
    return script, at


@given(
    beats=st.lists(st.tuples(st.floats(0.04, 4.0), st.sampled_from(SAID)), max_size=7),
    always_open=st.booleans(),
    partials=st.booleans(),
    recognition=st.sampled_from((0.0, 0.2, 1.0)),
    first_token=st.sampled_from((0.05, 1.5)),
    chime=st.sampled_from((0.0, 0.2)),
)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_said_when(
    hold: Any,
    beats: list[tuple[float, str]],
    always_open: bool,
    partials: bool,
    recognition: float,
    first_token: float,
    chime: float,
) -> None:
    script, end = _script(beats)

    async def converse() -> None:
        scene = await hold(
            script,
            seconds=end + REST_SECONDS,  # `hold` itself fails when it does not end
            manners=Manners(always_open=always_open, partials=partials),
            recognition=FakeSpeechToText(recognition),
            mind=FakeMind({"tell me a story.": STORY}, first_token_seconds=first_token),
            chime_seconds=chime,
        )
        _check(scene, always_open)

    anyio.run(converse, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})


def _check(scene: Any, always_open: bool) -> None:
    turns = scene.turns
    assert len({turn.id for turn in turns}) == len(turns), "every turn ends once"
    frames = sorted(scene.audio.sounded, key=lambda frame: frame[0])
    sounded = words(
        overhear(
            b"".join(
                (pcm + SILENCE) if after - at > 0.021 else pcm
                for (at, pcm), (after, _) in pairwise([*frames, (inf, b"")])
            )
        )
    )
    for turn in turns:
        assert isinstance(turn.outcome, Outcome)
        said = words(turn.said)
        assert words(turn.reply)[: len(said)] == said
        if turn.outcome in (Outcome.ANSWERED, Outcome.MERGED):
            assert turn.said or turn.outcome is Outcome.MERGED
        # The last word may lack its last sound: within a unit, the time of a word is an estimate.
        assert {*said[:-1]} <= {*sounded}, "what is remembered was audible"
        for exchange in turn.history:
            assert exchange.user
            assert exchange.assistant
    states = scene.states
    assert states[-1] == ("listening" if always_open else "asleep")
    assert all(b - a >= 0.0199 for (a, _), (b, _) in pairwise(frames)), "two sounds never overlap"
