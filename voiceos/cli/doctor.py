"""`voiceos doctor`: what works, what is missing, and what to do about it."""

import dataclasses
import json
import threading
import time
from collections.abc import Iterator, Sequence

import click

from voiceos.cli import State, examples
from voiceos.cli.checks import Check, Finding, Health, every_check, found_by
from voiceos.config.settings import Config
from voiceos.errors import VoiceosError

COLOURS = {Health.OK: "green", Health.MISSING: "yellow", Health.BROKEN: "red"}


@click.command(
    epilog=examples("voiceos doctor", "voiceos doctor --json | jq '.findings[] | select(.health != \"ok\")'")
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check everything that a conversation needs, and say what to do about what is not there.

    The exit code is 0 when a conversation can be held, else 1.
    """
    state = ctx.ensure_object(State)
    try:
        config = state.config()
    except VoiceosError:
        config = Config()  # the check of the settings says what is wrong with them
    findings: list[Finding] = []
    for found in examined(every_check(state), config):
        findings += found
        if not as_json:
            for one in found:
                _tell(one)
    able = all(one.health is Health.OK for one in findings if one.needed)
    if as_json:
        rows = [dataclasses.asdict(one) for one in findings]
        click.echo(json.dumps({"able": able, "findings": rows}, indent=2, ensure_ascii=False))
    else:
        click.secho(f"\n{_verdict(findings)}", bold=True)
    ctx.exit(0 if able else 1)


def examined(checks: Sequence[Check], config: Config) -> Iterator[list[Finding]]:
    """Makes all checks at once and tells of them in order; one that takes too long is left behind.

    A daemon thread for each, not a task group: the process must be able to end while a driver still hangs.
    """
    found: dict[str, list[Finding]] = {}

    def look(check: Check) -> None:
        found[check.name] = found_by(check, config)

    threads = [threading.Thread(target=look, args=(check,), daemon=True) for check in checks]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for check, thread in zip(checks, threads, strict=True):
        thread.join(max(0.0, began + check.seconds - time.monotonic()))
        late = Finding(check.name, Health.BROKEN, f"no answer within {check.seconds:g} seconds", check.needed)
        yield found.get(check.name, [late])


def _verdict(findings: Sequence[Finding]) -> str:
    lacking = {one.name for one in findings if one.needed and one.health is not Health.OK}
    if not lacking:
        return "A conversation can be held: voiceos talk"
    if lacking <= {"microphone", "speaker"}:
        return "Only sound is missing: `voiceos talk` then uses a recording, and `voiceos talk --text` the keyboard."
    return "No conversation can be held yet."


def _tell(one: Finding) -> None:
    click.echo(
        click.style(f"{one.health:8}", fg=COLOURS[one.health]) + click.style(f"{one.name}: ", bold=True) + one.text
    )
