"""What an assistant was asked to keep, and what it said to that: it is held against it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from voiceos.api.client import Remote
from voiceos.language.sentences import say

SENTENCES = {
    "timer": "set a timer for five hours called {}",
    "list": "add {} to the shopping list",
    "memory": "remember that the {} key is under the blue pot",
}


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that was asked for, and what was said to that."""

    kind: str
    name: str
    reply: str | None
    """None: no whole answer came, so nothing was acknowledged and nothing denied."""


class Promises:
    """Each is of a new name, so that it is known which are there."""

    def __init__(self, client: Remote, ask: Callable[..., str | None], chance: random.Random) -> None:
        self.made: list[Promise] = []
        self._client, self._ask, self._chance = client, ask, chance
        self._done: dict[str, tuple[str, ...]] = {}

    def learn(self) -> None:
        """What it says when something is done, with nothing in its way; the first of a kind in other words."""
        first, second = self.make(), self.make()
        self._done = {one.kind: (_shape(one), _shape(other)) for one, other in zip(first, second, strict=True)}
        assert not self.missing(), self.missing()
        self.made.clear()

    def make(self) -> list[Promise]:
        """Asks for a timer, an entry of a list and a memory, each of a new name."""
        made: list[Promise] = []
        for kind, sentence in SENTENCES.items():
            name = "".join(self._chance.choice("bdfgklmnprtv") + self._chance.choice("aeiou") for _ in range(3))
            made.append(Promise(kind, name, self._ask(sentence.format(name))))
        self.made += made
        return made

    def missing(self) -> list[str]:
        """What was acknowledged and is not there."""
        return [
            f"{one.kind} {one.name}: {one.reply}"
            for one in self.made
            if self._said_done(one) and not self._is_there(one)
        ]

    def denied(self) -> list[str]:
        """What was denied and is there all the same; but words that were not saved then are kept later, as any turn."""
        return [
            f"{one.kind} {one.name}: {one.reply}"
            for one in self.made
            if one.kind != "memory" and one.reply is not None and not _is_unsure(one)
            if not self._shows_done(one) and self._is_there(one)
        ]

    def _said_done(self, one: Promise) -> bool:
        return self._shows_done(one) and not _is_unsure(one)

    def _shows_done(self, one: Promise) -> bool:
        done = self._done.get(one.kind, ())
        return one.reply is not None and _shape(one).startswith(done)

    def _is_there(self, one: Promise) -> bool:
        if one.kind == "list":
            return any(thing["name"] == one.name for all_ in self._client.call("lists.all") for thing in all_["things"])
        if one.kind == "memory":
            found = self._client.call("memory.search", text=f"{one.name} key")
            return any(one.name in str(passage) for passage in found)
        return f"left on your {one.name}" in (
            self._ask(f"how much time is left on the {one.name} timer?", keep=False) or ""
        )


def _is_unsure(one: Promise) -> bool:
    """It said that it may be lost."""
    return say("may_forget") in (one.reply or "")


def _shape(one: Promise) -> str:
    """A reply without the name that it is about."""
    return (one.reply or "").lower().replace(one.name, "NAME")
