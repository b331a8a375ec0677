"""What people say to be polite, or rude: an answer at once, in one of several ways."""

import random

from voiceos.language.data import table
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop

_chance = random.SystemRandom()


def make(workshop: Workshop) -> Skill:
    data = table("en", "skills/courtesy")
    return Skill("courtesy", [_answering(what, data["replies"][what]) for what in data["sentences"]])


def _answering(what: str, replies: list[str]) -> Intent:
    async def handle(asked: Asked) -> Said:
        return Said(_chance.choice(replies))

    return Intent(f"courtesy.{what}", handle)
