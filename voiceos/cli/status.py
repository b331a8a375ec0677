"""`voiceos status`: what the assistant is doing. A client only: it opens nothing."""

import json
from datetime import datetime
from typing import Any

import click

from voiceos.cli import State, examples

NOT_RUNNING = 3
"""As `systemctl status` has it."""


@click.command(epilog=examples("voiceos status", "voiceos status --json | jq -r .state"))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def status(state: State, as_json: bool) -> None:
    """Say what the assistant is doing, since when, and what happened last. Exit code 3: none is running."""
    from voiceos.api.client import Remote, is_answered

    if not is_answered(state.place.socket):
        click.echo(json.dumps({"running": False}) if as_json else _none(state))
        raise click.exceptions.Exit(NOT_RUNNING)
    found = Remote(state.place.socket).call("status")
    if as_json:
        click.echo(json.dumps({"running": True, **found}, indent=2, ensure_ascii=False))
    else:
        _show(found)


def _none(state: State) -> str:
    return f"voiceos is not running: {'sudo systemctl start voiceos' if state.place.is_system else 'voiceos talk'}"


def _show(found: dict[str, Any]) -> None:
    voice = {"on": "listening for its wake word or a reply", "off": "without a voice", "loading": "loading its voice"}
    rows = {
        "running": f"{found['command']} {found['version']}, process {found['process']}, {_since(found['started_at'])}",
        "state": f"{found['state']}, {_since(found['since'])}",
        "voice": voice[found["voice"]],
        "model": found["language_model"],
        "memory": "open" if found["memory"] else click.style("not available", fg="red"),
        "at work": ", ".join(found["jobs"]),
    }
    for name, text in rows.items():
        if text:
            click.echo(f"{click.style(f'{name:>8}', dim=True)}  {text}")
    for turn in found["turns"]:
        said = turn["said"] or turn["error"]
        click.echo(f"{click.style('    turn', dim=True)}  {_time(turn['started_at'])}  “{turn['transcript']}” → {said}")
    for fault in found["faults"]:
        click.echo(f"{click.style('   fault', fg='red')}  {_time(fault['at'])}  {fault['text']}")


def _time(stamp: str) -> str:
    at = datetime.fromisoformat(stamp).astimezone()
    return f"{at:%H:%M}" if at.date() == datetime.now().astimezone().date() else f"{at:%Y-%m-%d %H:%M}"


def _since(stamp: str) -> str:
    return f"since {_time(stamp)}"
