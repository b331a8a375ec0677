"""`voiceos doctor`: what works, what is missing, and how to fix it."""

import dataclasses
from collections.abc import Iterator

import click

from voiceos.cli import State
from voiceos.cli.door import running
from voiceos.cli.showing import json_option, print_json
from voiceos.config.settings import Config
from voiceos.errors import VoiceosError
from voiceos.health.check import Finding, Health, examined, is_able, verdict
from voiceos.health.every import every_check, own_checks

COLOURS = {Health.OK: "green", Health.MISSING: "yellow", Health.BROKEN: "red"}


@click.command()
@json_option
@click.option("--audio", is_flag=True, help="Play and record for some seconds: level, noise, echo, drop-outs.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, audio: bool) -> None:
    """Check everything a conversation needs, and say how to fix what is missing.

    Exit code: 0 if you can hold a conversation (with --audio: if nothing about the sound is to be changed), 1 if not.
    """
    state = ctx.ensure_object(State)
    if audio:
        from voiceos.cli.soundcheck import check_sound

        ctx.exit(check_sound(state, as_json=as_json))
    try:
        config = state.read.config
    except VoiceosError:
        config = Config()  # the check of the settings says what is wrong with them
    findings: list[Finding] = []
    for one in _found(state, config):
        findings.append(one)
        if not as_json:
            head = click.style(f"{one.health:8}", fg=COLOURS[one.health]) + click.style(f"{one.name}: ", bold=True)
            click.echo(head + one.text)
    able = is_able(findings)
    if as_json:
        print_json({"able": able, "findings": [dataclasses.asdict(one) for one in findings]})
    else:
        click.secho(f"\n{verdict(findings)}", bold=True)
    ctx.exit(0 if able else 1)


def _found(state: State, config: Config) -> Iterator[Finding]:
    """From the running assistant, or from this command alone."""
    if assistant := running(state):
        yield from examined(own_checks(lambda: state.loaded), config)
        for one in assistant.call("doctor"):
            yield Finding(**one | {"health": Health(one["health"])})
    else:
        yield from examined(every_check(lambda: state.loaded), config)
