"""Answers about the conversation itself: from what was really said."""

from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop


def make(workshop: Workshop) -> Skill:
    return Skill(
        "conversation",
        [
            Intent("conversation.repeat", _repeat),
            Intent("conversation.mine", _mine),
            Intent("conversation.first", _first),
            Intent("conversation.no", _no),
        ],
    )


async def _repeat(asked: Asked) -> Said:
    """What the assistant said last."""
    history = asked.turn.history
    return Said(history[-1].assistant if history else says("conversation.nothing"))


async def _mine(asked: Asked) -> Said:
    history = asked.turn.history
    return Said(
        says("conversation.you_said", words=_quoted(history[-1].user)) if history else says("conversation.nothing")
    )


async def _first(asked: Asked) -> Said:
    history = asked.turn.history
    return Said(says("conversation.first", words=_quoted(history[0].user)) if history else says("conversation.nothing"))


async def _no(asked: Asked) -> Said:
    return Said(says("conversation.all_right"))


def _quoted(words: str) -> str:
    return words.strip().rstrip(".")
