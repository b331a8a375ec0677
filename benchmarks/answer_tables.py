"""The figures of answers about lives: their verdicts, counted by life and by kind of question."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from asked import HELD_OUT, KINDS, Life, Question
from figures import markdown, percentile
from life_answers import MODEL, NO_MODEL, NOT_ASKED, Answer
from rich.console import Console
from scoring import GENERAL, NONE, Verdict, Wanted, judged

from voiceos.skills.skill import BY_SKILL

HEAD = [
    *("", "questions", "found", "chosen", "by skill", "not asked", "right", "partly", "wrong", "declined"),
    "with the evidence: right · partly · wrong · declined",
]
OTHERS = ["", "questions", "well", "not", "by skill", "not asked"]


def verdict(text: str, one: Question, zone: str) -> Verdict:
    return judged(text, Wanted(one.kind, one.gold, one.avoid, one.text), one.at.replace(tzinfo=ZoneInfo(zone)))


def row_of(name: str, answers: Sequence[Answer], verdicts: Sequence[Verdict], given: Sequence[Verdict]) -> list[str]:
    """A line of the table, for questions of the owner's life that have an answer."""

    def mean(values: Sequence[float]) -> str:
        return f"{sum(values) / len(values):.2f}" if values else "-"

    found = [one.found for one in answers if one.found is not None]
    chosen = [one.chosen for one in answers if one.chosen is not None]
    kinds = (Verdict.RIGHT, Verdict.PARTLY, Verdict.WRONG, Verdict.DECLINED)
    said = [f"{verdicts.count(kind)}" for kind in kinds] if verdicts else ["-"] * 4
    beside = " · ".join(f"{given.count(kind)}" for kind in kinds) if given else "-"
    by = [sum(one.by.startswith(BY_SKILL) for one in answers), sum(one.by == NOT_ASKED for one in answers)]
    return [name, str(len(answers)), mean(found), mean(chosen), *map(str, by), *said, beside]


def tables(answers: Sequence[Answer], asked: Sequence[Life], console: Console) -> dict[str, Any]:
    """Prints them, and returns the figures. Without a model only what was said without it is judged."""
    known = {(life.name, one.number): (one, life) for life in asked for one in life.questions}
    judgements: dict[int, Verdict] = {}
    beside: dict[int, Verdict] = {}
    for answer in answers:
        one, life = known[answer.life, answer.number]
        if answer.by != NO_MODEL:
            judgements[id(answer)] = verdict(answer.reply, one, life.zone)
        if answer.given is not None:
            beside[id(answer)] = verdict(answer.given, one, life.zone)

    def row(name: str, some: Sequence[Answer]) -> list[str]:
        said = [judgements[id(one)] for one in some if id(one) in judgements]
        return row_of(name, some, said, [beside[id(one)] for one in some if id(one) in beside])

    mine = [one for one in answers if one.kind not in (NONE, GENERAL)]
    groups = {life.name: [one for one in mine if one.life == life.name] for life in asked}
    groups |= {KINDS[kind]: [one for one in mine if one.kind == kind] for kind in KINDS}
    rows = [row(name, some) for name, some in groups.items() if some]
    rows.append(row("all", mine))
    console.print(markdown(HEAD, rows), markup=False, soft_wrap=True)
    others: list[list[str]] = []
    for kind, well in ((NONE, Verdict.HONEST), (GENERAL, Verdict.RIGHT)):
        if some := [one for one in answers if one.kind == kind]:
            said = [judgements[id(one)] for one in some if id(one) in judgements]
            by = [sum(one.by.startswith(BY_SKILL) for one in some), sum(one.by == NOT_ASKED for one in some)]
            wrong = ", ".join(f"{said.count(v)} {v}" for v in Verdict if v is not well and v in said)
            others.append(
                [f"{KINDS[kind]} ({well})", str(len(some)), str(said.count(well)), wrong or "0", *map(str, by)]
            )
    if others:
        console.print(markdown(OTHERS, others), markup=False, soft_wrap=True)
    seconds: dict[str, float] = {}
    for name, by_model in (("by rule", False), ("by the model", True)):
        some = [one.seconds for one in mine if one.seconds is not None and (one.by in (MODEL, NO_MODEL)) is by_model]
        if some and not (by_model and not beside):
            seconds[name] = percentile(some, 0.5)
    if seconds:
        told = ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items())
        console.print(f"First words, p50: {told}.")
    return {
        "table": [HEAD, *rows],
        "others": [OTHERS, *others],
        "first_words_p50": seconds,
        "answers": [
            asdict(one) | {"verdict": judgements.get(id(one)), "given_verdict": beside.get(id(one))} for one in answers
        ],
    }


def shown(answer: Answer, one: Question, life: Life, console: Console) -> None:
    """A line for a reader; nothing of a life that is kept aside."""
    if HELD_OUT in life.folder.parts:
        return
    said = verdict(answer.reply, one, life.zone) if answer.by != NO_MODEL else ""
    shares = " ".join(
        f"{name} {value:.1f}"
        for name, value in (("found", answer.found), ("chosen", answer.chosen))
        if value is not None
    )
    console.print(f"{said:9} {life.name}:{one.number} {one.kind} [{answer.by}] {shares}", markup=False)
    console.print(f"    {one.text}\n    {answer.reply}", style="dim", markup=False)
    if answer.given is not None:
        told = verdict(answer.given, one, life.zone)
        console.print(f"    with the evidence ({told}): {answer.given}", style="dim", markup=False)
