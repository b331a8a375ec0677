"""Voices: how many words the recogniser mishears, when the first sound comes, and what a second of sound costs.

    python benchmarks/voices.py [--voice NAME ...] [--set store.models=FOLDER] [--json FILE] [--show]

Each sentence of `voices.txt`, spelt as the recogniser spells, is spoken and heard by the recogniser of the settings. A
recogniser is no listener: read the ratios, and listen.
"""

import time
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import anyio
import numpy as np
import soxr
from figures import conditions, config_of, parser_of, save, table
from rich.console import Console

from voiceos.config.paths import models_folder
from voiceos.core import RATE, Speech
from voiceos.language.speakable import speakable
from voiceos.language.terms import words
from voiceos.models.shelf import Shelf
from voiceos.protocols import SpeechToText, TextToSpeech
from voiceos.senses import recogniser, synthesiser

SENTENCES = Path(__file__).with_name("voices.txt")
VOICES = ("hibari-heart", "en_US-joe-medium")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence, as one voice said it and the recogniser heard it."""

    text: str
    heard: str
    seconds: float
    first_seconds: float
    """From the call to the first frame."""
    cpu_seconds: float

    @property
    def misheard(self) -> int:
        """Words that are missing, too many or others."""
        return distance(in_words(self.text), in_words(self.heard))


def in_words(text: str) -> list[str]:
    return words(speakable(text).lower())


def distance(said: list[str], heard: list[str]) -> int:
    """Levenshtein's, in words."""
    before = list(range(len(heard) + 1))
    for row, word in enumerate(said, 1):
        here = [row]
        for at, other in enumerate(heard):
            here.append(min(before[at + 1] + 1, here[at] + 1, before[at] + (word != other)))
        before = here
    return before[-1]


async def spoken(voice: TextToSpeech, recognition: SpeechToText, text: str) -> Spoken:
    began, cpu, first, made = time.perf_counter(), time.process_time(), 0.0, list[bytes]()
    rate = RATE
    async with aclosing(voice.synthesize(speakable(text))) as frames:
        async for frame in frames:
            first = first or time.perf_counter() - began
            rate = frame.rate
            made.append(frame.pcm)
    cpu = time.process_time() - cpu
    sound = np.frombuffer(b"".join(made), "<i2").astype(np.float32) / 32768
    silence = np.zeros(RATE // 2, np.float32)
    heard = np.concatenate([silence, soxr.resample(sound, rate, RATE), silence])
    pcm = (np.clip(heard, -1, 1) * 32767).astype("<i2").tobytes()
    text_heard = (await recognition.transcribe(Speech(pcm, 0.0, len(pcm) / 2 / RATE))).text
    return Spoken(text, text_heard, len(sound) / rate, first, cpu)


async def measured(voice: TextToSpeech, recognition: SpeechToText) -> list[Spoken]:
    if warm := getattr(voice, "warm", None):
        await warm()
    return [await spoken(voice, recognition, line) for line in SENTENCES.read_text("utf-8").splitlines()]


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--voice", dest="voices", action="append", metavar="NAME")
    parser.add_argument("--show", action="store_true", help="print what was misheard")
    chosen = parser.parse_args()
    rows: list[list[object]] = []
    for name in chosen.voices or VOICES:
        config = config_of(chosen, speech__voice=name)
        shelf = Shelf(models_folder(config.store))
        found = anyio.run(measured, synthesiser(config, shelf), recogniser(config, shelf))
        for one in found:
            if chosen.show and one.misheard:
                print(f"{name}\t{one.misheard}\t{one.text}\t{one.heard}")
        said, seconds = sum(len(in_words(one.text)) for one in found), sum(one.seconds for one in found)
        wrong, cpu = sum(one.misheard for one in found), sum(one.cpu_seconds for one in found)
        first = np.median([one.first_seconds for one in found])
        rows.append(
            [name, said, wrong, f"{wrong / said:.1%}", f"{first:.3f}", f"{cpu / seconds:.3f}", f"{seconds:.0f}"]
        )
    columns = ["voice", "words", "misheard", "share", "first sound, s", "CPU s a second of sound", "sound, s"]
    table("Voices", columns, rows, Console(width=120))
    save({"rows": rows, **conditions()}, chosen.json)


if __name__ == "__main__":
    main()
