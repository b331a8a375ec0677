"""A household with all skills, a memory and a calendar, on a clock of its own; and what it must know (`known/`)."""

import os
import re
import shutil
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from voiceos.config.settings import Config
from voiceos.core import Action, Exchange, Outcome, Part, Transcript, Turn
from voiceos.errors import VoiceosError
from voiceos.language.sentences import apology
from voiceos.memory.ingest.intake import Intake
from voiceos.memory.memory import Memory
from voiceos.memory.semantic import SemanticIndex
from voiceos.mind.rewording import Reword
from voiceos.mind.router import Judge, Likely, Router
from voiceos.skills.registry import skills
from voiceos.skills.skill import Workshop
from voiceos.store.appointments import Appointment, between, put
from voiceos.store.database import open_database
from voiceos.store.records import Kind, Record, Source
from voiceos.store.turns import TurnStore

How = SemanticIndex | Judge | Likely | Reword | None
KNOWN = Path(__file__).with_name("known")
NOW = datetime(2027, 3, 10, 8, 30, tzinfo=ZoneInfo("Europe/London"))
MODEL = "(the model answers)"
NEVER = timedelta(days=800)
CLAIMS = r"\b(erased|forgotten it|I'll remember|I've noted|I've corrected|is now on|no longer in)\b"
SHORT = {
    "KEPT": r"(I'll remember|I've noted)",
    "ERASED": r"(I've erased it|I've forgotten it)",
    "keep": r"I'll keep it",
}
"""What stands for an answer in `notes.tsv`."""


class Household:
    """Its turns are answered, acted upon and kept as the host does it. What no skill takes the model would answer."""

    def __init__(
        self,
        folder: Path,
        *,
        meaning: SemanticIndex | None = None,
        judge: Judge | None = None,
        likely: Likely | None = None,
        reword: Reword | None = None,
    ) -> None:
        self.now = NOW
        self.reword = reword
        self.memory = Memory(folder, meaning=meaning, now=lambda: self.now)
        self.turns = TurnStore(folder, derived=self.memory.derived)
        self.db = open_database(self.memory.path, derived=self.memory.derived)
        workshop = Workshop(Config(), self.db, now=lambda: self.now, memory=self.memory)
        self.router = Router(skills(workshop), workshop, judge=judge, likely=likely, now=lambda: self.now)
        self.history: list[Exchange] = []
        self.count = len(self.turns.recent(1000))

    def close(self) -> None:
        self.db.close()
        self.turns.close()
        self.memory.close()

    def tell(self, words: str, at: datetime) -> None:
        """Somebody said it then, and the model answered."""
        self._keep(words, "All right.", at)

    def note(self, title: str, text: str) -> None:
        record = Record(Kind.NOTE, "1", text, title=title, at=self.now - timedelta(days=30))
        self.memory.ledger.add(Source(f"/notes/{title}.md", "markdown", title), [record])
        self.memory.catch_up()

    def _keep(self, words: str, reply: str, at: datetime) -> None:
        self.count += 1
        turn = Turn(f"turn{self.count}", "c", transcript=Transcript(words), reply=reply, said=reply)
        turn.outcome = Outcome.ANSWERED
        self.turns.save(turn, at)
        self.memory.catch_up()

    async def __call__(self, words: str) -> str:
        """What is answered, at once."""
        self.count += 1
        turn = Turn(f"turn{self.count}", "c", transcript=Transcript(words), history=tuple(self.history))
        try:
            async with aclosing(self.router.reply(turn, _model, self.reword)) as parts:
                async for part in parts:
                    turn.reply += await part.do() if isinstance(part, Action) else part.text
        except VoiceosError as error:
            turn.reply += apology(error)
        turn.said, turn.outcome = turn.reply, Outcome.ANSWERED
        self.router.ended(turn)
        self.turns.save(turn, self.now)
        self.memory.catch_up()
        self.history.append(Exchange(words, turn.reply))
        self.now += timedelta(seconds=10)
        return turn.reply

    def new_conversation(self) -> None:
        """Much later."""
        self.history.clear()
        self.router.ended(Turn("other", "c", outcome=Outcome.ANSWERED, transcript=Transcript("Hello.")))
        self.now = NOW

    def entries(self) -> set[str]:
        """What is in the calendar, as `orders.tsv` writes it."""
        found = between(self.db, NOW - NEVER, NOW + NEVER)
        return {f"{one.title.casefold()} {one.at:%m-%d %H:%M}".removesuffix(" 00:00") for one in found}

    def texts(self) -> list[str]:
        """All that is kept, of what was said and of notes."""
        return [row["text"] for row in self.db.execute("SELECT text FROM record ORDER BY id")]


async def _model(turn: Turn) -> AsyncGenerator[Part | Action, None]:
    yield Part(MODEL)


# Tables


@dataclass(frozen=True, slots=True)
class Row:
    """What is said, turn by turn, and what comes of it."""

    said: Sequence[str]
    answer: str
    effects: Sequence[str] = ()
    fails: bool = False
    """Whether it is known to."""
    house: str = ""


@dataclass
class House:
    """What is told there, and notes; and what is asked."""

    name: str
    told: list[str] = field(default_factory=list[str])
    rows: list[Row] = field(default_factory=list[Row])


def houses(name: str) -> list[House]:
    """The households of a table."""
    found = [House("")]
    for line in (KNOWN / f"{name}.tsv").read_text("utf-8").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == "=":
            found.append(House(rest))
        elif mark == "@":
            found[-1].told.append(rest)
        elif line and mark != "#":
            found[-1].rows.append(_row(line, found[-1]))
    return [house for house in found if house.rows]


def _row(line: str, house: House) -> Row:
    fails, line = line.startswith("x "), line.removeprefix("x ")
    words, answer, effects = f"{line}\t\t".split("\t")[:3]
    earlier = house.rows[-1].said if words.startswith("> ") else []
    said = [*earlier, *words.removeprefix("> ").split(" > ")]
    separator = "; " if "; " in effects or "!" in effects or re.search(r"\d\d-\d\d", effects) else " && "
    return Row(said, answer, [one for one in effects.split(separator) if one], fails, house.name)


def judged(row: Row, said: str, *, in_order: bool = False) -> str:
    """Whether an answer is "right", "wrong", or "declined": left to the model though it is known."""
    if row.answer in ("nothing", "-"):
        honest = row.answer == "nothing" and re.search(r"(?i)(n't|\b(nothing|no|not|free)\b)", said)
        return "right" if said == MODEL or honest else "wrong"
    at = 0
    for pattern in row.answer.split(" && "):
        if pattern.startswith("!"):
            if re.search(pattern[1:], said):
                return "wrong"
        elif found := re.compile(SHORT.get(pattern, pattern)).search(said, at):
            at = found.end() if in_order else 0
        else:
            return "declined" if said == MODEL else "wrong"
    return "right"


@contextmanager
def made(folder: Path, house: House, **how: How) -> Generator[Household]:
    """A household that was told what stands there."""
    household = Household(folder, **how)  # pyright: ignore[reportArgumentType] - the names tell which is which
    try:
        for number, line in enumerate(house.told):
            when, _, words = line.partition(" ")
            if when.endswith(":"):
                household.note(when.removesuffix(":"), words)
            else:
                household.tell(words, NOW.replace(day=int(when), minute=number))
        yield household
    finally:
        household.close()


@contextmanager
def _in_london() -> Generator[None]:
    """A machine that is there: whole days of a calendar are its days."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = str(NOW.tzinfo)
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


async def asked(folder: Path, name: str, every: int = 1, **how: How) -> AsyncGenerator[tuple[Row, str, str]]:
    """Asks what a table asks: each row, or every second and so on, its verdict, and the last answer."""
    with _in_london():
        async for found in _asked(folder, name, every, **how):
            yield found


async def _asked(folder: Path, name: str, every: int, **how: How) -> AsyncGenerator[tuple[Row, str, str]]:
    for house in houses(name):
        place = folder / (house.name or name)
        place.mkdir()
        if name.startswith(("notes", "orders")):
            with made(place, house, **how) as household:
                if name.startswith("orders"):
                    _enter(household)
            for number, row in enumerate(house.rows[::every]):
                again = place.with_name(f"{place.name}{number}")
                shutil.copytree(place, again)
                yield row, *await _done(row, again, by_calendar=name.startswith("orders"), **how)
        else:
            with made(place, house, **how) as household:
                if name.startswith("calendar"):
                    month = name.removesuffix("_names").replace("calendar", "month")
                    Intake(household.db, now=lambda: NOW).add([KNOWN / f"{month}.ics"])
                for row in house.rows[::every]:
                    household.new_conversation()
                    answers = [await household(words) for words in row.said]
                    yield row, judged(row, answers[-1], in_order=name.startswith("calendar")), answers[-1]


async def _done(row: Row, folder: Path, *, by_calendar: bool, **how: How) -> tuple[str, str]:
    """An act: what is said, and what it leaves behind."""
    household = Household(folder, **how)  # pyright: ignore[reportArgumentType]
    try:
        kept, there = household.texts(), household.entries()
        answers = [await household(words) for words in row.said]
        verdict = judged(row, answers[-1])
        fault = (
            _in_calendar(row, there, household.entries())
            if by_calendar
            else _in_memory(row, kept, household.texts(), answers)
        )
        if fault and verdict != "declined":
            verdict = "wrong"
        return verdict, " | ".join([*answers, *([fault] if fault else [])])
    finally:
        household.close()


def _in_calendar(row: Row, before: set[str], after: set[str]) -> str:
    gone = {one[1:] for one in row.effects if one.startswith("!")}
    new = {one for one in row.effects if not one.startswith("!")}
    added = after - before
    if before - after != gone or not new <= added or (not new and added):
        return f"GONE {sorted(before - after)} NEW {sorted(added)[:3]}"
    return ""


def _in_memory(row: Row, before: Sequence[str], after: Sequence[str], answers: Sequence[str]) -> str:
    sentences = [one for text in before for one in text.split(". ")]
    gone = [effect[1:] for effect in row.effects if effect.startswith("-")]
    whole = "\n".join(after)
    for one in sentences:
        meant = any(re.search(pattern, one) for pattern in gone)
        if meant == (one.rstrip(".") in whole):
            return f"{'STAYS' if meant else 'GONE'}: {one}"
    for pattern in gone:
        if re.search(pattern, whole):
            return f"STAYS: {pattern}"
    new = [text for text in after if text not in before]
    for pattern in (effect[1:] for effect in row.effects if effect.startswith("+")):
        if not any(re.search(pattern, text) for text in new):
            return f"NOT KEPT: {pattern}"
    if not row.effects and any(re.search(CLAIMS, said) for said in answers):
        return "CLAIMED"
    return ""


def _enter(household: Household) -> None:
    """The calendar of `orders.tsv`."""

    def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
        return NOW.replace(month=month, day=day, hour=hour, minute=minute)

    def one(title: str, start: datetime, minutes: int, often: str = "") -> Appointment:
        return Appointment(title, start, start + timedelta(minutes=minutes), often=often)

    for some in (
        [one("Board meeting", at(3, 11, 10), 90)],
        [one("Board meeting", at(3, 25, 10), 90)],
        [one("Dentist", at(3, 12, 15), 30)],
        [one("Lunch with Dad", at(3, 13, 12, 30), 90)],
        [one("Piano lesson", at(3, 15, 16, 30), 30)],
        [
            one("Badminton", at(3, 16 + 7 * week, 19) if week < 3 else at(4, 6, 19), 60, "Every week")
            for week in range(4)
        ],
        [one("Weekend in Wales", at(3, 20, 0), 2 * 24 * 60)],
    ):
        put(household.db, some, NOW)
