"""`voiceos wake`: what it lists and refuses, what it asks for, and that it forgets."""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import anyio
import numpy as np
import pytest

from voiceos.cli.teaching import Pupil
from voiceos.core import FRAME_BYTES, RATE, Frame
from voiceos.engines.learned_words import EMBEDDINGS, LearnedModel, Vectors, frames
from voiceos.engines.learning import Lesson
from voiceos.engines.speech_embedding import VALUES
from voiceos.engines.takes import Samples, Take
from voiceos.errors import UsageError

Run = Callable[..., Any]
MODEL = LearnedModel("open_sesame", "open sesame", (0.5,) * EMBEDDINGS * VALUES, -1.0, -6.0, 3, "2026-11-30T10:00:00")


def test_words_are_listed_and_forgotten(run: Run, home: Path) -> None:
    path = MODEL.write(home / "data" / "wake")
    (path.parent / "broken.word").write_text("{")
    listed = run("wake", "list").out
    assert "hey_jarvis: from the settings" in listed
    assert "open_sesame: learnt from 3 recordings on 2026-11-30" in listed
    assert "voiceos wake learn broken" in listed
    assert run("config", "set", "wake.words", "[]").code == 0
    assert json.loads(run("wake", "forget", "Open Sesame", "--json").out) == {"forgotten": "open_sesame"}
    assert not path.exists()
    wrong = run("wake", "forget", "sesame")
    assert (wrong.code, "there is: broken" in wrong.err) == (UsageError.exit_code, True)
    (path.parent / "broken.word").unlink()
    assert "there is none yet. Teach one" in run("wake", "forget", "sesame").err


def test_forgetting_everything_forgets_what_was_learnt_of_a_voice(run: Run, home: Path) -> None:
    (home / "note.txt").write_text("The key is in the shed.")
    assert run("memory", "add", str(home / "note.txt")).code == 0
    path = MODEL.write(home / "data" / "wake")
    assert run("memory", "forget", "--everything", "--yes").code == 0
    assert not path.exists()


def test_a_word_that_is_too_short_is_refused(run: Run) -> None:
    assert "needs 4 to 40 letters" in run("wake", "learn", "hey").err


class Scripted(Lesson):
    """Finds a take whose pitch is high unlike the others."""

    def __init__(self, others: Sequence[Samples]) -> None:
        self.others = others

    def vectors(self, take: Take) -> Vectors:
        return np.array([[float(np.mean(np.abs(np.diff(np.sign(take.word.astype(int))))))]])

    def alike(self, takes: Sequence[Vectors]) -> list[float]:
        return [1.0 if abs(one[0, 0] - takes[0][0, 0]) < 0.02 else 0.0 for one in takes]


def tone(hertz: float, seconds: float, level: int = 4_000) -> Samples:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def test_somebody_is_asked_until_there_are_enough_good_takes() -> None:
    quiet = np.zeros(RATE * 3 // 2, np.int16)
    word, other, soft = tone(200, 0.6), tone(900, 0.6), tone(200, 0.6, 60)
    spoken = [quiet, quiet]
    for one in (*[tone(300, 1.5)] * 3, word, soft, word, other, word):
        spoken += [one, quiet]
    told: list[str] = []

    async def heard() -> AsyncGenerator[Frame, None]:
        for frame in frames(np.concatenate(spoken).astype("<i2").tobytes()):
            yield frame
        while True:
            yield Frame(bytes(FRAME_BYTES))

    async def taught() -> tuple[Lesson, list[Take], list[Vectors]]:
        return await Pupil("open sesame", 3, Scripted, told.append).hears(heard())

    lesson, takes, _ = anyio.run(taught)
    assert len(cast(Scripted, lesson).others) == 4
    assert [round(take.seconds, 1) for take in takes] == [0.7, 0.7, 0.7]
    assert [line.partition(".")[0] for line in told[4:]] == [
        *("1 of 3: say 'open sesame'", "Good", "2 of 3: say 'open sesame'", "That was too quiet"),
        *("2 of 3: say 'open sesame'", "Good", "3 of 3: say 'open sesame'", "That did not sound like the others"),
        *("3 of 3: say 'open sesame'", "Good"),
    ]


def test_nobody_is_asked_for_ever() -> None:
    async def silence() -> AsyncGenerator[Frame, None]:
        while True:
            yield Frame(bytes(FRAME_BYTES))

    async def taught() -> object:
        return await Pupil("open sesame", 3, Scripted, lambda _: None).hears(silence())

    with pytest.raises(UsageError, match="Too many recordings"):
        anyio.run(taught)
