"""What is done with the memory when nobody speaks: facts by the local language model, summaries of days, duplicates.

It goes on where it stopped: how far each task has got is in the same transaction as what came of it. Cancelling it ends
it at once, so that the machine is free when speech begins; what was in hand is done again another time.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import anyio

from voiceos.clock import local_time
from voiceos.errors import VoiceosError
from voiceos.memory.facts import rules as fact_rules
from voiceos.memory.facts import summaries
from voiceos.memory.facts import upkeep as fact_upkeep
from voiceos.memory.facts.extraction import SCHEMA, Extractor, prompt_for, verified, worth_asking
from voiceos.memory.facts.facts import Claim, Fact, Origin, add, of_records, people
from voiceos.memory.facts.people import Context
from voiceos.store.database import Connection, transaction
from voiceos.store.records import OWNER
from voiceos.store.rows import Kept, kept_of

log = logging.getLogger(__name__)

FACTS, DAYS = "facts by the model", "summaries of days"
ANSWER_SECONDS = 60.0
"""The longest that the model may think about one turn; then that turn is left alone."""


@dataclass(slots=True)
class Report:
    """What was done."""

    turns: int = 0
    """Looked at; of these so many were worth a model's time:"""
    asked: int = 0
    facts: int = 0
    days: int = 0
    settled: int = 0
    dropped: Counter[str] = field(default_factory=Counter[str])
    """Claims of the model that the words did not bear out, by reason."""
    model_seconds: float = 0.0


class Consolidation:
    """Idle-time work on one memory. `extract`: the language model; without it there are no facts by it."""

    def __init__(
        self,
        db: Connection,
        extract: Extractor | None = None,
        *,
        share: float = 0.25,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`share` of the time that it may be at work: after each slice it rests accordingly."""
        self._db = db
        self._extract = extract
        self._share = min(1.0, max(0.01, share))
        self._now = now
        self.report = Report()

    async def run(self) -> Report:
        """Works until nothing is left. Cancel it when someone speaks; run it again when it is quiet.

        Raises VoiceosError when the model or the store fails; what was done is kept.
        """
        while True:
            began = anyio.current_time()
            if not await self.slice():
                return self.report
            await anyio.sleep((anyio.current_time() - began) * (1 / self._share - 1))

    async def slice(self) -> bool:
        """One turn or one day; False when nothing is left to do."""
        if self._extract is not None and (kept := await anyio.to_thread.run_sync(self._next_turn)) is not None:
            await self._facts_of(kept, self._extract)
            return True
        if (day := await anyio.to_thread.run_sync(self._next_day)) is not None:
            await self._summary_of(day)
            return True
        self.report.settled += await anyio.to_thread.run_sync(fact_upkeep.settle_all, self._db)
        return False

    def _next_turn(self) -> Kept | None:
        row = self._db.execute(
            "SELECT * FROM record WHERE id > ? AND author = ? AND kind = 'said' ORDER BY id LIMIT 1",
            (upto(self._db, FACTS), OWNER),
        ).fetchone()
        return kept_of(row) if row else None

    async def _facts_of(self, kept: Kept, extract: Extractor) -> None:
        self.report.turns += 1
        claims: list[Claim] = []
        if worth_asking(kept.record.text):
            self.report.asked += 1
            began = time.monotonic()
            try:
                with anyio.fail_after(ANSWER_SECONDS):
                    answer = await extract(prompt_for(kept.record.text), SCHEMA)
            except TimeoutError:
                log.warning("The language model took too long over record %d; it is left alone.", kept.id)
                answer = {}
            self.report.model_seconds += time.monotonic() - began
            context, known = await anyio.to_thread.run_sync(self._context, kept)
            claims = list(
                verified(
                    kept.record.text, kept.record.at or kept.learnt_at, answer, context, known, self.report.dropped
                )
            )
        await anyio.to_thread.run_sync(self._keep, kept, claims)

    def _context(self, kept: Kept) -> tuple[Context, list[Claim]]:
        """Who is known, and what the rules have found in these words."""
        last = fact_rules.before(self._db, kept)
        who = people(self._db)
        person = fact_rules.person_of(last) if last else ""
        context = Context(fact_rules.names_of(who), person, roles=fact_rules.roles_of(who))
        return context, [_claim_of(fact) for fact in of_records(self._db, [kept.id])]

    def _keep(self, kept: Kept, claims: list[Claim]) -> None:
        with transaction(self._db):
            if self._db.execute(
                "SELECT 1 FROM record WHERE id = ? AND text = ?", (kept.id, kept.record.text)
            ).fetchone():
                self.report.facts += len(add(self._db, kept, claims, Origin.MODEL))
            reach(self._db, FACTS, kept.id)

    def _next_day(self) -> date | None:
        return summaries.next_day(self._db, date.fromordinal(max(1, upto(self._db, DAYS))), self._now())

    async def _summary_of(self, day: date) -> None:
        kept = await anyio.to_thread.run_sync(summaries.of_day, self._db, day)
        lines = summaries.chosen(kept, set(await anyio.to_thread.run_sync(self._with_facts, kept)))
        text, origin = summaries.plain(lines), "words"
        if self._extract is not None and len(lines) > 1:
            try:
                with anyio.fail_after(ANSWER_SECONDS):
                    answer = await self._extract(summaries.prompt_for(lines), summaries.SCHEMA)
                text, origin = summaries.verified(lines, answer, self.report.dropped) or (text, origin)
            except TimeoutError:
                log.warning("The language model took too long over %s; its summary is the words themselves.", day)
            except VoiceosError as error:
                log.warning("%s", error)
        await anyio.to_thread.run_sync(self._keep_day, day, text, origin, [line.record_id for line in lines])

    def _with_facts(self, kept: list[Kept]) -> list[int]:
        return [fact.record_id for fact in of_records(self._db, [one.id for one in kept])]

    def _keep_day(self, day: date, text: str, origin: str, record_ids: list[int]) -> None:
        with transaction(self._db):
            if text:
                summaries.keep(self._db, day, text, origin, record_ids)
                self.report.days += 1
            reach(self._db, DAYS, day.toordinal())


def upto(db: Connection, task: str) -> int:
    """How far a task has got: the last record's id, or the last day's ordinal; 0 before it has begun."""
    row = db.execute("SELECT upto FROM consolidated WHERE task = ?", (task,)).fetchone()
    return row[0] if row else 0


def reach(db: Connection, task: str, mark: int) -> None:
    """Notes how far a task has got, in the caller's transaction."""
    db.execute(
        "INSERT INTO consolidated VALUES (?, ?) ON CONFLICT (task) DO UPDATE SET upto = excluded.upto", (task, mark)
    )


def _claim_of(fact: Fact) -> Claim:
    return Claim(fact.subject, fact.predicate, fact.object, fact.start, fact.end, fact.positive)
