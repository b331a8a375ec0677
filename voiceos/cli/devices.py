"""`voiceos devices`: which microphones and speakers there are, and whether they work."""

import dataclasses
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from voiceos.cli import State
from voiceos.cli.listen import level_bar
from voiceos.cli.showing import json_option, print_json

if TYPE_CHECKING:
    from voiceos.audio.card import SoundCard
    from voiceos.audio.portaudio import Device

_SILENT_DBFS, _QUIET_DBFS = -90.0, -45.0
_TEST_SECONDS = 3.0


@click.command()
@json_option
@click.option("--test", is_flag=True, help="Play a short sound, then show the microphone's level for 3 seconds.")
@click.option("--choose", is_flag=True, help="Use the best sound card that is here, and set its levels.")
@click.option("--mic", metavar="NAME", help="With --test: part of a microphone's name, or its index.")
@click.option("--speaker", metavar="NAME", help="With --test: part of a speaker's name, or its index.")
@click.pass_obj
def devices(state: State, as_json: bool, test: bool, choose: bool, mic: str | None, speaker: str | None) -> None:
    """List microphones and speakers.

    Choose one by part of its name: `voiceos config set audio.microphone usb`.
    """
    from voiceos.audio import portaudio

    if choose:
        from voiceos.cli.choosing import choose_cards

        choose_cards(state.place.settings)
        return
    if test:
        import anyio

        chosen = state.config({"audio.microphone": mic, "audio.speaker": speaker}).audio
        anyio.run(_test, chosen.microphone, chosen.speaker)
        return
    found = portaudio.devices()
    if as_json:
        print_json([dataclasses.asdict(device) for device in found])
    elif found:
        _table(found)
    else:
        click.echo("No sound card found. Plug one in, or try `voiceos talk --wav` with a recording.")


def _table(found: "list[Device]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("", "name", "microphone", "speaker", "rate", "system"):
        table.add_column(heading, justify="right" if heading in ("", "rate") else "left", no_wrap=heading != "name")
    for one in found:
        table.add_row(
            str(one.index),
            one.name,
            _channels(one.microphones, one.default_microphone),
            _channels(one.speakers, one.default_speaker),
            f"{one.rate} Hz",
            one.host,
        )
    Console().print(table)


def _channels(count: int, default: bool) -> str:
    if not count:
        return "-"
    return f"{count} channel{'s' if count > 1 else ''}{', default' if default else ''}"


async def _test(microphone: str, speaker: str) -> None:
    from voiceos.audio.card import SoundCard
    from voiceos.audio.earcons import earcon

    async with SoundCard(microphone, speaker, on_problem=lambda text: click.secho(text, err=True, fg="red")) as card:
        click.echo("Playing a short sound. Do you hear it?")
        for frame in earcon("wake"):
            await card.play(frame)
        await card.drain()
        click.echo(f"Now speak for {_TEST_SECONDS:.0f} seconds:")
        await _show_level(card)


async def _show_level(card: "SoundCard") -> None:
    from voiceos.audio.levels import FLOOR_DBFS, LevelMeter

    meter, loudest, clipped, heard = LevelMeter(), FLOOR_DBFS, False, 0.0
    async with aclosing(card.frames()) as frames:
        async for frame in frames:
            heard += frame.seconds
            if level := meter(frame):
                loudest, clipped = max(loudest, level.rms_dbfs), clipped or level.clipped
                click.echo(f"\r{level_bar(level)}", nl=False)
            if heard >= _TEST_SECONDS:
                break
    click.echo()
    click.echo(_verdict(loudest, clipped))


def _verdict(loudest_dbfs: float, clipped: bool) -> str:
    if loudest_dbfs <= _SILENT_DBFS:
        return "The microphone is silent. Is it muted, or is it the wrong one (`--mic`)?"
    if clipped:
        return "Too loud: the sound is clipped. Turn the microphone down (`alsamixer`) or move further away."
    if loudest_dbfs < _QUIET_DBFS:
        return f"Quiet, at most {loudest_dbfs:.0f} dBFS. Turn the microphone up (`alsamixer`) or move closer."
    return f"Good: at most {loudest_dbfs:.0f} dBFS, not clipped."
