"""Prompts by voice: one's own, and those of servers."""

from voiceos.skills.prompts.of_servers import ServerPrompts
from voiceos.skills.prompts.saved import SavedPrompts
from voiceos.skills.skill import Skill, Workshop


def make(workshop: Workshop) -> Skill:
    saved = SavedPrompts(workshop)
    return Skill("prompts", [*saved.intents, *ServerPrompts(workshop).intents], recites=saved.recites)
