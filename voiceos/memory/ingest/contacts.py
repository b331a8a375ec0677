"""Contacts (vCard): one record per person, in words: names, relation, birthday, telephone, address, notes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from voiceos.language.data import table, words_in
from voiceos.memory.ingest.contentlines import Property, properties, text_of
from voiceos.memory.ingest.dates import of_text
from voiceos.memory.ingest.reading import EARLIEST_YEAR, Format, Reading, begins, known_as, numbered
from voiceos.memory.ingest.words import told
from voiceos.store.records import Kind, Record

MOST_BYTES = 200_000_000
_BIRTHDAY = re.compile(r"(?:(\d{4})|--)-?(\d\d)-?(\d\d)")


@dataclass(slots=True)
class _Card:
    properties: list[Property] = field(default_factory=list[Property])

    def all(self, *names: str) -> list[Property]:
        return [one for one in self.properties if one.name in names and one.text]

    def first(self, name: str) -> str:
        return next((one.text for one in self.all(name)), "")

    def listed(self, *names: str) -> list[str]:
        """What is listed with commas."""
        found = [one for these in self.all(*names) for one in these.text.split(",")]
        return [" ".join(one.split()) for one in found if one.strip()]

    def is_of(self, owner: frozenset[str]) -> bool:
        return any(known_as(one.text) in owner for one in self.all("FN", "EMAIL", "TEL"))


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """Everybody in the file. The owner's own card, if there is one, says who is whose sister. Raises Unreadable."""
    text = text_of(reading.whole(MOST_BYTES))
    mine = {known_as(who): what for card in _cards(text) if card.is_of(reading.me) for what, who in _related(card)}
    for number, card in enumerate(_cards(text), 1):
        if name := _name(card):
            yield _record(reading, card, name, mine.get(known_as(name), ""))
        else:
            reading.problem("it has no name, address or number", f"card {number}")


def _cards(text: str) -> Iterator[_Card]:
    """The cards of a file; one that has no end ends where the next begins."""
    card: _Card | None = None
    for one in properties(text):
        if one.name in ("BEGIN", "END") and one.value.strip().upper() == "VCARD":
            if card and (card.properties or one.name == "END"):
                yield card
            card = _Card() if one.name == "BEGIN" else None
        elif card:
            card.properties.append(one)
    if card and card.properties:
        yield card


def _record(reading: Reading, card: _Card, name: str, relation: str) -> Record:
    is_me = card.is_of(reading.me)
    nicknames = [nick for nick in card.listed("NICKNAME", "X-NICKNAME") if nick != name]
    related = _related(card)
    relation = relation or next((what for what, who in related if known_as(who) in reading.me), "")
    categories = (one.lower() for one in card.listed("CATEGORIES"))
    relation = relation or next((one for one in categories if one in words_in("en", "records", "relations")), "")
    who = told("contact.owner") if is_me else relation
    birthday = _birthday(card.first("BDAY"))
    sentences = [
        name + (f" ({', '.join(nicknames)})" if nicknames else "") + (f", {who}" if who else ""),
        told("contact.birthday", date=birthday) if birthday else "",
        *(f"{what.capitalize()}: {who}" for what, who in related if known_as(who) not in reading.me),
        *_details(card),
    ]
    text = " ".join(f"{one}." for one in sentences if one)
    notes = "\n".join(one.text for one in card.all("NOTE"))
    return Record(
        Kind.CONTACT,
        card.first("UID") or name,
        f"{text}\n{notes}" if notes else text,
        title=name,
        place=next((one.line for one in card.all("ADR")), ""),
        extra={"nickname": nicknames[0]} if nicknames else {},
    )


def _name(card: _Card) -> str:
    if name := " ".join(card.first("FN").split()):
        return name
    for one in card.all("N"):
        family, given, middle, *_ = [*one.fields, "", "", ""]
        if name := " ".join(part for part in (given, middle, family) if part):
            return name
    for other in ("ORG", "NICKNAME", "EMAIL", "TEL"):
        if found := card.all(other):
            return found[0].line
    return ""


def _related(card: _Card) -> list[tuple[str, str]]:
    """Relation and name, in the ways of vCard 4, of Apple, and of Google."""
    labels = {one.group: re.sub(r"[_$!<>]", "", one.text) for one in card.all("X-ABLABEL") if one.group}
    found: list[tuple[str, str]] = []
    for one in card.all("RELATED", "X-ABRELATEDNAMES", "X-RELATION"):
        if not one.value.lower().startswith(("urn:", "http")):
            types = (type for type in one.types if type not in ("pref", "home", "work"))
            what = labels.get(one.group) or next(types, told("contact.related"))
            found.append((what.lower(), " ".join(one.text.split())))
    for name in ("SPOUSE", "MANAGER", "ASSISTANT", "CHILD"):
        ways = card.all(f"X-{name}", f"X-EVOLUTION-{name}", f"X-KADDRESSBOOK-X-{name}")
        found += [(name.lower(), one.text) for one in ways]
    return found


def _birthday(text: str) -> str:
    found = _BIRTHDAY.match(text.strip())
    if found:
        month, day = int(found[2]), int(found[3])
        year = f" {found[1]}" if found[1] and int(found[1]) >= EARLIEST_YEAR else ""  # Apple writes 1604 for none
        months = table("en", "calendar")["months"].split()
        return f"{day} {months[month - 1]}{year}" if 1 <= month <= 12 and 1 <= day <= 31 else ""
    at = of_text(text)
    return f"{at.day} {at:%B %Y}" if at else ""


def _details(card: _Card) -> Iterator[str]:
    """Work, numbers, addresses."""
    role = card.first("TITLE") or card.first("ROLE")
    organisation = next((one.line for one in card.all("ORG")), "")
    if organisation:
        role = told("contact.work", role=role or told("contact.no_role"), organisation=organisation)
    yield role
    kinds = table("en", "records")["phones"]
    for one in card.all("TEL"):
        which = next((kinds[kind] for kind in one.types if kind in kinds), told("contact.phone"))
        yield f"{which} {one.text.removeprefix('tel:')}"
    for one in card.all("EMAIL"):
        yield told("contact.mail", address=one.text)
    for one in card.all("ADR"):
        if one.line:
            yield told("contact.work_address" if "work" in one.types else "contact.home_address", address=one.line)


CONTACTS = Format(
    "contacts",
    read,
    (".vcf", ".vcard"),
    ("text/vcard", "text/x-vcard", "text/directory"),
    begins(b"BEGIN:VCARD"),
)
