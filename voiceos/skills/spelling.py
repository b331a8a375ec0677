"""Spells words."""

from datetime import datetime

from voiceos.language.data import pattern
from voiceos.language.sentences import skill_says as says
from voiceos.skills.skill import Asked, Intent, Said, Skill, Workshop

MOST_WORDS, LONGEST = 3, 45


def make(workshop: Workshop) -> Skill:
    word = {"word": _is_word}
    return Skill(
        "spelling", [Intent("spelling.spell", _spell, slots=word), Intent("spelling.letters", _letters, slots=word)]
    )


def _is_word(text: str, now: datetime) -> bool:
    said = _bare(text)
    if pattern("en", "skills/spelling", "words.none").search(said):
        return False
    return said.replace(" ", "").replace("'", "").replace("-", "").isalpha() and len(said.split()) <= MOST_WORDS


def _bare(text: str) -> str:
    return text.strip(" '\"‘’“”.,?!")


async def _spell(asked: Asked) -> Said:
    words = _bare(asked.slots.get("word", ""))
    if not words or len(words) > LONGEST:
        return Said(says("spelling.which"))
    order = -1 if "backwards" in asked.slots else 1
    spelt = says("spelling.then").join(", ".join(word.upper()[::order]) for word in words.split()[::order])
    return Said(says("spelling.spelt", word=words, letters=spelt))


async def _letters(asked: Asked) -> Said:
    word = _bare(asked.slots.get("word", ""))
    return Said(says("spelling.letters", word=word, count=sum(letter.isalpha() for letter in word)))
