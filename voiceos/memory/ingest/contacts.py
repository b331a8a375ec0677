"""Contacts (vCard): a record a person, in words: names, relation, birthday, telephone, address, notes."""

import re
from collections.abc import Iterator
from typing import Any

from voiceos.language.data import table, words_in
from voiceos.memory.ingest.contentlines import Property, text_of
from voiceos.memory.ingest.dates import of_text
from voiceos.memory.ingest.reading import EARLIEST_YEAR, Format, Reading, known_as
from voiceos.memory.ingest.vcard import Card, cards
from voiceos.memory.ingest.words import told
from voiceos.store.records import Kind, Record

MOST_BYTES = 200_000_000
_BIRTHDAY = re.compile(r"(?:(\d{4})|--)-?(\d\d)-?(\d\d)")


def read(reading: Reading) -> Iterator[Record]:
    """Everybody in the file. The owner's own card, if there is one, says who is whose sister. Raises Unreadable."""
    mine = _relations_of_owner(reading)
    seen: dict[str, int] = {}
    for number, card in enumerate(_cards(reading), 1):
        name = _name(card)
        if not name:
            reading.problem("it has no name, address or number", f"card {number}")
            continue
        key = card.first("UID") or name
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            key += f" #{seen[key]}"
        yield _record(reading, card, name, key, mine.get(known_as(name), ""))


def _cards(reading: Reading) -> Iterator[Card]:
    return cards(text_of(reading.whole(MOST_BYTES)).split("\n"))


def _relations_of_owner(reading: Reading) -> dict[str, str]:
    """Who is what to the owner, as the owner's card says."""
    found: dict[str, str] = {}
    if not reading.me:
        return found
    for card in _cards(reading):
        if _is_me(reading, card):
            found |= {known_as(other): relation for relation, other in _related(card)}
    return found


def _record(reading: Reading, card: Card, name: str, key: str, relation: str) -> Record:
    is_me = _is_me(reading, card)
    nicknames = [nick for one in card.all("NICKNAME", "X-NICKNAME") for nick in _list(one.text) if nick != name]
    related = _related(card)
    relation = relation or next((what for what, who in related if known_as(who) in reading.me), "")
    categories = [one for found in card.all("CATEGORIES") for one in _list(found.text)]
    relation = relation or next(
        (one.lower() for one in categories if one.lower() in words_in("en", "records", "relations")), ""
    )
    birthday = _birthday(card.first("BDAY"))
    first = name + (f" ({', '.join(nicknames)})" if nicknames else "")
    first += (f", {told('contact.owner')}" if is_me else f", {relation}" if relation else "") + "."
    sentences = [first]
    sentences += [told("contact.birthday", date=birthday) + "."] if birthday else []
    sentences += [f"{what.capitalize()}: {who}." for what, who in related if known_as(who) not in reading.me]
    sentences += [f"{text}." for text in (_work(card), *_numbers(card), *_addresses(card)) if text]
    notes = "\n".join(one.text for one in card.all("NOTE"))
    text = " ".join(sentences) + (f"\n{notes}" if notes else "")
    extra: dict[str, Any] = {
        "nicknames": nicknames,
        "relation": relation,
        "related": [{"relation": what, "name": who} for what, who in related],
        "birthday": card.first("BDAY"),
        "phones": [one.text for one in card.all("TEL")],
        "mails": [one.text for one in card.all("EMAIL")],
        "owner": is_me,
    }
    extra = {name: value for name, value in extra.items() if value}
    place = next((_line(one) for one in card.all("ADR")), "")
    return Record(Kind.CONTACT, key, text, title=name, place=place, extra=extra)


def _name(card: Card) -> str:
    if name := " ".join(card.first("FN").split()):
        return name
    for one in card.all("N"):
        family, given, middle, *_ = [*one.fields, "", "", ""]
        if name := " ".join(part for part in (given, middle, family) if part):
            return name
    for other in ("ORG", "NICKNAME", "EMAIL", "TEL"):
        if found := card.all(other):
            return ", ".join(part for part in found[0].fields if part)
    return ""


def _is_me(reading: Reading, card: Card) -> bool:
    return any(known_as(one.text) in reading.me for one in card.all("FN", "EMAIL", "TEL"))


def _related(card: Card) -> list[tuple[str, str]]:
    """Relation and name, in the ways of vCard 4, of Apple, and of Google."""
    labels = {one.group: re.sub(r"[_$!<>]", "", one.text) for one in card.all("X-ABLABEL") if one.group}
    found: list[tuple[str, str]] = []
    for one in card.all("RELATED", "X-ABRELATEDNAMES", "X-RELATION"):
        if one.value.lower().startswith(("urn:", "http")):
            continue
        what = labels.get(one.group) or next((type for type in one.types if type not in ("pref", "home", "work")), "")
        found.append((what.lower() or told("contact.related"), " ".join(one.text.split())))
    for name in ("SPOUSE", "MANAGER", "ASSISTANT", "CHILD"):
        found += [
            (name.lower(), one.text) for one in card.all(f"X-{name}", f"X-EVOLUTION-{name}", f"X-KADDRESSBOOK-X-{name}")
        ]
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


def _work(card: Card) -> str:
    organisation = ", ".join(part for one in card.all("ORG")[:1] for part in one.fields if part)
    role = card.first("TITLE") or card.first("ROLE")
    return (
        told("contact.work", role=role or told("contact.no_role"), organisation=organisation) if organisation else role
    )


def _numbers(card: Card) -> Iterator[str]:
    for one in card.all("TEL"):
        kinds = table("en", "records")["phones"]
        which = next((kinds[kind] for kind in one.types if kind in kinds), told("contact.phone"))
        yield f"{which} {one.text.removeprefix('tel:')}"
    for one in card.all("EMAIL"):
        yield told("contact.mail", address=one.text)


def _addresses(card: Card) -> list[str]:
    kinds = [
        ("contact.work_address" if "work" in one.types else "contact.home_address", _line(one))
        for one in card.all("ADR")
    ]
    return [told(kind, address=line) for kind, line in kinds if line]


def _line(address: Property) -> str:
    return ", ".join(part for part in address.fields if part)


def _list(text: str) -> list[str]:
    return [" ".join(one.split()) for one in text.split(",") if one.strip()]


def _recognises(_: Reading, head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \r\n\t")[:11].upper() == b"BEGIN:VCARD"


CONTACTS = Format("contacts", read, (".vcf", ".vcard"), ("text/vcard", "text/x-vcard", "text/directory"), _recognises)
