"""`voiceos devices --choose`: takes the best sound card that is here, its lights and button, and sets its mixer."""

import shutil
import subprocess
from pathlib import Path

import click

from voiceos.audio.boards import Board, Card, cards, choose
from voiceos.config.edit import set_value
from voiceos.config.load import DEFAULT, read_config

MIXER_SECONDS = 10.0


def choose_cards(settings: Path) -> None:
    """Writes what it chose into the settings file, and says so. Where there is no card, nothing changes."""
    choice = choose(cards())
    if not choice.microphone and not choice.speaker:
        click.echo("No sound card found. Plug one in, then: voiceos devices --choose")
        return
    for key, pair in (("microphone", choice.microphone), ("speaker", choice.speaker)):
        if not pair:
            click.echo(f"There is no {key} yet.")
            continue
        card, board = pair
        set_value(settings, f"audio.{key}", card.name)
        click.echo(f"{key}: {card.name} ({board.name})")
    both = choice.microphone and choice.speaker and choice.microphone[0] == choice.speaker[0]
    if both and choice.microphone and choice.microphone[1].cancels_echo:
        set_value(settings, "audio.echo", "off")
        click.echo("It cancels its echo itself, so audio.echo is off.")
    for card, board in {pair[0].index: pair for pair in (choice.microphone, choice.speaker) if pair}.values():
        _set_mixer(card, board)
        _set_panel(settings, board)


def _set_panel(settings: Path, board: Board) -> None:
    """Names the card's lights and button, unless the owner has named some."""
    known = {key: getattr(board, key) for key in ("light_pin", "lights", "lights_power_pin", "button_pin")}
    sources = read_config(settings).sources
    if not any(known.values()) or any(sources[f"panel.{key}"] != DEFAULT for key in known):
        return
    for key, value in known.items():
        if value:
            set_value(settings, f"panel.{key}", str(value))
    click.echo(f"{board.name}: its button and lights are used where the service may reach them (docs/device.md).")


def _set_mixer(card: Card, board: Board) -> None:
    if not board.mixer:
        return
    if not (shutil.which("amixer") and shutil.which("alsactl")):
        click.echo("Its levels were left alone: install `alsa-utils`, then run this again.")
        return
    wrong: list[str] = []
    for control, value in board.mixer.items():
        command = ["amixer", "-q", "-c", str(card.index), "sset", control, value]
        done = subprocess.run(command, capture_output=True, timeout=MIXER_SECONDS, check=False)
        if done.returncode:
            wrong.append(control)
    if wrong:
        click.echo(f"This card has no {', '.join(wrong)}; its other levels are set.")
    subprocess.run(["alsactl", "store", str(card.index)], capture_output=True, timeout=MIXER_SECONDS, check=False)
