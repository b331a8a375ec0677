"""Tells the time and the date."""

from voiceos.language.said_times import said_clock
from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop


def make(workshop: Workshop) -> Skill:
    return Skill("world_clock", [Intent("world_clock.time", _time)])


async def _time(asked: Asked) -> Said:
    return Said(says("world_clock.time", time=said_clock(asked.now)))
