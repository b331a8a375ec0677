"""Requests in noise: how often is the right thing understood, with and without other readings (`RequestsHeard`)?

    python benchmarks/requests_heard.py [--every 6] [--first 0] [--snr 6] [--set store.models=FOLDER] [--show]

Sentences of `tests/skills`, said by both voices a little fast, amid others who talk at that ratio in dB; and questions
of `of_life.tsv`, which no skill takes. A made voice in made noise is no person in a kitchen: read the differences.
"""

import csv
import tempfile
import time
from collections.abc import Sequence
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import soxr
from figures import conditions, config_of, parser_of, save, table
from numpy.typing import NDArray
from rich.console import Console

from tests.skills.household import Household
from voiceos.config.paths import models_folder
from voiceos.core import RATE, Speech, Transcript, Turn
from voiceos.dialogue.requests_heard import RequestsHeard
from voiceos.mind.asked_for import asked_for
from voiceos.models.shelf import Shelf
from voiceos.protocols import SpeechToText, TextToSpeech
from voiceos.senses import recogniser, synthesiser

FOLDER = Path(__file__).parents[1] / "tests" / "skills"
FILES = ("everyday", "schedule", "lists", "media", "home")
OTHERS = Path(__file__).with_name("of_life.tsv")
VOICES = ("hibari-heart", "en_US-joe-medium")
PACE = 1.15
CROWD = 5
"""How many talk in the background."""
Sound = NDArray[np.float32]


def sentences(known: Household, every: int, first: int) -> tuple[list[str], list[str]]:
    """Requests, and questions that are none."""
    lines = [
        line.split("\t")[0].strip()
        for name in FILES
        for line in (FOLDER / f"{name}.tsv").read_text("utf-8").splitlines()
    ]
    asked = sorted({line for line in lines if line and not line.startswith("#") and understood(known, line)})
    with OTHERS.open(encoding="utf-8", newline="") as rows:
        others = sorted(row[1] for row in csv.reader(rows, delimiter="\t") if len(row) > 1)
    return asked[first::every], [line for line in others if not understood(known, line)][first::every]


def understood(known: Household, text: str) -> list[str]:
    """The intents of a sentence."""
    return [asked.intent for asked in known.router.asked(Turn("", "", transcript=Transcript(text)))]


async def said(voice: TextToSpeech, text: str) -> Sound:
    made, rate = list[bytes](), RATE
    async with aclosing(voice.synthesize(text, PACE)) as frames:
        async for frame in frames:
            rate = frame.rate
            made.append(frame.pcm)
    silence = np.zeros(RATE // 3, np.float32)
    sound = soxr.resample(np.frombuffer(b"".join(made), "<i2").astype(np.float32) / 32768, rate, RATE)
    return np.concatenate([silence, sound, silence])


def amid(sound: Sound, crowd: Sequence[Sound], snr: float) -> Speech:
    """The sound with others, so many dB softer together."""
    noise = sum((np.resize(other, len(sound)) for other in crowd), np.zeros(len(sound), np.float32))
    factor = np.sqrt(np.mean(sound**2) / max(1e-12, float(np.mean(noise**2))) / 10 ** (snr / 10))
    mixed = (sound + factor * noise) / 2
    pcm = (np.clip(mixed, -1, 1) * 32767).astype("<i2").tobytes()
    return Speech(pcm, 0.0, len(mixed) / RATE)


async def heard(recognition: SpeechToText, speech: Speech, again: RequestsHeard | None = None) -> tuple[str, float]:
    began = time.process_time()
    found = await recognition.transcribe(speech)
    found = await again(speech, found) if again else found
    return found.text, time.process_time() - began


async def measured(chosen: Any, known: Household) -> list[dict[str, Any]]:
    configs = [config_of(chosen, speech__voice=name) for name in VOICES]
    shelf = Shelf(models_folder(configs[0].store))
    voices, plain = [synthesiser(config, shelf) for config in configs], recogniser(configs[0], shelf)
    helped = RequestsHeard(
        plain, lambda text: bool(understood(known, text)), lambda: asked_for(known.db, known.router.names())
    )
    asked, others = sentences(known, chosen.every, chosen.first)
    every = [*asked, *others]
    sounds = [await said(voices[number % len(voices)], text) for number, text in enumerate(every)]
    rows: list[dict[str, Any]] = []
    for number, (text, sound) in enumerate(zip(every, sounds, strict=True)):
        crowd = [sounds[(number + 7 * step) % len(sounds)] for step in range(1, CROWD + 1)]
        speech = amid(sound, crowd, chosen.snr)
        row: dict[str, Any] = {"said": text, "meant": understood(known, text)}
        for how, again in (("plain", None), ("helped", helped)):
            row[how], row[f"{how}_cpu"] = await heard(plain, speech, again)
            row[f"{how}_meant"] = understood(known, row[how])
        rows.append(row)
    return rows


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--every", type=int, default=6)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--snr", type=float, default=6.0, metavar="DB")
    parser.add_argument("--show", action="store_true", help="print what another reading changed")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, closing(Household(Path(folder))) as known:
        rows = anyio.run(measured, chosen, known)
    shown: list[list[object]] = []
    for how in ("plain", "helped"):
        asked, others = [row for row in rows if row["meant"]], [row for row in rows if not row["meant"]]
        right = sum(row[f"{how}_meant"] == row["meant"] for row in asked)
        wrong = sum(row[f"{how}_meant"] not in ([], row["meant"]) for row in asked)
        taken = sum(bool(row[f"{how}_meant"]) for row in others)
        cpu = np.mean([row[f"{how}_cpu"] for row in rows])
        shown.append([how, len(asked), right, wrong, len(others), taken, f"{cpu:.2f}"])
    for row in rows if chosen.show else ():
        if row["plain"] != row["helped"]:
            print(f"{row['helped_meant'] == row['meant']}\t{row['said']}\t{row['plain']}\t{row['helped']}")
    head = ["", "requests", "right", "another", "other questions", "taken for a request", "CPU s"]
    table(f"Requests amid others, {chosen.snr:.0f} dB", head, shown, Console(width=120))
    save({"rows": rows, **conditions()}, chosen.json)


if __name__ == "__main__":
    main()
