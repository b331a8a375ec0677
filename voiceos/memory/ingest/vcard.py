"""vCards of every version (2.1, 3, 4): a card as its properties."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from voiceos.memory.ingest.contentlines import Property, properties


@dataclass(slots=True)
class Card:
    properties: list[Property] = field(default_factory=list[Property])

    def all(self, *names: str) -> list[Property]:
        return [one for one in self.properties if one.name in names and one.text]

    def first(self, name: str) -> str:
        return next((one.text for one in self.all(name)), "")


def cards(lines: Iterable[str]) -> Iterator[Card]:
    """The cards in lines of text; one that has no end ends where the next begins."""
    card: Card | None = None
    for one in properties(lines):
        value = one.value.strip().upper()
        if one.name == "BEGIN" and value == "VCARD":
            if card and card.properties:
                yield card
            card = Card()
        elif one.name == "END" and value == "VCARD":
            if card:
                yield card
            card = None
        elif card is not None:
            card.properties.append(one)
    if card and card.properties:
        yield card
