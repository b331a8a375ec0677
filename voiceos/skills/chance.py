"""Chance: a coin, dice, a number, one of several."""

import random
import re
from datetime import datetime

from voiceos.language.numerals import digits
from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop

MOST_DICE, MOST_SIDES, LARGEST = 20, 1000, 10**12
USUAL_SIDES = 6
_chance = random.SystemRandom()


def make(workshop: Workshop) -> Skill:
    dice = {"count": _is_number, "sides": _is_number}
    between = {"least": _is_number, "most": _is_number}
    return Skill(
        "chance",
        [
            Intent("chance.coin", _coin),
            Intent("chance.dice", _dice, slots=dice, mine=_has_no_number),
            Intent("chance.number", _number, slots=between),
            Intent("chance.pick", _pick, slots={"one": _is_short, "other": _is_short}),
        ],
    )


def _whole(text: str) -> int | None:
    written = re.sub(r"[\s,]", "", digits(text.lower()))
    return int(written) if re.fullmatch(r"-?\d{1,13}", written) else None


def _is_number(text: str, now: datetime) -> bool:
    return _whole(text) is not None


def _has_no_number(asked: Asked) -> bool:
    """What the judge took tells no count and no sides, which would be left out."""
    return not any(map(str.isdigit, digits(asked.text)))


def _is_short(text: str, now: datetime) -> bool:
    return len(text.split()) <= 4


async def _coin(asked: Asked) -> Said:
    return Said(says(f"chance.{_chance.choice(('heads', 'tails'))}"))


async def _dice(asked: Asked) -> Said:
    pair = 2 if "pair" in asked.slots else 1
    count, sides = _whole(asked.slots.get("count", "")) or pair, _whole(asked.slots.get("sides", "")) or USUAL_SIDES
    if not (1 <= count <= MOST_DICE and 2 <= sides <= MOST_SIDES):
        return Said(says("chance.no_dice", most=MOST_DICE, sides=MOST_SIDES))
    thrown = [_chance.randint(1, sides) for _ in range(count)]
    if count == 1:
        return Said(says("chance.die", number=thrown[0]))
    listed = f"{', '.join(map(str, thrown[:-1]))} {says('chance.and')} {thrown[-1]}"
    return Said(says("chance.dice", numbers=listed, sum=sum(thrown)))


async def _number(asked: Asked) -> Said:
    least, most = _whole(asked.slots.get("least", "1")) or 0, _whole(asked.slots.get("most", "10")) or 0
    least, most = sorted((least, most))
    return Said(says("chance.number", number=_chance.randint(max(least, -LARGEST), min(most, LARGEST))))


async def _pick(asked: Asked) -> Said:
    return Said(says("chance.picked", one=_chance.choice([asked.slots["one"], asked.slots["other"]])))
