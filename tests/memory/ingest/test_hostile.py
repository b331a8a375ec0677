"""Files that are made to take for ever: each is read within five seconds of CPU time."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest

from voiceos.memory.ingest.reading import Unreadable

Read = Callable[..., Any]

MAIL = "From: a@example.org\nSubject: s\n\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.ics", "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 30_000),
        ("c.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:x\n"
         "DTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;"
         "BYHOUR="
         + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60))) + "\nEND:VEVENT\n"),
        ("a.md", "# " + " #" * 49_000 + "x\n"),
        ("a.md", "---\n" + "a: [" * 4_000 + "\n---\n"),
        ("a.md", "[[" * 100_000),
        ("a.eml", MAIL + "hello" + "\n" * 30_000 + ">\n" * 30_000),
        ("a.eml", MAIL + "hello\n" + "\n>\n" * 30_000),
        ("a.eml", "From: " + "a, <" * 100_000 + "\nSubject: " + "=?utf-8?q?" * 50_000 + "\n\nhello"),
        ("a.eml", MAIL + "On " + "Friday " * 30_000 + "wrote:\n> x"),
        ("a.html", "<p><b>a" * 20_000),
        ("a.html", "<" * 200_000),
        ("a.vcf", "BEGIN:VCARD\nFN:" + "x\n " * 60_000 + "\nEND:VCARD\n"),
        ("chat.txt", "03/05/2024, 14:05 - Ana: Hi\n" + "more\n" * 50_000),
        ("a.csv", "a,b\n" + '"' + "xxxxxxxxx,\n" * 20_000),
        ("conversations.json", '[{"mapping": {}, "current_node": 1, "a": ' + "[" * 100_000),
        ("a.txt", "x" * 2_000_000),
    ],
)  # fmt: skip
def test_it_ends(read: Read, name: str, content: str) -> None:
    began = time.process_time()
    with contextlib.suppress(Unreadable):
        read(name, content)
    assert time.process_time() - began < 5
