"""Recordings of whole utterances, with what a benchmark must know of them, and pauses put into them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from room import Samples

from voiceos.core import RATE

BUNDLED = Path(__file__).parents[1] / "tests" / "audio" / "recordings"
LIST = "utterances.tsv"
FADE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Utterance:
    """Times are seconds from the beginning of `samples`."""

    name: str
    text: str
    """Empty: nobody speaks to the assistant in it."""
    samples: Samples
    start: float
    """When speech begins."""
    end: float
    """When it ends."""
    pause: float = 0.0
    """Length of the pause that was put into it."""
    pause_at: float | None = None
    """Where a pause may be put, or was."""

    def with_pause(self, seconds: float) -> "Utterance":
        """The same words with a pause in mid-phrase, filled with the recording's own room noise."""
        assert self.pause_at is not None, f"{self.name} has no place for a pause"
        cut = round(self.pause_at * RATE)
        before, after = faded_out(self.samples[:cut]), faded_out(self.samples[cut:][::-1])[::-1]
        samples = np.concatenate([before, self.room_noise(seconds), after])
        return Utterance(self.name, self.text, samples, self.start, self.end + seconds, seconds, self.pause_at)

    def room_noise(self, seconds: float) -> Samples:
        """Noise as loud as the recording's quietest tenth."""
        step = round(0.02 * RATE)
        whole = self.samples[: len(self.samples) // step * step].astype(np.float64).reshape(-1, step)
        levels = np.sort(np.sqrt((whole**2).mean(axis=1)))
        level = float(levels[: max(1, len(levels) // 10)].mean())
        noise = np.random.default_rng(len(self.samples)).normal(0, level, round(seconds * RATE))
        return noise.clip(-32_768, 32_767).astype(np.int16)


def faded_out(samples: Samples) -> Samples:
    """So that a cut does not click."""
    count = min(len(samples), round(FADE_SECONDS * RATE))
    factor = np.ones(len(samples))
    factor[len(samples) - count :] = np.linspace(1, 0, count)
    return (samples * factor).astype(np.int16)


def utterances(folder: Path | None) -> list[Utterance]:
    """Those that `utterances.tsv` in `folder` names; without a folder, the ones that the tests use."""
    listing = folder / LIST if folder else Path(__file__).with_name(LIST)
    if not listing.exists():
        raise SystemExit(f"There is no {listing}: docs/benchmarks.md says what belongs into it.")
    with listing.open(newline="") as lines:
        return [_read(folder or BUNDLED, row) for row in csv.DictReader(lines, delimiter="\t")]


def _read(folder: Path, row: dict[str, str]) -> Utterance:
    path = folder / row["file"]
    found, rate = soundfile.read(path, dtype="int16", always_2d=True)
    if rate != RATE:
        raise SystemExit(f"'{path}' is not at 16 kHz: convert it first.")
    samples: Samples = found[:, 0].astype(np.int16)
    start, end = float(row["speech_start"] or 0), float(row["speech_end"] or len(samples) / RATE)
    at, until = row["pause_at"], row["pause_until"]
    if at and until:  # it pauses there already: that is cut out
        gap = float(until) - float(at)
        samples = np.concatenate([samples[: round(float(at) * RATE)], samples[round(float(until) * RATE) :]])
        end -= gap
    return Utterance(path.stem, row["text"], samples, start, end, pause_at=float(at) if at else None)
