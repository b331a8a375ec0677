"""Word error rate, time and invented words of speech recognition, by the windows it looks at.

    python benchmarks/recognition.py --model MODELS/whisper-base
    python benchmarks/recognition.py --model MODELS/whisper-base --manifest my.tsv --audio MY/RECORDINGS --json out.json

A manifest has the columns path, label and transcript, separated by tabs. A transcript is what was said, or a JSON list
of phrases that must be heard; where it is empty nobody speaks, and the recording is cut into pieces that should give no
words.
"""

import argparse
import csv
import json
import os
import re
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import soundfile
import soxr
from num2words import num2words
from rich.console import Console
from rich.table import Table

from voiceos.core import RATE, Speech
from voiceos.engines.whisper import MARGIN, Whisper

HERE = Path(__file__).parent
WINDOWS = ("30", "15,30", "8,15", "6,15", "1,15")
PIECES = (1.5, 4.0)
"""Seconds of the pieces that recordings without speech are cut into."""


@dataclass(frozen=True)
class Clip:
    path: Path
    label: str
    said: str
    phrases: tuple[str, ...]
    speech: Speech


@dataclass
class Result:
    windows: str
    errors: int = 0
    words: int = 0
    phrases_heard: int = 0
    phrases: int = 0
    refused: list[str] = field(default_factory=list[str])
    """Speech that was taken for noise."""
    invented: list[str] = field(default_factory=list[str])
    """Words that were heard where nobody speaks."""
    quiet_pieces: int = 0
    again: int = 0
    """Clips that needed more than one look."""
    seconds: list[float] = field(default_factory=list[float])
    command_seconds: list[float] = field(default_factory=list[float])
    """The times of clips of 1.5 to 4 s."""
    command_cpu_seconds: list[float] = field(default_factory=list[float])
    """The same on all cores together: it says more where other programs run as well."""
    noise_seconds: list[float] = field(default_factory=list[float])
    texts: dict[str, str] = field(default_factory=dict[str, str])

    def summary(self) -> dict[str, Any]:
        found = {key: value for key, value in asdict(self).items() if not isinstance(value, list | dict)}
        for key, times in (
            ("all", self.seconds),
            ("command", self.command_seconds),
            ("command_cpu", self.command_cpu_seconds),
            ("noise", self.noise_seconds),
        ):
            if times:
                found |= {f"{key}_p50_s": percentile(times, 50), f"{key}_p95_s": percentile(times, 95)}
        found["wer"] = round(self.errors / max(1, self.words), 4)
        return found | {"refused": self.refused, "invented": self.invented, "texts": self.texts}


def percentile(values: list[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 3)


def plain(text: str) -> list[str]:
    """Words as they are spoken: lower case, numbers in words."""
    text = text.lower().replace("%", " percent ").replace("mr.", "mister")
    text = re.sub(r"\d+", lambda number: f" {num2words(int(number[0]))} ", text)
    return re.sub(r"[^a-z ]", "", re.sub(r"[-–—]", " ", text)).split()


def errors(said: list[str], heard: list[str]) -> int:
    """Words put in, left out or changed, at the least."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]


def read(path: Path) -> Speech:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE:
        mono = soxr.resample(mono, rate, RATE)
    pcm = (np.clip(mono, -1, 1) * 32767).astype("<i2").tobytes()
    return Speech(pcm, 0.0, len(pcm) / 2 / RATE)


def load(manifest: Path, audio: Path) -> list[Clip]:
    clips: list[Clip] = []
    with manifest.open(newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            said = row["transcript"].strip()
            phrases = tuple(json.loads(said)) if said.startswith("[") else ()
            path = audio / row["path"]
            clips.append(Clip(path, row["label"], "" if phrases else said, phrases, read(path)))
    return clips


def pieces(speech: Speech) -> list[Speech]:
    """Cuts of a recording, every 4 s."""
    found: list[Speech] = []
    for start in np.arange(0.0, speech.seconds - PIECES[0], 4.0):
        for seconds in PIECES:
            if start + seconds <= speech.seconds:
                pcm = speech.pcm[int(start * RATE) * 2 : int((start + seconds) * RATE) * 2]
                found.append(Speech(pcm, 0.0, seconds))
    return found


async def measure(model: Path, clips: list[Clip], windows: str, *, threads: int, beam: int) -> Result:
    engine = Whisper(model, threads=threads, beam=beam, windows=[float(window) for window in windows.split(",")])
    await engine.warm()
    result = Result(windows)
    for clip in clips:
        if not clip.said and not clip.phrases:
            for piece in pieces(clip.speech):
                began = time.perf_counter()
                heard = await engine.transcribe(piece)
                result.noise_seconds.append(time.perf_counter() - began)
                result.quiet_pieces += 1
                if heard.text:
                    result.invented.append(f"{clip.label}: {heard.text}")
            continue
        before, began, cpu = engine.looks, time.perf_counter(), time.process_time()
        heard = await engine.transcribe(clip.speech)
        took = time.perf_counter() - began
        result.seconds.append(took)
        if 1.5 <= clip.speech.seconds <= 4:
            result.command_seconds.append(took)
            result.command_cpu_seconds.append(time.process_time() - cpu)
        result.again += engine.looks > before + 1
        result.texts[clip.path.name] = heard.text
        count(result, clip, heard.text)
    return result


def count(result: Result, clip: Clip, text: str) -> None:
    words = plain(text)
    if not text:
        result.refused.append(f"{clip.path.name}: {clip.said or ', '.join(clip.phrases)}")
    if clip.said:
        said = plain(clip.said)
        result.errors += errors(said, words)
        result.words += len(said)
    line = f" {' '.join(words)} "
    result.phrases += len(clip.phrases)
    result.phrases_heard += sum(f" {' '.join(plain(phrase))} " in line for phrase in clip.phrases)


def show(results: list[Result], console: Console) -> None:
    table = Table(title=f"Recognition by windows, in seconds (at least the clip and {MARGIN:g} s; short: 1.5 to 4 s)")
    for heading in (
        "windows",
        "WER %",
        "phrases",
        "refused",
        "more looks",
        "p50 s",
        "p95 s",
        "short p50 s",
        "short p95 s",
        "short CPU s",
        "invented",
        "noise p50 s",
    ):
        table.add_column(heading, justify="right")
    for result in results:
        found = result.summary()
        table.add_row(
            result.windows,
            f"{found['wer'] * 100:.1f}",
            f"{result.phrases_heard}/{result.phrases}",
            str(len(result.refused)),
            f"{result.again}/{len(result.seconds)}",
            *(
                f"{found.get(key, 0):.2f}"
                for key in ("all_p50_s", "all_p95_s", "command_p50_s", "command_p95_s", "command_cpu_p50_s")
            ),
            f"{len(result.invented)}/{result.quiet_pieces}",
            f"{found.get('noise_p50_s', 0):.2f}",
        )
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of a Whisper model")
    parser.add_argument("--manifest", type=Path, default=HERE / "recognition.tsv")
    parser.add_argument("--audio", type=Path, default=HERE.parent / "tests/audio/recordings", help="where paths begin")
    parser.add_argument("--windows", nargs="+", default=WINDOWS, help="such as 8,15: first look 8 s, second 15 s")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write all results, with every text, to this file")
    options = parser.parse_args()
    clips = load(options.manifest, options.audio)
    results: list[Result] = []
    console = Console()
    for windows in options.windows:
        console.print(f"[dim]{windows} …")
        results.append(
            anyio.run(lambda w=windows: measure(options.model, clips, w, threads=options.threads, beam=options.beam))
        )
    show(results, console)
    if options.json:
        load_average = os.getloadavg()[0]
        found = {"threads": options.threads, "beam": options.beam, "load_at_end": load_average}
        options.json.write_text(json.dumps(found | {"results": [r.summary() for r in results]}, indent=1))


if __name__ == "__main__":
    main()
