"""Whether taking in files disturbs a conversation: voice-to-voice with and without `voiceos memory add` beside it.

    python benchmarks/disturbance.py [--rounds 3] [--megabytes 300]

Each recording is answered twice in turn: while nothing else runs, and while another process takes a mailbox into
the same memory. The memory is a new one in a temporary folder. Medians and their ratio are what to quote.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
from figures import conditions, config_of, p50_p95, parser_of, percentile, save, table
from ingestion import make
from rich.console import Console
from voice_to_voice import COMMANDS, RECORDINGS, one_turn

from voiceos.app import open_host
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.senses import real_engines

BESIDE = ("alone", "beside")


@contextmanager
def taking_in(config: Config, mailbox: Path) -> Generator[None]:
    """Another process of voiceos that reads a mailbox; interrupted at the end, to be gone on with by the next."""
    environment = os.environ | {
        "VOICEOS_STORE_FOLDER": str(config.store.folder),
        "VOICEOS_STORE_MODELS": str(models_folder(config.store)),
    }
    command = [sys.executable, "-m", "voiceos", "memory", "add", str(mailbox)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield
            if process.poll() is not None:
                raise SystemExit("The mailbox was taken in too soon: give more --megabytes.")
        finally:
            process.terminate()


async def measure(config: Config, mailbox: Path, recordings: Sequence[Path], rounds: int, console: Console) -> Any:
    seconds: dict[str, list[float]] = {name: [] for name in BESIDE}
    async with open_host(config, "a benchmark") as host, real_engines(config, host.warm) as engines:
        await one_turn(host, engines, recordings[0])
        for _ in range(rounds):
            for recording in recordings:
                alone = await one_turn(host, engines, recording)
                with taking_in(config, mailbox):
                    await anyio.sleep(2)  # it starts up, and is at work
                    beside = await one_turn(host, engines, recording)
                for name, row in zip(BESIDE, (alone, beside), strict=True):
                    if row:
                        seconds[name].append(row["stages"]["first sound"])
                console.print(f"[dim]{recording.stem:14} {seconds['alone'][-1]:.2f}  {seconds['beside'][-1]:.2f}[/dim]")
    return seconds


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--megabytes", type=float, default=300)
    arguments = parser.parse_args()
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        models = str(models_folder(config_of(arguments).store))
        config = config_of(arguments, store__folder=folder, store__models=models, store__keep_turns="true")
        mailbox = make("mbox", Path(folder), int(arguments.megabytes * 1e6))
        recordings = [RECORDINGS / f"{name}.flac" for name in COMMANDS]
        seconds = anyio.run(measure, config, mailbox, recordings, arguments.rounds, console)
    rows = [[name, len(values), p50_p95(values)] for name, values in seconds.items()]
    table("Voice to voice, seconds", ["", "turns", "p50 / p95"], rows, console)
    ratio = percentile(seconds["beside"], 0.5) / percentile(seconds["alone"], 0.5)
    console.print(f"beside : alone = {ratio:.2f}   {conditions(config)}")
    save({"seconds": seconds, "ratio": ratio, "conditions": conditions(config)}, arguments.json)


if __name__ == "__main__":
    main()
