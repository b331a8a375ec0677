"""Which reader a file gets, and readers that others install."""

import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from voiceos.memory.ingest import formats
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.ingest.reading import Format
from voiceos.store.database import Connection

ROOT = Path(__file__).parents[3]
(STRANGER,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/memory-sources.md").read_text("utf-8"), re.DOTALL)
"""The reader that the docs teach to write."""


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package beside voiceos, as an installer leaves it: one reader, and two mistakes."""
    site = tmp_path / "site"
    (site / "stranger-1.0.dist-info").mkdir(parents=True)
    (site / "stranger.py").write_text(STRANGER.replace('(".outline",)', '(".outline", ".md")'))
    (site / "stranger-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (site / "stranger-1.0.dist-info" / "entry_points.txt").write_text(
        f"[{formats.GROUP}]\noutline = stranger:OUTLINE\nbroken = stranger:NOTHING\nread = stranger:read\n"
    )
    monkeypatch.syspath_prepend(str(site))
    formats.installed.cache_clear()
    yield site
    formats.installed.cache_clear()


def test_every_format_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][formats.GROUP]
    files = [f"voiceos.memory.ingest.{file.stem}" for file in (ROOT / "voiceos/memory/ingest").glob("[!_]*.py")]
    found = {
        (module, name)
        for module in files
        if module != "voiceos.memory.ingest.pdf_text"
        for name, value in vars(import_module(module)).items()
        if isinstance(value, Format)
    }
    assert {tuple(value.split(":")) for value in declared.values()} == found


@pytest.mark.usefixtures("stranger")
def test_a_reader_that_was_installed_is_used(db: Connection, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "plan.outline").write_text("* Dig\n* Sow\n")
    (folder / "own.md").write_text("* Taken by the stranger first\n")
    (folder / "a.txt").write_text("words")
    (folder / "m.eml").write_text(
        "Subject: s\nMessage-ID: <1@x>\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/x-outline\n\n* Attached\n--b--\n"
    )
    report = Intake(db).add([folder])
    assert (report.read, report.skipped) == (4, [])
    found = {row["text"] for row in db.execute("SELECT text FROM record")}
    assert found == {"Dig", "Sow", "Taken by the stranger first", "words", "", "Attached"}
    assert "Ignoring broken of stranger, which cannot be loaded" in caplog.text
    assert "Ignoring read of stranger, which is not a Format" in caplog.text


def test_a_voiceos_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from voiceos.errors import VoiceosError

    monkeypatch.setattr(formats, "GROUP", "voiceos.nothing")
    formats.installed.cache_clear()
    with pytest.raises(VoiceosError, match="pip install -e"):
        formats.installed()
    formats.installed.cache_clear()
