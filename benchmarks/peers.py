"""voiceos beside other voice runtimes: the same models, recordings and machine, one runtime at a time, in turn.

    python benchmarks/peers.py --harness DIR --llm-python LLM/bin/python --out DIR \\
        --python voiceos=PC/bin/python --python pipecat=PC/bin/python --python livekit=LK/bin/python

DIR holds the outside harness: its driver plays the recordings in real time to one runtime and writes a JSON line for
each trial. This starts the language model and each runtime afresh, round by round, so that what the machine does
meanwhile is shared by all, and prints the table. The harness finds models and recordings by $WHISPER_DIR, $PIPER_ONNX,
$LLM_GGUF and $CORPUS. A runtime without a Python of its own is left out.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from figures import conditions, markdown, p50_p95, percentile, save
from rich.console import Console

PEERS = {
    "voiceos": "counted_once:StdioPeer",
    "pipecat": "pipecat_peer:PipecatPeer",
    "livekit": "livekit_peer:LivekitPeer",
    "wyoming": "counted_once:WyomingPeer",
}
PACKAGES = {
    "pipecat": ("pipecat-ai", "faster-whisper", "piper-tts"),
    "livekit": ("livekit-agents", "faster-whisper", "piper-tts"),
    "wyoming": ("wyoming-faster-whisper", "wyoming-piper", "faster-whisper", "piper-tts"),
}
READY_SECONDS = 120.0
RUN_SECONDS = 3600.0
HEAD = (
    "runtime",
    "voice-to-voice p50 / p95, s",
    "answered",
    "pauses: audible early · half answered",
    "barge-in p50 / p95, s",
    "CPU s per turn besides the LLM",
    "idle CPU, %",
    "memory besides the LLM, MB",
    "LLM a turn: requests · tokens read · made",
    "load",
)


@contextmanager
def language_model(arguments: argparse.Namespace, log: Path) -> Generator[int]:
    """The harness's server, until the block is left; gives its process id."""
    command = [arguments.llm_python, arguments.harness / "llm_server.py", "--threads", "1"]
    command += ["--port", str(arguments.port), "--log", log]
    told = log.with_suffix(".out")
    with told.open("wb") as output:
        # A session of its own: a runtime that ends its whole process group must not end this.
        server = subprocess.Popen([*map(str, command)], stdout=output, stderr=output, start_new_session=True)
        try:
            began = time.monotonic()
            while b"READY" not in told.read_bytes():
                if server.poll() is not None or time.monotonic() - began > READY_SECONDS:
                    raise SystemExit(f"The language model did not start: see {told}.")
                time.sleep(0.1)
            yield server.pid
        finally:
            server.terminate()
            server.wait()


def drive(name: str, python: str, round_: int, arguments: argparse.Namespace) -> None:
    """One runtime through the session once; its trials go to a file of its own."""
    out = arguments.out / f"{name}.{round_}.jsonl"
    log = arguments.out / f"llm.{name}.{round_}.jsonl"
    for old in (out, log):
        old.unlink(missing_ok=True)
    with language_model(arguments, log) as server, out.with_suffix(".out").open("wb") as output:
        command = [python, arguments.harness / "driver.py", "--peer", PEERS[name], "--out", out]
        command += ["--llm", f"http://127.0.0.1:{arguments.port}/v1", "--llm-log", log, "--llm-pid", server]
        command += ["--rounds", 1, "--only", arguments.only, "--limit", arguments.limit, "--warm", arguments.warm]
        if name == "voiceos":
            command += ["--opt", "name=voiceos", "--opt", f"cmd={voiceos_command(arguments)}"]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}  # for counted_once
        run = subprocess.Popen(
            [*map(str, command)], stdout=output, stderr=output, env=environment, start_new_session=True
        )
        try:
            if code := run.wait(RUN_SECONDS):
                print(f"{name} ended with {code}: see {output.name}", file=sys.stderr)
        finally:
            if run.poll() is None:
                run.kill()


def voiceos_command(arguments: argparse.Namespace) -> str:
    """As the harness wants it: it fills in {llm}."""
    settings = [part for pair in arguments.settings for part in ("--set", pair)]
    return shlex.join([sys.executable, str(Path(__file__).with_name("over_pipes.py")), *settings]) + " --base-url {llm}"


def trials_of(name: str, folder: Path) -> list[dict[str, Any]]:
    """All rounds."""
    files = sorted(folder.glob(f"{name}.[0-9]*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def model_work(name: str, folder: Path) -> dict[str, int]:
    """What the language model did for one runtime, as its server tells, which leaves out what was broken off."""
    told = "".join(file.read_text(errors="replace") for file in sorted(folder.glob(f"llm.{name}.[0-9]*.out")))
    asked = (file.read_text() for file in folder.glob(f"llm.{name}.[0-9]*.jsonl"))
    return {
        "requests": sum(text.count("\n") for text in asked),
        "read": sum(int(count) for count in re.findall(r"prompt eval time = .* / +(\d+) tokens", told)),
        "made": sum(int(count) for count in re.findall(r"  eval time = .* / +(\d+) tokens", told)),
    }


def summary(trials: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the table shows of one runtime."""
    turns, pauses, barges, idle = (
        [row for row in trials if row["kind"] == kind] for kind in ("turn", "pause", "barge", "proc")
    )
    answered = [row for row in turns if row.get("v2v") is not None]
    decidable = [row for row in barges if row.get("decidable")]
    return {
        "turns": len(turns),
        "answered": len(answered),
        "voice_to_voice": sorted(row["v2v"] for row in answered),
        "pauses": len(pauses),
        "audible_early": sum(bool(row.get("early_audible")) for row in pauses),
        "half_answered": sum(bool(row.get("split")) for row in pauses),
        "pause_voice_to_voice": sorted(row["v2v"] for row in pauses if row.get("v2v") and not row["early_audible"]),
        "barge_ins": len(decidable),
        "stopped": sum(bool(row.get("stopped")) for row in decidable),
        "silent_after": sorted(row["stop_s"] for row in decidable if row.get("stopped")),
        "cpu_seconds": sorted(row["cpu_s"] for row in answered),
        "idle_percent": sorted(100 * row["idle_cpu"] for row in idle),
        "memory_mb": sorted(row["rss_mb"] for row in idle),
        "load": sorted(row["load"] for row in turns),
        "utterances": sum({"warm": 1, "turn": 1, "pause": 1, "barge": 2}.get(row["kind"], 0) for row in trials),
    }


def cells(name: str, found: Mapping[str, Any]) -> list[str]:
    """A row of the table."""

    def median(key: str, digits: int) -> str:
        return f"{percentile(found[key], 0.5):.{digits}f}" if found[key] else "-"

    pauses = f"{found['audible_early']} · {found['half_answered']} of {found['pauses']}" if found["pauses"] else "-"
    barge = p50_p95(found["silent_after"])
    if found["barge_ins"]:
        barge += f" ({found['stopped']} of {found['barge_ins']})"
    return [
        name,
        p50_p95(found["voice_to_voice"]),
        f"{found['answered']} of {found['turns']}",
        pauses,
        barge,
        median("cpu_seconds", 2),
        median("idle_percent", 1),
        median("memory_mb", 0),
        " · ".join(f"{found['model'][key] / max(1, found['utterances']):.1f}" for key in ("requests", "read", "made")),
        median("load", 1),
    ]


def versions(name: str, python: str) -> dict[str, str]:
    """Of the packages that matter, as that Python has them."""
    if name == "voiceos":
        python, packages = sys.executable, ("voiceos", "faster-whisper", "piper-tts")
    else:
        packages = PACKAGES[name]
    script = "import sys,json,importlib.metadata as m;print(json.dumps({p: m.version(p) for p in sys.argv[1:]}))"
    told = subprocess.run([python, "-c", script, *packages], capture_output=True, text=True)
    return json.loads(told.stdout) if told.returncode == 0 else {}


def read_command_line() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harness", type=Path, required=True, metavar="DIR")
    parser.add_argument("--python", action="append", required=True, metavar="RUNTIME=PYTHON", help=", ".join(PEERS))
    parser.add_argument("--llm-python", required=True, metavar="PYTHON", help="one that has xllamacpp")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the trials and logs")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="turn,pause,barge")
    parser.add_argument("--limit", type=int, default=0, help="how many of the turns; 0 is all")
    parser.add_argument("--warm", type=int, default=2, help="turns that do not count")
    parser.add_argument("--port", type=int, default=8710, help="of the language model; the next one is used too")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="for voiceos")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--table-only", action="store_true", help="no new runs: the table of what is in --out")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for needed in ("WHISPER_DIR", "PIPER_ONNX", "LLM_GGUF", "CORPUS"):
        if needed not in os.environ:
            parser.error(f"${needed} is not set: the harness needs it")
    return arguments


def main() -> None:
    arguments = read_command_line()
    pythons: dict[str, str] = dict(pair.split("=", 1) for pair in arguments.python)
    if strangers := pythons.keys() - PEERS.keys():
        raise SystemExit(f"There is no runtime called {', '.join(sorted(strangers))}: use {', '.join(PEERS)}.")
    console = Console(highlight=False)
    for round_ in range(0 if arguments.table_only else arguments.rounds):
        for name, python in pythons.items():
            began = time.monotonic()
            drive(name, python, round_, arguments)
            console.print(f"[dim]round {round_ + 1}: {name}, {time.monotonic() - began:.0f} s[/dim]")
    found = {
        name: summary(trials_of(name, arguments.out)) | {"model": model_work(name, arguments.out)} for name in pythons
    }
    rows = [cells(name, one) for name, one in found.items()]
    print(markdown(HEAD, rows))
    told = {name: versions(name, python) for name, python in pythons.items()}
    result = {"conditions": conditions(), "versions": told, "runtimes": found}
    console.print(f"[dim]{result['conditions']}\n{told}[/dim]")
    save(result, arguments.json)


if __name__ == "__main__":
    main()
