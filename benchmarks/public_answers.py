"""What the product answers to questions about public lives, LifeBench's and LoCoMo's: by rule, and every reply to read.

    python benchmarks/public_answers.py (--lifebench FOLDER | --locomo FILE) --out FILE [--life NAME] [--every 2]
        [--no-model]

Like `answers.py`, but others wrote the lives, the questions and the answers. A life's records go into a store as they
are, and each question is put to the host on the last evening of the month in which it was asked (LoCoMo: after the
last talk), when what was recorded later is not there yet. The owner's name is known, where there is an owner. Only
questions with an answer of a few words are asked, and none that comes with a choice of answers; LoCoMo's category 5,
and what LifeBench calls unanswerable, is not there. What must be said of an answer is each of its days and numbers,
and each of its words that the question does not have. LoCoMo is for measuring only: its replies are counted, not read.
"""

import argparse
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import anyio
from answer_tables import HEAD, row_of, verdict
from asked import Life, Question
from figures import markdown, parser_of
from life_answers import NO_MODEL, Answer, ask_all, watched
from life_stores import clock_of, config_for, encoder_of, store_of
from lives import Asked, lifebench, locomo
from lives import Life as Public
from rich.console import Console
from scoring import NONE, Verdict

from voiceos.config.paths import data_folder
from voiceos.host import Host
from voiceos.language.data import words_in
from voiceos.language.terms import words
from voiceos.language.times import Moment, Period, find
from voiceos.memory.memory import Memory
from voiceos.store.forgetting import Unwanted
from voiceos.store.ledger import Ledger
from voiceos.store.records import Source

FEW_WORDS = 5
"""Words of an answer that can be judged by rule."""
UNANSWERABLE = ("5", "Unanswerable")
SOURCES = {
    **dict.fromkeys(("sms", "push", "agent_chat"), "chat"),
    **{"note": "markdown", "calendar": "calendar", "contact": "contacts"},
}
"""What a record of LifeBench would be read from; all others are rows of a table."""


@dataclass(frozen=True, slots=True)
class Put:
    """A public life with the questions that are put."""

    life: Life
    public: Public
    source: Callable[[str], tuple[str, str]]
    """What a record comes from, by its key: a name, and the kind of source."""


def of_lifebench(public: Public) -> Put:
    questions = [
        _question(number, one, public, month_end(one.at))
        for number, one in enumerate(public.questions)
        if one.options == 0 and len(one.answer.split()) <= FEW_WORDS
    ]

    def source(key: str) -> tuple[str, str]:
        file = key.partition(":")[0]
        return file, SOURCES.get(file, "table")

    return Put(_life(public, questions), public, source)


def of_locomo(public: Public) -> Put:
    questions = [
        _question(number, one, public, one.at)
        for number, one in enumerate(public.questions)
        if one.category in UNANSWERABLE or (one.answer and len(one.answer.split()) <= FEW_WORDS)
    ]
    return Put(_life(public, questions), public, lambda _: ("talk", "chat"))


def _life(public: Public, questions: Sequence[Question]) -> Life:
    owner = [public.owner] if public.owner else []
    latest = sorted(questions, key=lambda one: one.at, reverse=True)
    return Life(public.name.replace(" ", ""), Path(), owner, "UTC", latest)


def month_end(at: datetime) -> datetime:
    """The last evening of its month."""
    return (at.replace(day=1) + timedelta(days=31)).replace(day=1, hour=21, minute=0) - timedelta(days=1)


def _question(number: int, one: Asked, public: Public, at: datetime) -> Question:
    at = at.replace(tzinfo=None)
    kind = NONE if one.category in UNANSWERABLE else one.category
    gold = [] if kind == NONE else list(pieces(one.answer, one.text, at))
    texts = {record.key: f"{record.title} {record.text}" for record in public.records}
    events = groupby(sorted(one.evidence, key=public.event), key=public.event)
    return Question(number, kind, one.text, at, gold, (), [[texts[key] for key in keys] for _, keys in events])


def pieces(answer: str, question: str, now: datetime) -> Iterator[list[str]]:
    """What must be said of an answer: its days, and its words and numbers that the question does not have."""
    rest = answer
    for found in reversed(find(answer, now)):
        match found.meaning:
            case Moment():
                day = True
            case Period(datetime() as start, datetime() as end):
                day = end - start <= timedelta(days=1)
            case _:
                day = False
        if day:
            yield [answer[found.start : found.end]]
            rest = rest[: found.start] + rest[found.end :]
    asked, empty = set(words(question.lower())), words_in("en", "questions", "empty")
    said = re.findall(r"\d[\d,.]*\d|\w+", rest.lower())
    new = [word for word in said if word not in empty and word not in asked]
    if new or rest != answer:
        yield from ([word] for word in new)
    else:
        yield [answer]


async def measure(arguments: argparse.Namespace, console: Console) -> list[tuple[Answer, Verdict]]:
    puts = [of_lifebench(one) for one in lifebench(arguments.lifebench)] if arguments.lifebench else []
    puts += [of_locomo(one) for one in locomo(arguments.locomo)] if arguments.locomo else []
    judged: list[tuple[Answer, Verdict]] = []
    for put in puts:
        life = put.life
        if arguments.life and life.name not in arguments.life:
            continue
        questions = sorted(sorted(life.questions, key=lambda one: one.number)[:: arguments.every], key=_latest)
        if arguments.most:
            questions = questions[: arguments.most]
        with tempfile.TemporaryDirectory() as folder, watched(not arguments.no_model) as watch:
            config = config_for(arguments, life, folder)
            name = f"{life.name}-{_digest(put, encoder_of(config))}"

            async def filled(host: Host, put: Put = put) -> None:
                async with host.memory.another() as db:
                    await anyio.to_thread.run_sync(fill, Ledger(db), put)

            with clock_of(life):
                place = await store_of(config, name, arguments.stores, filled, console)
            shutil.copytree(place, data_folder(config.store))
            if not arguments.no_model:  # what was found is told by a run without it
                questions = [Question(one.number, one.kind, one.text, one.at, one.gold, (), ()) for one in questions]
            asking = ask_all(config, life, questions, watch, with_model=not arguments.no_model, before=_only_until)
            known = {one.number: one for one in questions}
            async for answer in asking:
                if answer.failure:
                    console.print(f"{life.name}:{answer.number}: {answer.failure}", style="yellow")
                    continue
                one = known[answer.number]
                said = verdict(answer.reply, one, life.zone)
                judged.append((answer, said))
                row = asdict(answer) | {"verdict": said, "gold": one.gold, "asked": f"{one.at:%Y-%m-%d}"}
                with arguments.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return judged


def _latest(one: Question) -> tuple[float, int]:
    return -one.at.timestamp(), one.number


def _digest(put: Put, encoder: str) -> str:
    """Of what its store is filled with; the indexes bring themselves up to date."""
    told = f"{encoder} {[(put.source(one.key), one) for one in put.public.records]}"
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def fill(ledger: Ledger, put: Put) -> None:
    """A source for each file and month, so that what is later than a question can go."""
    filed = sorted(((*put.source(one.key), _month(one.at)), number) for number, one in enumerate(put.public.records))
    for (file, kind, month), rows in groupby(filed, key=lambda row: row[0]):
        source = Source(f"/{put.life.name}/{month}/{file}", kind, file)
        ledger.add(source, [put.public.records[number] for _, number in rows])


def _month(at: datetime | None) -> str:
    return f"{at:%Y-%m}" if at else "0000-00"


def _only_until(memory: Memory, one: Question) -> None:
    """Takes out what is of later months. Questions are asked from the latest on."""
    with memory.reading() as db:
        uris = [row[0] for row in db.execute("SELECT uri FROM source WHERE uri LIKE '/%/%/%'").fetchall()]
    if later := [uri for uri in uris if uri.split("/")[2] > _month(one.at)]:
        memory.forget(Unwanted(sources=later, vanished=True))


def tables(judged: Sequence[tuple[Answer, Verdict]], console: Console) -> None:
    mine = [one for one in judged if one[0].kind != NONE]

    def row(name: str, some: Sequence[tuple[Answer, Verdict]]) -> list[str]:
        return row_of(name, [one for one, _ in some], [said for one, said in some if one.by != NO_MODEL], [])[:-1]

    groups = {life: [one for one in mine if one[0].life == life] for life in dict.fromkeys(one.life for one, _ in mine)}
    groups |= {kind: [one for one in mine if one[0].kind == kind] for kind in sorted({one.kind for one, _ in mine})}
    console.print(markdown(HEAD[:-1], [*(row(*one) for one in groups.items()), row("all", mine)]), markup=False)
    console.print(f"Left to the model: {sum(one.by == NO_MODEL for one, _ in mine)}.")
    said = [said for one, said in judged if one.kind == NONE and one.by != NO_MODEL]
    asked = sum(one.kind == NONE for one, _ in judged)
    console.print(f"Not there: {said.count(Verdict.HONEST)} of {asked} honest, {said.count(Verdict.MADE_UP)} made up.")


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--lifebench", type=Path, metavar="FOLDER")
    parser.add_argument("--locomo", type=Path, metavar="FILE")
    parser.add_argument("--life", action="append", default=[], help="only this one")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth question of a life")
    parser.add_argument("--most", type=int, metavar="N", help="only so many of a life")
    parser.add_argument("--no-model", action="store_true", help="ask all but the language model")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="every reply, one a line")
    parser.add_argument("--stores", type=Path, default=Path.home() / ".cache" / "voiceos-public", help="filled stores")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    tables(anyio.run(measure, arguments, console), console)


if __name__ == "__main__":
    main()
