"""Wake words learnt from a few recordings: misses and false alarms.

    python benchmarks/learned_words.py --manifest FILE --labels computer jarvis --takes 4

Learns each word from the first recordings of it that can be learnt from, as `voiceos wake learn --recordings` does, and
listens for it in the others, in silence and amid the manifest's read speech, and in all other recordings. In a manifest
with the column `speaker` filled in, one is learnt from each speaker with enough recordings, and the others count apart.
"""

import argparse
import csv
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from wake import AtOnce, Samples, false_alarms, first_wake, mixed, read

from voiceos.cli.teaching import odd_one
from voiceos.cli.wake import other_talk
from voiceos.config.settings import Config
from voiceos.engines.learned_words import LearnedWords
from voiceos.engines.learning import Lesson
from voiceos.engines.second_stage import Checked, SecondStage
from voiceos.engines.takes import complaint, find
from voiceos.engines.wakewords import WakeWords
from voiceos.engines.whisper import Whisper
from voiceos.models.shelf import Shelf

TALK = "speech"
"""The label of read speech, which is mixed in."""


def main() -> None:
    args = parse()
    with args.manifest.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["label"] not in ("rir", *args.ignore)]
    sound = {row["path"]: read(args.manifest.parent / row["path"]) for row in rows}
    whisper = Whisper(Shelf(args.models).resolve("whisper-base"))
    whisper.log_probability(bytes(64_000), "warm")
    others = other_talk(Config.model_validate({"store": {"models": str(args.models)}}))
    noise = np.concatenate([sound[row["path"]] for row in rows if row["label"] == TALK])
    for label in args.labels:
        by_speaker: defaultdict[str, list[Samples]] = defaultdict(list)
        for row in rows:
            if row["label"] == label:
                by_speaker[row["speaker"]].append(sound[row["path"]])
        negatives = [sound[row["path"]] for row in rows if row["label"] != label][:: args.every]
        phrase = label.replace("_", " ")
        for speaker in list(by_speaker)[: args.speakers]:
            lesson = Lesson([*others, np.zeros(16_000, np.int16)])
            takes, vectors, used = [], [], set[int]()
            for at, one in enumerate(by_speaker[speaker]):
                take = find(np.pad(one, 3_200))
                if len(takes) < args.takes and take and not complaint(take):
                    takes.append(take)
                    vectors.append(lesson.vectors(take))
                    used.add(at)
                    if (odd := odd_one(lesson, vectors)) is not None:
                        del takes[odd], vectors[odd]
            if len(takes) < args.takes:
                continue
            began = time.process_time()
            model = lesson.learn(label, phrase, takes, vectors, whisper.log_probability)
            learning = time.process_time() - began
            same = [one for at, one in enumerate(by_speaker[speaker]) if at not in used]
            rest = [one for other, those in by_speaker.items() if other != speaker for one in those][:: args.every]
            second = SecondStage(whisper.log_probability, AtOnce())
            second.add(label, Checked(phrase, 1.0, model.log_probability))
            detector = WakeWords([LearnedWords([model])], second)
            told = {"label": label, "speaker": speaker, "takes": args.takes}
            for name, those in (("same", same), ("others", rest)):
                for kind, snr in (("clean", None), ("10 dB", 10.0)):
                    if those:
                        told[f"misses {name} {kind} %"] = missed(detector, those, noise, snr)
            alarms, seconds, cpu = false_alarms(detector, negatives)
            told |= {"false alarms": alarms, "hours": round(seconds / 3600, 3)}
            told |= {"core %": round(100 * cpu / seconds, 2), "learning s": round(learning, 1)}
            told |= {"agrees above": round(model.log_probability, 1)}
            print(json.dumps(told), flush=True)


def missed(detector: WakeWords, said: Sequence[Samples], noise: Samples, snr: float | None) -> float:
    heard = [first_wake(detector, mixed(one, noise, at, snr)) is not None for at, one in enumerate(said)]
    return round(100 * (1 - sum(heard) / len(heard)), 1)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True, help="folder of model files")
    parser.add_argument("--labels", nargs="+", required=True)
    parser.add_argument("--ignore", nargs="*", default=[], help="labels to leave out")
    parser.add_argument("--takes", type=int, default=4)
    parser.add_argument("--speakers", type=int, default=1, help="learn from so many speakers, one after the other")
    parser.add_argument("--every", type=int, default=1, help="take every so many of the negatives, and of others")
    return parser.parse_args()


if __name__ == "__main__":
    main()
