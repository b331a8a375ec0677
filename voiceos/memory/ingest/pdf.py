"""PDF documents: one record per page, read in a separate process."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import in_name, of_text
from voiceos.memory.ingest.reading import Format, Reading, Unreadable, numbered
from voiceos.memory.ingest.words import parts, tidy
from voiceos.store.records import Kind, Record

MOST_BYTES = 500_000_000
PATIENCE_SECONDS = 300.0
_HYPHEN = re.compile(r"(\w)[\u00ad\ufffe\x02]\s*\n?\s*(\w)|([a-z])-\n([a-z])")
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?")


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """The pages that have text. Raises Unreadable: encrypted, damaged, or nothing but pictures."""
    pages = silent = 0
    for page in _pages(reading):
        pages, place = page["pages"], f"page {page['page']}"
        text = page["text"].replace("\r\n", "\n").replace("\r", "\n")
        whole = _HYPHEN.sub(lambda found: (found[1] or found[3]) + (found[2] or found[4]), text)
        found = list(parts(tidy(clean(whole)).split("\n\n")))
        silent += not any(found)
        if "error" in page:
            reading.problem("it is damaged", place)
        day = _DATE.match(page["at"] or "")
        created = of_text(f"{day[1]}-{day[2] or '01'}-{day[3] or '01'}") if day else None
        about = Record(
            Kind.DOCUMENT,
            place,
            "",
            title=clean(page["title"] or "").strip() or reading.path.stem,
            author=reading.author(clean(page["author"] or "")),
            at=in_name(reading.path.name) or created,
        )
        yield from (replace(about, text=part) for part in found if part)
    if silent == pages:
        raise Unreadable("it has no text, only pictures")
    if silent:
        reading.note(f"{silent} of its {pages} pages have no text")


def _pages(reading: Reading) -> Iterator[dict[str, Any]]:
    with _file(reading) as file:
        if os.fstat(file.fileno()).st_size > MOST_BYTES:
            raise Unreadable("it is larger than 500 MB, the limit for its kind")
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "voiceos.memory.ingest.pdf_text"],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    killer = threading.Timer(PATIENCE_SECONDS, process.kill)  # the pipe is read without a limit otherwise
    killer.start()
    crashed = True
    with process, suppress(ValueError):
        try:
            for line in process.stdout or ():
                values = json.loads(line)
                if "page" not in values:
                    secret = "password" in values["error"].lower()
                    raise Unreadable("it is encrypted" if secret else "it is damaged and cannot be read as PDF")
                yield values
            crashed = process.wait() != 0
        finally:
            killer.cancel()
            process.kill()
    if crashed:
        raise Unreadable("its reader crashed, or took too much time or memory; what came before was kept")


def _file(reading: Reading) -> BinaryIO:
    if reading.data is None:
        return reading.open()
    file = os.fdopen(os.memfd_create("attachment"), "w+b")  # no copy of an attachment on the disk
    file.write(reading.data)
    file.seek(0)
    return file


PDF = Format("pdf", read, (".pdf",), ("application/pdf",), lambda _, head: b"%PDF-" in head[:1024])
