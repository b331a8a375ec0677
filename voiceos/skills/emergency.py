"""When it matters: the emergency number at once, and plain words of help. Never a refusal."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from voiceos.language.data import table, with_parts
from voiceos.language.sentences import skill_says as says
from voiceos.language.tenses import tells_past
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop

KINDS = ("crisis", "harm", "danger", "pet", "burn", "unclear", "fear")
"""What is looked for, the gravest first: who wants to die must not only be told to call an ambulance."""
PASSING = ("danger", "pet", "burn", "unclear", "fear")
"""Of these, what is long over, or is to come, is no emergency."""
DENIABLE = ("harm", *PASSING)
"""Of these, what is denied is none. Who says "I don't want to kill myself" is still to be listened to."""


def make(workshop: Workshop) -> Skill:
    country = table("en", "help")["countries"].get(workshop.config.locale.country.upper(), {})
    number = country.get("number") or says("emergency.anywhere")
    line = says("emergency.crisis_line", **country) if "line" in country else ""

    def helps(kind: str) -> Intent:
        async def handle(asked: Asked) -> Said:
            of_another = kind == "crisis" and _found("other", _plain(asked.text))
            return Said(
                says(f"emergency.{kind}_other" if of_another else f"emergency.{kind}", number=number, line=line)
            )

        return Intent(f"emergency.{kind}", handle, mine=_is_now if kind in PASSING else _is_meant)

    async def told(asked: Asked) -> Said:
        return Said(says("emergency.number", number=number))

    intents = [*(helps(kind) for kind in KINDS), Intent("emergency.number", told)]
    return Skill("emergency", intents, warm=lambda: heeds("Help!"), heeds=heeds)


def heeds(text: str) -> str:
    """The intent of a sentence that tells of danger to somebody; "" for any other."""
    said = _plain(text)
    if _found("unlike", said):
        return ""
    now = "" if _found("past", said) else _present(said)
    return next((f"emergency.{kind}" for kind in KINDS if _tells(kind, now if kind in PASSING else said)), "")


def _tells(kind: str, said: str) -> bool:
    """Whether a sentence has a sign of a kind, not denied before: "he's not having a stroke"."""
    starts = [found.start() for sign in _signs(kind) for found in sign.finditer(said)]
    return any(kind not in DENIABLE or not _found("denied", said[:start]) for start in starts)


def _present(said: str) -> str:
    """A sentence without those of its parts that tell of a time to come."""
    (at,) = _signs("parted")
    ends = [0, *(end.start() for end in at.finditer(said)), len(said)]
    parts = [said[start:end] for start, end in pairwise(ends)]
    return "".join(part for part in parts if not _found("to_come", part) or tells_past(part))


def only_sounds_like_it(text: str) -> bool:
    """Whether a sentence is a figure of speech, a story, a question of knowledge, long over, or to come."""
    said = _plain(text)
    return any(_found(group, said) for group in ("unlike", "past", "to_come", "news"))


def _is_meant(asked: Asked) -> bool:
    """What a judge takes for it must not only sound like it."""
    return not _found("unlike", _plain(asked.text))


def _is_now(asked: Asked) -> bool:
    return not only_sounds_like_it(asked.text)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _found(group: str, said: str) -> bool:
    return any(sign.search(said) for sign in _signs(group))


@cache
def _signs(group: str) -> Sequence[re.Pattern[str]]:
    data = table("en", "skills/emergency")
    return [with_parts(text, data["parts"]) for text in data[group].values()]
