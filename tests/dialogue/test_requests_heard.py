"""Of what may have been said, what a skill takes."""

from collections.abc import Sequence

import pytest

from voiceos.core import Speech, Transcript
from voiceos.dialogue.requests_heard import RequestsHeard
from voiceos.errors import EngineError

pytestmark = pytest.mark.anyio

ASKED = {"add apples", "cancel all timers", "stop", "what time is it", "set a timer for 4 minutes", "help me, please"}


class Doubtful:
    """Hears one thing and may have heard others."""

    name = "doubtful"

    def __init__(self, text: str, confidence: float, *readings: tuple[str, float], fails: bool = False) -> None:
        """Each reading with how much less likely it is."""
        self.heard = Transcript(text, "en", confidence)
        self.others = dict(readings)
        self.fails = fails
        self.hints: list[str] = []

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        return self.heard

    async def readings(self, speech: Speech, hint: str = "") -> Sequence[str]:
        self.hints.append(hint)
        if self.fails:
            raise EngineError("It broke.")
        return list(self.others)

    async def likelihoods(self, speech: Speech, texts: Sequence[str]) -> Sequence[float]:
        return [-0.7 - self.others.get(text, 0.0) for text in texts]


def takes(text: str) -> bool:
    return text.strip(" .?").lower() in ASKED


def is_urgent(text: str) -> bool:
    return text.startswith("Help")


@pytest.mark.parametrize(
    ("recogniser", "wake", "expected", "reread"),
    [
        (Doubtful("Adapples.", 0.5, ("Add apples.", 0.4)), None, "Add apples.", 1),
        (Doubtful("Adapples.", 0.5, ("What time is it?", 0.3), ("Add apples.", 0.1)), None, "Add apples.", 1),
        (Doubtful("Cancel all titers.", 0.7, ("Cancel all timers", -0.2)), None, "Cancel all timers", 1),
        (Doubtful("Adapples.", 0.5, ("Add apples.", 0.6)), None, "Adapples.", 1),  # too far
        (Doubtful("Adapples.", 0.5, ("Bad apples.", 0.1)), None, "Adapples.", 1),  # no request
        (Doubtful("Atop.", 0.5, ("Stop.", 0.0)), None, "Atop.", 1),  # a single word, and nothing sounds
        (Doubtful("Adapples.", 0.95, ("Add apples.", 0.0)), None, "Adapples.", 0),  # sure
        (Doubtful("What time is it?", 0.5, ("Add apples.", 0.0)), None, "What time is it?", 0),  # is a request
        (Doubtful("Set a timer for", 0.5, ("Set a timer for 4 minutes", 0.0)), None, "Set a timer for", 0),  # half
        (Doubtful("", 0.5, ("Add apples.", 0.0)), None, "", 0),  # noise
        (Doubtful("Adapples.", 0.5, fails=True), None, "Adapples.", 1),
        (Doubtful("Alexa, adapples.", 0.5, ("Alexa, add apples.", 0.0)), "alexa", "Alexa, add apples.", 1),
        (Doubtful("Hell of a mess.", 0.5, ("Help me, please.", 0.0)), None, "Hell of a mess.", 1),  # no cry for help
    ],
)
async def test_a_request_wins_where_it_is_nearly_as_likely(
    recogniser: Doubtful, wake: str | None, expected: str, reread: int
) -> None:
    recogniser.hints.clear()
    heard = RequestsHeard(recogniser, takes, lambda: "Add pears.", is_urgent)
    assert (await heard(Speech(b"", 0, 0, wake), recogniser.heard)).text == expected
    assert recogniser.hints == ["Add pears."] * reread


@pytest.mark.parametrize(
    ("heard", "wake", "stop", "over_sound", "expected"),
    [
        ("Star.", None, 0.4, True, "Stop."),
        ("Star.", None, 0.4, False, "Star."),
        ("Star.", None, 0.6, True, "Star."),  # too far
        ("Alexa, star.", "alexa", 0.4, True, "Alexa, Stop."),
        ("The star of the show.", None, 0.0, True, "The star of the show."),
        ("Stop this", None, 0.4, True, "Stop."),  # which is no half of a sentence
        ("Quiet.", None, 0.0, True, "Quiet."),  # ends it already
    ],
)
async def test_while_something_sounds_the_words_that_end_it_are_likely(
    heard: str, wake: str | None, stop: float, over_sound: bool, expected: str
) -> None:
    class Near(Doubtful):
        async def likelihoods(self, speech: Speech, texts: Sequence[str]) -> Sequence[float]:
            return [-0.7 - (0.0 if text == heard else stop if text.endswith("Stop.") else 9.0) for text in texts]

    recogniser = Near(heard, 0.5)
    speech = Speech(b"", 0, 0, wake, over_sound)
    assert (await RequestsHeard(recogniser, takes)(speech, recogniser.heard)).text == expected


@pytest.mark.parametrize(("less", "is_doubted"), [(0.6, True), (0.9, True), (1.1, False)])
async def test_a_request_that_is_not_far_leaves_a_doubt(less: float, is_doubted: bool) -> None:
    recogniser = Doubtful("Adapples.", 0.5, ("Add apples.", less))
    heard = await RequestsHeard(recogniser, takes)(Speech(b"", 0, 0), recogniser.heard)
    assert (heard.text, heard.finality < 0.5) == ("Adapples.", is_doubted)


@pytest.mark.parametrize(("rings", "expected"), [(True, "Snooze."), (False, "News.")])
async def test_what_puts_a_ring_off_is_likely_while_it_rings(rings: bool, expected: str) -> None:
    class Near(Doubtful):
        async def likelihoods(self, speech: Speech, texts: Sequence[str]) -> Sequence[float]:
            return [{"News.": -0.7, "Snooze.": -0.9}.get(text, -9.0) for text in texts]

    recogniser = Near("News.", 0.5)
    heard = RequestsHeard(recogniser, lambda text: rings and text == "Snooze.")
    assert (await heard(Speech(b"", 0, 0, None, over_sound=True), recogniser.heard)).text == expected


async def test_a_recogniser_without_readings_is_left_alone() -> None:
    class Plain:
        name = "plain"

        async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
            return Transcript("Adapples.", "en", 0.3)

    first = Transcript("Adapples.", "en", 0.3)
    assert await RequestsHeard(Plain(), takes)(Speech(b"", 0, 0), first) == first
