"""The two public sets of lives with questions and evidence, read as records of a memory. Neither is in the repository.

LoCoMo (CC BY-NC 4.0: for measuring only): a record is a turn; what a picture shows belongs to its text. LifeBench
(Apache-2.0): a record is a message, note, call, notification, picture, appointment, day of health figures, or talk with
an assistant, as the phone kept it (without the summaries that come with the set); evidence that names no record is left
out. Records of one event (a walk with its pictures and messages) answer for each other.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voiceos.store.records import OWNER, Kind, Record

NOT_TRANSLATED = "Please translate the following"
"""LifeBench has the prompt of its translator where a field was empty."""

NO_EVENT = "0"
"""LifeBench's number of the event of a row that belongs to none."""

END = datetime(2025, 12, 31, tzinfo=UTC)
"""When a question of LifeBench was asked that does not say so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the keys of the records that answer it."""

    text: str
    evidence: Sequence[str]
    category: str
    at: datetime
    answer: str = ""
    arguable: Sequence[str] = ()
    """Keys of records of which it is arguable whether they answer."""
    options: int = 0
    """How many answers there are to choose from; 0: none are given."""
    pieces: Mapping[str, str] = field(default_factory=dict[str, str])
    """By the key of a longer record the words in it that answer, where that is known."""


@dataclass(frozen=True, slots=True)
class Life:
    """Records in the order in which they are kept, and questions about them."""

    name: str
    owner: str
    records: Sequence[Record]
    questions: Sequence[Asked]
    events: Mapping[str, str] = field(default_factory=dict[str, str])
    """By the key of a record what it tells of, where that is known."""

    def event(self, key: str) -> str:
        """What a record tells of; itself, if nothing else is known."""
        return self.events.get(key, key)


def locomo(path: Path) -> list[Life]:
    """The ten conversations of `locomo10.json`."""
    return [_conversation(number, one) for number, one in enumerate(json.loads(path.read_text()))]


def _conversation(number: int, one: Mapping[str, Any]) -> Life:
    talk = one["conversation"]
    sessions = sorted(int(key.split("_")[1]) for key in talk if re.fullmatch(r"session_\d+", key))
    records: list[Record] = []
    for session in sessions:
        at = datetime.strptime(talk[f"session_{session}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for turn in talk[f"session_{session}"]:
            shown = f" (shares {turn['blip_caption']})" if turn.get("blip_caption") else ""
            text, author = turn["text"] + shown, turn["speaker"]
            records.append(
                Record(Kind.MESSAGE, turn["dia_id"], text, author=author, at=at, thread=f"session {session}")
            )
    there = {record.key for record in records}
    end = max(record.at for record in records if record.at)
    questions = [
        Asked(
            question["question"],
            [key for key in dict.fromkeys(_turns(question["evidence"])) if key in there],
            str(question["category"]),
            end,
            str(question.get("answer", "")),
        )
        for question in one["qa"]
    ]
    return Life(f"locomo {number}", "", records, questions)


def _turns(evidence: Sequence[str]) -> Iterator[str]:
    """Some evidence names several turns in one string."""
    for session, turn in re.findall(r"D(\d+):(\d+)", " ".join(evidence)):
        yield f"D{session}:{int(turn)}"


def lifebench(path: Path) -> list[Life]:
    """The people of LifeBench, one in each folder."""
    return [_person(folder) for folder in sorted(path.iterdir()) if folder.is_dir()]


def _person(folder: Path) -> Life:
    owner = json.loads((folder / "persona.json").read_text())["name"]
    records: dict[str, Record] = {}
    events: dict[str, str] = {}
    for file in sorted((folder / "phone_data").glob("*.json")):
        for number, row in enumerate(json.loads(file.read_text())):
            key = f"{file.stem}:{row.get('phone_id', row.get('id', f'row {number}'))}"
            record = _record(file.stem, key, row)
            if records.setdefault(key, record) is record and str(row.get("event_id", NO_EVENT)) != NO_EVENT:
                events[key] = f"event {row['event_id']}"
    ordered = sorted(
        records.values(), key=lambda record: (record.thread, record.at or datetime.min.replace(tzinfo=UTC))
    )
    questions: list[Asked] = []
    for row in json.loads((folder / "QA" / "QA_clean.json").read_text()):
        keys = dict.fromkeys(f"{item.get('type')}:{item.get('id')}" for item in row.get("evidence", []))
        answer = str(row.get("answer", ""))
        for option in row.get("options", []):
            answer = answer if option["option"] not in answer[:1] else option["content"]
        at = _moment(f"{row.get('ask_time')}-28") or _moment(row.get("ask_time")) or END
        questions.append(
            Asked(
                row["question"],
                [key for key in keys if key in records],
                str(row.get("question_type", "")),
                at,
                answer,
                options=len(row.get("options", [])),
            )
        )
    return Life(folder.name, owner, ordered, questions, events)


def _record(kind: str, key: str, row: Mapping[str, Any]) -> Record:
    """A row as a record; what it does not have is empty."""
    at = _moment(row.get("start_time") or row.get("datetime") or row.get("date") or row.get("日期"))
    match kind:
        case "sms":
            person = row.get("contactName") or ""
            text = re.sub(r"^[A-Z][\w .()'-]{1,30}:\s+", "", _text(row.get("message_content")))
            sent = str(row.get("message_type", "")).lower().startswith("s")
            return Record(Kind.MESSAGE, key, text, author=OWNER if sent else person, at=at, thread=f"sms {person}")
        case "call":
            person = row.get("contactName") or ""
            text = f"call with {person}, {row.get('call_result', '')}"
            return Record(Kind.ROW, key, text, author=person, at=at, thread="calls")
        case "calendar":
            return Record(
                Kind.EVENT, key, _text(row.get("description")), _text(row.get("title")), OWNER, at=at, thread="calendar"
            )
        case "note":
            return Record(
                Kind.NOTE, key, _text(row.get("content")), _text(row.get("title")), OWNER, at=at, thread="notes"
            )
        case "push":
            sender, title = _text(row.get("source")), _text(row.get("title"))
            return Record(Kind.MESSAGE, key, _text(row.get("content")), title, sender, at=at, thread=f"push {sender}")
        case "photo":
            return Record(Kind.ROW, key, _picture(row), author=OWNER, at=at, thread="photos")
        case "agent_chat":
            return Record(Kind.MESSAGE, key, "\n".join(_said(row)), author=OWNER, at=at, thread="chat")
        case "contact":
            text = ", ".join(f"{name} {value}" for name, value in row.items() if name not in ("phone_id", "id", "name"))
            return Record(Kind.CONTACT, key, text, _text(row.get("name")), at=at, thread="contacts")
        case _:
            text = "; ".join(
                _figures({name: value for name, value in row.items() if name not in ("日期", "phone_id", "id")})
            )
            return Record(Kind.ROW, key, text, author=OWNER, at=at, thread=kind)


def _picture(row: Mapping[str, Any]) -> str:
    place = row.get("location") or {}
    poi = place.get("poi", "") if isinstance(place, dict) else str(place)
    parts = [_text(row.get("caption")), _text(poi), _list(row.get("imageTag")), _list(row.get("faceRecognition"))]
    return "; ".join(part for part in (*parts, _text(row.get("ocrText"))) if part)


def _said(row: Mapping[str, Any]) -> Iterator[str]:
    for exchange in row.get("conversation", {}).values():
        for side in ("user", "assistant"):
            words = exchange.get(side) if isinstance(exchange, dict) else None
            text = _text(words.get("content") if isinstance(words, dict) else words)
            if text:
                yield text


def _figures(row: Mapping[str, Any]) -> Iterator[str]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield f"{name}: {', '.join(_figures(value))}"
        elif isinstance(value, list):
            rows = (", ".join(_figures(each)) if isinstance(each, dict) else str(each) for each in value)
            yield f"{name}: {', '.join(rows)}"
        elif value:
            yield f"{name} {value}"


def _text(value: object) -> str:
    return value if isinstance(value, str) and NOT_TRANSLATED not in value else ""


def _list(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else _text(value)


def _moment(text: object) -> datetime | None:
    for shape in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return datetime.strptime(str(text), shape).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
