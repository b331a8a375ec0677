"""Answers about the conversation itself, from what was really said: again, shorter, slower, and who said what when."""

import re
from collections.abc import Sequence
from datetime import datetime

from voiceos.core import Exchange
from voiceos.language.answers import yes_or_no
from voiceos.language.data import pattern, table
from voiceos.language.numerals import digits
from voiceos.language.questions import asks
from voiceos.language.sentences import skill_says as says
from voiceos.memory.quoting import shortened
from voiceos.skills.skill import Asked, Intent, Pass, Said, Skill, Undo, Workshop, never

DATA = "skills/conversation"
SLOW = 0.7
"""How fast something is said again slowly."""
STEP, SLOWEST, FASTEST = 1.2, 0.5, 1.6
LONGEST_QUOTED = 200
"""Characters of what somebody said that are said again."""
LEAST_WORDS = 4
"""Fewer say too little."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_CLAUSE = re.compile(r"[,;—]\s|\s(?=(?:which|and|but|because|so)\b)")


def make(workshop: Workshop) -> Skill:
    async def louder(asked: Asked) -> Said:
        workshop.loudness.step(1)
        return Said(_last(asked), done={"percent": workshop.loudness.percent})

    def at(pace: float, asked: Asked, key: str) -> Said:
        device, before = asked.turn.device, workshop.paces.get(asked.turn.device, 1.0)
        workshop.paces[device] = asked.turn.pace = pace

        async def back() -> str:
            workshop.paces[device] = before
            return says("conversation.pace_back")

        undo: Undo = back
        return Said(says(f"conversation.{key}"), done={"pace": round(pace, 2)}, undo=undo)

    async def slower(asked: Asked) -> Said:
        return at(max(asked.turn.pace / STEP, SLOWEST), asked, "slower")

    async def faster(asked: Asked) -> Said:
        return at(min(asked.turn.pace * STEP, FASTEST), asked, "faster")

    async def normal(asked: Asked) -> Said:
        return at(1.0, asked, "normal")

    return Skill(
        "conversation",
        [
            Intent("conversation.repeat", _repeat),
            Intent("conversation.slowly", _slowly),
            Intent("conversation.louder", louder, acts=True),
            Intent("conversation.slower", slower, acts=True),
            Intent("conversation.faster", faster, acts=True),
            Intent("conversation.normal", normal, acts=True),
            Intent("conversation.shorter", _shorter),
            Intent("conversation.mine", _mine),
            Intent("conversation.before", _before),
            Intent("conversation.first", _nth),
            Intent("conversation.ago", _ago, slots={"count": _is_count}, mine=never),
            Intent("conversation.other", _other),
            Intent("conversation.no", _no),
            Intent("conversation.yes", _yes, mine=_is_a_yes, suits=_is_a_yes),
        ],
    )


def _last(asked: Asked) -> str:
    """What the assistant said last."""
    return asked.turn.history[-1].assistant if asked.turn.history else says("conversation.nothing")


async def _repeat(asked: Asked) -> Said:
    return Said(_last(asked))


async def _slowly(asked: Asked) -> Said:
    asked.turn.pace *= SLOW
    return Said(_last(asked))


async def _shorter(asked: Asked) -> Said:
    """Its first sentence; of one sentence, what comes before its first comma, if that says enough."""
    first, *rest = _SENTENCE.split(_last(asked).strip())
    clause = _CLAUSE.split(first)[0]
    return Said(first if rest or clause == first or len(clause.split()) < LEAST_WORDS else f"{clause}.")


async def _mine(asked: Asked) -> Said:
    return _quoted(_said(asked), -1, "you_said")


async def _before(asked: Asked) -> Said:
    """What was said before what was quoted last: each time one earlier."""
    said = _said(asked)
    back = 0
    for exchange in reversed(asked.turn.history):
        if not _is_about_itself(exchange):
            break
        back += bool(pattern("en", DATA, "words.before").search(exchange.user))
    return _quoted(said, -2 - back, "before")


async def _nth(asked: Asked) -> Said:
    """The first, second or last thing, or question."""
    words = asked.text.lower()
    said = _of_the_kind(asked)
    ordinals: Sequence[str] = table("en", DATA)["words"]["ordinals"].split()
    number = next((at for at, word in enumerate(ordinals) if re.search(rf"\b{word}\b", words)), 0)
    return _quoted(said, number, "first" if number == 0 else "you_said")


async def _ago(asked: Asked) -> Said:
    """What was said so many things, or questions, ago."""
    return _quoted(_of_the_kind(asked), -int(digits(asked.slots["count"])), "you_said")


def _is_count(words: str, now: datetime) -> bool:
    return re.fullmatch(r"[1-9]\d{0,3}", digits(words.lower())) is not None


async def _other(asked: Asked) -> Said:
    """What is meant only the conversation can tell, if anything was asked."""
    if any(
        pattern("en", DATA, "words.choice").search(f"{one.user} {one.assistant}") for one in asked.turn.history[-1:]
    ):
        raise Pass
    return Said(says("conversation.which"))


async def _no(asked: Asked) -> Said:
    return Said(says("conversation.all_right"))


async def _yes(asked: Asked) -> Said:
    """A yes that answers no question that waits, nor one of the language model."""
    if any("?" in one.assistant for one in asked.turn.history[-1:]):
        raise Pass
    return Said(says("conversation.yes_to_what"))


def _is_a_yes(asked: Asked) -> bool:
    """Whether nothing else is said with it: "yes, set a timer"."""
    return bool(yes_or_no(asked.turn.words))


def _said(asked: Asked) -> list[Exchange]:
    """What was said, without what only asked about that."""
    return [exchange for exchange in asked.turn.history if not _is_about_itself(exchange)]


def _of_the_kind(asked: Asked) -> list[Exchange]:
    """The same; only the questions, where these are asked about."""
    only = pattern("en", DATA, "words.question").search(asked.text.lower())
    return [exchange for exchange in _said(asked) if not only or asks(exchange.user)]


def _is_about_itself(exchange: Exchange) -> bool:
    return bool(pattern("en", DATA, "words.itself").search(exchange.user))


def _quoted(said: Sequence[Exchange], number: int, key: str) -> Said:
    if not -len(said) <= number < len(said):
        return Said(says("conversation.nothing" if not said else "conversation.not_so_many"))
    return Said(says(f"conversation.{key}", words=shortened(said[number].user, LONGEST_QUOTED)))
