"""Counts what each fault was withstood; with VOICEOS_FAULTS_TABLE, a document, its table is brought up to that."""

import os
import re
import time
from collections import Counter
from pathlib import Path

import pytest

HEAD = "| fault | tries | withstood | on |\n|---|---|---|---|\n"
TABLE = re.compile(re.escape(HEAD) + r"((?:\|.*\|\n)*)")
tries: Counter[str] = Counter()
withstood: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    found = re.search(r"test_fault\[(.*)-\d+\]$", report.nodeid)
    if found and (report.when == "call" or report.failed):
        tries[found[1]] += report.when == "call"
        withstood[found[1]] += report.passed


def pytest_sessionfinish() -> None:
    if document := os.environ.get("VOICEOS_FAULTS_TABLE"):
        path = Path(document)
        path.write_text(brought_up(path.read_text()))


def brought_up(text: str) -> str:
    """The document with what was counted now: a day's tries of a fault are one row, those of another day replace it."""
    from tests.faults.faults import FAULTS

    table = TABLE.search(text)
    assert table, "there is no table in it"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]
    today = time.strftime("%Y-%m-%d")
    known = {name: (int(tried), int(well), day) for name, tried, well, day in rows}
    for name, tried in tries.items():
        before = known.get(name, (0, 0, today))
        before = before if before[2] == today else (0, 0, today)
        known[name] = (before[0] + tried, before[1] + withstood[name], today)
    lines = [f"| {one.name} | {' | '.join(map(str, known[one.name]))} |\n" for one in FAULTS if one.name in known]
    return text[: table.start()] + HEAD + "".join(lines) + text[table.end() :]
