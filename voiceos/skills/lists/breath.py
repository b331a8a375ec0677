"""Corrections in the same breath: "salt, no wait, pepper" is pepper."""

from collections.abc import Sequence
from dataclasses import replace

from voiceos.language.data import pattern
from voiceos.language.items import Item, items_in, key_of, said_item


def as_meant(words: str, instead: str = "") -> str:
    """Things as they are meant once they are corrected. `instead`: a correction after all else."""
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


def _parts(words: str) -> list[str]:
    """What is said, and what corrects it."""
    parts, start = list[str](), 0
    for found in pattern("en", "corrections", "correction").finditer(words):
        if pattern("en", "corrections", "surely").fullmatch(found[0]) and items_in(words[start : found.start()]):
            parts.append(words[start : found.start()])
            start = found.end()
    return [*parts, words[start:]]
