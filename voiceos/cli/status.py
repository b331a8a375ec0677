"""`voiceos status`: what the assistant is doing. Only a client; it opens nothing."""

from datetime import datetime
from typing import Any

import click

from voiceos.cli import State
from voiceos.cli.door import answering
from voiceos.cli.showing import json_option, print_json, print_rows, words_heard

NOT_RUNNING = 3
"""As `systemctl status` has it."""


@click.command()
@json_option
@click.pass_obj
def status(state: State, as_json: bool) -> None:
    """Show what the assistant is doing and what happened last. Exit code 3 if none is running."""
    assistant = answering(state)
    if not assistant:
        if as_json:
            print_json({"running": False})
        else:
            start = "sudo systemctl start voiceos" if state.place.is_system else "voiceos talk"
            click.echo(f"voiceos is not running. Start it with: {start}")
        raise click.exceptions.Exit(NOT_RUNNING)
    found = assistant.call("status")
    if as_json:
        print_json({"running": True, **found})
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    voice = {"on": "listening for its wake word or a reply", "off": "without a voice", "loading": "loading its voice"}
    rows = {
        "running": f"{found['command']} {found['version']}, process {found['process']},"
        f" since {_time(found['started_at'])}",
        "state": f"{'muted' if found['muted'] else found['state']}, since {_time(found['since'])}",
        "voice": "its microphone is off: voiceos unmute" if found["muted"] else voice[found["voice"]],
        "model": found["language_model"],
        "engines": ", ".join(found["engines"].values()),
        "machine": _machine(found["machine"]),
        "memory": "open" if found["memory"] else click.style("not available", fg="red"),
        "next": found["next_due"],
        "at work": ", ".join(found["jobs"]),
    }
    print_rows(rows)
    for turn in found["turns"]:
        said = turn["said"] or turn["error"]
        print_rows({"turn": f"{_time(turn['started_at'])}  “{words_heard(turn)}” → {said}"})
    for fault in found["faults"]:
        click.echo(f"{click.style('    fault', fg='red')}  {_time(fault['at'])}  {fault['text']}")


def _machine(found: dict[str, Any]) -> str:
    warm = "" if found["celsius"] is None else f", {found['celsius']:.0f} °C"
    slowed = click.style(f", slowed down: {', '.join(found['slowed'])}", fg="red") if found["slowed"] else ""
    used = f"{found['own_memory'] / 1e9:.1f} used by it"
    memory = f"{found['memory_free'] / 1e9:.1f} of {found['memory'] / 1e9:.1f} GB of memory free ({used})"
    return f"{memory}, {found['disk_free'] / 1e9:.1f} GB of disk free{warm}{slowed}"


def _time(stamp: str) -> str:
    at = datetime.fromisoformat(stamp).astimezone()
    return f"{at:%H:%M}" if at.date() == datetime.now().astimezone().date() else f"{at:%Y-%m-%d %H:%M}"
