"""A life of `benchmarks/answers/`: its files, what was said to the assistant, and questions with what answers them.

`questions.txt` begins with the owner's names and the time zone (`# …`). A line `@ 2026-12-05 18:30` tells when the
questions after it are asked. A question is `kind | question | gold | avoid | evidence`: pieces are parted by `;`
(evidence: `;;`), what may stand for one another by ` / `. Evidence is a distinctive piece of the record's text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("answers")
HELD_OUT = "held_out"
QUESTIONS, NOT_THERE = "questions.txt", "not_there.txt"
"""Those of all kinds; and more that nothing answers, though something near each is there."""
KINDS = {
    "fact": "one fact",
    "several": "several pieces",
    "time": "time computed",
    "change": "change over time",
    "count": "count or list",
    "who": "who",
    "other": "about another person",
    "none": "not there",
    "general": "general knowledge",
}


class Said(NamedTuple):
    """A turn of long ago."""

    at: datetime
    words: str
    reply: str


@dataclass(frozen=True, slots=True)
class Question:
    number: int
    kind: str
    text: str
    at: datetime
    """Without a zone: a time of the owner's clock."""
    gold: Sequence[Sequence[str]]
    avoid: Sequence[str]
    evidence: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Life:
    name: str
    folder: Path
    owner: Sequence[str]
    zone: str
    questions: Sequence[Question]

    @property
    def files(self) -> Path:
        """What its owner adds to the memory."""
        return self.folder / "files"

    def said(self) -> list[Said]:
        blocks = re.split(r"^## ", (self.folder / "talk.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        return [_said(block.strip().splitlines()) for block in blocks]


def lives(*, held_out: bool, file: str = QUESTIONS) -> list[Life]:
    """Those to learn from that have a file of questions; those that are kept aside too, if asked for."""
    folders = [path.parent for path in sorted(FOLDER.glob(f"*/{file}"))]
    if held_out:
        folders += [path.parent for path in sorted((FOLDER / HELD_OUT).glob(f"*/{file}"))]
    return [life(folder, file) for folder in folders]


def life(folder: Path, file: str = QUESTIONS) -> Life:
    """Raises ValueError with file and line for what is none."""
    path = folder / file
    owner, zone, *rows = path.read_text(encoding="utf-8").splitlines()
    names = [name.strip() for name in owner.removeprefix("#").split(",")]
    return Life(folder.name, folder, names, zone.removeprefix("#").strip(), list(_questions(path, rows)))


def _questions(path: Path, rows: Sequence[str]) -> Iterator[Question]:
    at = datetime.min
    for number, row in enumerate(rows, 3):
        if row.startswith("@ "):
            at = datetime.fromisoformat(row[2:].strip())
            continue
        kind, *fields = [field.strip() for field in row.split("|")]
        if kind not in KINDS or len(fields) not in (3, 4) or at == datetime.min:
            raise ValueError(f"{path}:{number}: not a question.")
        text, gold, avoid, *evidence = fields
        yield Question(number, kind, text, at, _pieces(gold, ";"), _either(avoid), _pieces("".join(evidence), ";;"))


def _pieces(text: str, mark: str) -> list[list[str]]:
    return [_either(piece) for piece in text.split(f" {mark} ") if piece.strip()]


def _either(text: str) -> list[str]:
    return [one.strip() for one in text.split(" / ") if one.strip()]


def _said(rows: Sequence[str]) -> Said:
    words = " ".join(row for row in rows[1:] if not row.startswith("> "))
    reply = " ".join(row.removeprefix("> ") for row in rows[1:] if row.startswith("> "))
    return Said(datetime.fromisoformat(rows[0].strip()), words, reply)
