"""What the product answers to questions about whole lives, from the files to the words: found, chosen, answered.

    python benchmarks/answers.py [--life NAME] [--kind KIND] [--every 5] [--no-model] [--held-out] [--show]

A life's files are added as its owner would, what was said before is kept as turns, and every question is put to the
host, with the clock at the time when it was asked. Where the language model is asked, it is asked again with nothing
but the right evidence, through the product's own prompt. So one sees what fails:

found: the evidence is among the first ten records (recall@10). chosen: it is in what the mind, or a skill, got.
answered: right, partly (some of it, or unsurely), wrong (as a fact), declined; by rule (`scoring.py`).

`--no-model` asks all but the language model, which is quick. `--resume FILE` writes each answer there and leaves out
what is there already. Filled stores are kept between runs (`--stores`). `held_out/` is for measuring only: its
questions are asked with `--held-out` and never shown.
"""

import argparse
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import anyio
from anyio.to_thread import run_sync as in_thread
from asked import HELD_OUT, KINDS, Life, Question, lives
from figures import conditions, config_of, markdown, parser_of, percentile, save
from rich.console import Console
from scoring import GENERAL, NONE, Verdict, Wanted, judged

import voiceos
from voiceos import app, minds
from voiceos.clock import local_time
from voiceos.config.paths import data_folder, models_folder
from voiceos.config.settings import Config
from voiceos.core import Action, Outcome, Part, Recalled, Transcript, Turn
from voiceos.errors import VoiceosError
from voiceos.host import Host
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.memory import Memory
from voiceos.memory.recall.provenance import of_excerpt, of_record
from voiceos.memory.recall.recollection import Recollection
from voiceos.mind.prompt import Persona, build_messages
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.protocols import Mind
from voiceos.skills.skill import BY_SKILL
from voiceos.store.ledger import Ledger
from voiceos.store.records import ASSISTANT, OWNER, Kind
from voiceos.store.turns import TurnStore

FIRST = 10
"""Records among which evidence counts as found."""
MOST_OF_IT = 0.75
"""Share of the evidence's words that must be in the prompt: relative words in it may be written otherwise."""
MODEL, NO_MODEL, NOT_ASKED = "model", "model not asked (--no-model)", "not asked"
PATIENCE = "110"
"""Seconds that the model has on a busy machine, where nobody waits for it."""
KEPT_SECONDS = 2 * 86_400
"""Age at which stores that another version filled are removed."""
FILLING = ("memory", "store", "language")
"""The rooms of the product that a filled store depends on."""


@dataclass(slots=True)
class Answer:
    """What became of one question."""

    life: str
    number: int
    kind: str
    question: str
    reply: str = ""
    by: str = ""
    """The skill that answered, the model, or that the model was not asked, since it could only guess."""
    found: float | None = None
    """Shares of the evidence; None where there is none."""
    chosen: float | None = None
    """None, too, where a skill answered that tells no memories."""
    seconds: float | None = None
    """Until the first words."""
    prompt: str = ""
    given: str | None = None
    """The model's reply to the right evidence."""
    failure: str = ""
    """Why the model gave no answer, such as a machine that is too busy: asked again in the next run, and not judged."""


class Clock(datetime):
    """A wall clock that goes on from a time that is set: see `voiceos.clock`, which alone asks it."""

    shown: datetime
    since: float

    @classmethod
    def set(cls, at: datetime) -> None:
        cls.shown, cls.since = at, time.monotonic()

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # returns no Clock
        return cls.shown + timedelta(seconds=time.monotonic() - cls.since)


@contextmanager
def clock_of(life: Life) -> Generator[Callable[[datetime], None]]:
    """The clock and the zone of a life; what it yields sets the clock."""
    before, zone = os.environ.get("TZ"), ZoneInfo(life.zone)

    def show(at: datetime) -> None:
        Clock.set(at.replace(tzinfo=zone))

    show(life.questions[0].at)
    os.environ["TZ"] = life.zone
    time.tzset()
    try:
        with patch("voiceos.clock.datetime", Clock):
            yield show
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


@dataclass(slots=True)
class Watched:
    """A mind that notes whether it was asked; without one behind it, it says nothing of use."""

    mind: Any = None
    asked: list[Turn] = field(default_factory=list[Turn])

    @property
    def name(self) -> str:
        return self.mind.name if self.mind else NO_MODEL

    def __getattr__(self, name: str) -> Any:
        return getattr(self.mind, name)

    @property
    def from_lines(self) -> Any:
        """The same for a mind that answers from lines."""
        if not self.mind:
            return None
        answer = self.mind.from_lines

        async def noted(question: str, *rest: Any) -> str:
            self.asked.append(Turn("", "", transcript=Transcript(question)))
            return await answer(question, *rest)

        noted.warm = answer.warm  # type: ignore[attr-defined]
        return noted

    async def reply(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        self.asked.append(turn)
        if not self.mind:
            yield Part("…")
            return
        async for part in self.mind.reply(turn):
            yield part


@contextmanager
def watched(with_model: bool) -> Generator[Watched]:
    """The mind that hosts will open meanwhile."""
    watch, make = Watched(), minds.make

    def made(*arguments: Any) -> AbstractAsyncContextManager[Mind]:
        @asynccontextmanager
        async def opened() -> AsyncGenerator[Watched]:
            if not with_model:
                yield watch
                return
            async with make(*arguments) as watch.mind:
                yield watch

        return opened()

    with patch("voiceos.minds.make", made):
        yield watch


async def filled(config: Config, life: Life, stores: Path, console: Console) -> Path:
    """A folder with the life's store, filled now or in an earlier run."""
    encoder = Shelf(models_folder(config.store)).status(MEMORY)
    place = stores / f"{life.name}-{_digest(life, f'{MEMORY} {encoder.ready}')}"
    if place.exists():
        place.touch()
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=stores) as folder:
        here = config.store.model_copy(update={"folder": Path(folder) / "store"})
        started = time.perf_counter()
        async with app.open_host(config.model_copy(update={"store": here}), "a benchmark", upkeep=False) as host:
            await host.turns(lambda turns: _keep(turns, life))
            async with host.memory.another() as db:
                intake = Intake(db, me=config.memory.me)
                report = await in_thread(lambda: intake.add([life.files]))
            await in_thread(host.memory.catch_up)
            with host.memory.reading() as db:
                (records,) = db.execute("SELECT count(*) FROM record").fetchone()
        for skipped in report.skipped:
            console.print(f"{skipped.path.name}: {skipped.reason}", style="yellow")
        console.print(f"{life.name}: {records} records in {time.perf_counter() - started:.0f} s", style="dim")
        await in_thread(_put, Path(folder) / "store", place)
    return place


def _put(filled: Path, place: Path) -> None:
    """Beside those of other versions, of which those that nobody used lately go."""
    try:
        filled.rename(place)
    except OSError:
        if not place.exists():  # another run was faster
            raise
    for old in place.parent.glob(f"{place.name.partition('-')[0]}-*"):
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(old)


def _keep(turns: TurnStore, life: Life) -> None:
    for number, said in enumerate(life.said()):
        turn = Turn(f"{life.name}{number}", f"{said.at:%Y-%m-%d}", who=OWNER, transcript=Transcript(said.words, "en"))
        turn.reply = turn.said = said.reply
        turn.outcome = Outcome.ANSWERED
        turns.save(turn, said.at.replace(tzinfo=ZoneInfo(life.zone)))


def _digest(life: Life, encoder: str) -> str:
    """Of everything that a filled store comes from."""
    rooms = Path(voiceos.__file__).parent
    files = [life.folder / "talk.txt", *sorted(path for path in life.files.rglob("*") if path.is_file())]
    files += sorted(path for room in FILLING for path in (rooms / room).rglob("*") if path.suffix in (".py", ".toml"))
    digest = hashlib.blake2b(encoder.encode(), digest_size=8)
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


async def ask_all(
    config: Config, life: Life, questions: Sequence[Question], watch: Watched, *, with_model: bool
) -> AsyncGenerator[Answer]:
    """Asks in a copy of the life's store, of which nothing of this stays."""
    with clock_of(life) as show:
        async with app.open_host(config, "a benchmark", upkeep=False) as host:
            pieces = {one.number: evidence_of(host.memory, life, one) for one in questions}
            if with_model:
                await host.warm()
            for one in questions:
                show(one.at)
                yield await _ask(host, life, one, pieces[one.number], watch, with_model=with_model)


async def _ask(
    host: Host, life: Life, one: Question, pieces: Sequence[Sequence[int]], watch: Watched, *, with_model: bool
) -> Answer:
    answer = Answer(life.name, one.number, one.kind, one.text)
    memory, turn = host.memory, Turn("", "")
    if pieces:
        found = await in_thread(lambda: memory.search(one.text, local_time(), limit=3 * FIRST))
        first = list(dict.fromkeys(memory.record_id for memory in found))[:FIRST]
        answer.found = sum(not set(piece).isdisjoint(first) for piece in pieces) / len(pieces)
    watch.asked.clear()
    began = time.perf_counter()
    try:
        async for piece in host.ask(one.text, who=OWNER, device=f"question {one.number}", keep=False):
            if isinstance(piece, Turn):
                turn = piece
                continue
            answer.seconds = answer.seconds or time.perf_counter() - began
            answer.reply += piece.text
    except VoiceosError as error:
        answer.failure = str(error)
    answer.failure = answer.failure or turn.error
    answer.reply = " ".join(answer.reply.split())
    mind = turn.engines.get("mind", "")
    answer.by = mind if mind.startswith(BY_SKILL) else (MODEL if with_model else NO_MODEL) if watch.asked else NOT_ASKED
    used = [memory for memory in turn.recalled if not memory.left_out]
    if used:
        answer.prompt = build_messages(Persona(), turn, local_time(), 0)[-1]["content"]
    if pieces and (used or not answer.by.startswith(BY_SKILL)):
        held = {memory.record_id for memory in used}
        share = [
            _in_prompt(piece, held, words, answer.prompt) for piece, words in zip(pieces, one.evidence, strict=True)
        ]
        answer.chosen = sum(share) / len(share)
    if pieces and with_model:
        try:
            answer.given = await _given(host, one, [piece[0] for piece in pieces])
        except VoiceosError as error:
            answer.failure = answer.failure or str(error)
    return answer


def _in_prompt(piece: Sequence[int], held: set[int], words: Sequence[str], prompt: str) -> bool:
    """Whether one of its records is in, with the words that count."""
    there = set(plain(prompt).split())

    def share(text: str) -> float:
        wanted = set(plain(text).split())
        return len(wanted & there) / len(wanted)

    return not held.isdisjoint(piece) and any(share(text) >= MOST_OF_IT for text in words)


async def _given(host: Host, one: Question, records: Sequence[int]) -> str:
    """What the mind says when it gets these records and nothing else."""
    mind, memory = (await host.thinking()).mind, host.memory
    with memory.reading() as db:
        told = [_memory_of(db, record, one) for record in dict.fromkeys(records)]
    real = await in_thread(lambda: memory.recall(one.text, local_time()))
    turn = Turn("given", "given", transcript=Transcript(one.text))
    text = ""

    def recall(*_: Any, **__: Any) -> Recollection:
        return real._replace(memories=told, answerable=1.0)

    with patch.object(memory, "recall", recall):
        async for part in mind.reply(turn):
            text += part.text if isinstance(part, Part) else ""
    return " ".join(text.split())


def _memory_of(db: Any, record: int, one: Question) -> Recalled:
    """The passage of a record that holds the evidence; an appointment is whole."""
    ledger = Ledger(db)
    kept = ledger.records([record])[record]
    rows = db.execute("SELECT id FROM passage WHERE record_id = ? ORDER BY id", (record,)).fetchall()
    if kept.record.kind is Kind.EVENT or not rows:
        return of_record(kept, 1.0)
    passages = [of_excerpt(excerpt, 1.0) for excerpt in ledger.passages(row[0] for row in rows).values()]
    texts = [plain(text) for piece in one.evidence for text in piece]
    return next((one for one in passages if any(text in plain(one.text) for text in texts)), passages[0])


def evidence_of(memory: Memory, life: Life, one: Question) -> list[list[int]]:
    """For each piece the records that hold it. Raises ValueError where there is none: the set is wrong."""
    with memory.reading() as db:
        rows = db.execute("SELECT id, title, text FROM record WHERE author <> ? ORDER BY id", (ASSISTANT,)).fetchall()
    texts = {row[0]: f" {plain(f'{row[1]} {row[2]}')} " for row in rows}
    pieces = [[id for id, text in texts.items() if any(plain(p) in text for p in piece)] for piece in one.evidence]
    if not all(pieces):
        raise ValueError(f"{life.folder}/questions.txt:{one.number}: no record holds {one.evidence[pieces.index([])]}.")
    return pieces


def plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


# Figures


def verdict(text: str, one: Question, zone: str) -> Verdict:
    return judged(text, Wanted(one.kind, one.gold, one.avoid, one.text), one.at.replace(tzinfo=ZoneInfo(zone)))


def row_of(name: str, answers: Sequence[Answer], verdicts: Sequence[Verdict], given: Sequence[Verdict]) -> list[str]:
    """A line of the table, for questions of the owner's life that have an answer."""

    def mean(values: Sequence[float]) -> str:
        return f"{sum(values) / len(values):.2f}" if values else "-"

    found = [one.found for one in answers if one.found is not None]
    chosen = [one.chosen for one in answers if one.chosen is not None]
    kinds = (Verdict.RIGHT, Verdict.PARTLY, Verdict.WRONG, Verdict.DECLINED)
    said = [f"{verdicts.count(kind)}" for kind in kinds] if verdicts else ["-"] * 4
    beside = " · ".join(f"{given.count(kind)}" for kind in kinds) if given else "-"
    by = [sum(one.by.startswith(BY_SKILL) for one in answers), sum(one.by == NOT_ASKED for one in answers)]
    return [name, str(len(answers)), mean(found), mean(chosen), *map(str, by), *said, beside]


HEAD = [
    *("", "questions", "found", "chosen", "by skill", "not asked", "right", "partly", "wrong", "declined"),
    "with the evidence: right · partly · wrong · declined",
]
OTHERS = ["", "questions", "well", "not", "by skill", "not asked"]


def tables(answers: Sequence[Answer], asked: Sequence[Life], console: Console) -> dict[str, Any]:
    """Prints them, and returns the figures. Without a model only what was said without it is judged."""
    known = {(life.name, one.number): (one, life) for life in asked for one in life.questions}
    judgements: dict[int, Verdict] = {}
    beside: dict[int, Verdict] = {}
    for answer in answers:
        one, life = known[answer.life, answer.number]
        if answer.by != NO_MODEL:
            judgements[id(answer)] = verdict(answer.reply, one, life.zone)
        if answer.given is not None:
            beside[id(answer)] = verdict(answer.given, one, life.zone)

    def row(name: str, some: Sequence[Answer]) -> list[str]:
        said = [judgements[id(one)] for one in some if id(one) in judgements]
        return row_of(name, some, said, [beside[id(one)] for one in some if id(one) in beside])

    mine = [one for one in answers if one.kind not in (NONE, GENERAL)]
    groups = {life.name: [one for one in mine if one.life == life.name] for life in asked}
    groups |= {KINDS[kind]: [one for one in mine if one.kind == kind] for kind in KINDS}
    rows = [row(name, some) for name, some in groups.items() if some]
    rows.append(row("all", mine))
    console.print(markdown(HEAD, rows), markup=False, soft_wrap=True)
    others: list[list[str]] = []
    for kind, well in ((NONE, Verdict.HONEST), (GENERAL, Verdict.RIGHT)):
        if some := [one for one in answers if one.kind == kind]:
            said = [judgements[id(one)] for one in some if id(one) in judgements]
            by = [sum(one.by.startswith(BY_SKILL) for one in some), sum(one.by == NOT_ASKED for one in some)]
            wrong = ", ".join(f"{said.count(v)} {v}" for v in Verdict if v is not well and v in said)
            others.append(
                [f"{KINDS[kind]} ({well})", str(len(some)), str(said.count(well)), wrong or "0", *map(str, by)]
            )
    if others:
        console.print(markdown(OTHERS, others), markup=False, soft_wrap=True)
    seconds: dict[str, float] = {}
    for name, by_model in (("by rule", False), ("by the model", True)):
        some = [one.seconds for one in mine if one.seconds is not None and (one.by in (MODEL, NO_MODEL)) is by_model]
        if some and not (by_model and not beside):
            seconds[name] = percentile(some, 0.5)
    if seconds:
        told = ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items())
        console.print(f"First words, p50: {told}.")
    return {
        "table": [HEAD, *rows],
        "others": [OTHERS, *others],
        "first_words_p50": seconds,
        "answers": [
            asdict(one) | {"verdict": judgements.get(id(one)), "given_verdict": beside.get(id(one))} for one in answers
        ],
    }


def shown(answer: Answer, one: Question, life: Life, console: Console) -> None:
    """A line for a reader; nothing of a life that is kept aside."""
    if HELD_OUT in life.folder.parts:
        return
    said = verdict(answer.reply, one, life.zone) if answer.by != NO_MODEL else ""
    shares = " ".join(
        f"{name} {value:.1f}"
        for name, value in (("found", answer.found), ("chosen", answer.chosen))
        if value is not None
    )
    console.print(f"{said:9} {life.name}:{one.number} {one.kind} [{answer.by}] {shares}", markup=False)
    console.print(f"    {one.text}\n    {answer.reply}", style="dim", markup=False)
    if answer.given is not None:
        told = verdict(answer.given, one, life.zone)
        console.print(f"    with the evidence ({told}): {answer.given}", style="dim", markup=False)


async def measure(arguments: argparse.Namespace, console: Console) -> tuple[list[Answer], list[Life]]:
    chosen = [one for one in lives(held_out=arguments.held_out) if not arguments.life or one.name in arguments.life]
    done = _read(arguments.resume)
    answers: list[Answer] = []
    for life in chosen:
        some = [one for one in life.questions if not arguments.kind or one.kind in arguments.kind][:: arguments.every]
        left = [one for one in some if (life.name, one.number, one.text) not in done]
        answers += [done[key] for one in some if (key := (life.name, one.number, one.text)) in done]
        if not left:
            continue
        with tempfile.TemporaryDirectory() as folder, watched(not arguments.no_model) as watch:
            settings = {"store__folder": str(Path(folder) / "store"), "store__keep_turns": "true"}
            settings |= {"mind__first_token_seconds": PATIENCE, "mind__stall_seconds": PATIENCE}
            settings |= {"store__models": str(models_folder(config_of(arguments).store))}
            config = config_of(arguments, **settings)
            config = config.model_copy(update={"memory": config.memory.model_copy(update={"me": tuple(life.owner)})})
            with clock_of(life):
                place = await filled(config, life, arguments.stores, console)
            shutil.copytree(place, data_folder(config.store))
            with console.status(life.name) as status:
                async for answer in ask_all(config, life, left, watch, with_model=not arguments.no_model):
                    if answer.failure:
                        console.print(f"{life.name}:{answer.number}: {answer.failure}", style="yellow")
                        continue
                    answers.append(answer)
                    status.update(f"{life.name}: {len(answers)} answers")
                    if arguments.resume:
                        with arguments.resume.open("a", encoding="utf-8") as file:
                            file.write(json.dumps(asdict(answer), ensure_ascii=False) + "\n")
                    if arguments.show:
                        one = next(one for one in left if one.number == answer.number)
                        shown(answer, one, life, console)
    return answers, chosen


def _read(path: Path | None) -> dict[tuple[str, int, str], Answer]:
    if not path or not path.exists():
        return {}
    answers = [Answer(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    return {(one.life, one.number, one.question): one for one in answers}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--life", action="append", default=[], help="only this one")
    parser.add_argument("--kind", action="append", default=[], choices=KINDS, help="only questions of this kind")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth question of a life")
    parser.add_argument("--no-model", action="store_true", help="ask all but the language model")
    parser.add_argument("--held-out", action="store_true", help="also the lives that are kept aside")
    parser.add_argument("--show", action="store_true", help="print every answer (of those kept aside: none)")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="answers so far, one a line")
    parser.add_argument("--stores", type=Path, default=Path.home() / ".cache" / "voiceos-answers", help="filled stores")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    answers, chosen = anyio.run(measure, arguments, console)
    result = tables(answers, chosen, console)
    save(result | {"conditions": conditions(config_of(arguments))}, arguments.json)


if __name__ == "__main__":
    main()
