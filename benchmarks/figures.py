"""What the benchmarks share: the settings and machine they ran on, percentiles, and where the figures go."""

import argparse
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from voiceos.config.load import read_config
from voiceos.config.settings import Config

OPEN = {"wake.mode": "open", "store.keep_turns": "false", "audio.earcons": "false"}
"""No wake word, nothing kept, no chimes."""


def parser_of(doc: str | None) -> argparse.ArgumentParser:
    """A command line with what every benchmark of a conversation takes."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="", help="a language model that is there already, OpenAI-compatible")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them (needs matplotlib)")
    return parser


def config_of(arguments: argparse.Namespace, **more: str) -> Config:
    """The settings of such a command line; `more` has "__" for the dot in a setting's name."""
    settings = OPEN | {key.replace("__", "."): value for key, value in more.items()}
    if arguments.base_url:
        settings |= {"mind.base_url": arguments.base_url, "mind.model": "local"}
    settings |= dict(pair.split("=", 1) for pair in arguments.settings)
    return read_config(overrides=settings).right().config


def conditions(config: Config | None = None) -> dict[str, Any]:
    """Machine, load and models: without them a figure says nothing."""
    cpu = platform.processor() or platform.machine()
    found: dict[str, Any] = {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }
    if config:
        mind = config.mind.base_url or config.mind.model
        found["models"] = {"recognition": config.recognition.model, "mind": mind, "voice": config.speech.voice}
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between the nearest two; `share` from 0 to 1."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def p50_p95(values: Sequence[float], digits: int = 2) -> str:
    """For a cell of a table."""
    return f"{percentile(values, 0.5):.{digits}f} / {percentile(values, 0.95):.{digits}f}" if values else "-"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]], console: Console) -> None:
    shown = Table(title=title, title_justify="left")
    for index, name in enumerate(head):
        shown.add_column(name, justify="right" if index else "left")
    for row in rows:
        shown.add_row(*map(str, row))
    console.print(shown)


def markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The same as text for a document."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def save(result: Mapping[str, Any], path: Path | None) -> None:
    if path:
        path.write_text(json.dumps(result, indent=1) + "\n")


def own_cpu_seconds() -> float:
    """CPU time of this process alone: everything but a language model, which has a process of its own."""
    times = psutil.Process().cpu_times()
    return times.user + times.system
