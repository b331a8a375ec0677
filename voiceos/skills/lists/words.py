"""What is said about lists: which list is meant, what is named, and what is no list of ours."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from voiceos.language.data import any_of, pattern, table
from voiceos.language.items import Item, is_goods, items_in, key_of, said_item
from voiceos.language.sentences import joined, skill_says
from voiceos.language.times import find
from voiceos.skills.lists.breath import as_meant
from voiceos.skills.skill import Asked
from voiceos.store.lists import Entry, Listing

LONGEST_NAME = 5
"""Words of a list's name."""
SHORT = 3
"""Words of a thing that is meant for a list though none is named."""
LONGEST = 60
"""Characters of a thing that is looked for."""


@dataclass(frozen=True, slots=True)
class Named:
    """A list that is spoken of; it may not exist."""

    key: str
    name: str


def slot(asked: Asked, *names: str) -> str:
    """The words of one of these slots, or else what is left of the sentence."""
    found = next((asked.slots[name] for name in names if asked.slots.get(name)), "")
    if found or asked.slots:
        return found
    text, before = asked.text.strip(), ""
    while text != before:
        before, text = text, _pattern("around").sub("", text).strip(" .,!?")
    return text


def list_said(asked: Asked, listings: Iterable[Listing] = ()) -> str:
    """Which list is named; empty where it is only "it"."""
    words = asked.slots.get("list", "") or asked.slots.get("there", "")
    if not words or fits("pronoun", words):
        words = asked.slots.get("which") or words
    if not asked.slots:
        words = _anywhere(asked.text, listings)
    return "" if fits("pronoun", words) else words


def _anywhere(text: str, listings: Iterable[Listing]) -> str:
    """A list that is known, wherever its name stands in a text that no template has."""
    others = (phrase for key, phrases in _known().items() if key != "tasks" for phrase in phrases.split(", "))
    names = any_of([*(listing.name for listing in listings), *others])
    found = re.search(_words("of_list").replace("{names}", names), text, re.IGNORECASE)
    return next((group for group in found.groups() if group), "") if found else ""


def things_in(asked: Asked) -> str:
    """What is to be put on a list, where a sentence was not taken by a template: only what is bought, in short."""
    words = slot(asked, "items")
    short = all(len(item.name.split()) <= SHORT for item in items_in(words))
    return words if short and is_items(words, asked.now) and is_goods(words) else ""


def is_items(words: str, now: datetime) -> bool:
    """Whether it names things, of which none but the first reads like another request."""
    items = items_in(words)
    other = any(fits("orders", item.name) for item in items[1:])
    return bool(items) and not other and not fits("no_items", words)


def is_item(words: str, now: datetime) -> bool:
    """Whether it names things to look for."""
    short = is_items(words, now) and len(words) <= LONGEST and not fits("long_item", words)
    return short or fits("that", words)


def are_goods(words: str, now: datetime) -> bool:
    return is_goods(words)


def are_bare_goods(words: str, now: datetime) -> bool:
    """Whether they may be needed from a shop: "milk", but not "a visa"."""
    words = as_meant(words)
    return fits("no_article", words) and len(words.split()) <= SHORT and is_goods(words)


def may_be_put(words: str, now: datetime) -> bool:
    """Whether it can be meant for a list though none is named."""
    words = as_meant(words)
    if not is_items(words, now) or _pattern("not_items").search(words):
        return False
    return is_goods(words) or (len(words.split()) <= SHORT + 1 and not find(words, now) and not words[0].isdigit())


def may_be_items(words: str, now: datetime) -> bool:
    """Whether it can be the answer to "What should I add?"."""
    return is_items(words, now) and not fits("not_answers", words)


def may_be_list(words: str, now: datetime) -> bool:
    if fits("pronoun", words) or key_of(words) in synonyms():
        return True
    short = 0 < len(words.split()) <= LONGEST_NAME and not fits("nameless", words)
    return short and not _pattern("not_lists").search(words)


def is_list_answer(words: str, now: datetime) -> bool:
    plain = re.sub(r"\s*\blists?\Z", "", words)
    return may_be_list(plain, now) and (key_of(plain) in synonyms() or may_be_items(plain, now))


def is_ours(asked: Asked) -> bool:
    return bool(_pattern("ours").search(asked.text))


def is_order(asked: Asked) -> bool:
    return is_ours(asked) and not fits("question", asked.text)


def is_addition(asked: Asked) -> bool:
    return is_order(asked) and not _pattern("removes").search(asked.text)


def fits(what: str, text: str) -> bool:
    """Whether all of a text is of a kind that the data tells."""
    return bool(_pattern(what).fullmatch(text.strip()))


def _pattern(what: str) -> re.Pattern[str]:
    return pattern("en", "skills/lists", f"words.{what}")


def _words(what: str) -> str:
    return table("en", "skills/lists")["words"][what]


@cache
def synonyms() -> Mapping[str, str]:
    return {key_of(other): name for name, others in _known().items() if name != "tasks" for other in others.split(", ")}


def _known() -> Mapping[str, str]:
    return table("en", "skills/lists")["known"]


@cache
def everybodys() -> Mapping[str, str]:
    """The names of the lists that everybody has, by key."""
    return {key_of(name): name for name in synonyms().values()}


@cache
def task_lists() -> frozenset[str]:
    """The keys of lists that hold things to do."""
    return frozenset({key_of(_known()["tasks"])})


def to_buy() -> Named:
    """Where things to buy go."""
    key, name = next(iter(everybodys().items()))
    return Named(key, name)


def says(key: str, **values: object) -> str:
    return skill_says(f"lists.{key}", "en", **values)


def named_in(words: str, listings: Iterable[Listing]) -> Named:
    """The list that words name: by its own name, or by one of those that everybody's lists have."""
    plain = re.sub(r"\blists?\b", "", words).strip() or words
    items = items_in(plain)
    name = items[0].name if len(items) == 1 and items[0].amount is None else plain
    key = key_of(name)
    if found := next((one for one in listings if one.key == key), None):
        return Named(found.key, found.name)
    name = synonyms().get(key, name)
    return Named(key_of(name), name)


def called(named: Named) -> str:
    return says("name", name=named.name)


def told(entries: Iterable[Entry]) -> str:
    return joined(said_item(entry.item) for entry in entries)


def put_there(named: Named, items: Iterable[Item]) -> dict[str, object]:
    """What is put on a list, for the receipt."""
    return {"list": named.name, "items": [said_item(item) for item in items]}
