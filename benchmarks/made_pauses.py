"""Pauses cut into recordings between two words: which of them does an answer sound in, and which ends does it wait at?

    python benchmarks/made_pauses.py DIR [DIR ...] [--match 'command*'] [--cuts 2] [--set store.models=FOLDER]

Recordings are mono, 16 kHz, one utterance each. One half of them is for choosing the limits, the other is shown beside
it. A cut after which the first half is a whole request by itself is counted apart: there nobody can know.
"""

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import soundfile
from faster_whisper import WhisperModel
from figures import conditions, config_of, parser_of, save, table
from requests_heard import understood
from rich.console import Console
from room import Samples
from utterances import Utterance, faded_out

from tests.skills.household import Household
from voiceos.config.paths import models_folder
from voiceos.core import RATE, Speech, Transcript
from voiceos.dialogue import unfinished
from voiceos.engines.smart_turn import SmartTurn
from voiceos.engines.whisper import Whisper
from voiceos.engines.whisper_guard import sound_seconds
from voiceos.models.shelf import Shelf

HEARD_SECONDS = 0.1
"""Silence when the answer is prepared."""
ASKED_SECONDS = (0.2, 0.32)
"""Silence when the turn-end model is asked."""
NEAR_SECONDS = 0.06
"""How far from the boundary of words the quietest moment is looked for."""
LEAST_SECONDS = 0.45
"""Nobody takes less for a sentence."""
LIMITS = ((0.0, 0.0), (0.6, 0.3), (0.7, 0.3), (0.8, 0.3), (0.9, 0.5))
"""Of a sentence, and of what a skill takes."""
UNSURE = unfinished.IS_OVER_UNSURE
"""The same where the turn-end model is not sure."""


Limits = tuple[float, float]


@dataclass
class Moment:
    """What is known in a pause."""

    heard: Transcript
    tune: float
    is_request: bool
    is_end: bool
    is_whole: bool
    """Whether what was really said so far is a request by itself."""
    chooses: bool
    """Whether its recording is in the half that the limits are chosen on."""

    def waits(self) -> bool:
        return self.tune < 0.5 or not self.heard.text or unfinished.sounds_unfinished(self.heard.text)

    def doubts(self, limits: Limits, unsure: Limits) -> bool:
        return self.heard.finality < (limits if self.tune >= unfinished.SURE_TUNE else unsure)[self.is_request]


def words_of(model: WhisperModel, samples: Samples) -> list[tuple[str, float, float]]:
    """What is said, with the times of each word."""
    sound = samples.astype(np.float32) / 32768
    found, _ = model.transcribe(sound, language="en", beam_size=5, word_timestamps=True)
    return [(word.word.strip(), word.start, word.end) for part in found for word in part.words or ()]


def boundary(samples: Samples, end: float, start: float) -> float:
    """The quietest moment about where one word ends and the next one starts, in seconds."""
    times = np.arange(max(0.02, end - NEAR_SECONDS), start + NEAR_SECONDS, 0.01)
    near = [samples[round((at - 0.01) * RATE) : round((at + 0.01) * RATE)].astype(float) for at in times]
    return float(times[int(np.argmin([np.mean(one**2) for one in near]))])


def cuts(name: str, samples: Samples, model: WhisperModel, count: int) -> Iterator[tuple[float, str]]:
    """Where it is cut, and what was said until then; the last is the end."""
    words = words_of(model, samples)
    places = [place for place in range(2, len(words)) if words[place - 1][2] - words[0][1] > LEAST_SECONDS]
    for place in sorted(random.Random(name).sample(places, min(count, len(places)))):
        said = " ".join(word for word, _, _ in words[:place])
        yield boundary(samples, words[place - 1][2], words[place][1]), said
    yield sound_seconds((samples / 32768).astype(np.float32)), " ".join(word for word, _, _ in words)


async def moments(chosen: Any, known: Household) -> list[Moment]:
    config = config_of(chosen)
    shelf = Shelf(models_folder(config.store))
    folder = shelf.resolve(config.recognition.model)
    recogniser, tune = Whisper(folder, threads=1), SmartTurn(shelf.resolve(config.listen.turn_end_model))
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
    found: list[Moment] = []
    for path in sorted(path for one in chosen.folders for path in one.glob(chosen.match)):
        samples: Samples = soundfile.read(path, dtype="int16", always_2d=True)[0][:, 0].astype(np.int16)
        chooses = sha256(path.stem.encode()).digest()[0] % 2 == 0
        whole = Utterance(path.stem, "", samples, 0.0, len(samples) / RATE)
        each = [*cuts(path.stem, samples, model, chosen.cuts)]
        for at, said in each:
            sound = np.concatenate([faded_out(samples[: round(at * RATE)]), whole.room_noise(1.0)])
            until = [
                Speech(sound[: round((at + more) * RATE)].tobytes(), 0.0, at)
                for more in (HEARD_SECONDS, *ASKED_SECONDS)
            ]
            heard = await recogniser.transcribe(until[0])
            score = max([await tune.completeness(one) for one in until[1:]])
            requests = [bool(text) and bool(understood(known, text)) for text in (heard.text, said)]
            found.append(Moment(heard, score, requests[0], (at, said) == each[-1], requests[1], chooses))
    return found


def row(found: Sequence[Moment], limits: Limits, unsure: Limits) -> list[str]:
    """Spoken into, and longer waits, in both halves."""
    cells = [" · ".join(map(str, limits if limits == unsure else limits + unsure))]
    for is_end, is_whole in ((False, False), (False, True), (True, None)):
        shown: list[str] = []
        for chooses in (True, False):
            some = [one for one in found if one.chooses is chooses and one.is_end is is_end]
            some = [one for one in some if is_whole is None or one.is_whole is is_whole]
            doubted = sum(not one.waits() and one.doubts(limits, unsure) for one in some)
            passes = sum(not one.waits() for one in some)
            shown.append(f"{doubted} of {len(some)}" if is_end else f"{passes - doubted} of {len(some)}")
        cells.append(" | ".join(shown))
    return cells


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    parser.add_argument("--match", default="*.flac")
    parser.add_argument("--cuts", type=int, default=2, help="in each recording")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, closing(Household(Path(folder))) as known:
        found = anyio.run(moments, chosen, known)
    head = [
        "limits: sentence · request, unsure",
        "spoken into, mid-phrase",
        "after a whole request",
        "ends that wait longer",
    ]
    rows = [row(found, limits, unsure) for limits in LIMITS for unsure in sorted({limits, max(limits, UNSURE)})]
    table("Made pauses: chosen on | others", head, rows, Console(width=120))
    save({"rows": rows, **conditions()}, chosen.json)


if __name__ == "__main__":
    main()
