"""Trains the judgement whether a question is about the owner's life (`voiceos/memory/recall/personal.py`).

    python benchmarks/train_of_life.py NLU LIFEBENCH [--keep FILE] [--dry]

NLU is a folder with CLINC150 (`clinc150-train.json`, CC BY 3.0) and the development set of SLURP (`slurp-devel.tsv`,
CC BY 4.0), of which some intents are about one's own affairs and others about what anybody knows. To these come the
questions of `unknowns.tsv` and `named.tsv`, of the lives in `benchmarks/answers` for learning, of our talks, and of
LifeBench, whose owner asks in the first person. Each is asked of a memory: its own, or else one of these.

Every source is left out in turn, and what the others teach is measured on it. `of_life.tsv` is never learnt from.
`--keep`: what was gathered, for the next run. Filled stores are kept, too: the first run encodes 30,000 passages.
"""

import csv
import json
import pickle
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from figures import config_of, markdown
from lives import Life, lifebench
from of_life import OWN, Judged, judged, of_lives, own, parser, rates
from rich.console import Console
from talks import talks

from voiceos.config.paths import models_folder
from voiceos.language.data import FOLDER
from voiceos.language.questions import asks
from voiceos.memory.memory import Memory
from voiceos.memory.recall.personal import Weights
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.store.records import Source

HERE = Path(__file__).parent
EVERYDAY = "everyday"
OF_LIFE = """balance bill_due bill_balance credit_limit credit_score expiration_date last_maintenance payday pto_balance
pto_used rewards_balance spending_history transactions user_name calendar meeting_schedule todo_list shopping_list
reminder next_holiday oil_change_when insurance min_payment gas_type order_status flight_status application_status
pto_request_status confirm_reservation calendar_query email_query lists_query email_querycontact"""
OF_ANYBODY = """definition measurement_conversion calories nutrition_info ingredient_substitution cook_time recipe
meal_suggestion ingredients_list travel_suggestion travel_alert vaccines international_visa plug_type exchange_rate
food_last restaurant_reviews carry_on fun_fact meaning_of_life oil_change_how jump_start spelling translate calculator
time timezone weather distance traffic directions improve_credit_score rollover_401k international_fees how_busy
restaurant_suggestion replacement_card_duration redeem_rewards tire_change are_you_a_bot how_old_are_you
what_are_your_hobbies where_are_you_from who_made_you what_can_i_ask_you do_you_have_pets what_is_your_name
qa_factoid qa_definition qa_stock qa_currency qa_maths general_quirky cooking_recipe weather_query
recommendation_locations recommendation_events recommendation_movies datetime_query transport_traffic news_query"""
MOST_OF_INTENT = 40
MOST_OF_TALK = 30
"""Questions of a talk between others."""
ALONE = 25
"""Questions of no life that each memory is asked."""
COUNTS = 150
"""Questions that a source counts as, at most, of each sort."""
LOUD, FIRM, STEPS = 6.0, 3e-3, 150


def of_anywhere(nlu: Path) -> list[tuple[str, str, bool]]:
    """Questions with no memory of their own: source, text, whether they are about the owner's life."""
    found = defaultdict[tuple[str, str], list[str]](list)
    for text, intent in json.loads((nlu / "clinc150-train.json").read_text())["train"]:
        found["clinc", intent].append(text)
    with (nlu / "slurp-devel.tsv").open(encoding="utf-8") as file:
        for intent, text, *_ in csv.reader(file, delimiter="\t"):
            found["slurp", intent].append(text)
    of_life, of_anybody = set(OF_LIFE.split()), set(OF_ANYBODY.split())
    chosen = [
        (source, text, intent in of_life)
        for (source, intent), texts in found.items()
        if intent in of_life | of_anybody
        for text in list(filter(asks, texts))[:MOST_OF_INTENT]
    ]
    for row in (HERE / "unknowns.tsv").read_text(encoding="utf-8").splitlines():
        kind, _, rest = row.partition("\t")
        if kind in ("known", "unknown", "general"):
            chosen.append(("unknowns", rest.partition("\t")[0], kind != "general"))
    chosen += [("named", text, of_life) for text, of_life in own(HERE / "named.tsv")]
    return [*chosen, *((EVERYDAY, text, of_life) for text, of_life in own())]


def in_first_person(text: str, name: str) -> str:
    return re.sub(rf"\b{name}\b", "I", re.sub(rf"\b{name}'s\b", "my", text))


def of_records(
    lives: Sequence[Life], source: str, meaning: SemanticIndex, stores: Path, extra: Sequence[tuple[str, str, bool]]
) -> Iterator[Judged]:
    """Questions of lives or talks, each in its own store."""
    chance = random.Random(5)
    for life in lives:
        place = stores / f"{source}-{life.name}"
        filled = place / "filled"
        with Memory(place, meaning=meaning, owner=(life.owner,) if life.owner else ()) as memory:
            if not filled.exists():
                memory.ledger.add(Source(life.name, "chat"), life.records)
                memory.catch_up()
                filled.touch()
            asked = [one for one in life.questions if asks(one.text)]
            if not life.owner:
                asked = chance.sample(asked, min(MOST_OF_TALK, len(asked)))
            for one in asked:
                text = in_first_person(one.text, life.owner) if life.owner else one.text
                yield judged(memory, source if life.owner else "talk of others", text, one.at, of_life=True)
            for name, text, of_life in chance.sample(extra, ALONE):
                yield judged(memory, name, text, life.questions[-1].at, of_life=of_life)


def trained(data: Sequence[Judged]) -> Weights:
    """A logistic curve by Adam; each source counts alike, and so do both sorts."""
    right = np.array([one.of_life for one in data], np.float32)
    sorts = Counter((one.source, one.of_life) for one in data)
    counts = np.array([min(1.0, COUNTS / sorts[one.source, one.of_life]) for one in data])
    counts /= np.where(right > 0, counts[right > 0].sum(), counts[right < 1].sum())
    counts = (counts / counts.sum()).astype(np.float32)
    signs = np.stack([one.signs for one in data])
    mean, deviation = signs.mean(axis=0), signs.std(axis=0) + np.float32(1e-6)
    shown = ((signs - mean) / deviation).clip(-4, 4)
    table = np.hstack([LOUD * np.stack([one.meaning for one in data]), shown, np.ones((len(data), 1))]).astype(
        np.float32
    )
    values = np.zeros(table.shape[1], np.float32)
    first, second = np.zeros_like(values), np.zeros_like(values)
    held = np.append(np.full(len(values) - 1, FIRM), 0).astype(np.float32)
    for at in range(1, STEPS + 1):
        slope = table.T @ (counts * (1 / (1 + np.exp(-(table @ values))) - right)) + held * values
        first += 0.1 * (slope - first)
        second += 0.01 * (slope**2 - second)
        rate = 0.05 * (1 - at / (STEPS + 1))
        values -= rate * (first / (1 - 0.9**at)) / (np.sqrt(second / (1 - 0.99**at)) + 1e-8)
    width = len(data[0].meaning)
    return Weights(LOUD * values[:width], values[width:-1], mean, deviation, values[-1:])


def without(data: Sequence[Judged], source: str) -> list[Judged]:
    """What is learnt from when a source is judged; talks are one."""
    return [one for one in data if one.source != EVERYDAY and one.source.split()[0] != source.split()[0]]


def table(data: Sequence[Judged], console: Console) -> None:
    rows: list[list[str]] = []
    for source in dict.fromkeys(one.source for one in data):
        some, learnt = [one for one in data if one.source == source], trained(without(data, source))
        said: list[list[bool]] = [[one.seems_of_life(learnt) for one in some], [one.by_words for one in some]]
        rows.append([source, *(rate for way in said for rate in rates(some, way))])
    console.print(markdown(["", "missed", "stopped", "missed by words", "stopped by words"], rows), markup=False)


def main() -> None:
    arguments = parser()
    arguments.add_argument("nlu", type=Path)
    arguments.add_argument("lifebench", type=Path)
    arguments.add_argument("--keep", type=Path, help="what was gathered before")
    arguments.add_argument("--dry", action="store_true", help="write no weights")
    given = arguments.parse_args()
    console = Console(highlight=False)
    if given.keep and given.keep.exists():
        data: list[Judged] = pickle.loads(given.keep.read_bytes())
    else:
        meaning = SemanticIndex(Shelf(models_folder(config_of(given).store)).path(MEMORY))
        extra = of_anywhere(given.nlu)
        data = [*of_lives(given, meaning, console, extra)]
        data += of_records(talks(OWN.with_name("talk")), "talk", meaning, given.stores, extra)
        data += of_records(lifebench(given.lifebench), "lifebench", meaning, given.stores, extra)
        if given.keep:
            given.keep.write_bytes(pickle.dumps(data))
    table(data, console)
    if not given.dry:
        learnt = trained(without(data, EVERYDAY))
        np.savez(
            FOLDER / "en" / "of_life.npz", **{name: part.astype(np.float16) for name, part in learnt._asdict().items()}
        )


if __name__ == "__main__":
    main()
