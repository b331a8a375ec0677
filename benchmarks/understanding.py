"""Which sentences the skills take, and rightly: by their templates, and with the judge of intent behind them.

    python benchmarks/understanding.py [--clinc FILE] [--slurp FILE] [--parts FOLDER] [--show FILE]

Sentences that the judge has never learnt from: a third of those of this project, talk that was held out, and what
`--clinc` (JSON as CLINC150 has it) and `--slurp` (TSV: intent, sentence) add, where test sets belong. The training
sets belong there only with `--parts FOLDER`, which `train_judge.py` fills: each sentence is then judged by networks
that have not learnt from it. `understanding/intents.toml` says what their intents are here, and which of ours do
for another.

"Right" and "wrong" are shares of the sentences that ask for something an installed skill does. "Falsely" is the share
of all other sentences that are taken nevertheless. "Unread" are those of one part of five, of which nobody looked at
a mistake.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from figures import conditions, save, table
from rich.console import Console
from understanding_data import FOLDS, Line, clinc, may, none, own, part_of, same, slurp, talk

from voiceos.config.paths import models_folder
from voiceos.config.settings import Config, StoreSettings
from voiceos.core import Transcript, Turn
from voiceos.language.data import table as data
from voiceos.memory.registered import derived
from voiceos.memory.semantic import SemanticIndex
from voiceos.mind.router import Router
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.skills.grammar import plain
from voiceos.skills.judge import Encode, Judge, Weights
from voiceos.skills.registry import skills
from voiceos.skills.skill import Skill, Workshop
from voiceos.store.database import NAME, open_database

TIMED = 500
"""Sentences whose time is taken."""


class Taken(NamedTuple):
    line: Line
    by_template: Sequence[str]
    by_judge: Sequence[str]
    """The intents that each takes it for; none: it is passed on."""

    @property
    def intents(self) -> Sequence[str]:
        return self.by_template or self.by_judge


Of = Callable[[Taken], Sequence[str]]


class ByParts:
    """Judges each sentence by the networks that have not learnt from its part."""

    def __init__(self, encode: Encode, folder: Path) -> None:
        self._judges = [Judge(encode, weights=Weights.read(folder / f"{part}.npz")) for part in range(FOLDS)]
        self.part = 0

    def __call__(self, text: str) -> Sequence[str]:
        return self._judges[self.part](text)


def wanted(line: Line) -> Sequence[str]:
    """The intents that do for a sentence."""
    if line.source == "not an order":
        return ()
    return [*data("en", "judge")["intents"].get(line.kind, (line.kind,)), *same().get(line.kind, ())]


def taken(router: Router, lines: Iterable[Line], by_parts: ByParts | None) -> list[Taken]:
    found: list[Taken] = []
    for line in lines:
        if by_parts:
            by_parts.part = part_of(plain(line.text))
        turn = Turn("t", "c", transcript=Transcript(line.text))
        asked = router.asked(turn)
        readings = [] if asked else router.judged(turn)
        judged = [one.intent for one in readings[0]] if readings else []
        found.append(Taken(line, [one.intent for one in asked], judged))
    return found


def is_right(one: Taken, of: Of) -> bool:
    """What is left out of several in one breath is said to be."""
    named = [intent for intent in of(one) if intent]
    return bool(named) and set(named) <= set(wanted(one.line))


def is_false(one: Taken, of: Of) -> bool:
    """Whether it is taken by a skill that has no answer to it."""
    return not {name.partition(".")[0] for name in of(one)} <= set(may().get(one.line.intent, ()))


def shares(found: Sequence[Taken], installed: set[str], of: Of) -> list[str]:
    ours = [one for one in found if installed.intersection(wanted(one.line))]
    others = [one for one in found if not installed.intersection(wanted(one.line))]
    right = sum(is_right(one, of) for one in ours)
    wrong = sum(bool(of(one)) for one in ours) - right
    false = sum(is_false(one, of) for one in others)
    return [
        f"{right / len(ours):.1%}" if ours else "-",
        f"{wrong / len(ours):.2%}" if ours else "-",
        f"{false / len(others):.2%}" if others else "-",
    ]


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
    parser.add_argument("--parts", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="only every Nth sentence: templates take time"
    )
    parser.add_argument("--show", type=Path, metavar="FILE", help="write what is wrong there")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    encode = SemanticIndex(Shelf(models_folder(StoreSettings())).path(MEMORY)).meaning
    real, by_parts = Judge(encode), ByParts(encode, arguments.parts) if arguments.parts else None
    lines = [line for line in (*own(), *none(), *talk()) if line.held]
    lines += clinc(arguments.clinc) if arguments.clinc else []
    lines += slurp(arguments.slurp) if arguments.slurp else []
    lines = lines[:: arguments.every]
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Config(), open_database(Path(folder) / NAME, None, derived()))
        made: Sequence[Skill] = skills(workshop)
        router, timed = (Router(made, workshop, judge=judge) for judge in (by_parts or real, real))
        router.warm()
        timed.warm()
        installed = {intent.name for skill in made for intent in skill.intents}
        found = taken(router, lines, by_parts)
        times = milliseconds(timed, islice((one.line.text for one in found[:: max(1, len(found) // TIMED)]), TIMED))
    times.sort()
    by: list[Of] = [lambda one: one.by_template, lambda one: one.intents]
    rows: list[list[object]] = []
    for source in dict.fromkeys(line.source for line in lines):
        some = [one for one in found if one.line.source == source]
        unread = [one for one in some if part_of(plain(one.line.text)) == FOLDS - 1]
        for name, ones in ((source, some), ("… unread", unread)):
            rows.append([name, len(ones), *(cell for how in by for cell in shares(ones, installed, how))])
    head = ["sentences", "", "templates: right", "wrong", "falsely", "with the judge: right", "wrong", "falsely"]
    table("Understanding", head, rows, Console(width=140))
    median, most = times[len(times) // 2], times[len(times) * 95 // 100]
    print(f"{median:.1f} ms of processor time a sentence, p95 {most:.1f}, {times[-1]:.1f} at most; {conditions()}")
    if arguments.show:
        texts = [
            "\t".join((" ".join(one.intents) or "-", one.line.kind or one.line.intent, one.line.source, one.line.text))
            for one in found
            if (is_false(one, by[1]) if not installed.intersection(wanted(one.line)) else not is_right(one, by[1]))
        ]
        arguments.show.write_text("\n".join(texts), encoding="utf-8")
    save({"rows": rows, "milliseconds": [median, most], **conditions()}, arguments.json)


if __name__ == "__main__":
    main()
