"""Corrections in the same breath: "salt, no wait, pepper" is pepper."""

import re
from collections.abc import Sequence
from dataclasses import replace

from voiceos.language.data import pattern
from voiceos.language.items import Item, is_goods, is_task, items_in, key_of, said_item

DATA = "skills/lists"


def as_meant(words: str, instead: str = "", old: str = "") -> str:
    """Things as they are meant once they are corrected. After all else: `instead`, a correction; `old`, what is not
    meant, and what is."""
    words = pattern("en", DATA, "words.but_not").sub(" and ", words)
    if found := pattern("en", DATA, "words.denied").search(words):
        words, old = words[: found.start()], found["old"]
    wrong, right = parts_of(old)
    if right and (rightly := put_right(items_in(words), wrong, items_in(right))):
        return ", ".join(map(said_item, rightly))
    first, *later = _parts(words)
    later += [instead] * bool(instead)
    if not later:
        return words
    items: Sequence[Item] = items_in(first)
    for one in later:
        new = items_in(one)
        items = exchanged(items, likest(items, new), new) if items else new
    return ", ".join(map(said_item, items))


def likest(items: Sequence[Item], instead: Sequence[Item]) -> list[int]:
    """What these replace: what shares a word with them, or else the last."""
    words = {word for one in instead for word in key_of(one.name).split()}
    alike = [at for at, item in enumerate(items) if words.intersection(key_of(item.name).split())]
    return alike[-1:] or [len(items) - 1]


def exchanged(items: Sequence[Item], places: Sequence[int], instead: Sequence[Item]) -> list[Item]:
    """Others in these places; a single one without an amount is as many as what was there."""
    kept = [item for place, item in enumerate(items[: places[0]]) if place not in places]
    gone = items[places[0]]
    if len(instead) == 1 and instead[0].amount is None:
        instead = [replace(instead[0], amount=gone.amount, unit=gone.unit)]
    rest = [item for place, item in enumerate(items) if place > places[0] and place not in places]
    return [*kept, *instead, *rest]


def put_right(items: Sequence[Item], old: str, new: Sequence[Item]) -> list[Item] | None:
    """Others in the place of what is not meant, or the same of another kind: "not brown, white", of brown sugar; None:
    nothing of the kind is there."""
    keys = [set(key_of(one.name).split()) for one in items_in(old)]
    places = [at for at, item in enumerate(items) if any(key and key <= {*key_of(item.name).split()} for key in keys)]
    if not places:
        return None
    if len(new) == 1 and (kind := _of_other_kind(items[places[0]].name, old, new[0].name)):
        new = [replace(new[0], name=kind)]
    elif len(new) == 1 and is_task(thing := items[places[0]].name):
        words = re.compile(rf"\b{re.escape(items_in(old)[0].name)}\b", re.IGNORECASE)
        new = [replace(new[0], name=words.sub(lambda _: new[0].name, thing))]  # "call the dentist"
    return exchanged(items, places, new)


def _of_other_kind(name: str, old: str, new: str) -> str:
    """What is called so with another word before its last; empty: that is another thing."""
    *kind, thing = name.split()
    size = len(old.split())
    if key_of(thing) in key_of(new).split():
        return ""
    for at in range(len(kind) - size + 1):
        if key_of(" ".join(kind[at : at + size])) == key_of(old):
            return " ".join([*kind[:at], new, *kind[at + size :], thing])
    return ""


def not_wanted(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """What is wanted, and what is not: "milk and no more flour"."""
    wanted, others = list[Item](), list[Item]()
    for item in items:
        found = pattern("en", DATA, "words.not_wanted").fullmatch(item.name)
        none = pattern("en", DATA, "words.none_of").fullmatch(item.name)
        none = none if none and is_goods(none["what"]) else None
        if found := found or none:
            others += items_in(found["what"])
        else:
            wanted.append(item)
    return wanted, others


def parts_of(words: str) -> tuple[str, str]:
    """What is wrong, and what is meant instead, if it says so: "butter, margarine"."""
    old, *new = pattern("en", DATA, "words.but").split(words, maxsplit=1)
    return old.strip(), (new or [""])[0].strip()


def _parts(words: str) -> list[str]:
    """What is said, and what corrects it."""
    parts, start = list[str](), 0
    for found in pattern("en", "corrections", "correction").finditer(words):
        if pattern("en", "corrections", "surely").fullmatch(found[0]) and items_in(words[start : found.start()]):
            parts.append(words[start : found.start()])
            start = found.end()
    return [*parts, words[start:]]
