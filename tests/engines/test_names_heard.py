"""A second look for names: when it is taken, and when it is believed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soxr

from voiceos.core import RATE, Speech, Transcript, Word
from voiceos.engines.names_heard import NamesHeard, Suggestion, is_believed, written
from voiceos.engines.phonemes import Phonemes
from voiceos.engines.piper import Piper
from voiceos.engines.whisper import Whisper
from voiceos.errors import EngineError
from voiceos.memory.names import Mention, Names

pytestmark = pytest.mark.anyio
SPEECH = Speech(b"\1\0" * RATE, 0.0, 1.0)


class Recogniser:
    """Hears one thing without hotwords, and another with them."""

    name = "scripted"

    def __init__(self, first: Transcript, again: Transcript, *, fails: bool = False) -> None:
        self._first = first
        self._again = again
        self._fails = fails
        self.told: list[Sequence[str]] = []

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        self.told.append(list(hotwords))
        return self._again if len(self.told) > 1 else self._first

    def knows(self, word: str) -> bool:
        return False

    async def words(self, speech: Speech, text: str) -> Sequence[Word]:
        if self._fails:
            raise EngineError("The model failed.")
        return [Word(word, 0.4) for word in text.split()]


def suggest(*names: tuple[str, float]) -> Callable[[Sequence[Word]], list[Suggestion]]:
    return lambda _: [Suggestion(name, evidence) for name, evidence in names]


FIRST = Transcript("Call core vella", "en", 0.6)


async def test_a_name_that_sounds_alike_is_looked_for_and_heard() -> None:
    engine = Recogniser(FIRST, Transcript("Call Quorvella.", "en", 0.7))
    names = suggest(("Quorvella", 1.8), ("Corin", 0.2), ("Velma", 0.1), ("Fourth", 0.1), ("Nobody", -0.1))
    heard = await NamesHeard(engine, names).transcribe(SPEECH, ["Anna"])
    assert heard.text == "Call Quorvella."
    assert engine.told == [["Anna"], ["Quorvella", "Corin", "Velma", "Anna"]]


@pytest.mark.parametrize(
    "names", [(), (("Quorvella", -0.1),), (("vella", 2.0),)], ids=["none", "unlikely", "heard already"]
)
async def test_without_a_likely_name_there_is_no_second_look(names: tuple[tuple[str, float], ...]) -> None:
    engine = Recogniser(FIRST, FIRST)
    assert await NamesHeard(engine, suggest(*names)).transcribe(SPEECH) is FIRST
    assert len(engine.told) == 1


@pytest.mark.parametrize("first", [Transcript("", "en", 0.0), Transcript("Call core vella", "en", 0.95)])
async def test_nothing_and_what_is_sure_is_taken_as_it_is(first: Transcript) -> None:
    engine = Recogniser(first, FIRST, fails=True)
    assert await NamesHeard(engine, suggest(("Quorvella", 2.0))).transcribe(SPEECH) is first


async def test_a_failing_second_look_costs_nothing_but_the_name(caplog: pytest.LogCaptureFixture) -> None:
    engine = Recogniser(FIRST, FIRST, fails=True)
    assert await NamesHeard(engine, suggest(("Quorvella", 2.0))).transcribe(SPEECH) is FIRST
    assert "could not look for names" in caplog.text


@pytest.mark.parametrize(
    ("text", "confidence", "evidence", "believed"),
    [
        ("Call Quorvella", 0.6, 1.8, True),
        ("Call Quorvella", 0.6, 0.5, False),  # it is there, but little speaks for it
        ("Call Quorvella", 0.75, 0.5, True),  # the look with the name is much surer
        ("Call Quorvella", 0.3, 1.8, False),
        ("Call core vella", 0.9, 1.8, False),  # the name was not heard
    ],
)
def test_what_is_believed(text: str, confidence: float, evidence: float, believed: bool) -> None:
    suggested = [Suggestion("Quorvella", evidence)]
    assert is_believed(FIRST, Transcript(text, "en", confidence), suggested) is believed


def test_each_name_that_was_heard_needs_support_but_a_part_has_that_of_the_whole() -> None:
    again = Transcript("Call Siobhan Kowalczyk", "en", 0.6)
    assert is_believed(FIRST, again, [Suggestion("Siobhan Kowalczyk", 2.0), Suggestion("Kowalczyk", 0.1)])
    assert not is_believed(FIRST, again, [Suggestion("Siobhan", 2.0), Suggestion("Kowalczyk", 0.1)])


def test_a_name_is_written_as_whole_words() -> None:
    assert written("Oulu", "weather in oulu?")
    assert written("Quorvella", "Quorvella's")
    assert not written("Ann", "Hannah")


@pytest.mark.engines
async def test_a_rare_name_is_heard_as_it_is_in_the_contacts(model_path: Callable[[str], Path]) -> None:
    """Mostly: a voice never says a sentence twice in the same way, and about one in fifteen is beyond repair."""
    voice = Piper(model_path("en_US-joe-medium"), threads=1)
    whisper = Whisper(model_path("whisper-base"), threads=1)
    await whisper.warm()
    names = Names(Phonemes(), whisper.knows)
    names.learn(
        [Mention("Brackenthwaite"), Mention("Siobhan Kowalczyk"), Mention("Bracknell Cottam")], datetime.now(UTC)
    )
    alone, helped = 0, 0
    for _ in range(7):
        speech = await spoken(voice, "The cottage in Brackenthwaite has no heating.")
        alone += "Brackenthwaite" in (await whisper.transcribe(speech)).text
        heard = (await NamesHeard(whisper, names.suggest).transcribe(speech)).text
        helped += heard.lower() == "the cottage in brackenthwaite has no heating."
    assert alone <= 3 < helped


async def spoken(voice: Piper, text: str) -> Speech:
    frames = [frame async for frame in voice.synthesize(text)]
    sound = np.frombuffer(b"".join(frame.pcm for frame in frames), "<i2").astype(np.float32)
    pcm = np.pad(soxr.resample(sound, frames[0].rate, RATE), (1600, 4800)).astype("<i2").tobytes()
    return Speech(pcm, 0.0, len(pcm) / 2 / RATE)
