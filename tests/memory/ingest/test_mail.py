"""Mail: who wrote what when, and nothing that somebody else wrote before."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from voiceos.memory.ingest.headers import decoded, moment, persons
from voiceos.memory.ingest.reading import Reading
from voiceos.memory.ingest.replies import parted
from voiceos.store.records import OWNER, Kind

Read = Callable[..., Any]

MAIL = (
    "From: Ana <ana@example.org>\nTo: Jo <me@example.org>\nSubject: =?utf-8?q?Br=C3=BCcke?=\n"
    "Date: Fri, 3 May 2024 10:00:00 +0200\nMessage-ID: <1@x>\n\nIt broke.\n\nOn Fri, Bob wrote:\n> did it?\n\n"
    "-- \nAna\n"
)
REPLY = "From: me@example.org\nSubject: Re: it\nReferences: <1@x> <2@x>\nMessage-ID: <3@x>\n\nFixed.\n"


def test_a_mail_is_its_new_words(read: Read) -> None:
    [record], _ = read("one.eml", MAIL, "me@example.org")
    assert (record.kind, record.key, record.title, record.text) == (Kind.MAIL, "1@x", "Brücke", "It broke.")
    assert (record.author, record.addressees) == ("Ana", (OWNER,))
    assert record.at.isoformat() == "2024-05-03T10:00:00+02:00"


def test_an_mbox_has_threads(read: Read) -> None:
    records, _ = read("all.mbox", f"From a Mon\n{MAIL}\nFrom b Mon\n{REPLY}", "me@example.org")
    assert [record.author for record in records] == ["Ana", OWNER]
    assert {record.thread for record in records} == {"1@x"}


def test_an_mbox_goes_on_where_it_was(read: Read) -> None:
    content = f"From a Mon\n{MAIL}\nFrom b Mon\n{REPLY}"
    _, whole = read("all.mbox", content)
    reading = Reading(whole.path, now=whole.now, position=content.index("From b"))
    from voiceos.memory.ingest.mailboxes import read_mbox

    assert [record.key for record in read_mbox(reading)] == ["3@x"]
    assert reading.position == whole.position == len(content.encode())


def test_html_mail_and_attachments(read: Read, pdf: Callable[..., bytes]) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Message-ID"] = "Plan", "Ana <ana@example.org>", "<9@x>"
    mail.set_content("<p>See <b>attached</b>.</p>", subtype="html")
    mail.add_attachment(pdf("The plan"), maintype="application", subtype="pdf", filename="plan.pdf")
    mail.add_attachment(b"\x89PNG" + bytes(100), maintype="image", subtype="png", filename="a.png")
    records, _ = read("m.eml", bytes(mail))
    assert [record.text for record in records] == ["See attached.", "The plan"]
    assert records[1].title == "Plan > plan"
    assert records[1].thread == "9@x"


def test_a_large_mail_is_bounded(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voiceos.memory.ingest.mail.MOST_BYTES", 1_000_000)
    [record], reading = read("big.eml", MAIL.replace("It broke.", "It broke.\n" + ("y" * 998 + "\n") * 1_100))
    assert len(record.text) <= 200_000
    assert "its end was left out" in reading.problems[0].reason


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Yes.\n\nAm 3. Mai schrieb Bob:\n> old", "Yes."),
        ("Yes.\n-----Original Message-----\nFrom: x\nold", "Yes."),
        ("Yes.\n\nFrom: Bob\nSent: Monday\nTo: me\nSubject: x\nold", "Yes."),
        ("> old\nYes.", "Yes."),
        ("> only quoted", "> only quoted"),
        ("Yes.\nSent from my phone", "Yes."),
        ("Yes.\n--\nAna", "Yes."),
        ("Red\n--\nor\n--\nblue?",) * 2,
        ("Yes.\n\nGesendet: Donnerstag\nVon: Bob\nAn: mich\nBetreff: x\nold", "Yes."),
        ("The trip:\nFrom: Rome\nTo: Paris\nDate: 5 May\nBring water.",) * 2,
    ],
)
def test_quotes_and_signatures_are_cut_away(text: str, new: str) -> None:
    assert parted(text)[0] == new


def mail(body: str | bytes, *headers: str | bytes, subject: str = "S") -> bytes:
    """A mail of Ana's."""
    lines = [b"From: Ana <ana@example.org>", f"Subject: {subject}".encode(), b"Message-ID: <1@x>"]
    lines += [one.encode() if isinstance(one, str) else one for one in headers]
    return b"\r\n".join([*lines, b"", body.encode() if isinstance(body, str) else body])


def parts(*inner: str | bytes, kind: str = "mixed") -> bytes:
    """A mail of several parts."""
    pieces = [one.encode() if isinstance(one, str) else one for one in inner]
    body = b"".join(b"--b\r\n" + one + b"\r\n" for one in pieces) + b"--b--\r\n"
    return mail(body, f"Content-Type: multipart/{kind}; boundary=b")


@pytest.mark.parametrize(
    ("raw", "author", "title"),
    [
        ("From: Zoë Müller <z@x.org>\nSubject: Jürgen".encode(), "Zoë Müller", "Jürgen"),
        (b"From: Zo\xeb <z@x.org>\nSubject: worth \xa380m", "Zoë", "worth £80m"),
        (b"From: =?utf-8?Q?Zo=C3=AB?= <z@x.org>\nSubject: =?utf-8?B?w6niug==?=\n =?utf-8?B?rCE=?=", "Zoë", "é⺬!"),
        (b"From: z@x.org (Zoe (M) Muller)\nSubject: =?gb2312?B?u+HS6elG?=", "Zoe (M) Muller", "会议镕"),
        (b"From: Muller, Zoe <z@x.org>\nSubject: =?unknown-8bit?Q?caf=C3=A9?=", "Muller, Zoe", "café"),
        (b"From: =?utf-8?Q?M=C3=BCller=2C_Zo=C3=AB?= <z@x.org>\nSubject: =?utf-8*de?q?a_b?=", "Müller, Zoë", "a b"),
        (b"From: \"=?utf-8?Q?Zo=C3=AB?=\" <z@x.org>\nSubject: a=?iso-8859-1?Q?b c=E9?=d", "Zoë", "ab céd"),
        (b"From: =?utf-8?Q?Zo=C3=AB_=3Cz=40x=2Eorg=3E?=\nSubject: a\n folded", "Zoë", "a folded"),
        (b"From: z@x.org\nSubject: =?utf-8?q?=C3=A9?= in C:\\users", "z@x.org", "é in C:\\users"),
        (b"Sender: Zoe <z@x.org>\nSubject: x", "Zoe", "x"),
        (b"From : Zoe <z@x.org>\nSubject : x", "Zoe", "x"),
        (b"From: z@x.org\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_aus\n _K=C3=B6ln?=", "z@x.org", "Grüße aus Köln"),
        (b"From: Zoe <z@x.org>\nSubject: \x1b$B2q5D\x1b(B", "Zoe", "会議"),
    ],
)  # fmt: skip
def test_headers_whatever_they_hold(read: Read, raw: bytes, author: str, title: str) -> None:
    [record], _ = read("a.eml", b"Message-ID: <1@x>\n" + raw + b"\n\nHi.")
    assert (record.author, record.title, record.text) == (author, title, "Hi.")


def test_bytes_of_headers_are_read_as_the_words_are(read: Read) -> None:
    raw = b"From: " + "Иван".encode("cp1251") + b" <i@x.org>\nContent-Type: text/plain; charset=windows-1251\n\n"
    [record], _ = read("a.eml", b"Message-ID: <1@x>\n" + raw + "Привет".encode("cp1251"))
    assert (record.author, record.text) == ("Иван", "Привет")


def test_people_of_groups_and_lists() -> None:
    assert persons("Friends: a@x.org, Bob <b@x.org>;") == [("", "a@x.org"), ("Bob", "b@x.org")]
    assert persons("undisclosed-recipients:;") == []
    assert persons('"Kim, Jo" <j@x.org>; Bob [Sales] <b@x.org>, root') == [
        ("Kim, Jo", "j@x.org"),
        ("Bob [Sales]", "b@x.org"),
        ("", "root"),
    ]
    assert persons("Bob <mailto:b@x.org>, B@Work <c@x.org>") == [("Bob", "b@x.org"), ("B@Work", "c@x.org")]
    assert decoded("=?x?=?") == "=?x?=?"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Tue, 3 Mar 2026 10:00:00 -0000", "2026-03-03T10:00:00+00:00"),
        ("Tue, 3 Mar 2026 10:00:00 +0100 (CET)", "2026-03-03T10:00:00+01:00"),
        ("Tue, 3 Mar 2026 10:00:00 CEST", "2026-03-03T10:00:00+02:00"),
        ("Tue, 3 Mar 2026 10:00:00 EST", "2026-03-03T10:00:00-05:00"),
        ("3 Mar 26 10:00 +0900", "2026-03-03T10:00:00+09:00"),
        ("Tue, 3 Mar 2026 10:00:00 +01:00", "2026-03-03T10:00:00+01:00"),
        ("Tue, 3 Mar 2026 10:00:00 GMT+2", "2026-03-03T10:00:00+02:00"),
        ("2026-03-03T10:00:00+01:00", "2026-03-03T10:00:00+01:00"),
        ("mar., 3 mars 2026 10:00:00 +0100", "2026-03-03T10:00:00+01:00"),
        ("Sa, 3 Okt 2026 10:00:00 +0200", "2026-10-03T10:00:00+02:00"),
    ],
)
def test_times_of_mails(text: str, iso: str) -> None:
    at = moment(text)
    assert at is not None
    assert at.isoformat() == iso


def test_a_mail_without_a_date_has_that_of_its_arrival(read: Read) -> None:
    received = "Received: from a by b;\n Tue, 3 Mar 2026 10:00:00 +0100"
    [record], _ = read("a.eml", mail("Hi", received))
    assert record.at.isoformat() == "2026-03-03T10:00:00+01:00"
    [record], _ = read("a.mbox", b"From a@x.org Tue Mar  3 09:00:00 2026\n" + mail("Hi").replace(b"\r", b""))
    assert record.at.day == 3


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("gb2312", "会议在三点會議".encode("gb18030"), "会议在三点會議"),
        ("", b"\x1b$B$*$O$h$&\x1b(B", "おはよう"),
        ("iso-2022-jp", b"\x1b$BM=Dj\x1b(B\x1b$B-!\x1b(B ok", "予定① ok"),
        ("shift_jis", "①髙橋".encode("cp932"), "①髙橋"),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("unknown-8bit", "café".encode(), "café"),
        ("us-ascii", "café – “so”".encode(), "café – “so”"),
        ("iso-8859-1", "café – “so”".encode(), "café – “so”"),
        ("iso-8859-1", "€5 “so”".encode("cp1252"), "€5 “so”"),
        ("iso-8859-2", "Zażółć".encode("iso-8859-2"), "Zażółć"),
        ("utf-7", b"caf+AOk-", "café"),
        ("hz-gb-2312", b"~{<:Ky2;SjS!~}hello", "己所不雨印hello"),
        ("ks_c_5601-1987", "회의".encode("cp949"), "회의"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("", "Grüße aus Köln".encode() + b" \xfc", "Grüße aus Köln ü"),
        ("utf-8", "Grüße aus Köln".encode() + b" \xfc \xe4 \xf6 \xfc", "Grüße aus Köln ü ä ö ü"),
        ("utf-8", "Grüße aus Köln".encode("cp1252"), "Grüße aus Köln"),
        ("iso-2022-jp", b"\x1b(I1\x1b(B", "ｱ"),
        ("iso-2022-kr", "회의는 세 시".encode("iso-2022-kr"), "회의는 세 시"),
        ("no-such-charset", "café".encode("cp1252"), "café"),
        ("gbk", "会议".encode("gbk") + b"\xff" + "在三点开始，请大家准时参加。谢谢。".encode("gbk") * 4, "会议"),
    ],
)
def test_encodings_that_lie_or_are_missing(read: Read, charset: str, data: bytes, text: str) -> None:
    kind = "Content-Type: text/plain" + (f"; charset={charset}" if charset else "")
    [record], _ = read("a.eml", mail(data, kind, "Content-Transfer-Encoding: 8bit"))
    assert record.text.startswith(text)


def test_html_names_its_own_encoding(read: Read) -> None:
    html = '<html><head><meta charset="gbk"></head><p>会议在三点</p>'.encode("gbk")
    [record], _ = read("a.eml", mail(html, "Content-Type: text/html"))
    assert record.text == "会议在三点"
    [record], _ = read("a.html", html)
    assert record.text == "会议在三点"


def test_what_a_list_puts_below_base64_is_not_decoded(read: Read) -> None:
    body = "VHJlZmZlbiB1bSBkcmVpIGFtIEJydW5uZW4\r\n--\r\nfooter of a mailing list\r\n"
    [record], _ = read("a.eml", mail(body, "Content-Transfer-Encoding: base64"))
    assert record.text == "Treffen um drei am Brunnen"


def test_flowed_lines_are_joined(read: Read) -> None:
    flowed = "Content-Type: text/plain; format=flowed"
    [record], _ = read("a.eml", mail("One \r\nline.\r\nTwo\r\n> old \r\n> words\r\n-- \r\nAna", flowed))
    assert record.text == "One line.\nTwo"
    [record], _ = read("a.eml", mail("wrap \r\nped and  \r\n From", f"{flowed}; delsp=yes"))
    assert record.text == "wrapped and From"


INVITATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:i\r\nDTSTART:20260917T080000Z\r\n"
    "SUMMARY:Board\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_a_soft_break_may_have_blanks_behind_it(read: Read) -> None:
    [record], _ = read("a.eml", mail("One caf=C3=A9 = \r\ntwo", "Content-Transfer-Encoding: quoted-printable"))
    assert record.text == "One café two"


def test_a_stuffed_line_is_no_quotation(read: Read) -> None:
    [record], _ = read("a.eml", mail("Is 4\r\n >3?\r\n> No.", "Content-Type: text/plain; format=flowed"))
    assert record.text == "Is 4\n>3?"


def test_parts_without_names_are_read_by_their_type(read: Read) -> None:
    calendar = f"Content-Type: text/calendar; method=REQUEST\r\n\r\n{INVITATION}"
    again = f'Content-Type: application/ics; name="invite.ics"\r\n\r\n{INVITATION}'
    card = "Content-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\nFN:Bob\r\nTEL:5550100\r\nEND:VCARD"
    note = "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nA note."
    records, _ = read("a.eml", parts("Content-Type: text/plain\r\n\r\nCome.", calendar, again, card, note))
    assert [record.kind for record in records] == [Kind.MAIL, Kind.EVENT, Kind.CONTACT, Kind.DOCUMENT]
    assert records[0].text == "Come."
    assert records[1].at.isoformat() == "2026-09-17T08:00:00+00:00"


def test_a_mail_within_a_mail_is_a_record_of_its_own(read: Read) -> None:
    inner = (
        "Content-Type: message/rfc822\r\n\r\nFrom: Airline <no@air.example>\r\nTo: Ana <ana@example.org>\r\n"
        "Subject: Booking\r\nDate: Sat, 5 Oct 2024 11:00:00 +0000\r\nMessage-ID: <2@air>\r\n\r\nSeat 14C."
    )
    records, _ = read("a.eml", parts("\r\nOur flight.", inner))
    assert [(record.author, record.title, record.text) for record in records] == [
        ("Ana", "S", "Our flight."),
        ("Airline", "Booking", "Seat 14C."),
    ]
    assert records[1].at.isoformat() == "2024-10-05T11:00:00+00:00"
    assert (records[1].key, records[1].thread) == ("1@x/2@air", "1@x")
    kind, _, whole = inner.partition("\r\n\r\n")
    assert [record.text for record in read("b.eml", mail(whole, kind))[0]] == ["", "Seat 14C."]
    twice, _ = read("c.eml", parts(inner, inner.replace("14C", "15D")))
    assert len({record.key for record in twice}) == 3


def test_a_note_in_a_mail_is_its_writers(read: Read) -> None:
    [record], _ = read("a.eml", mail("I *quit* on Friday.", "Content-Type: text/markdown"))
    assert (record.author, record.text) == ("Ana", "I *quit* on Friday.")
    plan = 'Content-Type: text/markdown; name="plan.md"\r\n\r\nI quit on Friday.'
    _, note = read("a.eml", parts("Content-Type: text/x-unknown\r\n\r\nHere.", plan))[0]
    assert (note.author, note.text) == ("Ana", "I quit on Friday.")


def test_markup_that_is_not_said_to_be_some(read: Read) -> None:
    [record], _ = read("a.eml", mail("<html><body><p>Tea &amp; cake.</p></body></html>"))
    assert record.text == "Tea & cake."
    [record], _ = read("a.eml", mail("<bold>Tea</bold> and cake.", "Content-Type: text/enriched"))
    assert record.text == "Tea and cake."


def test_words_that_are_no_base64_although_they_say_so(read: Read) -> None:
    [record], _ = read("a.eml", mail("Come at nine, please.", "Content-Transfer-Encoding: base64"))
    assert record.text == "Come at nine, please."


def test_parts_that_are_not_parted_as_the_mail_says(read: Read) -> None:
    broken = parts("Content-Type: text/plain\r\n\r\nThe words.").replace(b"boundary=b", b"boundary=other")
    [record], _ = read("a.eml", broken)
    assert record.text == "The words."
    [record], _ = read("a.eml", mail("Only words.", "Content-Type: multipart/mixed; boundary=x"))
    assert record.text == "Only words."
    [record], _ = read("a.eml", parts("Content-Type: text/plain\r\n\r\nIt breaks off").removesuffix(b"--b--\r\n"))
    assert record.text == "It breaks off"


def test_a_plain_part_that_only_stands_in_for_the_html(read: Read) -> None:
    html = "Content-Type: text/html\r\n\r\n<p>" + "The museum opens at nine and closes at five. " * 20
    plain = "Content-Type: text/plain\r\n\r\nYour program cannot show HTML."
    [record], _ = read("a.eml", parts(plain, html, kind="alternative"))
    assert record.text.startswith("The museum opens")
    [record], _ = read("a.eml", parts(plain, html[:400], kind="alternative"))
    assert record.text.startswith("The museum opens")
    same = "Content-Type: text/plain\r\n\r\nThe museum opens at nine."
    [record], _ = read(
        "a.eml", parts(same, "Content-Type: text/html\r\n\r\n<b>The museum opens at nine.</b>", kind="alternative")
    )
    assert record.text == "The museum opens at nine."
    footer = "Content-Type: text/plain\r\n\r\n___________\r\nA mailing list"
    [record], _ = read("a.eml", parts("Content-Type: text/html\r\n\r\n<p>The words.", footer))
    assert record.text.startswith("The words.")


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ('Content-Type: application/ms-tnef; name="winmail.dat"\r\n\r\nx', "its winmail.dat cannot be read"),
        ("Content-Type: application/octet-stream; name=winmail.dat\r\n\r\n", "its winmail.dat cannot be read"),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx", "it is encrypted"),
        ("\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend", "it contains a uuencoded file, which cannot be read"),
        ("Content-Type: text/plain\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabc", "it is encrypted"),
    ],
)  # fmt: skip
def test_what_nobody_can_read_is_told(read: Read, part: str, reason: str) -> None:
    [record], reading = read("a.eml", parts("Content-Type: text/plain\r\n\r\n", part))
    assert (record.title, record.text) == ("S", "")
    assert [problem.reason for problem in reading.problems] == [reason]


@pytest.mark.parametrize(
    "body",
    [
        "Hi,\n\nFrom memory, the code is 4471.\nBring the tent.",
        "Hi,\n\nFrom the start, I knew: yes.\nNote the place.",
        "Hi,\n\nFrom Ana at 10:30 in 2024\nand Bob.",
    ],
)
def test_a_sentence_that_begins_with_from_is_no_mail(read: Read, body: str) -> None:
    two = mail("Second.").replace(b"\r", b"").replace(b"<1@x>", b"<2@x>")
    first = b"From a@x.org Mon Jul  6 10:30:00 2026\n" + mail(body).replace(b"\r", b"")
    for begins in (
        b"From - Mon Jul  6 10:31:00 2026\n",
        b"From bob\n",
        b"From MAILER-DAEMON Mon Jul  6 10:31:00 2026\n",
    ):
        records, _ = read("a.mbox", first + b"\n\n" + begins + two)
        assert [record.text for record in records] == [body, "Second."]
    records, _ = read("a.mbox", first + b"\nFrom - Mon Jul  6 10:31:00 2026\n" + two)
    assert [record.text for record in records] == [body, "Second."]


def test_lines_that_an_mbox_escaped(read: Read) -> None:
    [record], _ = read(
        "a.mbox", b"From a@x.org Mon Jul  6 10:30:00 2026\nSubject: x\nTo: y\n\n>From here.\n>>From there.\n"
    )
    assert record.text == "From here."  # the other one is a quotation


def test_a_maildir_mail_without_a_date(read: Read, folder: Any) -> None:
    for name in ("cur", "new", "tmp"):
        (folder / "Mail" / name).mkdir(parents=True)
    (folder / "Mail" / "new" / "1714723200.M1P2.host").write_bytes(b"\xef\xbb\xbf\n" + mail("Hi"))
    from voiceos.memory.ingest.formats import recognise

    reading = Reading(folder / "Mail")
    [record] = recognise(reading).read(reading)
    assert record.at is not None
    assert (record.text, record.at.year) == ("Hi", 2024)


@pytest.mark.parametrize(
    "quote",
    [
        "On Thu, Oct 24, 2024 at 8:00 PM Jo <jo@example.org>\nwrote:\n> OLD",
        "Am Do., 24. Okt. 2024 um 20:00 Uhr schrieb Jo <\njo@example.org>:\n\n> OLD",
        "Le jeu. 24 oct. 2024 à 20:00, Jo <jo@example.org> a écrit :\n> OLD",
        "El jue, 24 oct 2024 a las 20:00, Jo (<jo@example.org>) escribió:\n\n> OLD",
        "Il giorno gio 24 ott 2024 alle ore 20:00 Jo <jo@example.org> ha scritto:\n> OLD",
        "Em qui., 24 de out. de 2024 às 20:00, Jo <jo@example.org> escreveu:\n> OLD",
        "Op do 24 okt 2024 om 20:00 schreef Jo <jo@example.org>:\n> OLD",
        "czw., 24 paź 2024 o 20:00 Jo <jo@example.org> napisał(a):\n> OLD",
        "Den tors 24 okt. 2024 kl 20:00 skrev Jo <jo@example.org>:\n> OLD",
        "to 24. lokak. 2024 klo 20.00 Jo (jo@example.org) kirjoitti:\n> OLD",
        "чт, 24 окт. 2024 г. в 20:00, Jo <jo@example.org>:\n> OLD",
        "2024年10月24日(木) 20:00 Jo <jo@example.org>:\n> OLD",
        "Jo <jo@example.org> 於 2024年10月24日 週四 下午8:00寫道：\n> OLD",
        "2024년 10월 24일 (목) 오후 8:00, Jo <jo@example.org>님이 작성:\n> OLD",
        "Jo wrote:\n> OLD",
        "On 24/10/2024 20:00, Jo wrote:\nOLD without marks",
        "---- On Thu, 24 Oct 2024 20:00:00 +0200 Jo <jo@example.org> wrote ----\nOLD",
        ">>> Jo <jo@example.org> 24.10.2024 20:00 >>>\nOLD",
        "-----Ursprüngliche Nachricht-----\nVon: Jo\nOLD",
        "-----Mensaje original-----\nDe: Jo\nOLD",
        "-------- Messaggio originale --------\nDa: Jo\nOLD",
        "________________________________\nFrom: Jo <jo@example.org>\nSent: Thursday\nTo: Ana\nSubject: x\n\nOLD",
        "De: Jo <jo@example.org>\nEnviado: jueves\nPara: Ana\nAsunto: x\n\nOLD",
        "Da: Jo <jo@example.org>\nInviato: giovedì\nA: Ana\nOggetto: x\n\nOLD",
        "Van: Jo <jo@example.org>\nVerzonden: donderdag\nAan: Ana\nOnderwerp: x\n\nOLD",
        "Od: Jo <jo@example.org>\nWysłano: czwartek\nDo: Ana\nTemat: x\n\nOLD",
        "De: Jo <jo@example.org>\nEnviada em: quinta-feira\nPara: Ana\nAssunto: x\n\nOLD",
        "Från: Jo <jo@example.org>\nSkickat: torsdag\nTill: Ana\nÄmne: x\n\nOLD",
        "Fra: Jo <jo@example.org>\nSendt: torsdag\nTil: Ana\nEmne: x\n\nOLD",
        "Lähettäjä: Jo <jo@example.org>\nLähetetty: torstai\nVastaanottaja: Ana\nAihe: x\n\nOLD",
        "De : Jo <jo@example.org>\nEnvoyé : jeudi\nÀ : Ana\nObjet : x\n\nOLD",
        "Von: Jo <jo@example.org>\nGesendet: Donnerstag\nAn: Ana\nBetreff: x\n\nOLD",
        "*From:* Jo <jo@example.org>\n*Sent:* Thursday\n*To:* Ana\n*Subject:* x\n\nOLD",
        "От: Jo <jo@example.org>\nОтправлено: четверг\nКому: Ana\nТема: x\n\nOLD",
        "发件人: Jo <jo@example.org>\n发送时间: 2024年\n收件人: Ana\n主题: x\n\nOLD",
        "差出人: Jo <jo@example.org>\n送信日時: 2024年\n宛先: Ana\n件名: x\n\nOLD",
        "Kimden: Jo <jo@example.org>\nGönderildi: Perşembe\nKime: Ana\nKonu: x\n\nOLD",
        "De: Jo <jo@example.org>\nEnviat el: dijous\nPer a: Ana\nTema: x\n\nOLD",
        "\u202bבתאריך 24 באוק׳ 2024 20:00 מאת \u202aJo\u202c\u200f <\u202ajo@example.org\u202c\u200f>:\u202c\n\n> OLD",
    ],
)
def test_what_is_answered_is_cut_away(read: Read, quote: str) -> None:
    [record], _ = read("a.eml", mail(f"Yes, I can.\n\n{quote}\n", subject="Re: x"))
    assert record.text == "Yes, I can."


@pytest.mark.parametrize(
    "html",
    [
        '<div class="gmail_quote"><div class="gmail_attr">On Thu, Jo &lt;jo@example.org&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote"><div>OLD</div></blockquote></div>',
        '<div>On 24 Oct 2024, at 20:00, Jo &lt;jo@example.org&gt; wrote:</div><br>'
        '<blockquote type="cite"><div>OLD<blockquote type="cite">OLDER</blockquote></div></blockquote>',
        '<div class="moz-cite-prefix">Am 24.10.24 um 20:00 schrieb Jo:</div><blockquote type="cite">OLD</blockquote>',
        '<div>Jo &lt;jo@example.org&gt; schrieb:</div><blockquote>OLD</blockquote>',
        '<hr><div><b>Von:</b> Jo<br><b>Gesendet:</b> Do<br><b>An:</b> Ana<br><b>Betreff:</b> x</div>OLD',
        '<div class="yahoo_quoted"><div>On Thursday, October 24, 2024, 8:00 PM, Jo &lt;jo@example.org&gt; wrote:</div>'
        "<div>OLD</div></div>",
        '<blockquote style="border-left: 1px solid">OLD</blockquote>',
    ],
)  # fmt: skip
def test_what_html_quotes_is_cut_away(read: Read, html: str) -> None:
    [record], _ = read("a.eml", mail(f"<div>Yes, I can.</div><br>{html}", "Content-Type: text/html", subject="Re: x"))
    assert record.text == "Yes, I can."


def test_a_block_that_is_only_set_in_is_kept(read: Read) -> None:
    html = '<p>A poem</p><blockquote style="margin:0 0 0 40px;border:none">Roses are red</blockquote>'
    [record], _ = read("a.eml", mail(html, "Content-Type: text/html"))
    assert record.text == "A poem\n\nRoses are red"


def test_what_is_written_between_quotations_is_kept(read: Read) -> None:
    [record], _ = read(
        "a.eml", mail("On Thu, Jo wrote:\n> tea?\nYes.\n> cake?\nNo.\nIn 2024 my doctor wrote:\nRest.\n")
    )
    assert record.text == "Yes.\nNo.\nIn 2024 my doctor wrote:\nRest."


HEADERS = (
    "From: Rosa <rosa@example.org>\nDate: Sat, Oct 12, 2024 at 4:00 PM\nSubject: Recipe\nTo: Ana <ana@example.org>\n"
)


@pytest.mark.parametrize(
    "passed",
    [
        f"---------- Forwarded message ---------\n{HEADERS}\nPlum cake.",
        f"-------- Forwarded Message --------\nSubject: Recipe\n{HEADERS}\nPlum cake.",
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tRecipe\nDatum: Sat, 12 Oct 2024 16:00:00 +0000\n"
        "Von: Rosa <rosa@example.org>\nAn: Ana <ana@example.org>\n\nPlum cake.",
        "Anfang der weitergeleiteten Nachricht:\n\n> Von: Rosa <rosa@example.org>\n> Betreff: Recipe\n"
        "> Datum: 12. Oktober 2024 um 16:00:00 UTC\n> An: Ana <ana@example.org>\n>\n> Plum cake.",
        "Début du message réexpédié :\n\nDe: Rosa <rosa@example.org>\nObjet: Recipe\n"
        "Date: 12 octobre 2024 à 16:00:00 UTC\nÀ: Ana <ana@example.org>\n\nPlum cake.",
        "________________________________\nDe: Rosa <rosa@example.org>\nEnviado: sábado, 12 de octubre de 2024 16:00\n"
        "Para: Ana <ana@example.org>\nAsunto: Recipe\n\nPlum cake.",
        "-----Messaggio originale-----\nDa: Rosa <rosa@example.org>\nInviato: sabato 12 ottobre 2024 16:00\n"
        "A: Ana <ana@example.org>\nOggetto: Recipe\n\nPlum cake.",
        "---------- Forwarded message ---------\n发件人： Rosa <rosa@example.org>\nDate: 2024年10月12日周六 16:00\n"
        "Subject: Recipe\nTo: Ana <ana@example.org>\n\nPlum cake.",
        "----- Forwarded message from Rosa <rosa@example.org> -----\n\nDate: Sat, 12 Oct 2024 16:00:00 +0000\n"
        "From: Rosa <rosa@example.org>\nTo: Ana <ana@example.org>\nSubject: Recipe\n\nPlum cake.\n\n"
        "----- End forwarded message -----",
        "-------- Messaggio inoltrato --------\nOggetto: Recipe\nData: Sat, 12 Oct 2024 16:00:00 +0000\n"
        "Mittente: Rosa <rosa@example.org>\nA: Ana <ana@example.org>\n\nPlum cake.",
        f"------- Forwarded Message -------\n{HEADERS}\n> Plum cake.",
        f"---------- Forwarded message ---------\n{HEADERS}\nPlum cake.\n\nOn Fri, 11 Oct 2024 Ana <a@x> wrote:\n> No.",
    ],
)  # fmt: skip
def test_a_mail_that_is_passed_on_is_its_writers(read: Read, passed: str) -> None:
    records, _ = read("a.eml", mail(f"Look!\n-- \nAna\n\n{passed}\n", subject="Fwd: Recipe"))
    assert [(record.author, record.title, record.text) for record in records] == [
        ("Ana", "Fwd: Recipe", "Look!"),
        ("Rosa", "Recipe", "Plum cake."),
    ]
    assert f"{records[1].at:%Y-%m-%d %H:%M}" == "2024-10-12 16:00"
    assert records[1].addressees == ("Ana",)


@pytest.mark.parametrize(
    ("sent", "iso"),
    [
        ("martes, 15 de octubre de 2024 16:00", "2024-10-15T16:00:00"),  # "mar" is no month here
        ("maandag 14 oktober 2024 16:00", "2024-10-14T16:00:00"),
        ("12-10-2024 16:00", "2024-10-12T16:00:00"),
        ("10/12/2024 4:00 PM", "2024-10-12T16:00:00"),
        ("12. Oktober 2024 um 16:00:00 UTC+02:00", "2024-10-12T16:00:00+02:00"),
        ("12. Oktober 2024 um 16:00:00 MESZ", "2024-10-12T16:00:00+02:00"),
        ("12 Oct 2024 4:00 PM UTC-03:30", "2024-10-12T16:00:00-03:30"),
        ("2024年10月12日 16:00", "2024-10-12T16:00:00"),
    ],
)
def test_when_a_mail_that_is_passed_on_was_sent(read: Read, sent: str, iso: str) -> None:
    records, _ = read("a.eml", mail(f"-----Original Message-----\nFrom: Rosa\nSent: {sent}\n\nText.", subject="Fwd: x"))
    assert records[1].at.isoformat().startswith(iso)


def test_of_mails_that_were_passed_on_twice_each_has_its_writer(read: Read) -> None:
    older = "From: Tom <tom@example.org>\nSent: Friday\nTo: Rosa\nSubject: Plums\n\nI have plums."
    records, _ = read("a.eml", mail(f"---------- Forwarded message ---------\n{HEADERS}\nSee below.\n\n{older}"))
    assert [(record.author, record.text) for record in records] == [
        ("Ana", ""),
        ("Rosa", "See below."),
        ("Tom", "I have plums."),
    ]


def test_a_quotation_that_holds_a_passed_on_mail_is_cut_away(read: Read) -> None:
    passed = f"---------- Forwarded message ---------\n{HEADERS}\nPlum cake."
    quoted = "\n".join(f"> {line}" for line in passed.split("\n"))
    [record], _ = read("a.eml", mail(f"Thanks!\n\nOn Thu, Jo wrote:\n{quoted}"))
    assert record.text == "Thanks!"


def test_html_that_passes_a_mail_on(read: Read) -> None:
    html = (
        '<div>Look!</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        "From: <strong>Rosa</strong> <span>&lt;<a>rosa@example.org</a>&gt;</span><br>"
        "Date: Sat, Oct 12, 2024 at 4:00 PM<br>Subject: Recipe<br>"
        "To: Ana &lt;ana@example.org&gt;<br></div><br><br>Plum cake.</div>"
    )
    records, _ = read("a.eml", mail(html, "Content-Type: text/html", subject="Fwd: Recipe"))
    assert [(record.author, record.text) for record in records] == [("Ana", "Look!"), ("Rosa", "Plum cake.")]
