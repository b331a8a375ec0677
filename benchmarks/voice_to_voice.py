"""Voice-to-voice latency by stage: recordings in real time, through every engine, one turn each.

    python benchmarks/voice_to_voice.py                       the recordings that the tests use
    python benchmarks/voice_to_voice.py --rounds 5 --json voice.json --plot voice.png
    python benchmarks/voice_to_voice.py --set mind.model=qwen2.5-coder-0.5b-instruct-q4_k_m my/*.wav

Voice-to-voice is from the last moment of speech, as the voice detector saw it, to the first sound of the reply. The
engines are warm, and each turn is a new conversation. Medians are what to quote; the machine should be otherwise idle.
"""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import anyio
import psutil
from figures import conditions, config_of, own_cpu_seconds, parser_of, percentile, save
from rich.console import Console
from rich.table import Table

from voiceos.app import open_host
from voiceos.assistant import Assistant, Engines
from voiceos.audio.recording import read_recording, write_wav
from voiceos.audio.wav import WavAudio
from voiceos.cli.session import Curtain
from voiceos.config.settings import Config
from voiceos.core import RATE, Frame, Notice, NoticeKind, Stage, Turn
from voiceos.host import Host
from voiceos.senses import real_engines

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


async def one_turn(host: Host, engines: Engines, recording: Path) -> dict[str, Any] | None:
    """Plays a recording to the assistant; what came of it, with seconds from the end of speech for each stage."""
    turns: list[Turn] = []

    def observe(notice: Notice) -> None:
        if notice.kind is NoticeKind.TURN and notice.turn:
            turns.append(notice.turn)

    with NamedTemporaryFile(suffix=".wav") as led_in:
        write_wav(led_in.name, map(Frame, [bytes(RATE), *read_recording(recording)]))  # half a second of silence first
        audio = WavAudio(Path(led_in.name))
    curtain = Curtain(audio)
    cpu = own_cpu_seconds()
    async with (
        host.happenings.observed(observe),
        host.happenings.observed(curtain),
        audio,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(curtain.fall)
        await Assistant(host, engines, audio).run()
        tasks.cancel_scope.cancel()
    answered = [turn for turn in turns if Stage.FIRST_SOUND in turn.marks]
    if not answered:
        return None
    turn = answered[-1]
    end = turn.marks[Stage.SPEECH_END]
    return {
        "recording": recording.stem,
        "heard": turn.words,
        "said": turn.said,
        "outcome": turn.outcome,
        "cpu_seconds": round(own_cpu_seconds() - cpu, 3),
        "stages": {str(stage): round(turn.marks[stage] - end, 3) for stage in STAGES if stage in turn.marks},
    }


async def measure(config: Config, recordings: Sequence[Path], rounds: int, console: Console) -> dict[str, Any]:
    """Every recording, `rounds` times, after one turn that does not count."""
    rows: list[dict[str, Any]] = []
    async with open_host(config, "a benchmark") as host, real_engines(config, host.warm) as engines:
        await one_turn(host, engines, recordings[0])
        for round_ in range(rounds):
            for recording in recordings:
                row = await one_turn(host, engines, recording)
                if row:
                    rows.append(row | {"round": round_})
                    console.print(
                        f"[dim]{recording.stem:14} {row['stages'].get('first sound', 0):5.2f} s  {row['heard']}[/dim]"
                    )
                else:
                    console.print(f"[red]{recording.stem}: no answer[/red]")
        memory = psutil.Process().memory_info().rss
    return {"conditions": conditions(config), "memory_mb": round(memory / 2**20), "turns": rows}


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
    console.print(f"[dim]{result['conditions']}[/dim]")


NAMES = {
    "pause": "pause noticed",
    "turn end": "end of turn",
    "transcript": "words recognised",
    "first token": "first token",
    "first clause": "first clause",
    "first sound": "first sound",
}


def plot(result: Mapping[str, Any], path: Path) -> None:
    """The waterfall."""
    from charts import waterfall

    stages = {NAMES[stage]: at for stage, at in result["summary"].items()}
    models = ", ".join(result["conditions"]["models"].values())
    title = f"From the end of speech to the reply: {result['summary']['first sound']['p50']:.2f} s"
    about = f"{len(result['turns'])} turns, {result['conditions']['cores']} cores, {models}"
    waterfall(stages, title, f"Medians; pale to the 95th percentile. {about}", path)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("recordings", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    config = config_of(arguments)
    recordings = arguments.recordings or [RECORDINGS / f"{name}.flac" for name in COMMANDS]
    console = Console(highlight=False)
    result = anyio.run(measure, config, recordings, arguments.rounds, console)
    result["summary"] = summary(result["turns"])
    show(result, console)
    save(result, arguments.json)
    if arguments.plot:
        plot(result, arguments.plot)


if __name__ == "__main__":
    main()
