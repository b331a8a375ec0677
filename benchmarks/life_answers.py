"""Asks the product about a life: its reply, what was found and chosen for it, and the reply to the right evidence."""

import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from anyio.to_thread import run_sync as in_thread
from asked import Life, Question
from life_stores import clock_of

from voiceos import app, minds
from voiceos.clock import local_time
from voiceos.config.settings import Config
from voiceos.core import Action, Part, Recalled, Transcript, Turn
from voiceos.errors import VoiceosError
from voiceos.host import Host
from voiceos.memory.memory import Memory
from voiceos.memory.recall.provenance import of_excerpt, of_record
from voiceos.memory.recall.recollection import Recollection
from voiceos.mind.prompt import Persona, build_messages
from voiceos.protocols import Mind
from voiceos.skills.skill import BY_SKILL
from voiceos.store.ledger import Ledger
from voiceos.store.records import ASSISTANT, OWNER, Kind

FIRST = 10
"""Records among which evidence counts as found."""
MOST_OF_IT = 0.75
"""Share of the evidence's words that must be in the prompt: relative words in it may be written otherwise."""
MODEL, NO_MODEL, NOT_ASKED = "model", "model not asked (--no-model)", "not asked"


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
        return self._noted(self.mind.from_lines) if self.mind else None

    @property
    def choosing(self) -> Any:
        """The same for a mind that chooses one of them."""
        return self._noted(self.mind.choosing) if self.mind else None

    def _noted(self, answer: Any) -> Any:
        async def noted(question: str, *rest: Any) -> Any:
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


async def ask_all(
    config: Config,
    life: Life,
    questions: Sequence[Question],
    watch: Watched,
    *,
    with_model: bool,
    before: Callable[[Memory, Question], None] | None = None,
) -> AsyncGenerator[Answer]:
    """Asks in a copy of the life's store, of which nothing of this stays. `before`: done before each question."""
    with clock_of(life) as show:
        async with app.open_host(config, "a benchmark", upkeep=False) as host:
            pieces = {one.number: evidence_of(host.memory, life, one) for one in questions}
            if with_model:
                await host.warm()
            for one in questions:
                show(one.at)
                if before:
                    await in_thread(before, host.memory, one)
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
        around = {memory.text: f"{memory.source} {memory.author} {memory.text}" for memory in told}
        return real._replace(memories=told, answerable=1.0, of_life=True, sure=False, near=told, around=around)

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
