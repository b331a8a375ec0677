"""Asks the local language model for facts that the rules missed, while nobody speaks.

It resumes after an interruption: its progress is kept in the same transaction as what came of it. Cancelling it takes
effect at once, so that the machine is free when speech begins; the turn in hand is done again another time.
"""

import logging
from collections.abc import Mapping
from typing import Any

import anyio
from anyio import to_thread

from voiceos.memory.facts.by_model import Extractor, prompt_for, schema, verified, worth_asking
from voiceos.memory.facts.context import context_of
from voiceos.memory.facts.fact import Origin
from voiceos.memory.facts.learning import add, reach, upto
from voiceos.memory.facts.lookup import of_records
from voiceos.store.database import Connection, transaction
from voiceos.store.rows import Kept, kept_of

log = logging.getLogger(__name__)

TASK = "facts by the model"
SHARE = 0.25
"""Share of the time that it may work. After each turn it rests accordingly."""
ANSWER_SECONDS = 60.0
"""Longest time for one turn; after that, the turn is skipped."""


async def consolidate(db: Connection, extract: Extractor) -> None:
    """Works until every turn was looked at. Cancel it when someone speaks; run it again when it is quiet.

    Raises VoiceosError when the model or the store fails; what was done is kept.
    """
    while (kept := await to_thread.run_sync(_next_turn, db)) is not None:
        began = anyio.current_time()
        answer = {}
        if worth_asking(kept.record.text):
            with anyio.move_on_after(ANSWER_SECONDS) as thinking:
                answer = await extract(prompt_for(kept.record.text), schema())
            if thinking.cancelled_caught:
                log.warning("The language model took too long over record %d, so it was skipped.", kept.id)
        await to_thread.run_sync(_keep, db, kept, answer)
        await anyio.sleep((anyio.current_time() - began) * (1 / SHARE - 1))


def _next_turn(db: Connection) -> Kept | None:
    row = db.execute(
        "SELECT * FROM record WHERE id > ? AND author = who AND kind = 'said' ORDER BY id LIMIT 1", (upto(db, TASK),)
    ).fetchone()
    return kept_of(row) if row else None


def _keep(db: Connection, kept: Kept, answer: Mapping[str, Any]) -> None:
    with transaction(db):
        if db.execute("SELECT 1 FROM record WHERE id = ? AND text = ?", (kept.id, kept.record.text)).fetchone():
            context, _ = context_of(db, kept)
            known = of_records(db, [kept.id])
            said = kept.record.at or kept.learnt_at
            add(db, kept, verified(kept.record.text, said, answer, context, known), Origin.MODEL)
        reach(db, TASK, kept.id)
