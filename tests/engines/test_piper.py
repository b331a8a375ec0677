"""Piper: what it is given to say, how its sound is cut, and that it stops at once."""

import unicodedata
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import anyio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.engines.piper import Piper
from voiceos.engines.voicing import (
    LEAD_SECONDS,
    LONGEST,
    QUIET,
    TRAIL_SECONDS,
    frames,
    pieces,
    speakable,
    trimmed,
    whole,
    without_silence,
)
from voiceos.errors import ModelError

UNSPEAKABLE = ["", "   ", "…", "?!", "🙂", "🎉🎉", "\x00\x01\x7f", "你好", "Привет", "\ud83d", "—", "[[]]", "\u200b"]


@given(st.text())
@settings(deadline=None)
def test_no_piece_is_too_long_and_no_letter_is_lost(text: str) -> None:
    parts = list(pieces(text))
    assert all(0 < len(part) <= LONGEST for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_long_text_is_cut_after_a_sentence_else_a_clause_else_a_word() -> None:
    sentence = "This is a sentence of several words, and one more clause. "
    assert all(part.endswith(".") for part in pieces(sentence * 20))
    assert all(part.endswith(",") for part in list(pieces("several words without an end, " * 30))[:-1])
    assert all(part.split() == ["word"] * len(part.split()) for part in pieces("word " * 300))


def test_a_word_without_end_is_cut_anywhere() -> None:
    assert [len(part) for part in pieces("a" * (2 * LONGEST + 1))] == [LONGEST, LONGEST, 1]


@pytest.mark.parametrize("text", UNSPEAKABLE)
def test_nothing_is_left_of_what_cannot_be_pronounced(text: str) -> None:
    assert speakable(text) == ""


@given(st.text())
@settings(deadline=None)
def test_no_control_character_or_raw_phoneme_reaches_the_voice(text: str) -> None:
    said = speakable(text)
    assert not any(unicodedata.category(char)[0] == "C" for char in said)
    assert "[[" not in said
    said.encode()  # no lone surrogates


def test_words_are_kept_and_pictures_and_other_scripts_are_not() -> None:
    assert speakable("Café 你好, naïve 🙂 Zoë: 50% [[h]]!") == "Café , naïve Zoë: 50% [h]!"
    assert speakable("Привет, мир", latin=False) == "Привет, мир"


@given(st.integers(0, 3000), st.integers(1, 3000), st.integers(0, 9000))
@settings(deadline=None)
def test_silence_around_the_words_is_bounded(before: int, during: int, after: int) -> None:
    rate = 22_050
    sound = np.concatenate([np.zeros(before), np.full(during, 0.5), np.zeros(after)]).astype(np.float32)
    kept = trimmed(sound, rate)
    loud = np.flatnonzero(np.abs(kept) > QUIET)
    assert len(loud) == during
    assert loud[0] == min(before, int(LEAD_SECONDS * rate))
    assert len(kept) - 1 - loud[-1] == min(after, int(TRAIL_SECONDS * rate))


def test_nothing_is_kept_of_silence() -> None:
    assert len(trimmed(np.zeros(1000, np.float32), 22_050)) == 0
    assert len(trimmed(np.zeros(0, np.float32), 22_050)) == 0


@given(st.binary(max_size=5000).filter(lambda pcm: len(pcm) % 2 == 0), st.sampled_from([16_000, 22_050, 44_100]))
@settings(deadline=None)
def test_frames_join_to_the_sound_and_last_20_ms(pcm: bytes, rate: int) -> None:
    cut = list(frames(pcm, rate))
    assert b"".join(frame.pcm for frame in cut) == pcm
    assert all(frame.seconds == 0.02 for frame in cut[:-1])
    assert all(frame.rate == rate and 0 < frame.seconds <= 0.02 for frame in cut)


@pytest.mark.anyio
@pytest.mark.parametrize("settings_", [None, "", "[]", "{}", "not json", "\x00"])
async def test_a_damaged_voice_is_one_sentence(tmp_path: Path, settings_: str | None) -> None:
    if settings_ is not None:
        (tmp_path / "voice.json").write_text(settings_)
    with pytest.raises(ModelError, match=r"joe is damaged .*voiceos models pull joe"):
        await Piper(tmp_path, label="joe").warm()


@pytest.fixture(scope="module")
def voice(model_path: Callable[[str], Path]) -> Piper:
    return Piper(model_path("en_US-joe-medium"), label="en_US-joe-medium")


async def sound(voice: Piper, text: str, pace: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    async with aclosing(voice.synthesize(text, pace)) as made:
        parts = [frame async for frame in made]
    assert {frame.rate for frame in parts} <= {22_050}
    return np.frombuffer(b"".join(frame.pcm for frame in parts), "<i2")


@pytest.mark.anyio
@pytest.mark.engines
async def test_a_sentence_sounds_almost_at_once_and_ends_in_a_short_silence(voice: Piper) -> None:
    await voice.warm()
    heard = await sound(voice, "The garage door is closed.")
    assert 1.0 < len(heard) / 22_050 < 2.5
    loud = np.flatnonzero(np.abs(heard) > QUIET * 32767)
    assert loud[0] <= 0.012 * 22_050
    assert len(heard) - loud[-1] <= 0.21 * 22_050


@pytest.mark.anyio
@pytest.mark.engines
async def test_slow_speech_takes_longer(voice: Piper, model_path: Callable[[str], Path]) -> None:
    slow = Piper(model_path("en_US-joe-medium"), speed=0.5, threads=1)
    text = "The garage door is closed."
    assert len(await sound(slow, text)) > 1.5 * len(await sound(voice, text))
    assert len(await sound(voice, text, 0.7)) > 1.25 * len(await sound(voice, text))


@pytest.mark.anyio
@pytest.mark.engines
@pytest.mark.parametrize("text", UNSPEAKABLE)
async def test_text_without_words_makes_no_sound(voice: Piper, text: str) -> None:
    assert len(await sound(voice, text)) == 0


@pytest.mark.anyio
@pytest.mark.engines
async def test_odd_text_is_spoken_without_its_oddities(voice: Piper) -> None:
    assert len(await sound(voice, "Hello\x00 你好 \ud83d [[ \t 🙂 *there*")) > 0


@pytest.mark.anyio
@pytest.mark.engines
async def test_cancelled_speech_stops_at_once_and_the_voice_speaks_again(voice: Piper) -> None:
    await voice.warm()
    heard = 0
    with anyio.CancelScope() as scope:
        async with aclosing(voice.synthesize("One word after another. " * 40)) as made:
            async for _ in made:
                heard += 1
                scope.cancel()
                await anyio.lowlevel.checkpoint()
    assert scope.cancelled_caught
    assert heard == 1
    assert len(await sound(voice, "Yes?")) > 0


@pytest.mark.engines
def test_the_name_says_library_version_and_voice(voice: Piper) -> None:
    assert voice.name.startswith("piper-tts 1.")
    assert voice.name.endswith(" en_US-joe-medium")


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6000)), max_size=6), st.lists(st.integers(1, 5000), max_size=6))
@settings(deadline=None)
def test_silence_is_trimmed_the_same_however_the_sound_is_cut(runs: list[tuple[bool, int]], cuts: list[int]) -> None:
    sound = np.concatenate([np.zeros(0), *(np.full(size, 0.5 * loud) for loud, size in runs)]).astype(np.float32)
    cut = list(without_silence(np.split(sound, sorted(cuts)), 22_050))
    assert np.array_equal(np.concatenate([sound[:0], *cut]), trimmed(sound, 22_050))


@given(st.lists(st.binary(max_size=50)), st.integers(1, 30))
@settings(deadline=None)
def test_parts_are_made_whole(parts: list[bytes], size: int) -> None:
    made = list(whole(parts, size))
    assert b"".join(made) == b"".join(parts)
    assert all(part and len(part) % size == 0 for part in made[:-1])
