"""Turn end on recordings of whole utterances: what the model says of them, of halves, and of their own pauses.

    python benchmarks/turn_end.py --utterances DIR [--json]

Recordings are mono, 16 kHz, one utterance each, anything that soundfile reads. Two ways to end a turn are compared on
them: a fixed silence, and the model at a short pause (`listen.pause_seconds`) with a silence that depends on it.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import anyio
import numpy as np
import soundfile
from rich.console import Console
from rich.table import Table

from voiceos.config.paths import models_folder
from voiceos.config.settings import ListenSettings, StoreSettings
from voiceos.core import FRAME_BYTES, FRAME_SECONDS, RATE, Frame, Speech
from voiceos.engines.silero import Silero
from voiceos.engines.smart_turn import SmartTurn
from voiceos.models.shelf import Shelf

PREROLL_SECONDS = 0.3
CUTS = (0.5, 0.6, 0.7)
AUDIO = {".flac", ".wav", ".ogg"}


@dataclass(frozen=True)
class Utterance:
    pcm: bytes
    start: float
    end: float
    pauses: list[tuple[float, float]]
    """Where a pause within it begins, and how long it is, in seconds."""


@dataclass
class Way:
    name: str
    ended_early_percent: float
    """Utterances that would have been cut off in one of their pauses."""
    mean_wait_seconds: float
    """Silence after an utterance until the turn ends."""


@dataclass
class Result:
    utterances: int
    complete_percent: float
    cuts_called_complete_percent: dict[str, float]
    pauses: int
    pauses_called_complete_percent: float
    wall_ms_median: float
    wall_ms_p95: float
    cpu_ms_mean: float
    ways: list[Way]


class Judge:
    """The model, with a watch."""

    def __init__(self, model: SmartTurn, settings: ListenSettings) -> None:
        self._model = model
        self._settings = settings
        self.seconds: list[float] = []
        self.cpu = 0.0

    async def complete(self, utterance: Utterance, until: float) -> bool:
        start = max(0.0, utterance.start - PREROLL_SECONDS)
        pcm = utterance.pcm[round(start * RATE) * 2 : round(until * RATE) * 2]
        began, cpu = time.perf_counter(), time.process_time()
        score = await self._model.completeness(Speech(pcm, start, until))
        self.seconds.append(time.perf_counter() - began)
        self.cpu += time.process_time() - cpu
        return score >= self._settings.complete_threshold


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--utterances", type=Path, required=True, help="folder of whole utterances")
    parser.add_argument("--match", default="*", help="which files of it, such as 'command*'")
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()), help="folder of model files")
    parser.add_argument("--model", default="smart-turn-v3.2", help="name or path of the turn-end model")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    shelf = Shelf(args.models)
    silero = Silero(shelf.resolve("silero-vad"))
    files = sorted(path for path in args.utterances.rglob(args.match) if path.suffix in AUDIO)
    utterances = [one for path in files if (one := read(path, silero))]
    if not utterances:
        raise SystemExit(f"There is no recording of speech in '{args.utterances}'.")
    model = SmartTurn(shelf.resolve(args.model))
    anyio.run(model.warm)
    result = anyio.run(measure, utterances, model, ListenSettings())
    if args.json:
        print(json.dumps(asdict(result), indent=2))
    else:
        show(result)


def read(path: Path, silero: Silero) -> Utterance | None:
    samples, rate = soundfile.read(path, dtype="int16")
    if rate != RATE or samples.ndim != 1:
        raise SystemExit(f"'{path}' is not mono at 16 kHz: convert it first.")
    pcm: bytes = samples.tobytes() + bytes(RATE * 2)
    silero.reset()
    frames = range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)
    spoken = np.flatnonzero([silero(Frame(pcm[at : at + FRAME_BYTES])) >= 0.5 for at in frames])
    if not len(spoken):
        return None
    steps = np.diff(spoken)
    pauses = [
        (float(spoken[at] + 1) * FRAME_SECONDS, float(steps[at] - 1) * FRAME_SECONDS)
        for at in np.flatnonzero(steps > 1)
    ]
    return Utterance(pcm, float(spoken[0]) * FRAME_SECONDS, float(spoken[-1] + 1) * FRAME_SECONDS, pauses)


async def measure(utterances: Sequence[Utterance], model: SmartTurn, settings: ListenSettings) -> Result:
    judge = Judge(model, settings)
    pause = settings.pause_seconds
    whole = [await judge.complete(one, one.end + pause) for one in utterances]
    cuts = {
        f"{share:.0%}": percent([await judge.complete(one, at(one, share)) for one in utterances]) for share in CUTS
    }
    judged = [
        [(length, await judge.complete(one, start + pause)) for start, length in one.pauses if length >= pause]
        for one in utterances
    ]
    milliseconds = np.array(judge.seconds) * 1000
    return Result(
        utterances=len(utterances),
        complete_percent=percent(whole),
        cuts_called_complete_percent=cuts,
        pauses=sum(map(len, judged)),
        pauses_called_complete_percent=percent([complete for one in judged for _, complete in one]),
        wall_ms_median=float(np.median(milliseconds)),
        wall_ms_p95=float(np.percentile(milliseconds, 95)),
        cpu_ms_mean=1000 * judge.cpu / len(milliseconds),
        ways=[
            *(fixed(utterances, silence) for silence in (0.3, 0.4, 0.6, 0.8)),
            way(f"model, then {pause} s", judged, whole, pause, settings.unfinished_seconds),
            way(
                f"model, then {settings.end_seconds} s",
                judged,
                whole,
                settings.end_seconds,
                settings.unfinished_seconds,
            ),
        ],
    )


def at(utterance: Utterance, share: float) -> float:
    return utterance.start + share * (utterance.end - utterance.start)


def fixed(utterances: Sequence[Utterance], silence: float) -> Way:
    early = [any(length >= silence for _, length in one.pauses) for one in utterances]
    return Way(f"fixed {silence} s", percent(early), silence)


def way(
    name: str, judged: Sequence[Sequence[tuple[float, bool]]], whole: Sequence[bool], complete: float, unfinished: float
) -> Way:
    """`complete` seconds of silence end what sounds complete, `unfinished` seconds what does not."""
    early = [any(length >= (complete if done else unfinished) for length, done in one) for one in judged]
    return Way(name, percent(early), float(np.mean([complete if done else unfinished for done in whole])))


def percent(found: Sequence[bool]) -> float:
    return 100 * float(np.mean(found)) if found else 0.0


def show(result: Result) -> None:
    console = Console()
    table = Table(title=f"Turn-end model on {result.utterances} utterances, {result.pauses} pauses in them")
    for column in ("whole, %", *(f"cut at {cut}, %" for cut in result.cuts_called_complete_percent)):
        table.add_column(f"complete: {column}")
    table.add_column("complete: at a pause, %")
    table.add_column("time median · p95, ms")
    table.add_column("CPU, ms")
    table.add_row(
        f"{result.complete_percent:.0f}",
        *(f"{share:.0f}" for share in result.cuts_called_complete_percent.values()),
        f"{result.pauses_called_complete_percent:.0f}",
        f"{result.wall_ms_median:.0f} · {result.wall_ms_p95:.0f}",
        f"{result.cpu_ms_mean:.0f}",
    )
    console.print(table)
    ways = Table(title="Ways to end a turn")
    for column in ("way", "utterances ended early, %", "mean wait, s"):
        ways.add_column(column)
    for one in result.ways:
        ways.add_row(one.name, f"{one.ended_early_percent:.1f}", f"{one.mean_wait_seconds:.2f}")
    console.print(ways)


if __name__ == "__main__":
    main()
