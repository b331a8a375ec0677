"""`voiceos talk`: a conversation by voice, by text, or with a recording."""

from contextlib import nullcontext
from pathlib import Path

import click

from voiceos.api.client import Remote
from voiceos.cli import State
from voiceos.cli.door import door, running
from voiceos.errors import UsageError


@click.command()
@click.option("--text", "typed", is_flag=True, help="Type instead of speaking; replies are printed.")
@click.option("--wav", type=click.Path(path_type=Path), metavar="IN", help="Play this recording to the assistant.")
@click.option("--out", type=click.Path(path_type=Path), metavar="OUT", help="Save the conversation's sound as WAV.")
@click.option("--mic", metavar="NAME", help="Part of a microphone's name, or its index (see `voiceos devices`).")
@click.option("--speaker", metavar="NAME", help="Part of a speaker's name, or its index.")
@click.option("--open", "open_", is_flag=True, help="Listen without a wake word.")
@click.option("--button", is_flag=True, help="Push-to-talk: press Enter to speak, and again when done.")
@click.option("--fake", is_flag=True, help="Use silent engines that need no models, to see the loop at work.")
@click.pass_obj
def talk(
    state: State,
    typed: bool,
    wav: Path | None,
    out: Path | None,
    mic: str | None,
    speaker: str | None,
    open_: bool,
    button: bool,
    fake: bool,
) -> None:
    """Hold a conversation.

    Say the wake word ('hey jarvis' or 'okay nabu', unless you chose others), then ask. Speak over the reply to
    interrupt it; say 'stop' or 'never mind' to end it. For a few seconds after a reply you don't need the wake word.

    Without a sound card, a bundled recording takes your part, and the conversation is saved as reply.wav.
    """
    if sum((typed, wav is not None, fake)) > 1 or (open_ and button):
        raise click.UsageError("Use only one of --text, --wav and --fake, and only one of --open and --button.")
    if typed:
        from voiceos.cli.chat import chat
        from voiceos.cli.log_file import warnings_to
        from voiceos.config.paths import data_folder
        from voiceos.validity import check

        config = state.config()
        check(config, "mind")  # before anything is typed
        # A warning in the middle of a conversation looks as if it were said.
        quiet = nullcontext() if state.verbosity else warnings_to(data_folder(config.store))
        with quiet, door(state, upkeep=True) as host:
            chat(host, config.mind.name)
        return
    import anyio

    from voiceos.audio.recording import read_recording
    from voiceos.cli import session

    if not fake and (assistant := running(state)):
        if wav:
            read_recording(wav)  # what is wrong with it comes first
        raise _taken(assistant)
    mode = "word" if fake else "open" if open_ else "button" if button else None
    config = state.config({"audio.microphone": mic, "audio.speaker": speaker, "wake.mode": mode})
    if fake:
        anyio.run(session.rehearsal, config)
    elif wav:
        anyio.run(session.with_recording, config, state.place.socket, wav, out)
    else:
        anyio.run(session.with_sound_card, config, state.place.socket, out)


def _taken(assistant: Remote) -> UsageError:
    """Why nobody can talk from here."""
    deaf = assistant.call("status")["voice"] == "off"
    how = (
        "voiceos is already running, but it has no microphone or speaker (see `voiceos doctor`). Type"
        if deaf
        else "voiceos is already running. Talk to it, or type"
    )
    return UsageError(
        f"{how} with `voiceos talk --text`. To talk from here, stop it first. `voiceos status` shows which one it is."
    )
