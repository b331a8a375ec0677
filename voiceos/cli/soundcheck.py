"""`voiceos doctor --audio`: which sound card this is, how it sounds in the room, and what to change."""

import dataclasses

import anyio
import click

from voiceos.api.client import is_answered
from voiceos.audio.boards import UNKNOWN, Board, Choice, cards, choose
from voiceos.audio.card import SoundCard
from voiceos.audio.portaudio import find_device
from voiceos.audio.soundcheck import Measured, advice, check
from voiceos.cli import State
from voiceos.cli.showing import print_json, print_rows
from voiceos.config.settings import AudioSettings
from voiceos.errors import UsageError


def check_sound(state: State, *, as_json: bool) -> int:
    """Returns the exit code: 1 if something is to be changed."""
    if is_answered(state.place.socket):
        stop = "sudo systemctl stop voiceos" if state.place.is_system else "end it"
        raise UsageError(f"The assistant has the sound card. First stop it ({stop}), and start it again afterwards.")
    settings = state.config().audio
    microphone, speaker = find_device("microphone", settings.microphone), find_device("speaker", settings.speaker)
    choice = choose(cards())
    board = _kind(microphone.name, choice)
    if not as_json:
        click.echo("Playing five short sounds. Be quiet for a moment.")
    found = anyio.run(_check, settings)
    said = [*advice(found, board, settings.echo), *_better(choice, microphone.name, speaker.name)]
    if as_json:
        print_json(
            {"microphone": microphone.name, "speaker": speaker.name, "advice": said, **dataclasses.asdict(found)}
        )
    else:
        print_rows({"microphone": f"{microphone.name} ({board.name})", "speaker": speaker.name, **_rows(found)})
        for number, line in enumerate(said, start=1):
            click.echo(f"{number}. {line}")
        click.secho("Change these in this order." if said else "The sound is good.", bold=True)
    return 1 if said else 0


async def _check(settings: AudioSettings) -> Measured:
    def say(text: str) -> None:
        click.secho(text, err=True, fg="red")

    async with SoundCard(settings.microphone, settings.speaker, on_problem=say) as card:
        return await check(card)


def _kind(device: str, choice: Choice) -> Board:
    """The kind of the card that this device of PortAudio belongs to."""
    for pair in (choice.microphone, choice.speaker):
        if pair and device.startswith(pair[0].name):
            return pair[1]
    return UNKNOWN


def _better(choice: Choice, microphone: str, speaker: str) -> list[str]:
    """Settings for better cards that are here. A sound server, behind which all look alike, chooses by itself."""
    found: list[str] = []
    for key, pair, used in (("microphone", choice.microphone, microphone), ("speaker", choice.speaker, speaker)):
        if pair and "(hw:" in used and not used.startswith(pair[0].name):
            found.append(
                f"There is a better {key}, a {pair[1].name}: `voiceos config set audio.{key} '{pair[0].name}'`."
            )
    return found


def _rows(found: Measured) -> dict[str, str]:
    delay, loss = found.delay_seconds, found.loss_db
    return {
        "noise": f"{found.noise_dbfs:.0f} dBFS",
        "echo": "not heard" if delay is None else f"{delay * 1000:.0f} ms late, ±{found.jitter_seconds * 500:.0f} ms",
        "loss": "" if loss is None else f"{loss:.0f} dB from speaker to microphone",
        "clipped": "yes" if found.clipped else "no",
        "drop-outs": f"{found.lost_seconds * 1000:.0f} ms" if found.lost_seconds else "none",
    }
