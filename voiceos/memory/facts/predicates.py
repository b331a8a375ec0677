"""The words of facts: which predicates there are, how many values each may have, and when two objects are the same."""

import re
from collections.abc import Iterable, Iterator

SINGLE = frozenset(
    "name|called|lives in|address|works at|works as|attends|birthday|age|born in|from|where|died|"
    "wife|husband|partner|fiancé|fiancée|girlfriend|boyfriend|mother|father|boss|doctor|dentist|landlord|landlady|"
    "best friend|car|email|phone number".split("|")
)
"""Predicates with one value at a time: a newer one ends the older. So do attributes such as "wifi password"."""
SINGLE_ENDINGS = re.compile(r"^favourite |(?:password|passcode|pin|code|number|size|type|plate|postcode|blood group)$")
RELATIONS = (
    "wife|husband|partner|fiancé|fiancée|girlfriend|boyfriend|mother|father|mum|mom|dad|parents|sister|brother|son|"
    "daughter|child|grandmother|grandfather|grandma|grandpa|granny|grandson|granddaughter|aunt|uncle|cousin|niece|"
    "nephew|mother in law|father in law|sister in law|brother in law|stepson|stepdaughter|stepmother|stepfather|"
    "best friend|friend|colleague|neighbour|flatmate|roommate|boss|manager|doctor|dentist|therapist|lawyer|landlord|"
    "landlady|teacher|nanny|hairdresser|cleaner|godmother|godfather|goddaughter|godson|twin|"
    "cat|dog|puppy|kitten|horse|hamster|rabbit|parrot|tortoise|pony"
).split("|")
SAME_RELATION = {
    "mum": "mother", "mom": "mother", "dad": "father", "family doctor": "doctor", "neighbor": "neighbour",
    "manager": "boss", "grandma": "grandmother", "granny": "grandmother", "grandpa": "grandfather",
    "doggy": "dog", "puppy": "dog", "kitten": "cat", "fiance": "fiancé", "fiancee": "fiancée", "gp": "doctor",
    "coworker": "colleague", "flatmate": "roommate",
}  # fmt: skip
PETS = frozenset("cat|dog|horse|hamster|rabbit|parrot|tortoise|pony".split("|"))

ASKED_AS = {
    "name": "name called",
    "called": "nickname called name call",
    "lives in": "live home move town city country where address",
    "address": "address live home street house",
    "works at": "work job employer company office",
    "works as": "work job profession occupation living",
    "attends": "school kindergarten university college start attend",
    "birthday": "birthday born birth old",
    "age": "age old birthday",
    "born in": "born birth",
    "from": "from come origin",
    "died": "die death dead",
    "where": "where keep find put",
    "likes": "like love hate enjoy favourite favorite dislike taste",
    "eats": "eat food meal diet",
    "drinks": "drink coffee tea",
    "allergic to": "allergy allergic eat food",
    "has": "have own get buy",
    "plays": "play sport instrument",
    "speaks": "speak language",
    "studies": "study learn",
    "does": "do habit usually hobby",
    "appointment": "appointment meeting calendar see visit when",
    "travels to": "travel trip holiday fly go vacation",
    "plans": "plan",
    "takes": "take medicine medication tablet pill",
    "is": "am",
}
"""Words of questions that a predicate answers, besides its own."""

STOP = frozenset(
    "a an the my our your his her their its some any this that is are was were am be been to of in on at by for with "
    "and or i we you he she it they me us him them do does did not no".split()
)
WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")


def relation(word: str) -> str:
    """A relation by its usual name: a mum is a mother, a neighbor a neighbour."""
    return SAME_RELATION.get(word, word)


def is_single(predicate: str) -> bool:
    """Whether it has one value at a time."""
    return predicate in SINGLE or bool(SINGLE_ENDINGS.search(predicate))


def stem(word: str) -> str:
    """A word without the endings that talk varies. Rough: it only has to be the same on both sides."""
    word = word.casefold().replace("’", "'").removesuffix("'s")
    for ending, least in (("ies", 3), ("ing", 4), ("ed", 4), ("es", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least - 1 and not word.endswith("ss"):
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word


def content(text: str) -> tuple[str, ...]:
    """The stems of the words that matter, in order."""
    words = [word.casefold() for word in WORD.findall(text)]
    return tuple(stem(word) for word in words if word not in STOP) or tuple(words)


def key(text: str) -> str:
    """What two ways to write one thing have in common."""
    return " ".join(content(text))


def same(one: str, other: str) -> bool:
    """Whether two objects are one: "Lyon" and "Lyon, France", "the coffee black" and "coffee black"."""
    a, b = set(content(one)), set(content(other))
    return a <= b or b <= a


def terms(subject: str, predicate: str, thing: str) -> Iterator[str]:
    """The stems by which a fact is found."""
    words: Iterable[str] = (*WORD.findall(subject), *WORD.findall(predicate), *WORD.findall(thing))
    found = {stem(word) for word in words if word.casefold() not in STOP}
    yield from sorted(found | {stem(word) for word in ASKED_AS.get(predicate, "").split()})
