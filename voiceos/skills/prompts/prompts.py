"""Prompts by voice."""

from voiceos.skills.prompts.saved import SavedPrompts
from voiceos.skills.skill import Skill, Workshop


def make(workshop: Workshop) -> Skill:
    saved = SavedPrompts(workshop)
    return Skill("prompts", saved.intents, recites=saved.recites)
