"""Somebody teaches a wake word: what they are asked to say, and what was wrong with it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from voiceos.audio.card import SoundCard
from voiceos.audio.recording import read_recording
from voiceos.config.settings import AudioSettings
from voiceos.core import RATE, Frame
from voiceos.engines.learning import UNALIKE, Lesson
from voiceos.engines.takes import HOLE_SECONDS, Samples, Take, complaint, find, loudness
from voiceos.errors import RecordingError, UsageError
from voiceos.language.data import table

if TYPE_CHECKING:
    from voiceos.engines.learned_words import Vectors

ROOM_SECONDS = 2.0
WAIT_SECONDS = 8.0
"""For somebody to begin, and to end."""
ENDED_SECONDS = 0.7
"""Silence after which it is over; more than between words."""
BEGUN_DB = 10.0
TRIES = 4
"""That may fail, of all."""

Pupilage = tuple[Lesson, list[Take], "list[Vectors]"]
"""A lesson, the takes to learn from, and the vectors of each."""
MakeLesson = Callable[[Sequence[Samples]], Lesson]


@dataclass
class Pupil:
    """Asks for a word `times` times, until it has so many good takes."""

    phrase: str
    times: int
    lesson: MakeLesson
    say: Callable[[str], None]

    async def taught(self, settings: AudioSettings) -> Pupilage:
        """From the microphone. Raises DeviceError, UsageError."""
        card = SoundCard(settings.microphone, speak=False, lost_after=settings.lost_after, on_problem=self.say)
        async with card, aclosing(card.frames()) as frames:
            return await self.hears(frames)

    async def hears(self, frames: AsyncGenerator[Frame, None]) -> Pupilage:
        """The room, what is read aloud, and the takes. Raises UsageError when too many are no good."""
        self.say("Be where you will be when you call. Be quiet for two seconds: I listen to the room.")
        room = await _seconds(frames, ROOM_SECONDS)
        floor = float(np.median(loudness(room)))
        lines: list[str] = table("en", "wake")["aloud"]
        talk = [room]
        for number, line in enumerate(lines, start=1):
            self.say(f"Read aloud ({number} of {len(lines)}): {line}")
            talk.append(await _utterance(frames, floor))
        lesson = self.lesson(talk)
        return lesson, *await self._takes(frames, floor, lesson)

    async def _takes(
        self, frames: AsyncGenerator[Frame, None], floor: float, lesson: Lesson
    ) -> "tuple[list[Take], list[Vectors]]":
        takes: list[Take] = []
        vectors: list[Vectors] = []
        for _ in range(self.times + TRIES):
            self.say(f"{len(takes) + 1} of {self.times}: say '{self.phrase}'.")
            take = find(await _utterance(frames, floor))
            wrong = complaint(take)
            if not wrong and take:
                takes.append(take)
                vectors.append(lesson.vectors(take))
                if (odd := odd_one(lesson, vectors)) is not None:
                    del takes[odd], vectors[odd]
                    wrong = "That did not sound like the others. Say the same word again, in your usual voice."
            self.say(wrong or "Good.")
            if len(takes) == self.times:
                return takes, vectors
        raise UsageError("Too many recordings were no good. Look at the microphone (`voiceos listen`), and try again.")


def from_files(phrase: str, files: Sequence[Path], talk: Sequence[Path], lesson: MakeLesson, fewest: int) -> Pupilage:
    """From recordings, each of the word once. Raises RecordingError for one that is no good, UsageError for too few."""
    if len(files) < fewest:
        raise UsageError(f"{len(files)} recordings are too few to learn '{phrase}'. Give {fewest} or more.")
    takes: list[Take] = []
    for file in files:
        take = find(samples_of(file))
        if wrong := complaint(take):
            raise RecordingError(f"{file}: {wrong.partition('. ')[0]}. Leave it out or record it again.")
        assert take
        takes.append(take)
    room = [part for take in takes for part in take.room if len(part) > RATE // 5]
    made = lesson([*(samples_of(file) for file in talk), *room])
    vectors = [made.vectors(take) for take in takes]
    if (odd := odd_one(made, vectors)) is not None:
        raise RecordingError(f"{files[odd]} does not sound like the others. Leave it out or record it again.")
    return made, takes, vectors


def odd_one(lesson: Lesson, vectors: "Sequence[Vectors]") -> int | None:
    """The take that is unlike all others, once there are three."""
    if len(vectors) < 3:
        return None
    alike = lesson.alike(vectors)
    worst = int(np.argmin(alike))
    return worst if alike[worst] < UNALIKE else None


def samples_of(file: Path) -> Samples:
    """Raises RecordingError."""
    return np.frombuffer(b"".join(read_recording(file)), "<i2").astype(np.int16)


async def listened(settings: AudioSettings, detector: Callable[[Frame], object], seconds: float) -> None:
    """Says when a word was heard. Raises DeviceError."""
    card = SoundCard(settings.microphone, speak=False, lost_after=settings.lost_after)
    heard = 0.0
    async with card, aclosing(card.frames()) as frames:
        async for frame in frames:
            heard += frame.seconds
            if detector(frame):
                click.echo(f"{heard:8.2f} s  heard")
            if heard >= seconds:
                return


async def _seconds(frames: AsyncGenerator[Frame, None], seconds: float) -> Samples:
    pcm = b""
    async for frame in frames:
        pcm += frame.pcm
        if len(pcm) >= seconds * RATE * 2:
            break
    return np.frombuffer(pcm, "<i2").astype(np.int16)


async def _utterance(frames: AsyncGenerator[Frame, None], floor: float) -> Samples:
    """All that is heard until somebody has spoken and is silent again, or has not begun in time."""
    pcm, heard, silent, begun = b"", 0.0, 0.0, False
    async for frame in frames:
        pcm, heard = pcm + frame.pcm, heard + frame.seconds
        is_loud = float(loudness(np.frombuffer(frame.pcm, "<i2").astype(np.int16)).max(initial=-120)) > floor + BEGUN_DB
        begun = begun or is_loud
        silent = 0.0 if is_loud else silent + frame.seconds
        if (begun and silent >= ENDED_SECONDS + HOLE_SECONDS) or heard >= WAIT_SECONDS:
            break
    return np.frombuffer(pcm, "<i2").astype(np.int16)
