"""Small worlds written for the reader of lines: one owner's memory, and questions with the lines that answer them.

    # Dana | 2024-06-12 18:40                    the owner, and when the questions are asked
    1 | 2024-05-03 19:02 | Priya | Where does the stopcock live?
    2 | 2024-05-03 19:03 | Dana | under the stairs    < 1
    ? Where do I turn the water off? | 2

Who or where a line is from: `said`, `event`, `note TITLE`, `mail WHO`, `file NAME`, or who sent the message. `< 1`:
said right after that line, in reply. After a question: the lines that answer it, each in full or in part; `~7`:
arguable; `2{due on 9 March}`: only the sentence of line 2 with these words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lives import Asked, Life

from voiceos.store.records import OWNER, Kind, Record

_OWNER = re.compile(r"# ([^|]+) \| (\d{4}-\d\d-\d\d \d\d:\d\d)")
_LINE = re.compile(r"(\d+) \| (\d{4}-\d\d-\d\d(?: \d\d:\d\d)?) \| ([^|]+) \| (.+?)(?:\s+< (\d+))?")
_EVIDENCE = r"~?\d+(?:\{[^{}]+\})?"
_QUESTION = re.compile(rf"\? (.+?) \| ?((?:{_EVIDENCE})?(?:, ?{_EVIDENCE})*)")
_KEY = re.compile(r"(~?)(\d+)(?:\{([^{}]+)\})?")
_KINDS = {"note": Kind.NOTE, "mail": Kind.MAIL, "file": Kind.DOCUMENT}
NEW_LINE = " / "
"""What stands for a new line of a note or a mail."""
WORLD = "world"
"""The category of these questions."""


def worlds(folder: Path) -> list[Life]:
    """Those of all files of a folder; each is named after its file and its place there."""
    return [one for path in sorted(folder.glob("*.txt")) for one in _of_file(path)]


def _of_file(path: Path) -> Iterator[Life]:
    blocks = re.split(r"^(?=# )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for number, block in enumerate(filter(str.strip, blocks), 1):
        try:
            yield _world(f"{path.stem}{number}", block.splitlines())
        except ValueError as error:
            raise ValueError(f"{path}, world {number}: {error}") from error


def _world(name: str, rows: Sequence[str]) -> Life:
    first, *rows = [row.strip() for row in rows if row.strip()]
    if not (begin := _OWNER.fullmatch(first)):
        raise ValueError(f"'{first}' names no owner and time.")
    owner, at = begin[1].strip(), datetime.strptime(begin[2], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    records: dict[str, Record] = {}
    questions: list[Asked] = []
    for row in rows:
        if line := _LINE.fullmatch(row):
            records[line[1]] = _record(line, records)
        elif question := _QUESTION.fullmatch(row):
            found = _KEY.findall(question[2])
            if unknown := {key for _, key, _ in found} - records.keys():
                raise ValueError(f"'{row}' names lines that are not there: {', '.join(sorted(unknown))}.")
            if foreign := [piece for _, key, piece in found if not _stands_in(piece, records[key].text)]:
                raise ValueError(f"'{row}' names words that are not in its line: {foreign[0]}.")
            right, arguable = ([key for mark, key, _ in found if bool(mark) is half] for half in (False, True))
            pieces = {key: piece for _, key, piece in found if piece}
            questions.append(Asked(question[1].strip(), right, WORLD, at, arguable=arguable, pieces=pieces))
        else:
            raise ValueError(f"'{row}' is neither a line nor a question.")
    ordered = sorted(records.values(), key=lambda record: (record.at or at, int(record.key)))
    return Life(name, owner, ordered, questions)


def _stands_in(piece: str, text: str) -> bool:
    return piece.replace(NEW_LINE, "\n") in text


def _record(line: re.Match[str], records: Mapping[str, Record]) -> Record:
    at = datetime.fromisoformat(line[2]).replace(tzinfo=UTC)
    where, _, of = line[3].strip().partition(" ")
    key, text = line[1], line[4].strip().replace(NEW_LINE, "\n")
    thread = records[line[5]].thread if line[5] else f"talk {key}"
    if line[3].strip() == "said":
        return Record(Kind.SAID, key, text, author=OWNER, at=at, thread=thread)
    if line[3].strip() == "event":
        return Record(Kind.EVENT, key, text, title=text, at=at)
    if where not in _KINDS:
        return Record(Kind.MESSAGE, key, text, author=line[3].strip(), at=at, thread=thread)
    kind = _KINDS[where]
    return (
        Record(kind, key, text, author=of.strip(), at=at) if kind is Kind.MAIL else Record(kind, key, text, of, at=at)
    )
