"""What the assistant is, hears, keeps and can do: from its settings and the skills that are installed."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from voiceos.audio.switch import Switch
from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.language.sentences import say
from voiceos.language.sentences import skill_says as says
from voiceos.models.catalogue import language_model
from voiceos.models.shelf import Shelf
from voiceos.skills.registry import abilities
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop, never

MOST_TOLD = 8
"""What it can do, told at once."""


def make(workshop: Workshop) -> Skill:
    config = workshop.config
    return Skill(
        "itself",
        [
            _telling("can", lambda: says("itself.can", things=_abilities(config))),
            _telling("name", lambda: says("itself.name", name=config.mind.name)),
            _telling("listening", lambda: says("itself.listening")),
            _telling("recording", lambda: _recording(config)),
            _telling("sending", lambda: _sending(config)),
            _telling("made", lambda: says("itself.made", name=config.mind.name)),
            _telling("model", lambda: _model(config)),
            _telling("version", lambda: says("itself.version", version=version("voiceos"))),
            _telling("age", lambda: says("itself.age", version=version("voiceos"))),
            _telling("prompt", lambda: says("itself.prompt")),
            _telling("compare", lambda: says("itself.compare")),
            Intent("itself.mute", partial(_mute, workshop), acts=True, mine=never),
            Intent("itself.unmute", partial(_unmute, workshop), acts=True, mine=never),
            Intent("itself.health", partial(_health, workshop)),
            _telling("update", lambda: says("itself.update")),
            _telling("person", lambda: says("itself.person", name=config.mind.name)),
        ],
    )


def _telling(what: str, tell: Callable[[], str]) -> Intent:
    async def handle(asked: Asked) -> Said:
        return Said(tell())

    return Intent(f"itself.{what}", handle)


async def _mute(workshop: Workshop, asked: Asked) -> Said:
    if not workshop.switch:
        return Said(says("itself.no_microphone"))
    key = "itself.opened_by_button" if workshop.config.panel.button_pin else "itself.opened_by_command"
    return _turned(workshop.switch, on=False, then=f" {says(key)}")


async def _unmute(workshop: Workshop, asked: Asked) -> Said:
    return _turned(workshop.switch, on=True) if workshop.switch else Said(says("itself.no_microphone"))


def _turned(switch: Switch, *, on: bool, then: str = "") -> Said:
    changed = switch.turn(on=on)

    async def back() -> str:
        switch.turn(on=not on)
        return _told(switch)

    done = {"microphone": "on" if on else "off"} if changed else None
    return Said(_told(switch) + then, done=done, undo=back if changed else None)


def _told(switch: Switch) -> str:
    return say("microphone.on" if switch.is_on else "microphone.off")


async def _health(workshop: Workshop, asked: Asked) -> Said:
    told = [await tell() for tell in workshop.wellbeing]
    return Said(" ".join(told) or says("itself.well"))


def _abilities(config: Config) -> str:
    """What the installed skills say that they can do."""
    *most, last = abilities(config)[:MOST_TOLD]
    return says("itself.and", most=", ".join(most), last=last)


def _recording(config: Config) -> str:
    kept = "audio" if config.store.keep_audio else "words" if config.store.keep_turns else "nothing"
    return f"{says(f'itself.kept_{kept}')} {says('itself.awake')}"


def _sending(config: Config) -> str:
    home = f" {says('itself.home', host=_host(config.home.url))}" if config.home.url else ""
    if not config.mind.base_url:
        return says("itself.local_but") + home if home else says("itself.local")
    key = "itself.remote_without" if config.memory.stays_local else "itself.remote"
    return says(key, host=_host(config.mind.base_url)) + home


def _model(config: Config) -> str:
    """The language model, without the folder of one's own and without how it was made smaller."""
    if config.mind.base_url:
        return says("itself.model_remote", model=config.mind.model, host=_host(config.mind.base_url))
    shelf = Shelf(models_folder(config.store))
    name = Path(language_model(config, shelf.has)).name.removesuffix(".gguf")
    return says("itself.model", model=name.partition("-instruct")[0])


def _host(address: str) -> str:
    return urlsplit(address).hostname or address
