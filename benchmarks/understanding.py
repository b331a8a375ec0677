"""Which sentences the skills take, and rightly: by their templates, and with the judge of intent behind them.

    python benchmarks/understanding.py [--clinc FILE] [--slurp FILE] [--judged FILE] [--show FILE]

Sentences that the judge has never learnt from: a third of those of this project, talk that was held out, and what
`--clinc` (JSON as CLINC150 has it) and `--slurp` (TSV: intent, sentence) add, where test sets belong. The training
sets belong there only with `--judged FILE`, which `train_judge.py` writes: what was said of each sentence by networks
that had not learnt from it. `understanding/intents.toml` says what their intents are here.

"Right" and "wrong" are shares of the sentences that ask for something an installed skill does. The last column is the
share of all other sentences that are taken nevertheless.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from figures import conditions, save, table
from rich.console import Console
from understanding_data import Line, clinc, none, own, slurp, talk

from voiceos.config.paths import models_folder
from voiceos.config.settings import Config, StoreSettings
from voiceos.core import Transcript, Turn
from voiceos.language.data import table as data
from voiceos.memory.semantic import SemanticIndex
from voiceos.mind.router import Judge as Asks
from voiceos.mind.router import Router
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.skills.grammar import Grammar
from voiceos.skills.judge import NONE, Judge, Weights
from voiceos.skills.registry import skills
from voiceos.skills.skill import Skill, Workshop
from voiceos.store.database import NAME, open_database

TIMED = 500
"""Sentences whose time is taken."""


class Taken(NamedTuple):
    line: Line
    by_template: str
    by_judge: str
    """The intent that each takes it for; empty: none."""

    @property
    def intent(self) -> str:
        return self.by_template or self.by_judge


def intents_of(kind: str) -> Sequence[str]:
    return data("en", "judge")["intents"].get(kind, (kind,))


def taken(router: Router, lines: Iterable[Line]) -> list[Taken]:
    found: list[Taken] = []
    for line in lines:
        turn = Turn("t", "c", transcript=Transcript(line.text))
        asked, readings = router.asked(turn), router.judged(turn)
        template = "several" if len(asked) > 1 else asked[0].intent if asked else ""
        found.append(Taken(line, template, readings[0][0].intent if readings else ""))
    return found


def shares(found: Sequence[Taken], installed: set[str], intent: Callable[[Taken], str]) -> list[str]:
    ours = [one for one in found if installed.intersection(intents_of(one.line.kind))]
    others = [one for one in found if not installed.intersection(intents_of(one.line.kind))]
    right = sum(intent(one) in intents_of(one.line.kind) for one in ours)
    wrong = sum(bool(intent(one)) for one in ours) - right
    false = sum(bool(intent(one)) for one in others)
    return [
        f"{right / len(ours):.1%}" if ours else "-",
        f"{wrong / len(ours):.2%}" if ours else "-",
        f"{false / len(others):.2%}" if others else "-",
    ]


def cross_validated(said: Mapping[str, tuple[str, float]]) -> Asks:
    """What `train_judge.py` has written, as a judge."""
    weights = Weights.read("en")
    sure = dict(zip(weights.kinds, weights.sure, strict=True))

    def judge(text: str) -> Sequence[str]:
        kind, share = said.get(text, (NONE, 0.0))
        return intents_of(kind) if kind and share >= sure[kind] else ()

    return judge


def milliseconds(router: Router, texts: Iterable[str]) -> list[float]:
    """Processor time of each."""
    found: list[float] = []
    for text in texts:
        began = time.process_time()
        turn = Turn("t", "c", transcript=Transcript(text))
        if not router.asked(turn):
            router.judged(turn)
        found.append(1000 * (time.process_time() - began))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clinc", type=Path, metavar="FILE")
    parser.add_argument("--slurp", type=Path, metavar="FILE")
    parser.add_argument("--judged", type=Path, metavar="FILE")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="only every Nth sentence: templates take time"
    )
    parser.add_argument("--show", type=Path, metavar="FILE", help="write what is wrong there")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    shelf = Shelf(models_folder(StoreSettings()))
    real = Judge(SemanticIndex(shelf.path(MEMORY)).meaning)
    said = json.loads(arguments.judged.read_text(encoding="utf-8")) if arguments.judged else {}
    lines = [line for line in (*own(), *none(), *talk()) if line.held or said]
    lines += clinc(arguments.clinc) if arguments.clinc else []
    lines += slurp(arguments.slurp) if arguments.slurp else []
    plain = Grammar([]).plain
    lines = [line for line in lines if not said or plain(line.text) in said][:: arguments.every]
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Config(), open_database(Path(folder) / NAME, None, ()))
        made: Sequence[Skill] = skills(workshop)
        router = Router(made, workshop, judge=cross_validated(said) if said else real)
        router.warm()
        installed = {intent.name for skill in made for intent in skill.intents}
        found = taken(router, lines)
        timed = Router(made, workshop, judge=real)
        timed.warm()
        times = milliseconds(timed, islice((one.line.text for one in found[:: max(1, len(found) // TIMED)]), TIMED))
    rows: list[list[object]] = []
    for source in dict.fromkeys(line.source for line in lines):
        some = [one for one in found if one.line.source == source]
        by: list[Callable[[Taken], str]] = [lambda one: one.by_template, lambda one: one.intent]
        rows.append([source, len(some), *(cell for how in by for cell in shares(some, installed, how))])
    head = ["sentences", "", "templates: right", "wrong", "falsely", "with the judge: right", "wrong", "falsely"]
    table("Understanding", head, rows, Console(width=140))
    print(f"{sum(times) / len(times):.1f} ms of processor time a sentence, {max(times):.1f} at most; {conditions()}")
    if arguments.show:
        wrong = [one for one in found if one.intent and one.intent not in intents_of(one.line.kind)]
        cells = [(one.by_template, one.by_judge, one.line.kind, one.line.source, one.line.text) for one in wrong]
        arguments.show.write_text("\n".join("\t".join(cell or "-" for cell in row) for row in cells))
    save({"rows": rows, "milliseconds": sum(times) / len(times), **conditions()}, arguments.json)


if __name__ == "__main__":
    main()
