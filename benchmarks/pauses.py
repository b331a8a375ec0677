"""Pauses in mid-phrase: is something audible in them, is half a sentence answered, how long does an answer take?

    python benchmarks/pauses.py
    python benchmarks/pauses.py --pauses 0 0.5 1 1.5 --recordings DIR --json pauses.json --plot pauses.png

Real recordings in real time through every engine. A pause of room noise is put into each sentence; 0 is the sentence as
it was spoken. Times are from the true end of speech to the first audible sample. What is prepared in pauses and
thrown away is counted too. A sentence is acted on wrongly where timers, alarms, reminders and lists are afterwards
not as the same words leave them that are typed. DIR has a list `utterances.tsv`: docs/benchmarks.md says what is in it.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from figures import conditions, config_of, p50_p95, parser_of, save, table
from rich.console import Console
from room import until
from session import Session, session, words
from utterances import Utterance, utterances

from voiceos.config.paths import data_folder
from voiceos.config.settings import Config
from voiceos.core import OWNER, Outcome, Stage
from voiceos.memory.registered import derived
from voiceos.store import lists, schedule
from voiceos.store.database import NAME, Connection, open_database

PAUSES = (0.0, 0.7, 1.0, 1.2)
LEAD_SECONDS = 0.3
FAULTS = ("audible_early", "half_answered", "acted_wrongly")


def taken_down(db: Connection) -> list[str]:
    """What there is of timers, alarms, reminders and lists, of which then nothing is left."""
    there, named = schedule.entries(db), lists.listings(db)
    found = [f"{one.kind} {one.name} {one.length or one.wall}" for one in there]
    found += [f"{one.name} {entry.key}" for one in named for entry in lists.entries(db, one.id)]
    schedule.remove_entries(db, [one.id for one in there])
    for one in named:
        lists.clear(db, one.id, whole=True)
    return sorted(found)


async def typed(here: Session, db: Connection, text: str) -> list[str]:
    """What these words leave."""
    async for _ in here.host.ask(text, who=OWNER, device="keyboard", keep=False):
        pass
    return taken_down(db)


async def one_sentence(here: Session, said: Utterance, db: Connection, meant: list[str]) -> dict[str, Any]:
    """Says it; what came of it. `meant`: what is to be there afterwards."""
    here.host.forget()
    prepared_before = len(here.meter.prepared)
    spoken = here.room.say(said.samples, anyio.current_time() + LEAD_SECONDS)
    start, end = spoken + said.start, spoken + said.end
    await until(end)
    first = await here.reply_to_sound(end, 15.0)
    await here.settle(end + 0.5)
    turns = here.turns(start)
    answered = [turn for turn in turns if turn.outcome is Outcome.ANSWERED and Stage.FIRST_SOUND in turn.marks]
    paused_at = spoken + (said.pause_at or 0.0) if said.pause else None
    early = here.room.first_sound(paused_at, end) if paused_at else None
    return {
        "recording": said.name,
        "pause": said.pause,
        "heard": words(turns),
        "voice_to_voice": round(first - end, 3) if first is not None else None,
        "audible_early": early is not None,
        "half_answered": bool(paused_at) and any(half(turn.speech, paused_at, said.pause) for turn in answered),
        "acted_wrongly": taken_down(db) != meant,
        "prepared": len(here.meter.prepared) - prepared_before,
        "answers": len(answered),
    }


def half(speech: Any, paused_at: float, pause: float) -> bool:
    """Whether what was answered ends or begins in the pause."""
    middle = paused_at + pause / 2
    return not speech.start < middle < speech.end


async def measure(config: Config, said: Sequence[Utterance], rounds: int, console: Console) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    path = data_folder(config.store) / NAME
    async with session(config) as here:
        db = open_database(path, derived=derived())  # of a benchmark that ends with it
        meant = {one.text: await typed(here, db, one.text) for one in said}
        await one_sentence(here, said[0], db, [])  # does not count
        here.meter.prepared.clear()
        began = anyio.current_time()
        for _ in range(rounds):
            for one in said:
                rows.append(row := await one_sentence(here, one, db, meant[one.text]))
                shown = "no answer" if row["voice_to_voice"] is None else f"{row['voice_to_voice']:.2f} s"
                faults = " ".join(name for name in FAULTS if row[name])
                console.print(f"[dim]{one.name:16} {one.pause:.1f} s  {shown} {row['heard']}[/dim] [red]{faults}[/red]")
        work = here.meter.summary(here.turns(began))
    return {"conditions": conditions(config), "speculation": work, "trials": rows}


def summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By length of the pause, and all real pauses together."""
    lengths = sorted({row["pause"] for row in rows})
    groups = [(f"{length:.1f}", [row for row in rows if row["pause"] == length]) for length in lengths]
    groups.append(("all pauses", [row for row in rows if row["pause"]]))
    return [
        {
            "pause": name,
            "sentences": len(group),
            **{fault: sum(row[fault] for row in group) for fault in FAULTS},
            "unanswered": sum(row["voice_to_voice"] is None for row in group),
            "voice_to_voice": times(group),
            "prepared": sum(row["prepared"] for row in group),
        }
        for name, group in groups
        if group
    ]


def times(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """How long each took that did not speak too early."""
    return sorted(
        row["voice_to_voice"] for row in rows if row["voice_to_voice"] is not None and not row["audible_early"]
    )


def show(result: Mapping[str, Any], console: Console) -> None:
    counts = ("sentences", *FAULTS, "unanswered")
    head = ("pause, s", *(name.replace("_", " ") for name in counts), "time to answer p50 / p95, s")
    rows = [
        (*(group[key] for key in ("pause", *counts)), at)
        for group in result["summary"]
        for at in [p50_p95(group["voice_to_voice"])]
    ]
    table("Pauses in mid-phrase", head, rows, console)
    work = result["speculation"]
    head = ("", "answers", "CPU s besides the language model", "tokens", "seconds of sound made")
    keys = ("answers", "cpu_seconds", "tokens", "spoken_seconds")
    rows = [(name.replace("_", " "), *(work[name][key] for key in keys)) for name in ("prepared", "thrown_away")]
    table("Prepared in pauses", head, rows, console)
    console.print(f"[dim]{result['conditions']}[/dim]")


def plot(result: Mapping[str, Any], path: Path) -> None:
    from charts import dots

    rows = [(f"{group['pause']} s", group["voice_to_voice"]) for group in result["summary"][:-1]]
    dots(rows, "Time to answer, by the length of a pause in mid-phrase", "seconds after the true end of speech", path)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--recordings", type=Path, metavar="DIR")
    parser.add_argument("--pauses", type=float, nargs="+", default=PAUSES, metavar="SECONDS")
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    whole = [one for one in utterances(arguments.recordings) if one.text and one.pause_at]
    said = [one.with_pause(seconds) if seconds else one for one in whole for seconds in arguments.pauses]
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        config = config_of(arguments, store__folder=folder)
        result = anyio.run(measure, config, said, arguments.rounds, console)
    result["summary"] = summary(result["trials"])
    show(result, console)
    save(result, arguments.json)
    if arguments.plot:
        plot(result, arguments.plot)


if __name__ == "__main__":
    main()
