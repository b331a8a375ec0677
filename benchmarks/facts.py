"""What is learnt from ordinary talk: precision and recall of facts, by rules alone and with the local language model.

    python benchmarks/facts.py
    python benchmarks/facts.py --model qwen.gguf --show

The talk and the facts in it are `tests/memory/facts/conversations.toml`, written before the rules; one half was looked
at while they were made, the other was not; "late" was written after them, in turns of phrase that they were not made
for. A fact counts as found when subject, predicate and polarity are the same,
the object has the same words that matter (or one has those of the other and at most two more), and so is the date if
one is given. "Without words" counts facts whose object is not in the words that they point to: it has to be 0.
"""

import argparse
import contextlib
import json
import time
import tomllib
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import psutil

from voiceos.config.settings import MindSettings
from voiceos.engines.llama import LocalModel
from voiceos.memory.facts import consolidation, learning, lookup
from voiceos.memory.facts.by_model import worth_asking
from voiceos.memory.facts.fact import Fact
from voiceos.memory.facts.vocabulary import content
from voiceos.memory.registered import derived
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.extraction import Extraction
from voiceos.store.database import Connection, open_database
from voiceos.store.ledger import Ledger
from voiceos.store.records import OWNER, Kind, Record, Source
from voiceos.store.rows import Kept

HALVES = ("tune", "held", "late")
CONVERSATIONS = Path(__file__).parents[1] / "tests" / "memory" / "facts" / "conversations.toml"


@dataclass(frozen=True, slots=True)
class Gold:
    """A fact that is in a turn."""

    subject: str
    predicate: str
    object: str
    positive: bool = True
    starts: str = ""
    ends: str = ""
    optional: bool = False

    def matches(self, fact: Fact) -> bool:
        """Whether a fact that was found is this one."""
        mine, found = set(content(self.object)), set(content(fact.object))
        near = (mine <= found or found <= mine) and len(mine ^ found) <= 2
        return (
            content(self.subject) == content(fact.subject)
            and self.predicate == fact.predicate
            and self.positive == fact.positive
            and near
            and (not self.starts or f"{fact.valid_from or fact.said_at:%Y-%m-%d}".startswith(self.starts))
            and (not self.ends or fact.valid_to is not None)
        )


@dataclass(slots=True)
class Score:
    """Of one half."""

    turns: int = 0
    gold: int = 0
    right: int = 0
    found: int = 0
    without_words: int = 0
    seconds: float = 0.0
    misses: list[str] = field(default_factory=list[str])

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 1.0

    def as_json(self) -> dict[str, Any]:
        return {
            "turns": self.turns,
            "facts": self.gold,
            "found": self.found,
            "right": self.right,
            "precision": round(self.precision, 3),
            "recall": round(self.recall, 3),
            "without_words": self.without_words,
            "cpu_ms_per_turn": round(1000 * self.seconds / self.turns, 2),
        }


def gold_of(line: str) -> Gold:
    """ "owner | lives in | Lyon | from=2025-04" """
    subject, predicate, thing, *rest = [part.strip() for part in line.split("|")]
    named = dict(part.split("=") for part in rest if "=" in part)
    return Gold(
        *(subject, predicate, thing, "not" not in rest, named.get("from", ""), named.get("to", "")), "maybe" in rest
    )


def turns_of(half: str) -> list[tuple[Record, list[Gold]]]:
    """The turns of one half, a minute apart, each as a record of the owner's words."""
    turns: list[tuple[Record, list[Gold]]] = []
    conversations: list[Mapping[str, Any]] = tomllib.loads(CONVERSATIONS.read_text())["conversation"]
    for number, conversation in enumerate(conversations):
        for place, (words, *lines) in enumerate(conversation["turns"]):
            if conversation["half"] == half:
                at = (conversation["at"] + timedelta(minutes=place)).astimezone()
                record = Record(Kind.SAID, f"{number}.{place}", words, author=OWNER, at=at, thread=str(number))
                turns.append((record, [gold_of(line) for line in lines]))
    return turns


@contextlib.contextmanager
def said(half: str) -> Generator[tuple[Connection, list[tuple[Kept, list[Gold]]], float]]:
    """A memory in which one half has been said, turn after turn, and learnt from by rules; with what is in it.

    And the CPU seconds that the rules took.
    """
    db = open_database(Path(":memory:"), derived=derived())
    ledger, turns, seconds = Ledger(db), list[tuple[Kept, list[Gold]]](), 0.0
    for record, gold in turns_of(half):
        kept = ledger.get(ledger.add(Source("voiceos:conversations", "conversations"), [record]).ids[0])
        assert kept
        began = time.process_time()
        learning.learn(db, kept)
        seconds += time.process_time() - began
        turns.append((kept, gold))
    yield db, turns, seconds
    db.close()


def score(half: str) -> Score:
    """What the rules make of one half, each turn judged as it stands when all has been said."""
    with said(half) as (db, turns, seconds):
        return scored(db, turns, seconds)


def scored(db: Connection, turns: list[tuple[Kept, list[Gold]]], seconds: float) -> Score:
    result = Score(seconds=seconds)
    for kept, gold in turns:
        judge(result, lookup.of_records(db, [kept.id]), gold, kept.record.text)
    problems = learning.verify(db)
    result.without_words = sum("not in its words" in problem for problem in problems)
    result.misses += problems
    return result


async def with_model(half: str, model: Path) -> tuple[Score, dict[str, Any]]:
    """What rules and then the model make of one half; and what the model took, on one thread."""
    with said(half) as (db, turns, seconds):
        local = LocalModel(model, threads=1, context=2048)
        async with local, ChatMind(MindSettings(), local.endpoint) as mind:
            child = psutil.Process(local.pid)
            before = child.cpu_times()
            consolidation.SHARE = 1.0  # nobody speaks meanwhile
            await consolidation.consolidate(db, Extraction(mind.client))
            after = child.cpu_times()
        asked = sum(worth_asking(kept.record.text) for kept, _ in turns)
        cpu = after.user + after.system - before.user - before.system
        took: dict[str, Any] = {
            "model": model.stem,
            "asked": asked,
            "model_facts": db.execute("SELECT count(*) FROM fact WHERE origin = 'llm'").fetchone()[0],
            "cpu_s_per_asked_turn": round(cpu / max(1, asked), 2),
        }
        return scored(db, turns, seconds), took


def judge(result: Score, found: list[Fact], gold: list[Gold], words: str) -> None:
    """Counts what was found in one turn."""
    result.turns += 1
    result.gold += sum(not wanted.optional for wanted in gold)
    open_gold = sorted(gold, key=lambda wanted: wanted.optional)
    for fact in found:
        match = next((wanted for wanted in open_gold if wanted.matches(fact)), None)
        if match:
            open_gold.remove(match)
        if not (match and match.optional):
            result.found += 1
            result.right += match is not None
        if match is None:
            polarity = "" if fact.positive else "not "
            since = f" from {fact.valid_from:%Y-%m-%d}" if fact.valid_from else ""
            result.misses.append(
                f"wrong   {words!r}: {fact.subject} | {polarity}{fact.predicate} | {fact.object}{since}"
            )
    for wanted in open_gold:
        if not wanted.optional:
            result.misses.append(f"missed  {words!r}: {wanted.subject} | {wanted.predicate} | {wanted.object}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, help="one of them only")
    parser.add_argument("--show", action="store_true", help="what was wrong and what was missed")
    parser.add_argument("--model", type=Path, action="append", default=[], metavar="GGUF")
    asked = parser.parse_args()
    for half in (asked.half,) if asked.half else HALVES:
        tell(half, "rules", score(half), {}, show=asked.show)
        for model in asked.model:
            result, took = anyio.run(with_model, half, model)
            tell(half, "rules and model", result, took, show=asked.show)


def tell(half: str, by: str, result: Score, took: Mapping[str, Any], *, show: bool) -> None:
    print(json.dumps({"half": half, "by": by, **result.as_json(), **took}), flush=True)
    if show:
        print(*result.misses, sep="\n", flush=True)


if __name__ == "__main__":
    main()
