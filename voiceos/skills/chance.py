"""Chance: a coin, dice, a number, one of several."""

import random
import re
from dataclasses import replace
from datetime import datetime

from voiceos.language.data import pattern
from voiceos.language.numerals import digits
from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop

MOST_DICE, MOST_SIDES, LARGEST = 20, 1000, 10**12
USUAL_SIDES = 6
_DICE = re.compile(r"(?P<count>\d+)?\s*d\s*(?P<sides>\d+)")
_chance = random.SystemRandom()


def make(workshop: Workshop) -> Skill:
    dice = {"count": _is_number, "sides": _is_number, "dice": _are_dice}
    between = {"least": _is_number, "most": _is_number}
    return Skill(
        "chance",
        [
            Intent("chance.coin", _coin, slots={"count": _is_number}),
            Intent("chance.dice", _dice, slots=dice, mine=_has_no_number),
            Intent("chance.number", _number, slots=between),
            Intent("chance.pick", _pick, slots={"one": _is_short, "other": _is_short, "several": _are_several}),
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


def _are_dice(text: str, now: datetime) -> bool:
    return _DICE.fullmatch(digits(text.lower())) is not None


def _several(text: str) -> list[str]:
    return [one.strip() for one in pattern("en", "skills/chance", "between").split(text) if one.strip()]


def _are_several(text: str, now: datetime) -> bool:
    return len(_several(text)) > 1 and all(_is_short(one, now) for one in _several(text))


async def _coin(asked: Asked) -> Said:
    count = _whole(asked.slots.get("count", "1")) or 1
    if count > MOST_DICE:
        return Said(says("chance.no_coins", most=MOST_DICE))
    thrown = [says(f"chance.{_chance.choice(('heads', 'tails'))}") for _ in range(count)]
    return Said(" ".join(thrown))


async def _dice(asked: Asked) -> Said:
    if found := _DICE.fullmatch(digits(asked.slots.get("dice", "").lower())):
        asked = replace(asked, slots={"count": found["count"] or "1", "sides": found["sides"]})
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
    among = _several(asked.slots["several"]) if "several" in asked.slots else [asked.slots["one"], asked.slots["other"]]
    return Said(says("chance.picked", one=_chance.choice(among)))
