"""Conversations written for this project, with questions whose evidence is known, read as records of a memory.

A file holds the speakers (`# Ilse, Marek`), sessions (`## 1 2023-03-04 19:20`), utterances (`1.2 Marek: Long story.`),
and after `# Questions` lines of `kind | question | evidence`: `single`, `list`, `time`, `infer`, or `none`, which
nothing answers. Where one of the speakers is `Assistant`, the other is the owner of the memory; its own words are
never searched.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from lives import Asked, Life

from voiceos.store.records import ASSISTANT, OWNER, Kind, Record

UNANSWERABLE = "none"
SWAPPED = "swapped"
"""The kind of a question that was made from another by asking of the other speaker."""
_SESSION = re.compile(r"## (\d+) (\d{4}-\d\d-\d\d \d\d:\d\d)")
_UTTERANCE = re.compile(r"(\d+\.\d+) (\w[^:]*?): (.+)")


def talks(folder: Path) -> list[Life]:
    """The conversations of a folder, by the names of their files."""
    return [talk(path) for path in sorted(folder.glob("*.txt"))]


def swapped(life: Life) -> Life:
    """The same conversation with questions that nothing answers: what one speaker told, asked of the other."""
    said = {record.key: record.author for record in life.records}
    names = sorted(set(said.values()))
    questions: list[Asked] = []
    for asked in life.questions:
        told_by = {said[key] for key in asked.evidence}
        if len(names) == 2 and len(told_by) == 1 and asked.category != "list":
            (one,) = told_by
            (other,) = set(names) - told_by
            if re.search(rf"\b{one}\b", asked.text) and other not in asked.text:
                text = re.sub(rf"\b{one}\b", other, asked.text)
                questions.append(Asked(text, [], SWAPPED, asked.at))
    return Life(life.name, life.owner, life.records, questions)


def talk(path: Path) -> Life:
    """One conversation. Raises ValueError with file and line for what is none."""
    speakers: list[str] = []
    records: list[Record] = []
    questions: list[tuple[str, str, list[str]]] = []
    at = datetime.min.replace(tzinfo=UTC)
    thread = ""
    asking = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line:
            continue
        if not speakers:
            speakers = [name.strip() for name in line.removeprefix("#").split(",")]
        elif line == "# Questions":
            asking = True
        elif asking and (parts := [part.strip() for part in line.split("|")]) and len(parts) == 3:
            questions.append((parts[0], parts[1], re.findall(r"\d+\.\d+", parts[2])))
        elif not asking and (session := _SESSION.fullmatch(line)):
            thread = f"session {session[1]}"
            at = datetime.strptime(session[2], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        elif not asking and (said := _UTTERANCE.fullmatch(line)) and said[2] in speakers:
            records.append(_record(said[1], said[2], said[3], speakers, at, thread))
        else:
            raise ValueError(f"{path}:{number}: neither a session nor an utterance nor a question.")
    searched = {record.key for record in records if record.kind is not Kind.REPLY}
    end = max(record.at for record in records if record.at)
    asked = [Asked(text, [key for key in keys if key in searched], kind, end) for kind, text, keys in questions]
    owner = speakers[0] if "Assistant" in speakers else ""
    return Life(path.stem, owner, records, asked)


def _record(key: str, speaker: str, text: str, speakers: Sequence[str], at: datetime, thread: str) -> Record:
    if "Assistant" not in speakers:
        return Record(Kind.MESSAGE, key, text, author=speaker, at=at, thread=thread)
    if speaker == "Assistant":
        return Record(Kind.REPLY, key, text, author=ASSISTANT, at=at, thread=thread)
    return Record(Kind.SAID, key, text, author=OWNER, at=at, thread=thread)
