"""Barge-in: how soon it falls silent when someone speaks over it, and whether a noise or an "mm-hm" ends its reply.

    python benchmarks/barge_in.py
    python benchmarks/barge_in.py --rounds 3 --recordings DIR --json barge_in.json --plot barge_in.png

A recorded request is answered at length (the persona is told to); 0.8 s into the reply another recording speaks over
it. The time is from the onset of that speech to the last audible sample. Recordings without a text are noises: they may
silence the reply for a moment, but it has to go on. "Mm-hm" is spoken by the voice of the settings. The microphone does
not hear the speaker here. DIR has a list `utterances.tsv`: docs/benchmarks.md says what is in it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import numpy as np
from figures import conditions, config_of, p50_p95, parser_of, save, table
from rich.console import Console
from session import Session, session, words
from utterances import Utterance, utterances

from voiceos.audio.resample import ToRate
from voiceos.config.settings import Config
from voiceos.core import RATE, NoticeKind, Outcome
from voiceos.protocols import TextToSpeech

INTO_REPLY_SECONDS = 0.8
LEAD_SECONDS = 0.3
WATCHED_SECONDS = 3.0
LONG_WINDED = "You are a storyteller. Whatever is asked, you answer with a story of at least eight sentences."
QUESTION = "coffee0"
MM_HM = "Mm-hm."


async def one_trial(here: Session, question: Utterance, over: Utterance) -> dict[str, Any]:
    """Asks, and speaks over the reply; what came of it."""
    here.host.forget()
    asked = here.room.say(question.samples, anyio.current_time() + LEAD_SECONDS)
    sounded = await here.reply_to_sound(asked + question.end)
    row: dict[str, Any] = {"over": over.name, "words": bool(over.text), "sounded": sounded is not None}
    if sounded is None:
        await here.settle(anyio.current_time())
        return row | {"decidable": False}
    spoken = here.room.say(over.samples, sounded + INTO_REPLY_SECONDS - over.start)
    onset, end = spoken + over.start, spoken + over.end
    await anyio.sleep_until(max(end, onset + WATCHED_SECONDS))
    silent = here.room.silent_from(onset)
    await here.settle(end + 1.0)
    turns = here.turns(asked)
    outcome = turns[0].outcome if turns else None
    hushed = here.since(NoticeKind.INTERRUPT, onset)
    row |= {"decidable": silent is not None, "outcome": outcome, "heard": words(turns[1:]), "hushed": len(hushed)}
    row["ended"] = outcome is not None and outcome is not Outcome.ANSWERED
    if silent is None:
        return row
    row["silent_after"] = round(silent - onset, 3)
    again = here.room.first_sound(silent + 0.01)
    row["resumed_after"] = round(again - silent, 3) if hushed and again is not None else None
    return row


async def spoken_mm_hm(voice: TextToSpeech) -> Utterance:
    """As loud as the recordings are."""
    to_rate = ToRate(RATE)
    pcm = b"".join([to_rate(frame) async for frame in voice.synthesize(MM_HM)]) + to_rate.flush()
    samples = np.frombuffer(pcm, "<i2").astype(np.int16)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 300)
    start, end = (float(loud[0]) / RATE, float(loud[-1]) / RATE) if len(loud) else (0.0, len(samples) / RATE)
    return Utterance("mm-hm", "", samples, start, end)


async def measure(config: Config, said: Sequence[Utterance], rounds: int, console: Console) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    question = next((one for one in said if one.name == QUESTION), said[0])
    async with session(config) as here:
        others = [one for one in said if one is not question] + [await spoken_mm_hm(here.engines.voice)]
        for _ in range(rounds):
            for one in others:
                rows.append(row := await one_trial(here, question, one))
                console.print(f"[dim]{one.name:16} {said_of(row)}[/dim]")
    return {"conditions": conditions(config), "trials": rows}


def said_of(row: Mapping[str, Any]) -> str:
    if not row["decidable"]:
        return "nothing sounded at the moment of the interruption" if row["sounded"] else "no reply"
    ending = row["outcome"] or "no end"
    return f"silent after {row['silent_after']:.2f} s, {ending}, resumed after {row['resumed_after']} s {row['heard']}"


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    decidable = [row for row in rows if row["decidable"]]
    spoken, noises = ([row for row in decidable if row["words"] is words] for words in (True, False))
    stopped = [row for row in spoken if row["ended"]]
    hushed = [row for row in noises if row["hushed"] and not row["ended"]]
    return {
        "undecidable": len(rows) - len(decidable),
        "spoken_over": len(spoken),
        "stopped": len(stopped),
        "silent_after": sorted(row["silent_after"] for row in stopped),
        "noises": len(noises),
        "noises_that_ended_it": sum(row["ended"] for row in noises),
        "noises_that_hushed_it": len(hushed),
        "resumed_after": sorted(row["resumed_after"] for row in hushed if row["resumed_after"] is not None),
    }


def show(result: Mapping[str, Any], console: Console) -> None:
    found = result["summary"]
    head = ("spoken over", "fell silent for good", "onset to silence p50 / p95, s")
    table("Words", head, [(found["spoken_over"], found["stopped"], p50_p95(found["silent_after"]))], console)
    head = ("noises and mm-hm", "ended the reply", "hushed it for a moment", "went on after p50 / p95, s")
    counts = [found[key] for key in ("noises", "noises_that_ended_it", "noises_that_hushed_it")]
    table("No words", head, [(*counts, p50_p95(found["resumed_after"]))], console)
    if found["undecidable"]:
        console.print(f"{found['undecidable']} trials could not be decided: nothing sounded when they began.")
    console.print(f"[dim]{result['conditions']}[/dim]")


def plot(result: Mapping[str, Any], path: Path) -> None:
    from charts import dots

    trials = [row for row in result["trials"] if row["words"] and row["decidable"] and row["ended"]]
    names = sorted({row["over"] for row in trials})
    rows = [(name, [row["silent_after"] for row in trials if row["over"] == name]) for name in names]
    dots(rows, "How soon it falls silent when someone speaks over it", "seconds after the onset of speech", path)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--recordings", type=Path, metavar="DIR")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    config = config_of(arguments, mind__persona=LONG_WINDED, mind__max_tokens="160")
    console = Console(highlight=False)
    result = anyio.run(measure, config, utterances(arguments.recordings), arguments.rounds, console)
    result["summary"] = summary(result["trials"])
    show(result, console)
    save(result, arguments.json)
    if arguments.plot:
        plot(result, arguments.plot)


if __name__ == "__main__":
    main()
