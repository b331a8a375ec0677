"""Trains and measures the judge of what is said to the assistant without a wake word (`voiceos/skills/addressed.py`).

    python benchmarks/addressed.py NLU [--show] [--keep FILE] [--out voiceos/language/en/addressed.npz]
        [--set store.models=FOLDER]

To it is said what `understanding/addressed.tsv` has of that, what the skills and the memory are asked, and a part of
CLINC150 (NLU: a folder with `clinc150-train.json`, CC BY 3.0); to others, what that file has of that, and short
sentences of talk between two people (`talk/`). The limit is the one by which so many of the file's follow-ups to learn
from are lost as may be, each judged by weights that have not seen it. Its held lines are never learnt from.
"""

import json
import pickle
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from figures import config_of, parser_of, table
from numpy.typing import NDArray
from rich.console import Console
from talks import talks

from voiceos.config.paths import models_folder
from voiceos.config.settings import Config
from voiceos.core import Transcript, Turn
from voiceos.memory.registered import derived
from voiceos.memory.semantic import SemanticIndex
from voiceos.mind.router import Router
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.skills.addressed import Weights, bare
from voiceos.skills.registry import skills
from voiceos.skills.skill import Workshop
from voiceos.store.database import NAME, open_database

HERE = Path(__file__).parent
WEIGHTS = {"addressed": 15.0, "talk": 1.0, "own": 0.5, "memory": 0.3, "clinc": 0.7}
"""How much each source counts."""
MOST, LONGEST = {"talk": 2500, "own": 1000, "memory": 600, "clinc": 1500}, 12
"""Lines of a source, and words of a line of talk."""
LOUD, FIRM, STEPS, RATE, PUSH, FOLDS = 5.0, 1e-2, 200, 0.5, 0.9, 5
LOST = 0.03
"""Share of what is said to the assistant that may be taken for talk between others."""
_END = re.compile(r"(?<=[.!?])\s+")
Floats = NDArray[np.float32]


class Line(NamedTuple):
    source: str
    to_us: bool
    text: str
    held: bool = False


def lines(nlu: Path) -> list[Line]:
    found = defaultdict[str, list[Line]](list)
    for line in _all(nlu):
        found[line.source].append(line)
    chance = random.Random(3)
    return [one for name, some in found.items() for one in chance.sample(some, min(len(some), MOST.get(name, 9999)))]


def _all(nlu: Path) -> Iterator[Line]:
    understanding = HERE / "understanding"
    for row in (understanding / "addressed.tsv").read_text("utf-8").splitlines():
        if row[:1] != "#":
            half, to, text = row.split("\t")
            yield Line("addressed", to == "us", text, half == "held")
    for talk in talks(HERE / "talk"):
        said = (part for record in talk.records for part in _END.split(record.text) if not talk.owner)
        yield from (Line("talk", False, text) for text in said if "[" not in text and len(text.split()) <= LONGEST)
    for name in ("own", "memory"):
        rows = (understanding / f"{name}.txt").read_text("utf-8").translate({ord(sign): None for sign in "[]"})
        yield from (Line(name, True, row) for row in rows.splitlines() if row and row[0] != "#")
    for text, *_ in json.loads((nlu / "clinc150-train.json").read_text("utf-8"))["train"]:
        yield Line("clinc", True, text)


def trained(meanings: Floats, some: Sequence[Line]) -> Weights:
    """A logistic curve by gradient descent with momentum. Both sorts count alike."""
    right = np.array([one.to_us for one in some], np.float32)
    sizes = Counter((one.source, one.to_us) for one in some)
    counts = np.array([WEIGHTS[one.source] / sizes[one.source, one.to_us] for one in some], np.float32)
    for sort in (0, 1):
        counts[right == sort] /= 2 * counts[right == sort].sum()
    table = LOUD * meanings
    values, offset = np.zeros(table.shape[1], np.float32), 0.0
    step, shift = np.zeros_like(values), 0.0
    for _ in range(STEPS):
        off = (1 / (1 + np.exp(-(table @ values + offset))) - right) * counts
        step, shift = PUSH * step + table.T @ off + FIRM * values, PUSH * shift + float(off.sum())
        values, offset = values - RATE * step, offset - RATE * shift
    return Weights(LOUD * values, np.array([offset], np.float32), np.zeros(1, np.float32))


def limit(meanings: Floats, some: Sequence[Line], by_skill: Mapping[str, bool]) -> float:
    """From which likelihood on it is said to us; what a skill takes is, anyway."""
    part = np.arange(len(some)) % FOLDS
    likely: list[float] = []
    for fold in range(FOLDS):
        weights = trained(meanings[part != fold], [one for one, at in zip(some, part, strict=True) if at != fold])
        counts = [
            at for at in map(int, np.flatnonzero(part == fold)) if some[at].source == "addressed" and some[at].to_us
        ]
        likely += [1.0 if by_skill[some[at].text] else weights.likely(meanings[at]) for at in counts]
    return float(np.quantile(likely, LOST))


def _turn(text: str) -> Turn:
    return Turn("", "", transcript=Transcript(text))


def main() -> None:
    arguments = parser_of(__doc__)
    arguments.add_argument("nlu", type=Path)
    arguments.add_argument("--keep", type=Path, help="lines and vectors of the last run")
    arguments.add_argument("--show", action="store_true", help="print what is judged wrongly")
    arguments.add_argument("--out", type=Path)
    given = arguments.parse_args()
    console = Console(highlight=False)
    if given.keep and given.keep.exists():
        every: list[Line] = []
        every, meanings = pickle.loads(given.keep.read_bytes())
    else:
        meaning = SemanticIndex(Shelf(models_folder(config_of(given).store)).path(MEMORY)).meaning
        every = lines(given.nlu)
        meanings = np.stack([meaning(bare(one.text)) for one in every])
        if given.keep:
            given.keep.write_bytes(pickle.dumps((every, meanings)))
    held = np.array([one.held for one in every])
    learnt = [one for one in every if not one.held]
    weights = trained(meanings[~held], learnt)
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Config(), open_database(Path(folder) / NAME, None, derived()))
        router = Router(skills(workshop), workshop)
        by_skill = {one.text: bool(router.asked(_turn(one.text))) for one in every if one.source == "addressed"}
    weights = weights._replace(sure=np.array([limit(meanings[~held], learnt, by_skill)], np.float32))
    for to_us in (True, False):
        some = [(one, at) for one, at in zip(every, meanings, strict=True) if one.held and one.to_us is to_us]
        judged = [weights.likely(at) >= weights.sure[0] for _, at in some]
        asked = [by_skill[one.text] for one, _ in some]
        both = [a or b for a, b in zip(judged, asked, strict=True)]
        rows.append(["us" if to_us else "others", len(some), sum(asked), sum(judged), sum(both)])
        if given.show:
            console.print(*(one.text for (one, _), yes in zip(some, both, strict=True) if yes != to_us), sep="\n")
    console.print(f"limit {weights.sure[0]:.3f}")
    head = ["said to", "lines", "by a skill", "by the judge", "by either"]
    table("held lines that are answered", head, rows, console)
    if given.out:
        np.savez(given.out, **{name: part.astype(np.float16) for name, part in weights._asdict().items()})


if __name__ == "__main__":
    main()
