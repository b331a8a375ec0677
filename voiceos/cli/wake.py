"""`voiceos wake`: wake words of one's own, learnt from a few recordings."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voiceos.api.client import is_answered
from voiceos.cli import State
from voiceos.cli.showing import json_option, many, plain, print_json, waiting
from voiceos.config.paths import LEARNED, data_folder, learned_words
from voiceos.errors import ModelError, RecordingError, UsageError

if TYPE_CHECKING:
    from voiceos.config.settings import Config
    from voiceos.engines.learning import Lesson, LogProbability
    from voiceos.engines.takes import Samples, Take
    from voiceos.engines.wakewords import WakeWords

FEWEST, MOST = 3, 5
SHORTEST = 4
"""Letters of a wake word: shorter ones are in half of what people say."""
SYSTEM_DATA = Path("/var/lib/voiceos")
mic_option = click.option("--mic", metavar="NAME", help="Part of a microphone's name, or its index.")
file = click.Path(path_type=Path, dir_okay=False)


@click.group()
def wake() -> None:
    """Teach wake words of your own. They are listened for beside those of `wake.words`."""


@wake.command("list")
@json_option
@click.pass_obj
def list_(state: State, as_json: bool) -> None:
    """Show the wake words: those of the settings, and those that were learnt."""
    config = _config(state)
    learnt = [_shown(path) for path in learned_words(config.store)]
    if as_json:
        print_json({"settings": list(config.wake.words), "learnt": learnt})
        return
    for word in config.wake.words:
        click.echo(f"{word}: from the settings")
    for one in learnt:
        told = one["damaged"] or f"learnt from {many(one['recordings'], 'recording')} on {one['learned_at'][:10]}"
        click.echo(f"{one['name']}: {told}")


@wake.command()
@click.argument("phrase", nargs=-1, required=True, metavar="WORD...")
@click.option("--recordings", "files", multiple=True, type=file, help="Recordings of the word; repeat it.")
@click.option("--talk", multiple=True, type=file, help="With them: recordings of your talk without the word.")
@click.option("--times", type=click.IntRange(FEWEST, MOST), default=4, show_default=True, help="How often to say it.")
@mic_option
@json_option
@click.pass_obj
def learn(
    state: State,
    phrase: tuple[str, ...],
    files: tuple[Path, ...],
    talk: tuple[Path, ...],
    times: int,
    mic: str | None,
    as_json: bool,
) -> None:
    """Learn a wake word: say it a few times, where you will say it, and read three sentences.

    Long, unusual words wake best: three syllables or more. What is kept is a row of numbers, not your recordings.
    """
    import anyio

    from voiceos.cli.teaching import Pupil, from_files

    words = _phrase(phrase)
    config = _config(state, mic)
    if not files:
        _needs_microphone(state)
    with waiting("Getting ready …"):
        judge, others = _judge(config), other_talk(config)

    def lesson(talk: "Sequence[Samples]") -> "Lesson":
        from voiceos.engines.learning import Lesson

        return Lesson([*others, *talk])

    if files:
        pupil = from_files(words, files, talk, lesson, FEWEST)
    else:
        pupil = anyio.run(Pupil(words, times, lesson, _hush(as_json)).taught, config.audio)
    path = _learnt(config, words, pupil, judge)
    if as_json:
        print_json(_shown(path))
        return
    click.secho(f"I have learnt '{words}'.", bold=True)
    click.echo(f"Try it: voiceos wake test {path.stem}. The assistant listens for it from its next start.")


@wake.command()
@click.argument("name", metavar="WORD")
@json_option
@click.pass_obj
def forget(state: State, name: str, as_json: bool) -> None:
    """Forget a word that was learnt, and all that was kept of it."""
    path = _found(state, name)
    path.unlink(missing_ok=True)
    if as_json:
        print_json({"forgotten": path.stem})
    else:
        click.echo(f"Forgot '{path.stem}'. A running assistant listens for it until it is started again.")


@wake.command()
@click.argument("name", metavar="WORD")
@click.argument("recordings", nargs=-1, type=file, metavar="[FILE]...")
@click.option("--seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="How long to listen.")
@mic_option
@json_option
@click.pass_obj
def test(state: State, name: str, recordings: tuple[Path, ...], seconds: float, mic: str | None, as_json: bool) -> None:
    """Listen for a learnt word and say each time that it is heard; or look for it in recordings."""
    import anyio

    from voiceos.cli.teaching import listened

    path, config = _found(state, name), _config(state, mic)
    if not recordings:
        _needs_microphone(state)
    with waiting("Getting ready …"):
        detector = _detector(config, path, at_once=bool(recordings))
    if not recordings:
        click.echo(f"Say '{path.stem.replace('_', ' ')}', and other things. Ctrl-C ends it.", err=True)
        anyio.run(listened, config.audio, detector, seconds)
        return
    found = [{"file": str(one), "heard_at": _heard_at(detector, one)} for one in recordings]
    if as_json:
        print_json(found)
        return
    for one in found:
        heard = ", ".join(f"{at:.1f} s" for at in one["heard_at"])
        click.echo(f"{one['file']}: {f'heard at {heard}' if heard else 'not heard'}")


def _phrase(said: Sequence[str]) -> str:
    words = " ".join(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", plain(" ".join(said)).lower()))
    if not SHORTEST <= len(words) <= 40:
        raise UsageError(f"A wake word needs {SHORTEST} to 40 letters. Long, unusual words wake best.")
    return words


def _config(state: State, mic: str | None = None) -> "Config":
    """The settings, with the folder of the assistant that it is about."""
    config = state.config({"audio.microphone": mic})
    if state.place.is_system and not config.store.folder:
        return config.model_copy(update={"store": config.store.model_copy(update={"folder": SYSTEM_DATA})})
    return config


def _needs_microphone(state: State) -> None:
    if is_answered(state.place.socket):
        stop = "sudo systemctl stop voiceos" if state.place.is_system else "end it"
        raise UsageError(f"The assistant has the microphone. First stop it ({stop}), and start it again afterwards.")


def _found(state: State, name: str) -> Path:
    words = learned_words(_config(state).store)
    wanted = plain(name).lower().replace(" ", "_")
    if path := next((path for path in words if path.stem == wanted), None):
        return path
    known = f"there is: {', '.join(path.stem for path in words)}" if words else "there is none yet"
    raise UsageError(f"No word {name!r} was learnt; {known}. Teach one with `voiceos wake learn WORD`.")


def _shown(path: Path) -> dict[str, Any]:
    from voiceos.engines.learned_words import LearnedModel

    try:
        model = LearnedModel.read(path)
    except ModelError as error:
        return {"name": path.stem, "damaged": str(error), "file": str(path)}
    return {
        "name": model.name,
        "phrase": model.phrase,
        "recordings": model.recordings,
        "learned_at": model.learned_at,
        "file": str(path),
        "damaged": "",
    }


def _judge(config: "Config") -> "LogProbability":
    """The recogniser's say, ready. Raises ModelError, UsageError."""
    import anyio

    from voiceos.config.paths import models_folder
    from voiceos.models.shelf import Shelf
    from voiceos.senses import recogniser

    recognition = recogniser(config, Shelf(models_folder(config.store)))
    judge: LogProbability | None = getattr(recognition, "log_probability", None)
    if not judge or not config.wake.second_stage:
        raise UsageError(
            "The recogniser must confirm a learnt word: run `voiceos config set wake.second_stage true`, and set"
            " engines.recognition to one of voiceos's own."
        )
    if warm := getattr(recognition, "warm", None):
        anyio.run(warm)
    return judge


def other_talk(config: "Config") -> "list[Samples]":
    """What the voice says: talk without the word."""
    import anyio
    import numpy as np

    from voiceos.audio.resample import ToRate
    from voiceos.config.paths import models_folder
    from voiceos.core import RATE
    from voiceos.language.data import table
    from voiceos.models.shelf import Shelf
    from voiceos.senses import synthesiser

    voice = synthesiser(config, Shelf(models_folder(config.store)))

    async def said(text: str) -> "Samples":
        to_rate = ToRate(RATE)
        pcm = b"".join([to_rate(frame) async for frame in voice.synthesize(text)]) + to_rate.flush()
        return np.frombuffer(pcm, "<i2").astype(np.int16)

    async def every() -> "list[Samples]":
        return [await said(text) for text in table("en", "wake")["others"]]

    return anyio.run(every)


def _learnt(
    config: "Config", words: str, pupil: "tuple[Lesson, list[Take], list[Any]]", judge: "LogProbability"
) -> Path:
    from voiceos.clock import local_time

    lesson, takes, vectors = pupil
    with waiting("Learning …"):
        model = lesson.learn(words.replace(" ", "_"), words, takes, vectors, judge)
    return replace(model, learned_at=local_time().isoformat()).write(data_folder(config.store) / LEARNED)


class _AtOnce(Executor):
    """Looks when asked: a recording is heard faster than it lasts."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def _detector(config: "Config", path: Path, *, at_once: bool) -> "WakeWords":
    from voiceos.engines.second_stage import SecondStage
    from voiceos.engines.wakewords import load_wake_words

    second = SecondStage(_judge(config), _AtOnce() if at_once else None)
    return load_wake_words([str(path)], config.wake.threshold, config.wake.thresholds, Path, second)


def _heard_at(detector: "WakeWords", recording: Path) -> list[float]:
    """Seconds. Raises RecordingError."""
    from voiceos.cli.teaching import samples_of
    from voiceos.engines.learned_words import frames

    detector.reset()
    silence = bytes(16_000)
    sound = frames(samples_of(recording).astype("<i2").tobytes() + silence)
    if not sound:
        raise RecordingError(f"{recording} contains no sound.")
    return [round(count / 50, 2) for count, frame in enumerate(sound, start=1) if detector(frame)]


def _hush(as_json: bool) -> Callable[[str], None]:
    return lambda line: click.echo(line, err=as_json)
