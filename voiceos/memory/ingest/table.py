"""CSV tables: a record a row, told with the names of its columns."""

import csv
import hashlib
from collections.abc import Iterator
from datetime import datetime

from voiceos.memory.ingest.dates import of_text
from voiceos.memory.ingest.reading import Format, Reading
from voiceos.memory.ingest.words import lines, wordlist
from voiceos.store.records import Kind, Record

SAMPLE_LINES = 50
MOST_COLUMNS = 200


def read(reading: Reading) -> Iterator[Record]:
    """Every row that says something. Raises Unreadable."""
    content = lines(reading)
    sample = [line for _, line in zip(range(SAMPLE_LINES), content, strict=False)]
    delimiter = _delimiter(sample)
    first = next(csv.reader(sample, delimiter=delimiter, strict=False), [])
    names = first if _is_header(first) else []
    rows = _rows(reading, _chain(sample, content), delimiter)
    if names:
        next(rows, None)
    date_column, day_first = _date_column(names, list(csv.reader(sample[1:], delimiter=delimiter)))
    key_column = next(
        (n for n, name in enumerate(names) if name.strip().casefold() in wordlist("labels")["key_columns"]), None
    )
    seen: dict[bytes, int] = {}
    for row in rows:
        text = _text(names, row)
        if not text:
            continue
        key = row[key_column].strip() if key_column is not None and key_column < len(row) else ""
        digest = hashlib.blake2b((key or text).encode("utf-8", "replace"), digest_size=12).digest()
        seen[digest] = seen.get(digest, 0) + 1  # twelve bytes a row: 100 MB for a million rows at most
        repeated = f" #{seen[digest]}" if seen[digest] > 1 else ""
        at: datetime | None = None
        if date_column is not None and date_column < len(row):
            at = of_text(row[date_column], day_first)
        yield Record(Kind.ROW, (key or digest.hex()) + repeated, text, title=reading.path.stem, at=at)


def _chain(sample: list[str], content: Iterator[str]) -> Iterator[str]:
    for line in sample:
        yield line + "\n"
    for line in content:
        yield line + "\n"


def _rows(reading: Reading, content: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    rows = csv.reader(content, delimiter=delimiter)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reading.problem(f"it is no row of a table ({error})", f"line {rows.line_num}")


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
    names = [name.strip() for name in row]
    if not names or len({name.casefold() for name in names if name}) < sum(1 for name in names if name):
        return False
    return sum(1 for name in names if name and len(name) < 60 and not _is_value(name)) > len(names) / 2


def _is_value(text: str) -> bool:
    return text.replace(".", "").replace(",", "").replace("-", "").isdigit() or of_text(text) is not None


def _date_column(names: list[str], rows: list[list[str]]) -> tuple[int | None, bool]:
    """The column that says when, and whether the day comes before the month in it."""
    plain = [name.strip().strip("\ufeff").casefold() for name in names]
    dated = wordlist("labels")["date_columns"]
    candidates = sorted(range(len(plain)), key=lambda n: (plain[n] not in dated, "date" not in plain[n], n))
    for column in candidates:
        values = [row[column] for row in rows if column < len(row) and row[column].strip()]
        dates = [value for value in values if of_text(value)]
        if values and len(dates) > len(values) * 0.6 and (plain[column] in dated or not _all_digits(values)):
            return column, not _month_first(dates)
    return None, True


def _all_digits(values: list[str]) -> bool:
    return all(value.strip().isdigit() for value in values)


def _month_first(dates: list[str]) -> bool:
    pairs = [value.strip().split("/") for value in dates if value.count("/") == 2]
    seconds = [int(pair[1]) for pair in pairs if pair[1].isdigit()]
    return any(number > 12 for number in seconds)


def _text(names: list[str], row: list[str]) -> str:
    told: list[str] = []
    for number, cell in enumerate(row[:MOST_COLUMNS]):
        name = names[number].strip() if number < len(names) else ""
        if cell.strip():
            told.append(f"{name}: {cell.strip()}" if name else cell.strip())
    return "; ".join(told)


TABLE = Format("table", read, (".csv", ".tsv"), ("text/csv", "text/tab-separated-values"))
