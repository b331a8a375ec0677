r"""Rare names in ordinary sentences: how many are heard as they are written, with and without a memory of names.

    python benchmarks/names.py --model MODELS/whisper-base --voice MODELS/en_US-joe-medium/en_US-joe-medium.onnx \
        --noise crowd.flac --room room.flac --say 'slt: flite -voice slt -o {wav} -t {text}' \
        --manifest benchmarks/recognition.tsv

Sentences are spoken by a Piper voice, and by any program that `--say` names (as `name: command`, if it is to have one).
A manifest of recordings of people who say none of the names (see benchmarks/recognition.py) shows what is made up.
Names marked "held out" in names.tsv were added when the limits had been chosen.
"""

import argparse
import csv
import json
import shlex
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from recognition import errors, load, plain
from rich.console import Console
from rich.table import Table

from voiceos.core import RATE, Speech
from voiceos.engines.names_heard import NamesHeard
from voiceos.engines.phonemes import Phonemes
from voiceos.engines.piper import Piper
from voiceos.engines.whisper import Whisper
from voiceos.memory.names import Mention, Names
from voiceos.protocols import SpeechToText

HERE = Path(__file__).parent
ROOMS = ((None, 1.0), (15.0, 1.0), (8.0, 1.25))
"""Babble (dB below the speech, with an echoing room; None: neither), and the speed of a Piper voice."""
MODES = ("without", "second look", "calendar", "both")
TOLD = 8
"""Names that the first look is told as those of the calendar."""
Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Line:
    held_out: bool
    name: str
    spoken: str
    said: str


@dataclass
class Result:
    condition: str
    mode: str
    names: int = 0
    heard: int = 0
    held_out: int = 0
    held_out_heard: int = 0
    quiet: int = 0
    """Sentences with none of the names."""
    made_up: list[str] = field(default_factory=list[str])
    """Names that were heard and not said."""
    words: int = 0
    errors: int = 0
    cpu_seconds: list[float] = field(default_factory=list[float])
    quiet_cpu_seconds: list[float] = field(default_factory=list[float])
    texts: list[str] = field(default_factory=list[str])


def lines() -> list[Line]:
    with (HERE / "names.tsv").open(newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Line(row["set"] == "held out", row["name"], row["sentence"].replace("{}", row["spoken"]), row["sentence"])
        for row in rows
    ]


def samples(path: Path) -> Sound:
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    return np.asarray(mono if rate == RATE else soxr.resample(mono, rate, RATE), np.float32)


def fold(text: str) -> str:
    """For comparison: small letters without accents; a name may stand in the genitive."""
    plain_text = text.lower().replace("'s", " ").translate(str.maketrans("øåłæðđ", "oalaed"))
    letters = (c for c in unicodedata.normalize("NFD", plain_text) if not unicodedata.combining(c))
    return f" {' '.join(''.join(c if c.isalnum() else ' ' for c in letters).split())} "


def has(name: str, text: str) -> bool:
    return fold(name) in fold(text)


class Speakers:
    """The voices that read the lines aloud."""

    def __init__(self, voice: Path, programs: Sequence[str]) -> None:
        self.programs = {name: text for name, _, text in (program.partition(": ") for program in programs)}
        self._voices = {speed: Piper(voice, speed=speed, threads=1) for _, speed in ROOMS}

    async def piper(self, text: str, speed: float) -> Sound:
        frames = [frame async for frame in self._voices[speed].synthesize(text)]
        sound = np.frombuffer(b"".join(frame.pcm for frame in frames), "<i2").astype(np.float32) / 32768
        return soxr.resample(sound, frames[0].rate, RATE)

    def program(self, name: str, text: str) -> Sound:
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder) / "said.wav"
            words = [word.format(wav=wav, text=text) for word in shlex.split(self.programs[name])]
            subprocess.run(words, check=True, timeout=60)
            sound, rate = soundfile.read(wav, dtype="float32")
            return np.asarray(sound if rate == RATE else soxr.resample(sound, rate, RATE), np.float32)


@dataclass(frozen=True)
class Room:
    response: Sound
    babble: Sound


def in_room(sound: Sound, room: Room, decibels: float | None, rng: np.random.Generator) -> Speech:
    """The sound with half a second of silence around it, in a room with people in it."""
    sound = np.pad(sound / np.abs(sound).max() * 0.5, (RATE // 10, RATE * 2 // 5))
    if decibels is not None:
        sound = np.convolve(sound, room.response)[: len(sound)]
        sound = sound / np.abs(sound).max() * 0.5
        start = int(rng.integers(0, max(1, len(room.babble) - len(sound))))
        noise = np.resize(room.babble[start:], len(sound))
        speech_level = np.sqrt(np.mean(sound[np.abs(sound) > 0.02] ** 2))
        sound = sound + noise / np.sqrt(np.mean(noise**2)) * speech_level * 10 ** (-decibels / 20)
    pcm = (np.clip(sound / max(1.0, np.abs(sound).max()), -1, 1) * 32767).astype("<i2").tobytes()
    return Speech(pcm, 0.0, len(pcm) / 2 / RATE)


async def clips(speakers: Speakers, room: Room, table: Sequence[Line]) -> dict[str, list[tuple[Line, Speech]]]:
    found: dict[str, list[tuple[Line, Speech]]] = {}
    for index, line in enumerate(table):
        for decibels, speed in ROOMS:
            sound = await speakers.piper(line.spoken, speed)
            label = "piper, clean" if decibels is None else f"piper x{speed:g}, room, {decibels:g} dB"
            speech = in_room(sound, room, decibels, np.random.default_rng(index))
            found.setdefault(label, []).append((line, speech))
        for name in speakers.programs:
            speech = in_room(speakers.program(name, line.spoken), room, None, np.random.default_rng(index))
            found.setdefault(f"{name}, clean", []).append((line, speech))
    return found


def book_of(whisper: Whisper, table: Sequence[Line]) -> tuple[Names, list[str]]:
    """Everybody and everything with a name, and the list of them."""
    everyone = [
        *(HERE / "names_contacts.txt").read_text().split("\n")[:-1],
        *(line.name for line in table if line.name),
    ]
    names = Names(Phonemes(), whisper.knows)
    names.learn((Mention(name) for name in everyone), datetime.now(UTC))
    return names, everyone


async def measure(
    condition: str, mode: str, said: Sequence[tuple[Line, Speech]], whisper: Whisper, names: Names, all_names: list[str]
) -> Result:
    """`calendar`: the first look is told eight names, of which one is said (or none, where none is)."""
    recognition: SpeechToText = NamesHeard(whisper, names.suggest) if mode in ("second look", "both") else whisper
    result = Result(condition, mode)
    rng = np.random.default_rng(5)
    for line, speech in said:
        hotwords: list[str] = []
        if mode in ("calendar", "both"):
            hotwords = [str(name) for name in rng.choice(all_names, TOLD, replace=False) if name != line.name]
            if line.name:
                hotwords[int(rng.integers(len(hotwords)))] = line.name
        cpu = time.process_time()
        heard = (await recognition.transcribe(speech, hotwords)).text
        result.cpu_seconds.append(time.process_time() - cpu)
        result.texts.append(heard)
        count(result, line, heard, all_names)
    return result


def count(result: Result, line: Line, heard: str, all_names: Sequence[str]) -> None:
    parts = {part for name in all_names for part in (name, *name.split()) if len(part) > 2}
    said = line.said.replace("{}", line.name)
    made_up = [part for part in parts if has(part, heard) and not has(part, said) and fold(part) not in fold(line.said)]
    rare = [part for part in made_up if part not in PLAIN]
    result.made_up += [f"{part}: {heard}" for part in rare]
    if not line.name:
        result.quiet += 1
        result.quiet_cpu_seconds.append(result.cpu_seconds[-1])
        if line.spoken:
            result.words += len(plain(line.said))
            result.errors += errors(plain(line.said), plain(heard))
    elif line.held_out:
        result.held_out += 1
        result.held_out_heard += has(line.name, heard)
    else:
        result.names += 1
        result.heard += has(line.name, heard)


PLAIN = frozenset(
    "Will May Rose Art Bill Dawn Field Stone Price King Long Hall Hill Power Reed Wood Green Black Knight Young Rivers"
    " Bishop Cook Turner Walker Baker Parker Mills Waters Banks Brook Woods Summer Robin Penny Mark Patience"
    " Scott".split()
)
"""Words among the names that are heard in ordinary sentences because they were said there."""


def show(results: Sequence[Result], console: Console) -> None:
    table = Table(title="Rare names heard as they are written")
    for heading in (
        "condition",
        "mode",
        "names",
        "held out",
        "made up",
        "WER % without names",
        "CPU s",
        "CPU s, no name",
    ):
        table.add_column(heading, justify="left" if heading in ("condition", "mode") else "right")
    for r in results:
        table.add_row(
            r.condition,
            r.mode,
            f"{r.heard}/{r.names}",
            f"{r.held_out_heard}/{r.held_out}",
            f"{len(r.made_up)}/{len(r.texts)}",
            f"{100 * r.errors / max(1, r.words):.1f}",
            f"{np.mean(r.cpu_seconds):.3f}",
            f"{np.mean(r.quiet_cpu_seconds or [0]):.3f}",
        )
    console.print(table)


async def run(options: argparse.Namespace, console: Console) -> list[Result]:
    whisper = Whisper(options.model, threads=1)
    await whisper.warm()
    table = lines()
    names, all_names = book_of(whisper, table)
    if options.held_out:
        table = [line for line in table if line.held_out]
    room = Room(samples(options.room), samples(options.noise))
    said = await clips(Speakers(options.voice, options.say), room, table)
    if options.manifest:
        people = [clip for clip in load(options.manifest, options.audio) if clip.said or clip.phrases]
        said["people, none of the names"] = [
            (Line(False, "", clip.said, clip.said or " ".join(clip.phrases)), clip.speech) for clip in people
        ]
    results: list[Result] = []
    for condition, pairs in said.items():
        for mode in options.modes:
            console.print(f"[dim]{condition}, {mode} …")
            results.append(await measure(condition, mode, pairs, whisper, names, all_names))
            show(results[-1:], console)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of a Whisper model")
    parser.add_argument("--voice", type=Path, required=True, help="a Piper voice's .onnx file")
    parser.add_argument("--noise", type=Path, required=True, help="a recording of many people who talk")
    parser.add_argument("--room", type=Path, required=True, help="a room's impulse response")
    parser.add_argument("--say", nargs="*", default=[], help="'slt: flite -voice slt -o {wav} -t {text}'")
    parser.add_argument("--manifest", type=Path, help="recordings of people, see benchmarks/recognition.py")
    parser.add_argument("--audio", type=Path, default=HERE.parent / "tests/audio/recordings", help="where paths begin")
    parser.add_argument("--modes", nargs="+", default=MODES, choices=MODES)
    parser.add_argument("--held-out", action="store_true", help="only the sentences with names held out")
    parser.add_argument("--json", type=Path, help="write all results, with every text, to this file")
    options = parser.parse_args()
    console = Console(width=120)
    results = anyio.run(run, options, console)
    show(results, console)
    if options.json:
        found: list[dict[str, Any]] = [asdict(result) for result in results]
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
