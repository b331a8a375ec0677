"""Mails of many programs and languages: all of what their senders wrote is kept, and nothing else."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import pytest

MAILS = Path(__file__).parent / "mails"
MARKED = re.compile(r"\[\[(?P<own>.*?)\]\]|\{\{(?P<passed>.*?)\}\}|\(\((?P<either>.*?)\)\)", re.DOTALL)


@dataclass(frozen=True)
class Mail:
    name: str
    kind: str
    passed_on: list[tuple[str, str]]
    marked: str

    @property
    def body(self) -> str:
        return MARKED.sub(lambda found: found["own"] or found["passed"] or found["either"] or "", self.marked)

    def words(self, which: str) -> Counter[str]:
        return words(" ".join(found[which] or "" for found in MARKED.finditer(self.marked)), self.kind == "html")

    def file(self) -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Message-ID"] = "Olaf Own <own@example.org>", "x@example.org", "<1@x>"
        mail["Date"], mail["Subject"] = "Tue, 3 Nov 2026 10:00:00 +0100", "Fwd: x" if self.passed_on else "Re: x"
        if not self.passed_on:
            mail["In-Reply-To"] = "<0@x>"
        mail.set_content(self.body, subtype="html" if self.kind == "html" else "plain", cte="8bit")
        if self.kind == "flowed":
            mail.set_param("format", "flowed")
        return bytes(mail)


def words(text: str, html: bool = False) -> Counter[str]:
    return Counter(re.findall(r"\w+|[^\w\s]", unescape(re.sub(r"<[^>]+>", " ", text)) if html else text))


def mails() -> Iterator[Mail]:
    for path in sorted(MAILS.glob("*.txt")):
        for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, marked = block.split("\n", 1)
            name, kind, *rest = (part.strip() for part in head.split("|"))
            who = [one.strip().rsplit(" ", 1) for part in rest for one in part.split(";")]
            yield Mail(f"{path.stem} {name}", kind, [(writer, day) for writer, day in who], marked)


@pytest.mark.parametrize("mail", list(mails()), ids=lambda mail: mail.name)
def test_what_was_written_is_kept_and_nothing_else(read: Callable[..., Any], mail: Mail) -> None:
    (new, *passed), _ = read("a.eml", mail.file())
    assert new.author == "Olaf Own"
    said, told = words(new.text), words(" ".join(record.text for record in passed))
    either = mail.words("either")
    assert mail.words("own") - said == Counter()
    assert mail.words("passed") - told == Counter()
    assert said - mail.words("own") - either == Counter()
    assert told - mail.words("passed") - either == Counter()
    assert [(record.author, f"{record.at:%Y-%m-%d}") for record in passed] == mail.passed_on
