"""Voice-to-voice latency by stage: recordings in real time, through every engine, one turn each.

    python benchmarks/voice_to_voice.py                       the recordings that the tests use
    python benchmarks/voice_to_voice.py --rounds 5 --json voice.json --plot voice.png
    python benchmarks/voice_to_voice.py --set mind.model=qwen2.5-coder-0.5b-instruct-q4_k_m my/*.wav

Voice-to-voice is from the last moment of speech, as the voice detector saw it, to the first sound of the reply. The
engines are warm, and each turn is a new conversation. Medians are what to quote; the machine should be otherwise idle.
"""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import psutil
from rich.console import Console
from rich.table import Table

from voiceos.app import Assistant, Engines, real_engines
from voiceos.audio.wav import WavAudio
from voiceos.cli.session import Curtain
from voiceos.config.load import load_config
from voiceos.config.settings import Config
from voiceos.core import Notice, NoticeKind, Stage, Turn

RECORDINGS = Path(__file__).parents[1] / "tests" / "audio" / "recordings"
COMMANDS = ("date", "garage", "beatles", "timer30", "coffee0", "iced_coffee")
STAGES = (
    Stage.PAUSE,
    Stage.TURN_END,
    Stage.TRANSCRIPT,
    Stage.FIRST_TOKEN,
    Stage.FIRST_CLAUSE,
    Stage.FIRST_SOUND,
)
"""Measured from the end of speech."""


async def one_turn(config: Config, engines: Engines, recording: Path) -> dict[str, Any] | None:
    """Plays a recording to the assistant; what came of it, with seconds from the end of speech for each stage."""
    turns: list[Turn] = []

    def observe(notice: Notice) -> None:
        if notice.kind is NoticeKind.TURN and notice.turn:
            turns.append(notice.turn)

    audio = WavAudio(recording, lead_seconds=0.5)
    curtain = Curtain(audio)
    cpu = own_cpu_seconds()
    async with audio, anyio.create_task_group() as tasks:
        tasks.start_soon(curtain.fall)
        await Assistant(config, engines, audio, [observe, curtain]).run()
        tasks.cancel_scope.cancel()
    answered = [turn for turn in turns if Stage.FIRST_SOUND in turn.marks]
    if not answered:
        return None
    turn = answered[-1]
    end = turn.marks[Stage.SPEECH_END]
    return {
        "recording": recording.stem,
        "heard": turn.transcript.text if turn.transcript else "",
        "said": turn.said,
        "outcome": turn.outcome,
        "cpu_seconds": round(own_cpu_seconds() - cpu, 3),
        "stages": {str(stage): round(turn.marks[stage] - end, 3) for stage in STAGES if stage in turn.marks},
    }


def own_cpu_seconds() -> float:
    """CPU time of this process alone: everything but the language model, which has one of its own."""
    times = psutil.Process().cpu_times()
    return times.user + times.system


async def measure(config: Config, recordings: Sequence[Path], rounds: int, console: Console) -> dict[str, Any]:
    """Every recording, `rounds` times, after one turn that does not count."""
    rows: list[dict[str, Any]] = []
    async with real_engines(config) as engines:
        await one_turn(config, engines, recordings[0])
        for round_ in range(rounds):
            for recording in recordings:
                row = await one_turn(config, engines, recording)
                if row:
                    rows.append(row | {"round": round_})
                    console.print(
                        f"[dim]{recording.stem:14} {row['stages'].get('first sound', 0):5.2f} s  {row['heard']}[/dim]"
                    )
                else:
                    console.print(f"[red]{recording.stem}: no answer[/red]")
        memory = psutil.Process().memory_info().rss
    return {"machine": machine(), "models": models(config), "memory_mb": round(memory / 2**20), "turns": rows}


def machine() -> dict[str, Any]:
    return {
        "cpu": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
    }


def models(config: Config) -> dict[str, str]:
    return {"recognition": config.recognition.model, "mind": config.mind.model, "voice": config.speech.voice}


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each stage, in seconds from the end of speech."""
    result: dict[str, dict[str, float]] = {}
    for stage in map(str, STAGES):
        values = [row["stages"][stage] for row in rows if stage in row["stages"]]
        if values:
            result[stage] = {"p50": round(statistics.median(values), 3), "p95": round(percentile(values, 0.95), 3)}
    return result


def show(result: Mapping[str, Any], console: Console) -> None:
    table = Table(title=f"Voice to voice: {len(result['turns'])} turns", title_justify="left")
    table.add_column("stage, from the end of speech")
    table.add_column("p50", justify="right")
    table.add_column("p95", justify="right")
    for stage, values in result["summary"].items():
        table.add_row(stage, f"{values['p50']:.2f} s", f"{values['p95']:.2f} s")
    console.print(table)
    cpu = statistics.median(row["cpu_seconds"] for row in result["turns"])
    console.print(f"CPU besides the language model: {cpu:.2f} s a turn; memory {result['memory_mb']} MB")
    console.print(f"[dim]{result['machine']}[/dim]")


def plot(result: Mapping[str, Any], path: Path) -> None:
    """The waterfall of the medians."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    stages: Mapping[str, Mapping[str, float]] = result["summary"]
    figure, axes = pyplot.subplots(figsize=(8, 0.5 * len(stages) + 1.2), layout="constrained")
    before = 0.0
    for row, (stage, at) in enumerate(sorted(stages.items(), key=lambda item: item[1]["p50"])):
        axes.barh(row, at["p50"] - before, left=before, color=f"C{row}", height=0.7)
        axes.plot([at["p50"], at["p95"]], [row, row], color="grey", linewidth=1)
        axes.text(at["p95"] + 0.01, row, f"{stage} {at['p50']:.2f} s", va="center", fontsize=9)
        before = at["p50"]
    axes.set_yticks([])
    axes.invert_yaxis()
    axes.set_xlim(0, max(at["p95"] for at in stages.values()) * 1.3)
    axes.set_xlabel("seconds after the end of speech: medians; grey to the 95th percentile")
    axes.spines[["top", "right", "left"]].set_visible(False)
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    settings = {"wake.mode": "open", "store.keep_turns": "false", "audio.earcons": "false"}
    settings |= dict(pair.split("=", 1) for pair in arguments.settings)
    config = load_config(overrides=settings).config
    recordings = arguments.recordings or [RECORDINGS / f"{name}.flac" for name in COMMANDS]
    console = Console(highlight=False)
    result = anyio.run(measure, config, recordings, arguments.rounds, console)
    result["summary"] = summary(result["turns"])
    show(result, console)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    if arguments.plot:
        plot(result, arguments.plot)


if __name__ == "__main__":
    main()
