"""Contacts."""

from collections.abc import Callable
from typing import Any

Read = Callable[..., Any]


def test_contacts_read_like_sentences(read: Read) -> None:
    cards = (
        "BEGIN:VCARD\nVERSION:4.0\nFN:Jo Kim\nEMAIL:me@example.org\n"
        "RELATED;TYPE=sister;VALUE=text:Ana Kowalczyk\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ana Kowalczyk\nNICKNAME:Ania\nBDAY:1990-05-03\nTEL;TYPE=CELL:+48 600 700 800\n"
        "item1.X-ABRELATEDNAMES:Tom\nitem1.X-ABLabel:_$!<Brother>!$_\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCl=\nler;J=C3=BCrgen\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nPHOTO;ENCODING=b:AAAA\nEND:VCARD\n"
    )
    records, reading = read("c.vcf", cards, "me@example.org")
    assert records[0].text == "Jo Kim, the owner. Sister: Ana Kowalczyk. Mail me@example.org."
    assert records[1].text == (
        "Ana Kowalczyk (Ania), sister. Birthday 3 May 1990. Brother: Tom. Mobile +48 600 700 800."
    )
    assert records[1].extra == {"nickname": "Ania"}  # names that are misheard are looked up here
    assert records[2].text == "Jürgen Müller."
    assert [str(problem.part) for problem in reading.problems] == ["card 4"]
