"""PDF documents: a record a page, read by a process of its own."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from voiceos.memory.ingest.charsets import clean
from voiceos.memory.ingest.dates import in_name, of_text
from voiceos.memory.ingest.reading import Format, Reading, Unreadable
from voiceos.memory.ingest.words import parts, tidy
from voiceos.store.records import Kind, Record

MOST_BYTES = 500_000_000
PATIENCE_SECONDS = 300.0
_HYPHEN = re.compile(r"(\w)[\u00ad\ufffe\x02]\s*\n?\s*(\w)|([a-z])-\n([a-z])")
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?")


def read(reading: Reading) -> Iterator[Record]:
    """The pages that have text. Raises Unreadable: encrypted, damaged, or nothing but pictures."""
    about: dict[str, Any] = {}
    found = silent = 0
    for line in _lines(reading):
        if "page" not in line:
            about = line
            continue
        text = tidy(_joined(str(line["text"])))
        if not text:
            silent += 1
            if "error" in line:
                reading.problem("it is damaged", f"page {line['page']}")
            continue
        for number, part in enumerate(parts(iter(text.split("\n\n"))), 1):
            found += 1
            key = f"page {line['page']}" + (f" #{number}" if number > 1 else "")
            yield _record(reading, about, key, part, int(line["page"]))
    if not found:
        raise Unreadable("it has no text: it is pictures")
    if silent:
        reading.note(f"{silent} of its {about.get('pages')} pages have no text")


def _record(reading: Reading, about: dict[str, Any], key: str, text: str, page: int) -> Record:
    title = clean(str(about.get("title") or "")).strip() or reading.path.stem
    author = reading.author(clean(str(about.get("author") or "")))
    at = in_name(reading.path.name) or _created(str(about.get("at") or ""))
    return Record(Kind.DOCUMENT, key, text, title=title, author=author, at=at)


def _created(text: str) -> datetime | None:
    found = _DATE.match(text)
    return of_text(f"{found[1]}-{found[2] or '01'}-{found[3] or '01'}") if found else None


def _joined(text: str) -> str:
    """Words that a line's end had parted, whole."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return clean(_HYPHEN.sub(lambda found: (found[1] or found[3]) + (found[2] or found[4]), text))


def _lines(reading: Reading) -> Iterator[dict[str, Any]]:
    with _file(reading) as file:
        if os.fstat(file.fileno()).st_size > MOST_BYTES:
            raise Unreadable("it is larger than 500 MB, the most that is read of its kind")
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "voiceos.memory.ingest.pdf_text"],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        killer = threading.Timer(PATIENCE_SECONDS, process.kill)  # the pipe is read without a limit otherwise
        killer.start()
        whole = False
        try:
            assert process.stdout
            for line in process.stdout:
                values = json.loads(line)
                if "error" in values and "page" not in values:
                    secret = "password" in values["error"].lower()
                    raise Unreadable("it is encrypted" if secret else "it is damaged: no PDF can be made out in it")
                yield values
            whole = process.wait() == 0
        except ValueError:
            pass
        finally:
            killer.cancel()
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        if not whole:
            raise Unreadable("its reader crashed, or took too long or too much memory; what came before is kept")


def _file(reading: Reading) -> BinaryIO:
    if reading.data is None:
        return reading.open()
    file = os.fdopen(os.memfd_create("attachment"), "w+b")  # no copy of an attachment on the disk
    file.write(reading.data)
    file.seek(0)
    return file


PDF = Format("pdf", read, (".pdf",), ("application/pdf",), lambda _, head: b"%PDF-" in head[:1024])
