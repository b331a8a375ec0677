"""Wake words on recordings: misses (clean and in noise), false alarms per hour, delay, share of a core.

    python benchmarks/wake.py --positives DIR --negatives DIR --noise DIR --words alexa
    python benchmarks/wake.py --manifest FILE --label alexa --words alexa openwakeword/alexa
    python benchmarks/wake.py --manifest FILE --second-stage whisper-base --speeds 1 0.85 1.15

    python benchmarks/wake.py --manifest FILE --second-stage whisper-base --half report

Every noise is mixed with every positive, and one person's read speech with each. `--half choose` takes every other
positive and every other of these readers, `--half report` the rest: what one half has chosen, the other judges.
With a second stage, the delay has the time of its looks in it.

Recordings are mono, 16 kHz, anything that soundfile reads. A manifest is a table with tabs between its columns, of
which `path` (from the manifest's folder) and `label` are needed.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame
from voiceos.engines.second_stage import SecondStage
from voiceos.engines.silero import Silero
from voiceos.engines.wakewords import WakeWords, load_wake_words
from voiceos.engines.whisper import Whisper
from voiceos.models.shelf import Shelf

Samples = NDArray[np.int16]
LEAD_SECONDS = 1.0
"""Silence, or noise, before each recording."""
TAIL_SECONDS = 1.0
"""And after it: a detector may be late."""
GAP_SECONDS = 0.3
"""Silence between recordings that are strung together."""
SNRS: dict[str, float | None] = {"clean": None, "10 dB": 10.0, "0 dB": 0.0}
SILENCE: Samples = np.zeros(1, np.int16)
AUDIO = {".flac", ".wav", ".ogg"}


@dataclass(frozen=True)
class Recordings:
    positives: list[Samples]
    negatives: list[Samples]
    noises: list[Samples]
    talk: tuple[Samples, ...] = ()
    """Of one other person each."""
    speeds: tuple[float, ...] = (1.0,)
    """At which the negatives are played: other voices and tempos from the same recordings."""


class AtOnce(Executor):
    """Works when asked: recordings are heard faster than in real time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        began = time.perf_counter()
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        self.seconds.append(time.perf_counter() - began)
        return future


@dataclass
class Result:
    word: str
    threshold: float
    positives: int
    misses_percent: dict[str, float]
    false_alarms: int
    hours: float
    false_alarms_per_hour: float
    at_most_per_hour: float
    """Upper end of the 95 % interval: what so few hours can show."""
    delay_seconds_median: float | None
    """From the end of the word to its detection; negative: before it had ended."""
    delay_seconds_worst: float | None
    core_percent: float
    looks_per_hour: float = 0.0
    """Of the second stage, in the negatives."""
    look_seconds_median: float | None = None


def main() -> None:
    args = parse()
    recordings = replace(from_manifest(args) if args.manifest else from_folders(args), speeds=tuple(args.speeds))
    shelf = Shelf(args.models)
    looks = AtOnce()
    whisper = Whisper(shelf.resolve(args.second_stage), threads=args.threads) if args.second_stage else None
    if whisper:
        whisper.log_probability(bytes(RATE * 2), "alexa")
    silero = Silero(shelf.resolve("silero-vad"))
    thresholds = {word: float(score) for word, score in (one.split("=") for one in args.thresholds)}

    def build(words: Sequence[str]) -> WakeWords:
        second = SecondStage(whisper.log_probability, looks) if whisper else None
        return load_wake_words(words, args.threshold, thresholds, shelf.resolve, second)

    results = [measure(word, build, args.threshold, recordings, silero, looks.seconds) for word in args.words]
    if len(args.words) > 1:
        results.append(measure(args.words, build, args.threshold, recordings, silero, looks.seconds))
    if args.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    else:
        show(results)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--words", nargs="+", default=["alexa"], help="names or paths of models")
    parser.add_argument("--threshold", type=float, default=0.5, help="as `wake.threshold`")
    parser.add_argument("--thresholds", nargs="*", default=[], metavar="WORD=SCORE", help="as `wake.thresholds`")
    parser.add_argument("--positives", type=Path, help="folder of recordings of the word")
    parser.add_argument("--negatives", type=Path, help="folder of recordings without it")
    parser.add_argument("--noise", type=Path, help="folder of noise to mix with the positives")
    parser.add_argument("--manifest", type=Path, help="table of recordings, instead of folders")
    parser.add_argument("--label", default="alexa", help="the positives' label in the manifest")
    parser.add_argument("--noise-labels", nargs="*", default=["noise", "babble"], help="labels of noise to mix")
    parser.add_argument("--talk-label", default="speech", help="label of read speech to mix, a reader at a time")
    parser.add_argument("--half", choices=("choose", "report"), default="", help="only half of positives and readers")
    parser.add_argument("--ignore", nargs="*", default=["rir"], help="labels to leave out")
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()), help="folder of model files")
    parser.add_argument("--second-stage", default="", metavar="MODEL", help="recognition model that has a say, too")
    parser.add_argument("--threads", type=int, default=0, help="threads of that model")
    parser.add_argument("--speeds", nargs="+", type=float, default=[1.0], help="at which the negatives are played")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    if not args.manifest and not args.positives:
        parser.error("say --positives DIR (and --negatives, --noise), or --manifest FILE")
    return args


def from_manifest(args: argparse.Namespace) -> Recordings:
    with args.manifest.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["label"] not in args.ignore]

    def load(wanted: Callable[[str], bool]) -> list[Samples]:
        return [read(args.manifest.parent / row["path"]) for row in rows if wanted(row["label"])]

    positive: str = args.label
    noise: list[str] = args.noise_labels
    readers = dict.fromkeys(row["speaker"] for row in rows if row["label"] == args.talk_label)
    talk = [
        np.concatenate([read(args.manifest.parent / row["path"]) for row in rows if row["speaker"] == reader])
        for reader in readers
    ]
    which = slice({"choose": 0, "report": 1}.get(args.half, 0), None, 2 if args.half else 1)
    positives = load(positive.__eq__)[which]
    return Recordings(positives, load(positive.__ne__), load(noise.__contains__), tuple(talk[which]))


def from_folders(args: argparse.Namespace) -> Recordings:
    def load(folder: Path | None) -> list[Samples]:
        files = sorted(path for path in folder.rglob("*") if path.suffix in AUDIO) if folder else []
        return [read(path) for path in files]

    return Recordings(load(args.positives), load(args.negatives), load(args.noise))


def read(path: Path) -> Samples:
    samples, rate = soundfile.read(path, dtype="int16")
    if rate != RATE or samples.ndim != 1:
        raise SystemExit(f"'{path}' is not mono at 16 kHz: convert it first.")
    return np.asarray(samples, np.int16)


def measure(
    words: str | Sequence[str],
    build: Callable[[Sequence[str]], WakeWords],
    threshold: float,
    recordings: Recordings,
    silero: Silero,
    looks: list[float],
) -> Result:
    names = [words] if isinstance(words, str) else list(words)
    detector = build(names)
    misses: dict[str, float] = {}
    delays: list[float] = []
    for name, snr, noises in conditions(recordings):
        heard = said = 0
        for noise in noises:
            for index, positive in enumerate(recordings.positives):
                looks.clear()
                at = first_wake(detector, mixed(positive, noise, index, snr))
                said += 1
                heard += at is not None
                if at is not None and snr is None:
                    delays.append(at + sum(looks[-1:]) - LEAD_SECONDS - end_of_speech(silero, positive))
        misses[name] = 100 * (1 - heard / max(1, said))
    looks.clear()
    alarms, seconds, cpu = false_alarms(detector, at_speeds(recordings))
    hours = seconds / 3600
    return Result(
        word=" + ".join(names),
        threshold=threshold,
        positives=len(recordings.positives),
        misses_percent=misses,
        false_alarms=alarms,
        hours=hours,
        false_alarms_per_hour=alarms / hours if hours else 0.0,
        at_most_per_hour=poisson_upper(alarms) / hours if hours else float("inf"),
        delay_seconds_median=median(delays) if delays else None,
        delay_seconds_worst=max(delays) if delays else None,
        core_percent=100 * cpu / seconds if seconds else 0.0,
        looks_per_hour=len(looks) / hours if hours else 0.0,
        look_seconds_median=median(looks) if looks else None,
    )


def conditions(recordings: Recordings) -> Iterator[tuple[str, float | None, Sequence[Samples]]]:
    """Names of what the positives are mixed with, how much louder they are, in dB, and with what."""
    for name, snr in SNRS.items():
        if snr is None:
            yield name, None, [SILENCE]
            continue
        if recordings.noises:
            yield name, snr, recordings.noises
        if recordings.talk:
            yield f"{name} of talk", snr, recordings.talk


def at_speeds(recordings: Recordings) -> list[Samples]:
    """The negatives at every speed; pitch moves with it."""

    def at(speed: float, samples: Samples) -> Samples:
        times = np.arange(int(len(samples) / speed)) * speed
        return np.interp(times, np.arange(len(samples)), samples).astype(np.int16)

    return [at(speed, negative) for speed in recordings.speeds for negative in recordings.negatives]


def frames(samples: Samples) -> Iterator[Frame]:
    pcm = samples.tobytes()
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        yield Frame(pcm[at : at + FRAME_BYTES])


def first_wake(detector: WakeWords, samples: Samples) -> float | None:
    detector.reset()
    for index, frame in enumerate(frames(samples)):
        if detector(frame):
            return (index + 1) * FRAME_SECONDS
    return None


def false_alarms(detector: WakeWords, negatives: Sequence[Samples]) -> tuple[int, float, float]:
    """How often it woke, in how many seconds of sound, with how many seconds of computing."""
    if not negatives:
        return 0, 0.0, 0.0
    gap = np.zeros(round(GAP_SECONDS * RATE), np.int16)
    stream = np.concatenate([part for negative in negatives for part in (negative, gap)])
    detector.reset()
    began = time.process_time()
    alarms = sum(detector(frame) is not None for frame in frames(stream))
    return alarms, len(stream) / RATE, time.process_time() - began


def mixed(positive: Samples, background: Samples, index: int, snr: float | None) -> Samples:
    """The recording with silence or noise around and in it. The speech's level is that of its loudest half second."""
    lead, tail = round(LEAD_SECONDS * RATE), round(TAIL_SECONDS * RATE)
    sound = np.pad(positive.astype(np.float64), (lead, tail))
    if snr is None:
        return sound.astype(np.int16)
    noise = background.astype(np.float64)
    start = index * 7919 % max(1, len(noise) - len(sound))
    noise = np.resize(noise[start:], len(sound))
    window = RATE // 2
    energy = np.cumsum(np.concatenate([[0.0], sound**2]))
    speech_rms = np.sqrt(np.max(energy[window:] - energy[:-window]) / window)
    noise_rms = np.sqrt(np.mean(noise**2)) + 1e-9
    return np.clip(sound + noise * speech_rms / noise_rms * 10 ** (-snr / 20), -32768, 32767).astype(np.int16)


def end_of_speech(silero: Silero, samples: Samples) -> float:
    """Seconds from the start of the recording to the last of it that is speech."""
    silero.reset()
    spoken = [index for index, frame in enumerate(frames(samples)) if silero(frame) >= 0.5]
    return ((spoken[-1] if spoken else 0) + 1) * FRAME_SECONDS


def poisson_upper(count: int) -> float:
    """The largest mean with which so few events still come in one case of twenty."""
    low, high = float(count), count + 10 + 5 * np.sqrt(count + 1)
    for _ in range(60):
        mean = (low + high) / 2
        terms = np.cumprod(np.concatenate([[1.0], mean / np.arange(1, count + 1)]))
        low, high = (mean, high) if np.exp(-mean) * terms.sum() > 0.05 else (low, mean)
    return high


def show(results: Sequence[Result]) -> None:
    first = results[0]
    table = Table(title=f"{first.positives} recordings of the word, {first.hours:.2f} h without it")
    for column in ("word", *(f"misses {name}, %" for name in first.misses_percent)):
        table.add_column(column)
    for column in ("false alarms / h", "delay median · worst, s", "share of a core, %", "looks / h", "a look, s"):
        table.add_column(column)
    for one in results:
        delay = "none heard"
        if one.delay_seconds_median is not None and one.delay_seconds_worst is not None:
            delay = f"{one.delay_seconds_median:.2f} · {one.delay_seconds_worst:.2f}"
        table.add_row(
            one.word,
            *(f"{share:.1f}" for share in one.misses_percent.values()),
            f"{one.false_alarms_per_hour:.1f} (at most {one.at_most_per_hour:.1f})",
            delay,
            f"{one.core_percent:.2f}",
            f"{one.looks_per_hour:.0f}",
            f"{one.look_seconds_median:.3f}" if one.look_seconds_median is not None else "",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
