"""`voiceos devices --choose`: takes the best sound card that is here, and sets its mixer."""

import shutil
import subprocess
from pathlib import Path

import click

from voiceos.audio.boards import Board, Card, cards, choose
from voiceos.config.edit import set_value

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
