"""Echo cancellers side by side: what they remove, and whether a person is heard over the assistant.

    python benchmarks/echo.py --manifest FILE
    python benchmarks/echo.py --manifest FILE --cases usual --clips 57 --json

The assistant speaks without a break (a recording, or the voice's own text), through a loudspeaker and a room into the
microphone, where people say the wake word and commands over it. A manifest is a table with tabs, as for `wake.py` and
`recognition.py`: recordings labelled `alexa`, commands with a transcript, rooms labelled `rir`; one more room is made.
"Softer" compares a person's loudest half second with the mean of the echo. Cancellers run one after the other on the
same sound; CPU is process time.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, median

import anyio
import numpy as np
import soundfile
from numpy.typing import NDArray
from recognition import plain
from rich.console import Console
from rich.table import Table
from wake import AtOnce, first_wake, frames

from voiceos.audio.echo import EchoCanceller, WebRtcEcho
from voiceos.audio.echo_linear import LinearEcho
from voiceos.audio.resample import ToRate
from voiceos.config.paths import models_folder
from voiceos.config.settings import ListenSettings, StoreSettings
from voiceos.core import FRAME_SECONDS, RATE, Cut, Frame, Speech
from voiceos.engines.piper import Piper
from voiceos.engines.second_stage import SecondStage
from voiceos.engines.silero import Silero
from voiceos.engines.wakewords import WakeWords, load_wake_words
from voiceos.engines.whisper import Whisper
from voiceos.listen.gate import Evidence, Gate
from voiceos.models.shelf import Shelf

Samples = NDArray[np.float64]
LOUDNESS = 0.05
"""Of the echo at the microphone: -26 dBFS."""
FLOOR = 10 ** (-65 / 20)
FIRST_SECONDS = 6.0
"""Of playback before anyone speaks."""
GAP_SECONDS = 1.2
TEXT = (
    "The kitchen light is on, and the living room light is off. It will rain in the afternoon, with a high of twelve "
    "degrees. Your next appointment is at a quarter past three, at the dentist in Mill Lane. Here is a short story. "
    "Once upon a time a fox and a crow lived at the edge of a wide forest. Every morning the crow flew over the fields "
    "to look for bread, and every evening the fox asked her what she had found. One day she found a piece of cheese, "
    "larger than any she had ever seen. Sing for me, said the fox, for nobody has a voice as beautiful as yours. "
    "The Pacific is the largest of the oceans; it covers about a third of the surface of the earth. Boil the potatoes "
    "for twenty minutes, then add butter, salt and a little nutmeg. The train to the coast leaves from platform nine "
    "every hour, and the journey takes about fifty minutes. I have set an alarm for seven and another for half past. "
)


@dataclass(frozen=True)
class Case:
    name: str
    over_db: float = 0.0
    delay_ms: float = 100.0
    drift_ppm: float = 0.0
    distortion: float = 0.5
    """How far the loudspeaker is driven into its bend; 0: not at all."""


CASES = (
    Case("usual"),
    Case("person 6 dB softer", over_db=-6),
    Case("no delay", delay_ms=0),
    Case("250 ms", delay_ms=250),
    Case("100 ppm", drift_ppm=100),
    Case("300 ppm", drift_ppm=300),
    Case("250 ms, 300 ppm", delay_ms=250, drift_ppm=300),
    Case("distorting", distortion=1.5),
)


class Nothing:
    def process(self, near: Frame, far: bytes) -> Frame:
        return near


class Both:
    """AEC3 on what the linear filter leaves."""

    def __init__(self) -> None:
        self._linear, self._rest = LinearEcho(), WebRtcEcho()

    def process(self, near: Frame, far: bytes) -> Frame:
        return self._rest.process(self._linear.process(near, far), far)


CANCELLERS: dict[str, Callable[[], EchoCanceller]] = {
    "none": Nothing,
    "webrtc": WebRtcEcho,
    "linear": LinearEcho,
    "linear, then webrtc": Both,
}


@dataclass
class Result:
    canceller: str
    case: str
    removed_db: float = 0.0
    """Of the echo alone, after the first 6 s."""
    wake_recall: float = 0.0
    barge_in_recall: float = 0.0
    """Share of commands that would have interrupted the reply while they were said."""
    barge_in_later_s: float | None = None
    """Median, compared with the same recording in silence."""
    false_starts_per_minute: float = 0.0
    """Interruptions by the echo alone, after the first 6 s."""
    false_starts_at_first: int = 0
    """The same in the first 6 s that this canceller ever hears."""
    words_kept: float = 0.0
    """Of commands, as recognised: share of their words."""
    cpu_percent: float = 0.0
    texts: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Clip:
    sound: Samples
    said: str


@dataclass(frozen=True)
class Scene:
    """A stretch of playback with people speaking over it; places are in samples."""

    far: Samples
    echo: Samples
    mic: Samples
    places: list[int]
    clips: Sequence[Clip]


@dataclass(frozen=True)
class Listeners:
    wake: WakeWords
    silero: Silero
    whisper: Whisper


def main() -> None:
    args = parse()
    shelf = Shelf(args.models)
    whisper = Whisper(shelf.resolve("whisper-base"), threads=args.threads)
    whisper.log_probability(bytes(RATE * 2), "alexa")
    wake = load_wake_words(["alexa"], 0.5, {}, shelf.resolve, SecondStage(whisper.log_probability, AtOnce()))
    listeners = Listeners(wake, Silero(shelf.resolve("silero-vad")), whisper)
    playback = read(args.playback) if args.playback else anyio.run(spoken, Piper(shelf.path("en_US-joe-medium")))
    words, commands, rooms = load(args.manifest, args.clips, args.commands)
    results: list[Result] = []
    console = Console(stderr=True)
    for case in (case for case in CASES if not args.cases or case.name in args.cases):
        parts: dict[str, list[Result]] = {name: [] for name in args.cancellers or CANCELLERS}
        for index, room in enumerate(rooms):
            said = scene(case, playback, room, words[index :: len(rooms)])
            asked = scene(case, playback, room, commands[index :: len(rooms)])
            for name, found in parts.items():
                console.print(f"[dim]{case.name} · room {index + 1} · {name} …")
                found.append(measure(name, case, said, asked, listeners))
        results += [joined(found) for found in parts.values()]
    print(json.dumps([asdict(result) for result in results], indent=1)) if args.json else show(results)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--manifest", type=Path, required=True, help="table of recordings: path, label, transcript")
    parser.add_argument("--playback", type=Path, help="what the assistant says: a recording; else the voice speaks")
    parser.add_argument("--cases", nargs="*", choices=[case.name for case in CASES], help="only these")
    parser.add_argument("--cancellers", nargs="*", choices=list(CANCELLERS), help="only these")
    parser.add_argument("--clips", type=int, default=28, help="recordings of the wake word, over all rooms")
    parser.add_argument("--commands", type=int, default=16, help="recordings of commands, over all rooms")
    parser.add_argument("--threads", type=int, default=1, help="of the recogniser")
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()), help="folder of model files")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


def load(manifest: Path, clips: int, commands: int) -> tuple[list[Clip], list[Clip], list[Samples]]:
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))

    def labelled(wanted: Callable[[dict[str, str]], bool], most: int) -> list[Clip]:
        chosen = [row for row in rows if wanted(row)]
        spread = [chosen[i] for i in np.linspace(0, len(chosen) - 1, min(most, len(chosen))).astype(int)]
        return [Clip(read(manifest.parent / row["path"]), said(row)) for row in spread]

    rooms = [response(clip.sound) for clip in labelled(lambda row: row["label"] == "rir", 2)]
    near = small_room()
    return labelled(lambda row: row["label"] == "alexa", clips), labelled(is_command, commands), [near, *rooms]


def is_command(row: dict[str, str]) -> bool:
    return row["label"] == "command" or "intent" in row["label"]


def said(row: dict[str, str]) -> str:
    """What was said; or of what was said, the words that are known."""
    if row["transcript"] or "intent" not in row["label"]:
        return row["transcript"]
    return " ".join(json.loads(row["label"])["slots"].values())


def read(path: Path) -> Samples:
    samples, rate = soundfile.read(path)
    if rate != RATE or samples.ndim != 1:
        raise SystemExit(f"'{path}' is not mono at 16 kHz: convert it first.")
    return np.asarray(samples, np.float64)


async def spoken(voice: Piper) -> Samples:
    heard = [frame async for frame in voice.synthesize(TEXT)]
    to_rate = ToRate(RATE)
    pcm = b"".join(map(to_rate, heard)) + to_rate.flush()
    return np.frombuffer(pcm, "<i2") / 32768


def small_room() -> Samples:
    """Loudspeaker and microphone in one case: a direct way, and a tail of 0.35 s a little softer than it."""
    size = int(0.35 * RATE)
    tail = np.random.default_rng(11).normal(0, 1, size) * 10 ** (-3 * np.arange(size) / size)
    tail *= 0.7 / np.sqrt(tail @ tail)
    tail[10] += 1
    return tail / np.sqrt(tail @ tail)


def response(recording: Samples) -> Samples:
    """A measured room from its first sound on."""
    start = max(0, int(np.argmax(np.abs(recording))) - 20)
    return recording[start:] / np.sqrt(recording[start:] @ recording[start:])


def scene(case: Case, playback: Samples, room: Samples, clips: Sequence[Clip]) -> Scene:
    places, end = list[int](), round(FIRST_SECONDS * RATE)
    for clip in clips:
        places.append(end)
        end += len(clip.sound) + round(GAP_SECONDS * RATE)
    far = np.resize(playback, max(end, 40 * RATE))
    far = far * (0.08 / np.sqrt(np.mean(far**2)))
    echo = heard_through(case, far, room)
    mic = echo + np.random.default_rng(0).normal(0, FLOOR, len(echo))
    for clip, place in zip(clips, places, strict=True):
        gain = LOUDNESS * 10 ** (case.over_db / 20) / loudest(clip.sound)
        mic[place : place + len(clip.sound)] += gain * clip.sound
    return Scene(far, echo, mic, places, clips)


def heard_through(case: Case, far: Samples, room: Samples) -> Samples:
    """A loudspeaker that bends and gives nothing below 100 Hz, the air, a delay, and a clock that runs differently."""
    peak = float(np.abs(far).max())
    bent = np.tanh(case.distortion * far / peak) * peak / case.distortion if case.distortion else far
    size = len(far) + len(room) + RATE
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    high = frequencies**2 / (frequencies**2 + 100.0**2)
    echo = np.fft.irfft(np.fft.rfft(bent, size) * np.fft.rfft(room, size) * high, size)[: len(far)]
    times = np.arange(len(far)) * (1 - case.drift_ppm * 1e-6) - case.delay_ms * RATE / 1000
    whole = np.floor(times).astype(np.int64)
    out = np.zeros(len(far))
    for tap in range(-15, 17):
        offset = tap - (times - whole)
        out += echo[np.clip(whole + tap, 0, len(far) - 1)] * np.sinc(offset) * np.cos(np.pi * offset / 34) ** 2
    out[times < 0] = 0
    return out * LOUDNESS / np.sqrt(np.mean(out**2))


def loudest(sound: Samples) -> float:
    energy = np.cumsum(np.concatenate([[0.0], sound**2]))
    return float(np.sqrt(np.max(energy[RATE // 2 :] - energy[: -RATE // 2]) / (RATE // 2)))


def pcm(sound: Samples) -> NDArray[np.int16]:
    return np.clip(sound * 32767, -32768, 32767).astype("<i2")


def cleaned(canceller: EchoCanceller, mic: Samples, far: Samples) -> NDArray[np.int16]:
    pairs = zip(frames(pcm(mic)), frames(pcm(far)), strict=True)
    return np.frombuffer(b"".join(canceller.process(near, other.pcm).pcm for near, other in pairs), "<i2")


def measure(name: str, case: Case, said: Scene, asked: Scene, listeners: Listeners) -> Result:
    make = CANCELLERS[name]
    first = round(FIRST_SECONDS * RATE)
    began = time.process_time()
    alone = cleaned(make(), said.echo, said.far)
    result = Result(name, case.name, cpu_percent=100 * (time.process_time() - began) / (len(alone) / RATE))
    left = np.mean((alone[first:] / 32768.0) ** 2) + 1e-12
    result.removed_db = 10 * np.log10(np.mean(said.echo[first : len(alone)] ** 2) / left)
    starts = interruptions(listeners.silero, alone)
    result.false_starts_at_first = sum(at < FIRST_SECONDS for at in starts)
    later = len(starts) - result.false_starts_at_first
    result.false_starts_per_minute = 60 * later / (len(alone) / RATE - FIRST_SECONDS)
    result.wake_recall = woken(listeners.wake, cleaned(make(), said.mic, said.far), said)
    heard_in(result, cleaned(make(), asked.mic, asked.far), asked, listeners)
    return result


def woken(wake: WakeWords, heard: NDArray[np.int16], said: Scene) -> float:
    """Share of the words that wake it; each is listened to from a second before it."""
    found = [
        first_wake(wake, heard[place - RATE : place + len(clip.sound) + RATE]) is not None
        for clip, place in zip(said.clips, said.places, strict=True)
    ]
    return mean(found)


def interruptions(silero: Silero, heard: NDArray[np.int16]) -> list[float]:
    """Seconds at which speech would have interrupted a reply."""
    silero.reset()
    gate, starts = over_reply(), list[float]()
    for index, frame in enumerate(frames(heard)):
        if gate(Evidence(FRAME_SECONDS, silero(frame))) is Cut.START:
            starts.append((index + 1) * FRAME_SECONDS)
            gate = over_reply()
    return starts


def over_reply() -> Gate:
    gate = Gate(ListenSettings())
    gate.open(over_reply=True)
    return gate


def heard_in(result: Result, heard: NDArray[np.int16], asked: Scene, listeners: Listeners) -> None:
    interrupted, later, kept, words = 0, list[float](), 0, 0
    for clip, place in zip(asked.clips, asked.places, strict=True):
        said = heard[place : place + len(clip.sound) + RATE // 4]
        alone = interruptions(listeners.silero, pcm(clip.sound))
        starts = interruptions(listeners.silero, heard[place - RATE : place + len(clip.sound)])
        during = [at - 1 for at in starts if at > 1.1]
        interrupted += bool(during)
        if during and alone:
            later.append(during[0] - alone[0])
        text = anyio.run(listeners.whisper.transcribe, Speech(said.tobytes(), 0.0, len(said) / RATE)).text
        result.texts.append(text)
        wanted, found = plain(clip.said), plain(text)
        words += len(wanted)
        kept += sum(min(wanted.count(word), found.count(word)) for word in set(wanted))
    result.barge_in_recall = interrupted / len(asked.clips)
    result.barge_in_later_s = median(later) if later else None
    result.words_kept = kept / words


def joined(rooms: Sequence[Result]) -> Result:
    """The mean over rooms."""
    later = [one.barge_in_later_s for one in rooms if one.barge_in_later_s is not None]
    return Result(
        rooms[0].canceller,
        rooms[0].case,
        mean(one.removed_db for one in rooms),
        mean(one.wake_recall for one in rooms),
        mean(one.barge_in_recall for one in rooms),
        mean(later) if later else None,
        mean(one.false_starts_per_minute for one in rooms),
        sum(one.false_starts_at_first for one in rooms),
        mean(one.words_kept for one in rooms),
        mean(one.cpu_percent for one in rooms),
        [text for one in rooms for text in one.texts],
    )


def show(results: Sequence[Result]) -> None:
    table = Table(title="A person over the assistant's own voice")
    for column in ("case", "canceller", "removed, dB", "wake recall", "barge-in recall", "later, s"):
        table.add_column(column)
    for column in ("false starts / min", "at first", "words kept", "CPU, %"):
        table.add_column(column)
    for one in results:
        table.add_row(
            one.case,
            one.canceller,
            f"{one.removed_db:.1f}",
            f"{one.wake_recall:.2f}",
            f"{one.barge_in_recall:.2f}",
            f"{one.barge_in_later_s:.2f}" if one.barge_in_later_s is not None else "",
            f"{one.false_starts_per_minute:.1f}",
            str(one.false_starts_at_first),
            f"{one.words_kept:.2f}",
            f"{one.cpu_percent:.1f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
