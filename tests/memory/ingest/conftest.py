"""Files that are made in the tests, and an intake with a database of its own."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voiceos.memory.ingest.formats import recognise
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.reading import Reading, known_as
from voiceos.store.database import Connection
from voiceos.store.records import Record

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

Read = Callable[..., tuple[list[Record], Reading]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


@pytest.fixture
def read(folder: Path) -> Read:
    """Writes a file and reads it."""

    def read(name: str, content: str | bytes, *me: str) -> tuple[list[Record], Reading]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        reading = Reading(path, frozenset(map(known_as, me)), NOW)
        return list(recognise(reading).read(reading)), reading

    return read


@pytest.fixture
def intake(db: Connection) -> Intake:
    return Intake(db, me=("me@example.org",), now=lambda: NOW)


@pytest.fixture
def zipped() -> Callable[[Mapping[str, str | bytes]], bytes]:
    def zipped(members: Mapping[str, str | bytes]) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return file.getvalue()

    return zipped


@pytest.fixture
def pdf() -> Callable[..., bytes]:
    """A PDF with a page for each text."""

    def pdf(*pages: str) -> bytes:
        kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
        objects = [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
        for n, text in enumerate(pages):
            drawn = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET" if text else ""
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R"
                " /Resources << /Font << /F1 3 0 R >> >> >>"
            )
            objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
        out = "%PDF-1.4\n"
        places: list[int] = []
        for n, one in enumerate(objects, 1):
            places.append(len(out))
            out += f"{n} 0 obj\n{one}\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
        out += "".join(f"{place:010d} 00000 n \n" for place in places)
        return (out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").encode()

    return pdf
