"""The skills that are installed: entry points of `voiceos.skills`, those of other packages like our own."""

import logging
from collections.abc import Sequence

from voiceos.config.fields import value_of
from voiceos.config.settings import Config
from voiceos.errors import VoiceosError
from voiceos.language.data import FOLDER, table
from voiceos.plugins import installed, package_of
from voiceos.skills.skill import Make, Skill, Workshop

log = logging.getLogger(__name__)

GROUP = "voiceos.skills"


def abilities(config: Config, language: str = "en") -> Sequence[str]:
    """What the installed skills say that they can do, a short line each; not what `needs` a setting that is empty."""
    files = [FOLDER / language / "skills" / f"{one.name}.toml" for one in installed(GROUP)]
    told = [table(language, f"skills/{file.stem}").get("about", {}) for file in files if file.exists()]
    return [
        about["can"] for about in told if "can" in about and ("needs" not in about or value_of(config, about["needs"]))
    ]


def skills(workshop: Workshop) -> Sequence[Skill]:
    """Every skill. One that does not start is left out, and the log says why."""
    made: list[Skill] = []
    for one in installed(GROUP):
        try:
            make: Make = one.load()
            made.append(make(workshop))
        except (Exception, VoiceosError) as error:
            log.warning("The skill %s of %s does not start: %s", one.name, package_of(one), error)
    return made
