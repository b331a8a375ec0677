"""Text, Markdown, HTML, PDF, EPUB, DOCX, CSV: records as a person would expect them."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from voiceos.memory.ingest.reading import Unreadable
from voiceos.store.records import OWNER, Kind

Read = Callable[..., Any]
Zipped = Callable[[Mapping[str, str | bytes]], bytes]

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
PACKAGE = (
    '<package><metadata><title>The Lake</title><creator>A. Writer</creator></metadata><manifest><item id="b"'
    ' href="two.xhtml"/><item id="a" href="one.xhtml"/></manifest><spine><itemref idref="a"/>'
    '<itemref idref="b"/></spine>'
    "</package>"
)
BOOK = {
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/one.xhtml": "<html><body><h1>First</h1><p>It began.</p></body></html>",
    "OEBPS/two.xhtml": "<html><body><h1>Second</h1><p>It ended.</p></body></html>",
}
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(body: str) -> str:
    return f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_text_is_one_record_with_the_date_of_its_name(read: Read) -> None:
    [record], _ = read("2024-05-03 Walk.txt", "We walked.\n\nIt rained.\n")
    assert (record.kind, record.text, record.title) == (Kind.DOCUMENT, "We walked.\n\nIt rained.", "2024-05-03 Walk")
    assert record.at is not None
    assert (record.at.year, record.at.month, record.at.day) == (2024, 5, 3)
    assert record.at.tzinfo


def test_a_long_text_is_several_records(read: Read) -> None:
    records, _ = read("long.txt", "\n\n".join(["word " * 200] * 50))
    assert len(records) > 5
    assert max(len(record.text) for record in records) <= 8_002


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_encoding_reads_the_same(read: Read, encoding: str) -> None:
    [record], _ = read("text.txt", "Die Größe der Brücke überrascht.".encode(encoding))
    assert record.text == "Die Größe der Brücke überrascht."


def test_a_wrong_byte_is_guessed_and_told(read: Read) -> None:
    records, reading = read("text.txt", "Ein Café und eine Brücke.\n\n".encode() * 3_000 + b"caf\xe9")
    assert records[-1].text.endswith("café")
    assert [problem.reason for problem in reading.problems] == ["some of its bytes are not text, so they were guessed"]


def test_notes_have_sections_and_front_matter(read: Read) -> None:
    note = (
        "---\ntitle: Lake\naliases: [See]\ndate: 2023-07-01\n---\nIntro with [[Ana Kowalczyk|Ania]] #family\n"
        "# Morning\nWe swam.\n## Late\nWe ate.\n```\n# no heading\n```\n"
    )
    records, _ = read("2024-01-01.md", note)
    assert [record.key for record in records] == ["text", "Morning", "Morning > Late"]
    assert [record.title for record in records] == ["Lake", "Lake > Morning", "Lake > Morning > Late"]
    first = records[0]
    assert first.author == OWNER
    assert first.at.strftime("%Y-%m-%d") == "2023-07-01"
    assert first.text == "Intro with [[Ana Kowalczyk|Ania]] #family"
    assert first.extra == {"aliases": ["See"]}
    assert "# no heading" in records[2].text


@pytest.mark.parametrize("front", ["a: [", "a: &a [1]\nb: *a", "- list", "@"])
def test_front_matter_that_is_none_costs_nothing(read: Read, front: str) -> None:
    records, _ = read("note.md", f"---\n{front}\n---\nWords stay.\n")
    assert "Words stay." in records[-1].text


def test_html_is_text_below_headings(read: Read) -> None:
    page = "<title>T</title><body><h1>A <b>b</b></h1><p>Hello <i>you</i> there<p>x<script>no</script>"
    [record], _ = read("page.html", page)
    assert (record.title, record.text) == ("T > A b", "Hello you there\n\nx")


def test_bottomless_html_is_read_all_the_same(read: Read) -> None:
    [record], _ = read("page.html", "<div>" * 100_000 + "deep words")
    assert record.text == "deep words"


def test_pdf_is_a_record_a_page(read: Read, pdf: Callable[..., bytes]) -> None:
    records, reading = read("letter.pdf", pdf("The first page", "", "The third page"))
    assert [(record.key, record.text) for record in records] == [
        ("page 1", "The first page"),
        ("page 3", "The third page"),
    ]
    assert "1 of its 3 pages have no text" in reading.problems[0].reason


def test_a_pdf_that_is_called_text_is_a_pdf(read: Read, pdf: Callable[..., bytes]) -> None:
    [record], _ = read("letter.txt", pdf("Words"))
    assert record.key == "page 1"


def test_a_pdf_of_pictures_says_so(read: Read, pdf: Callable[..., bytes]) -> None:
    with pytest.raises(Unreadable, match="only pictures"):
        read("scan.pdf", pdf("", ""))


def test_a_broken_pdf_says_so(read: Read) -> None:
    with pytest.raises(Unreadable, match="damaged"):
        read("broken.pdf", b"%PDF-1.7\n" + b"garbage" * 100)


def test_epub_follows_the_spine(read: Read, zipped: Zipped) -> None:
    records, _ = read("book.epub", zipped(BOOK))
    assert [record.text for record in records] == ["It began.", "It ended."]
    assert [record.title for record in records] == ["The Lake > First", "The Lake > Second"]
    assert records[0].author == "A. Writer"


def test_a_missing_chapter_costs_one_chapter(read: Read, zipped: Zipped) -> None:
    records, reading = read("book.epub", zipped({name: BOOK[name] for name in BOOK if "one" not in name}))
    assert [record.text for record in records] == ["It ended."]
    assert "missing" in reading.problems[0].reason


def test_a_protected_book_says_so(read: Read, zipped: Zipped) -> None:
    protection = '<encryption><CipherReference URI="OEBPS/one.xhtml"/></encryption>'
    with pytest.raises(Unreadable, match="copy-protected"):
        read("book.epub", zipped({**BOOK, "META-INF/encryption.xml": protection}))


def test_docx_has_sections_and_tables(read: Read, zipped: Zipped) -> None:
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("Boiler", "300"))
    body = paragraph("Opening") + paragraph("Costs", "Heading1") + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    records, _ = read("plan.docx", zipped({"word/document.xml": document(body)}))
    assert [(record.title, record.text) for record in records] == [
        ("plan", "Opening"),
        ("plan > Costs", "Boiler | 300"),
    ]


def test_bombs_do_not_go_off(read: Read, zipped: Zipped) -> None:
    with pytest.raises(Unreadable, match="bomb"):
        read("bomb.docx", zipped({"word/document.xml": b" " * 50_000_000}))
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with pytest.raises(Unreadable, match="bomb"):
        read("bomb2.docx", zipped({"word/document.xml": entities}))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", bytes(range(32)) * 50, "binary"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
        ("a.md", b"SQLite format 3\0" + bytes(range(20)) * 20, "database"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(500), "Office"),
        ("a.pdf", b"<html>no pdf</html>", "damaged"),
        ("a.docx", b"PK\x03\x04 and nothing", "damaged"),
        ("a.json", b'{"a": 1}', "not a known chat export"),
        ("a.py", b"print(1)", "voiceos cannot read .py"),
    ],
)
def test_what_cannot_be_read_is_named(read: Read, name: str, content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(name, content)


def test_an_archive_is_not_opened(read: Read, zipped: Zipped) -> None:
    with pytest.raises(Unreadable, match="unpack it"):
        read("all.zip", zipped({"inner.zip": zipped({"a.txt": "x"})}))


def test_csv_has_a_record_a_row(read: Read) -> None:
    records, _ = read("spent.csv", "date;what;amount\n03.05.2024;Boiler;300\n04.05.2024;Bread;3\n04.05.2024;Bread;3\n")
    assert records[0].text == "date: 03.05.2024; what: Boiler; amount: 300"
    assert [record.at.strftime("%m-%d") for record in records] == ["05-03", "05-04", "05-04"]
    assert len({record.key for record in records}) == 3


def test_csv_finds_out_that_the_month_comes_first(read: Read) -> None:
    records, _ = read("t.csv", "Date,What\n5/3/2024,a\n5/28/2024,b\n")
    assert [record.at.strftime("%m-%d") for record in records] == ["05-03", "05-28"]


def test_csv_without_a_header(read: Read) -> None:
    records, _ = read("t.csv", "2024-05-03,1\n2024-05-04,2\n")
    assert [record.text for record in records] == ["2024-05-03; 1", "2024-05-04; 2"]
