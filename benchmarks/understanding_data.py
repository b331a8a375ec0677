"""Sentences with what they ask for: CLINC150, SLURP, those of this project, and talk that asks the memory or nothing.

`understanding/intents.toml` says what the intents of CLINC150 and SLURP are here; `own.txt`, `memory.txt` and
`none.txt` were written for this project.
"""

import json
import re
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from talks import talks

from voiceos.language.data import table
from voiceos.skills.judge import NONE

DATA = Path(__file__).with_name("understanding")
TALK = Path(__file__).with_name("talk")
LONGEST = 25
"""Words of a sentence of talk that is learnt from."""


NEW = ("none", "calendar.put", "calendar.clear")
"""What is also asked without anything being named that a calendar has."""

FOLDS = 5
OTHER_TOPICS = (7, 31)
"""How far the others are whose topics a request to the memory is given, too."""


def part_of(text: str) -> int:
    """Of the parts that a sentence is in, of which each is judged by networks that learnt from the others."""
    return zlib.crc32(text.encode()) % FOLDS


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    kind: str
    """What it asks for; `NONE`: nothing that we have."""
    source: str
    intent: str
    """As its source names it: what asks for nothing of ours is told apart by it."""
    held: bool = False
    """Never learnt from."""


def lines(nlu: Path) -> list[Line]:
    """`nlu`: a folder with clinc150-train.json and slurp-devel.tsv."""
    return [
        *clinc(nlu / "clinc150-train.json"),
        *slurp(nlu / "slurp-devel.tsv"),
        *own(),
        *to_memory(),
        *none(),
        *talk(),
    ]


def beyond(nlu: Path) -> Iterator[Line]:
    """The same sentences, by what nobody here can do or know, and what can't wait: `understanding/beyond.*`."""
    data = tomllib.loads((DATA / "beyond.toml").read_text(encoding="utf-8"))
    kinds = {intent: kind for kind, intents in data.items() for intent in intents.split()}
    own = list(_sections(DATA / "beyond.txt"))
    known = {text for _, _, text in own}
    for line in lines(nlu):
        kind = kinds.get(line.intent, NONE)
        if kind != "-" and line.text not in known:
            yield replace(
                line, kind=f"beyond.{kind}" if kind else NONE, intent=line.kind.replace(".", ":") or line.intent
            )
    for kind, number, text in own:
        name = NONE if kind == "none" else kind if "." in kind else f"beyond.{kind}"
        yield Line(text, name, "beyond", f"beyond:{kind}", number % 3 == 2)


def named() -> Iterator[tuple[str, int, str]]:
    """What is asked of a calendar: the kind, a number, and the sentence with brackets round what it calls things."""
    return _sections(DATA / "calendar.txt")


def of_calendar(nlu: Path) -> Iterator[Line]:
    """Requests to a calendar, where what it has is called `stand_in`; and everything else, some of it so as well."""
    data = table("en", "skills/calendar")
    stand_in, common = data["stand_in"], set(data["common"].split())
    for kind, number, text in named():
        name = NONE if kind == "none" else kind
        held, bare = number % 6 == 5, text.replace("[", "").replace("]", "")
        for words in {re.sub(r"\[.*?\]", stand_in, text), *([bare] if kind in NEW or text == bare else [])}:
            yield Line(words, name, "calendar" if name else "near it", "near it", held)
    for line in lines(nlu):
        ours, number = line.kind.startswith("calendar."), zlib.crc32(line.text.encode())
        if not ours and number % 3:  # there is enough of it
            continue
        line = line if ours else replace(line, kind=NONE, intent=(line.kind or line.intent).replace(".", ":"))
        yield line
        words = [word for word in re.findall(r"\w{4,}", line.text) if word.lower() not in common]
        if not ours and words and number % 2:
            word = words[number // 7 % len(words)]
            yield replace(line, text=line.text.replace(word, stand_in), source="swapped", intent="swapped")


def clinc(path: Path) -> Iterator[Line]:
    for part, rows in json.loads(path.read_text(encoding="utf-8")).items():
        for text, intent in rows:
            yield from _mapped(text, "out of scope" if part.startswith("oos") else "CLINC150", intent, "clinc")


def slurp(path: Path) -> Iterator[Line]:
    for row in path.read_text(encoding="utf-8").splitlines()[1:]:
        intent, text = row.split("\t")[:2]
        yield from _mapped(text, "SLURP", intent, "slurp")


def _mapped(text: str, source: str, intent: str, table: str) -> Iterator[Line]:
    kind = _apart(intents()[table].get(intent, "none"), text)
    if kind != "-":
        yield Line(text, NONE if kind == "none" else kind, source, f"{table}:{intent}")


def _apart(kind: str, text: str) -> str:
    return next((to for found, to in intents()["apart"].get(kind, ()) if re.search(found, text)), kind)


@cache
def intents() -> dict[str, Any]:
    return tomllib.loads((DATA / "intents.toml").read_text(encoding="utf-8"))


def same() -> dict[str, list[str]]:
    """By intent, those that will do as well."""
    return intents()["same"]


def may() -> dict[str, list[str]]:
    """By label, the skills that rightly answer what is of no kind."""
    return intents()["may"]


def own() -> Iterator[Line]:
    for kind, number, text in _sections(DATA / "own.txt"):
        kind = (
            _apart(kind, text) if kind in ("calendar.list", "home.control") or kind.startswith("world_clock") else kind
        )
        yield Line(text, kind, "own", kind, number % 3 == 2)


def to_memory() -> Iterator[Line]:
    """What is asked of the memory, also with other topics in the same words."""
    for one in framed_topics():
        yield Line(one.text, one.kind, "memory", one.kind, one.held)


class Framed(NamedTuple):
    """A request to the memory around its topic."""

    kind: str
    before: str
    topic: str
    after: str
    held: bool

    @property
    def text(self) -> str:
        return f"{self.before}{self.topic}{self.after}"


def framed_topics() -> Iterator[Framed]:
    """Each as it was written, and with the topics of others of its kind; no topic where it has none."""
    written = list[Framed]()
    for kind, number, text in _sections(DATA / "memory.txt"):
        before, topic, after = [*re.split(r"[\[\]]", text), "", ""][:3]
        written.append(Framed(kind, before, topic, after, number % 3 == 2))
    yield from written
    for kind in dict.fromkeys(one.kind for one in written):
        some = [one for one in written if one.kind == kind and one.topic]
        for step in OTHER_TOPICS if some else ():
            for one, other in zip(some, some[step:] + some[:step], strict=True):
                yield one._replace(topic=other.topic)


def none() -> Iterator[Line]:
    for _, number, text in _sections(DATA / "none.txt"):
        yield Line(text, NONE, "not an order", "none", number % 3 == 2)


def talk() -> Iterator[Line]:
    """What people say to each other, and ask of their memory."""
    for folder, held in ((TALK, False), (TALK / "held_out", True)):
        for life in talks(folder):
            said = [(record.text, "said") for record in life.records]
            for text, what in [*said, *((asked.text, "asked") for asked in life.questions)]:
                if len(text.split()) <= LONGEST:
                    yield Line(text, "person.told" if what == "asked" else NONE, f"talk, {what}", what, held)


def _sections(path: Path) -> Iterator[tuple[str, int, str]]:
    name, number = "", 0
    for row in path.read_text(encoding="utf-8").splitlines():
        if row.startswith("## "):
            name, number = row[3:], 0
        elif row and not row.startswith("#"):
            yield name, number, row
            number += 1
