"""How much of the evidence recall finds: a table, through the product's own ledger, indexes and ranking.

    python benchmarks/recall.py --locomo locomo10.json [--lifebench FOLDER] [--person NAME] [--talk FOLDER] [--every 4]
        [--words] [--closely] [--prompt] [--plot SVG]

recall@10 is the fraction of a question's evidence among the first ten records, mean over the questions that have
evidence; MRR is that of the first evidence. By event: the fraction of the events that the evidence tells of (LifeBench
says which), of which any record is among the first ten. Abstention: LoCoMo's category 5 asks what was never said (about
the wrong person, mostly); a threshold on the probability `answerable` decides. Encoding LoCoMo takes about a minute,
LifeBench ten; without the model `memory-en`, or with `--words`, words alone are searched.

`--closely`: as `voiceos memory search` shows it, and as a model that words an answer gets it: the cross-encoder has
read the first records. `--prompt`: the fraction of the evidence that has a line in the prompt, with room for 300 and
for 850 tokens; it takes three times as long.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from charts import axes_of
from figures import markdown
from filled_store import Filled, filled
from lives import Asked, Life, lifebench, locomo
from rich.console import Console
from talks import UNANSWERABLE as NEVER_SAID
from talks import talks

from voiceos.config.paths import models_folder
from voiceos.config.settings import StoreSettings
from voiceos.memory.recall.choice import SMALL_ROOM
from voiceos.memory.recall.closer import reranked
from voiceos.memory.recall.memories import of_passages
from voiceos.memory.recall.recollection import gathered, recollected
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY, READER
from voiceos.models.shelf import Shelf

FIRST = 10
UNANSWERABLE = ("5", NEVER_SAID)
"""Categories of questions without an answer, of LoCoMo and of our own conversations."""
ROOMS = (SMALL_ROOM, 850)
"""Tokens that a prompt has room for: the local model's, and that of a larger one."""
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one question."""

    category: str
    recall: float | None
    """None without evidence."""
    events: float | None
    """The same of the events that it tells of."""
    reciprocal: float
    answerable: float
    seconds: float
    """CPU time."""
    prompt: Sequence[float] = ()
    """For each of `ROOMS` the share of the evidence that has a line in the prompt."""


@dataclass(frozen=True, slots=True)
class How:
    """How questions are asked."""

    meaning: SemanticIndex | None
    every: int = 1
    closely: bool = False
    prompt: bool = False


def scores(lives: Sequence[Life], how: How, *, together: bool = False) -> list[Score]:
    """Questions asked, each in its own life's store or all in one."""
    stores = [list(lives)] if together else [[life] for life in lives]
    return [score for store in stores for score in _asked(store, how)]


def _asked(lives: Sequence[Life], how: How) -> Iterator[Score]:
    with filled(lives, how.meaning) as store:
        for life in lives:
            for asked in life.questions[:: how.every]:
                owner = (life.owner,) if life.owner else ()
                start = time.process_time()
                findings = store.recall(store.db, asked.text, asked.at, owner=owner, limit=3 * FIRST)
                memories = of_passages(store.db, findings.found)
                if how.closely:
                    memories = reranked(store.db, store.recall, findings, memories, owner)
                seconds = time.process_time() - start
                found = list(dict.fromkeys(store.keys[one.record_id] for one in memories))
                wanted = {(life.name, key) for key in asked.evidence}
                hits = [place for place, key in enumerate(found, 1) if key in wanted]
                share = len([place for place in hits if place <= FIRST]) / len(wanted) if wanted else None
                told = {life.event(key) for name, key in found[:FIRST] if name == life.name}
                events = {life.event(key) for key in asked.evidence}
                of_events = len(events & told) / len(events) if events else None
                first = 1 / hits[0] if hits else 0.0
                prompt = _in_prompt(store, asked, owner, wanted, how) if how.prompt and wanted else ()
                yield Score(asked.category, share, of_events, first, findings.answerable, seconds, prompt)


def _in_prompt(
    store: Filled, asked: Asked, owner: Sequence[str], wanted: set[tuple[str, str]], how: How
) -> list[float]:
    found = gathered(store.db, store.recall, asked.text, asked.at, owner=owner, earlier=(), closely=how.closely)
    shares: list[float] = []
    for room in ROOMS:
        memories = recollected(store.db, asked.text, found, tokens=room, owner=owner).memories
        told = {store.keys[one.record_id] for one in memories if not one.left_out}
        shares.append(len(wanted & told) / len(wanted))
    return shares


def row_of(name: str, found: Sequence[Score]) -> list[str]:
    known = [score for score in found if score.recall is not None]
    share = statistics.mean(score.recall for score in known if score.recall is not None)
    events = statistics.mean(score.events for score in known if score.events is not None)
    rank = statistics.mean(score.reciprocal for score in known)
    times = sorted(score.seconds * 1e3 for score in found)
    at = f"{statistics.median(times):.1f} / {times[int(0.95 * (len(times) - 1))]:.1f}"
    rooms = [f"{statistics.mean(some):.3f}" for some in zip(*(score.prompt for score in known), strict=True)]
    return [name, str(len(known)), f"{share:.3f}", f"{events:.3f}", f"{rank:.3f}", at, " · ".join(rooms)]


def abstention(found: Sequence[Score]) -> list[list[str]]:
    """By threshold: the share of answerable questions that is answered, and of unanswerable ones that is declined."""
    can = np.array(
        [score.answerable for score in found if score.category not in UNANSWERABLE and score.recall is not None]
    )
    cannot = np.array([score.answerable for score in found if score.category in UNANSWERABLE])
    area = float((can[:, None] > cannot[None, :]).mean() + 0.5 * (can[:, None] == cannot[None, :]).mean())
    rows = [[f"{at:.1f}", f"{(can >= at).mean():.2f}", f"{(cannot < at).mean():.2f}"] for at in THRESHOLDS]
    return [*rows, ["area under the curve", f"{area:.3f}", ""]]


def plot(found: Sequence[Score], path: Path) -> None:
    can = np.array(
        [score.answerable for score in found if score.category not in UNANSWERABLE and score.recall is not None]
    )
    cannot = np.array([score.answerable for score in found if score.category in UNANSWERABLE])
    at = np.linspace(0, 1, 101)
    figure, axes = axes_of("Abstaining", "LoCoMo: unanswerable questions declined, by answerable ones answered", 8)
    axes.set_ylim(0, 1)
    axes.plot([(can >= x).mean() for x in at], [(cannot < x).mean() for x in at], color="#3e7cb1")
    axes.plot([1, 0], [0, 1], color="#e4e7eb")
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locomo", type=Path)
    parser.add_argument("--lifebench", type=Path)
    parser.add_argument("--person", action="append", default=[], help="only this one of LifeBench")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth question")
    parser.add_argument("--closely", action="store_true", help="the cross-encoder reads the first records")
    parser.add_argument("--prompt", action="store_true", help="also what of the evidence is in the prompt")
    parser.add_argument("--talk", type=Path, help="our own conversations; the ranker has seen all but held_out/")
    parser.add_argument("--words", action="store_true", help="words alone, even if there is a model")
    parser.add_argument("--models", type=Path, default=models_folder(StoreSettings()))
    parser.add_argument("--plot", type=Path, help="where the abstention curve is drawn")
    arguments = parser.parse_args()
    shelf = Shelf(arguments.models)
    there = shelf.status(MEMORY).ready and not arguments.words
    meaning = SemanticIndex(shelf.path(MEMORY), shelf.path(READER)) if there else None
    words, how = (How(one, arguments.every, arguments.closely, arguments.prompt) for one in (None, meaning))
    rows: list[list[str]] = []
    console = Console()
    answered: list[Score] = []
    if arguments.locomo:
        lives = locomo(arguments.locomo)
        answered = scores(lives, words)
        rows.append(row_of("LoCoMo 1-4, words alone", _answerable(answered)))
        if meaning:
            answered = scores(lives, how)
            rows.append(row_of("LoCoMo 1-4, all signals", _answerable(answered)))
        name = "all signals" if meaning else "words alone"
        rows.append(
            row_of(f"LoCoMo 1-4, ten lives in one store, {name}", _answerable(scores(lives, how, together=True)))
        )
    if arguments.lifebench:
        people = [one for one in lifebench(arguments.lifebench) if not arguments.person or one.name in arguments.person]
        found = [scores([person], how) for person in people]
        rows += [row_of(f"LifeBench, {person.name}", some) for person, some in zip(people, found, strict=True)]
        rows.append(row_of("LifeBench", [score for some in found for score in some]))
    if arguments.talk:
        for name, together in (("talk, each in its own store", False), ("talk, all in one store", True)):
            rows.append(row_of(name, _answerable(scores(talks(arguments.talk), how, together=together))))
    console.print(
        markdown(["", "questions", "recall@10", "by event", "MRR", "CPU ms p50 / p95", "in the prompt"], rows),
        markup=False,
    )
    if answered:
        console.print(markdown(["answerable at least", "answered", "declined"], abstention(answered)), markup=False)
        if arguments.plot:
            plot(answered, arguments.plot)


def _answerable(found: Sequence[Score]) -> list[Score]:
    return [score for score in found if score.category not in UNANSWERABLE]


if __name__ == "__main__":
    main()
