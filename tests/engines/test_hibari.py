"""Hibari: what it says, how loud, how fast, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

from voiceos.engines.hibari import GOES_ON, Hibari
from voiceos.engines.voicing import LEVEL, QUIET
from voiceos.errors import ModelError
from voiceos.models.shelf import Shelf

pytestmark = [pytest.mark.engines, pytest.mark.anyio]


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Hibari:
    return Hibari(Shelf(tmp_path_factory.mktemp("models")).path("hibari-heart"), label="hibari-heart")


async def said(voice: Hibari, text: str, pace: float = 1.0) -> np.ndarray:
    made = [frame async for frame in voice.synthesize(text, pace)]
    assert {frame.rate for frame in made} <= {24_000}
    return np.frombuffer(b"".join(frame.pcm for frame in made), "<i2") / 32768


async def test_a_sentence_sounds_without_silence_around_it(voice: Hibari) -> None:
    sound = await said(voice, "The garage door is now closed.")
    loud = np.flatnonzero(np.abs(sound) > QUIET) / 24_000
    assert 1.0 < len(sound) / 24_000 < 4.0
    assert loud[0] < 0.05
    assert len(sound) / 24_000 - loud[-1] < 0.3


async def test_where_a_text_goes_on_it_hardly_pauses(voice: Hibari) -> None:
    ended, cut = await said(voice, "The garage door"), await said(voice, "The garage door,")
    silence = [len(sound) / 24_000 - np.flatnonzero(np.abs(sound) > QUIET)[-1] / 24_000 for sound in (ended, cut)]
    assert silence[1] < silence[0] - 0.05
    assert voice.phonemes("The garage door,")[-1].endswith(GOES_ON)


async def test_it_is_as_loud_as_every_voice(voice: Hibari) -> None:
    sound = await said(voice, "Ready.")
    assert float(np.sqrt(np.mean(sound**2))) == pytest.approx(LEVEL, rel=0.5)


async def test_half_the_pace_takes_longer(voice: Hibari) -> None:
    text = "The kettle is on the shelf behind the flour."
    assert len(await said(voice, text, 0.5)) > 1.5 * len(await said(voice, text))


@pytest.mark.parametrize("text", ["", "…", "🙂", "你好", "\x00"])
async def test_what_cannot_be_pronounced_makes_no_sound(voice: Hibari, text: str) -> None:
    assert len(await said(voice, text)) == 0


async def test_brackets_begin_no_phonemes(voice: Hibari) -> None:
    assert len(await said(voice, "[yes](/həlˈO/)")) != len(await said(voice, "həlˈO"))


async def test_a_damaged_voice_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"voiceos models pull hibari-heart"):
        await Hibari(tmp_path, label="hibari-heart").warm()


async def test_its_tables_pronounce_as_its_dictionaries_do(voice: Hibari) -> None:
    import hibari

    await voice.warm()
    theirs = hibari.Hibari()
    for line in Path(__file__).parents[2].joinpath("benchmarks", "voices.txt").read_text("utf-8").splitlines():
        assert voice.phonemes(line) == theirs.phonemize(line)
