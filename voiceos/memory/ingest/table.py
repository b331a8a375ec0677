"""CSV tables: one record per row, with the names of its columns."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from voiceos.memory.ingest.dates import of_text
from voiceos.memory.ingest.reading import Format, Reading, numbered
from voiceos.memory.ingest.tables import wordlist
from voiceos.memory.ingest.words import lines
from voiceos.store.records import Kind, Record

SAMPLE_LINES = 50


@numbered
def read(reading: Reading) -> Iterator[Record]:
    """Every row that says something. Raises Unreadable."""
    content = lines(reading)
    sample = list(islice(content, SAMPLE_LINES))
    delimiter = _delimiter(sample)
    first, *others = list(csv.reader(sample, delimiter=delimiter)) or [[]]
    names = [name.strip() for name in first] if _is_header(first) else []
    known = [name.strip("\ufeff").casefold() for name in names]
    rows = _rows(reading, chain(sample, content), delimiter)
    if names:
        next(rows, None)
    when, day_first = _date_column(known, others)
    key_column = next((n for n, name in enumerate(known) if name in wordlist("labels")["key_columns"]), -1)
    for row in rows:
        told = zip(names + [""] * len(row), row, strict=False)
        text = "; ".join(f"{name}: {cell.strip()}" if name else cell.strip() for name, cell in told if cell.strip())
        if not text:
            continue
        key = row[key_column].strip() if 0 <= key_column < len(row) else ""
        key = key or hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
        at = of_text(row[when], day_first) if 0 <= when < len(row) else None
        yield Record(Kind.ROW, key, text, reading.path.stem, at=at)


def _rows(reading: Reading, content: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    rows = csv.reader((f"{line}\n" for line in content), delimiter=delimiter)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reading.problem(f"it is not a valid table row ({error})", f"line {rows.line_num}")


def _delimiter(sample: list[str]) -> str:
    """The one that parts most lines into the same number of cells."""
    best, most = ",", 0.0
    for delimiter in ",;\t|":
        counts = [line.count(delimiter) for line in sample if line.strip()]
        common = max(set(counts), key=counts.count) if counts else 0
        score = counts.count(common) / len(counts) * min(common, 10) if common else 0
        if score > most:
            best, most = delimiter, score
    return best


def _is_header(row: list[str]) -> bool:
    names = [name.strip().casefold() for name in row if name.strip()]
    return len(set(names)) == len(names) and sum(len(one) < 60 and not _is_value(one) for one in names) > len(row) / 2


def _is_value(text: str) -> bool:
    return text.replace(".", "").replace(",", "").replace("-", "").isdigit() or of_text(text) is not None


def _date_column(names: list[str], rows: list[list[str]]) -> tuple[int, bool]:
    """The column that says when, -1 if none does, and whether the day comes before the month in it."""
    dated = wordlist("labels")["date_columns"]
    candidates = sorted(range(len(names)), key=lambda n: (names[n] not in dated, "date" not in names[n], n))
    for column in candidates:
        values = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
        dates = [value for value in values if of_text(value)]
        if len(dates) > len(values) * 0.6 and (names[column] in dated or not all(map(str.isdigit, values))):
            pairs = [date.split("/") for date in dates if date.count("/") == 2]
            return column, not any(pair[1].isdigit() and int(pair[1]) > 12 for pair in pairs)
    return -1, True


TABLE = Format("table", read, (".csv", ".tsv"), ("text/csv", "text/tab-separated-values"))
