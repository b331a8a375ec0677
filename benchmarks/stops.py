"""Said over a reply, a ring or music: is "stop" heard as that, and nothing else, with and without looking for it?

    python benchmarks/stops.py [--noise FILE ...] [--others FILE ...] [--snr 6] [--set store.models=FOLDER] [--show]

Two voices, each as it is and a little deeper and higher, in quiet and in each noise. `--others`: recordings in which
nobody says any of it. Nothing was chosen by these figures: what counts as near is that of every other request.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import soundfile
import soxr
from figures import conditions, config_of, parser_of, save, table
from requests_heard import Sound, amid, heard, said
from rich.console import Console

from voiceos.config.paths import models_folder
from voiceos.core import RATE, Speech
from voiceos.dialogue.acts import Act, act_of
from voiceos.dialogue.requests_heard import RequestsHeard
from voiceos.models.shelf import Shelf
from voiceos.senses import recogniser, synthesiser

VOICES = ("hibari-heart", "en_US-joe-medium")
PITCHES = (0.88, 1.0, 1.13)
STOPS = ("Stop!", "Stop.", "Stop it.", "Be quiet.", "Cancel.", "Never mind.")
OTHERS = """Start. Star. Top. Shop. Stock. Store. Step. Yes. What? Louder. Next. Okay. Pizza. Hello. Really? Bob! Steph!
Stuff. Tomorrow. Camera. Candle. Stay. Spot. Scott! Dad! Nonstop. Cancelled? Counsel. Quite. Quilt.""".split()
PHRASES = (
    "Thanks, mum.",
    "How far?",
    "It stopped.",
    "Not yet.",
    "So what?",
    "At the stop.",
    "Never again.",
    "Be good.",
)
LONGEST_SECONDS = 3.5


def recorded(path: str) -> Sound:
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(sound[:, 0], rate, RATE), np.float32)


async def measured(chosen: Any) -> list[dict[str, Any]]:
    configs = [config_of(chosen, speech__voice=name) for name in VOICES]
    shelf = Shelf(models_folder(configs[0].store))
    plain = recogniser(configs[0], shelf)
    helped = RequestsHeard(plain, lambda _: False)
    noises = {"": np.zeros(RATE, np.float32)} | {Path(one).stem: recorded(one) for one in chosen.noise}
    people = [recorded(path) for path in chosen.others]
    clips: list[tuple[str, str, Sound]] = [("", "person", one) for one in people if len(one) < LONGEST_SECONDS * RATE]
    for name, config in zip(VOICES, configs, strict=True):
        voice = synthesiser(config, shelf)
        for text in (*STOPS, *OTHERS, *PHRASES):
            sound = await said(voice, text)
            clips += [(text, f"{name} {pitch}", soxr.resample(sound, RATE * pitch, RATE)) for pitch in PITCHES]
    rows: list[dict[str, Any]] = []
    for number, (text, speaker, sound) in enumerate(clips):
        for where in noises if text in STOPS else [[*noises][number % len(noises)]]:
            speech = replace(spoken(sound, noises[where], chosen.snr), over_sound=True)
            row: dict[str, Any] = {"said": text, "by": speaker, "noise": where, "stop": text in STOPS}
            for how, again in (("plain", None), ("helped", helped)):
                row[how], row[f"{how}_cpu"] = await heard(plain, speech, again)
            rows.append(row)
    return rows


def spoken(sound: Sound, noise: Sound, snr: float) -> Speech:
    """It amid a noise from somewhere in its recording."""
    begin = len(sound) * 7 % max(1, len(noise) - len(sound))
    return amid(sound, [noise[begin:]], snr)


def stops(text: str) -> bool:
    return act_of(text, over_reply=True) is Act.STOP


def summary(rows: Sequence[dict[str, Any]]) -> list[list[object]]:
    asked, others = [row for row in rows if row["stop"]], [row for row in rows if not row["stop"]]
    people = [row for row in others if row["by"] == "person"]
    return [
        [
            how,
            f"{sum(not stops(row[how]) for row in asked)} of {len(asked)}",
            f"{sum(stops(row[how]) for row in others)} of {len(others)}",
            f"{sum(stops(row[how]) for row in people)} of {len(people)}",
            f"{np.mean([row[f'{how}_cpu'] for row in rows]):.2f}",
        ]
        for how in ("plain", "helped")
    ]


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--noise", nargs="+", default=[], metavar="FILE")
    parser.add_argument("--others", nargs="+", default=[], metavar="FILE")
    parser.add_argument("--snr", type=float, default=6.0, metavar="DB")
    parser.add_argument("--show", action="store_true", help="print what changed")
    chosen = parser.parse_args()
    rows = anyio.run(measured, chosen)
    for row in rows if chosen.show else ():
        if row["plain"] != row["helped"]:
            print(f"{row['said']}\t{row['by']}\t{row['noise']}\t{row['plain']}\t{row['helped']}")
    head = ["", "not heard as stop", "others heard as stop", "of them recorded people", "CPU s"]
    table(f"Said over a sound, {chosen.snr:.0f} dB", head, summary(rows), Console(width=120))
    save({"rows": rows, **conditions()}, chosen.json)


if __name__ == "__main__":
    main()
