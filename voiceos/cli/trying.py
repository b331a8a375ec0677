"""`voiceos models try`: measures language models on this machine, and says which to use."""

import dataclasses
import sys
from typing import TYPE_CHECKING

import click

from voiceos.cli import State
from voiceos.cli.showing import json_option, print_json
from voiceos.errors import UsageError

if TYPE_CHECKING:
    from voiceos.config.settings import Config
    from voiceos.models.shelf import Shelf
    from voiceos.models.tried import Trial


@click.command("try")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
@click.pass_obj
def try_models(state: State, names: tuple[str, ...], as_json: bool) -> None:
    """Try language models on this machine: speed, and thirty questions and calls with known answers.

    Default: all that are installed. NAME may be the path of a GGUF file. Each takes about a minute on a PC, several on
    a small board; run it while the assistant rests.
    """
    from voiceos.config.paths import models_folder
    from voiceos.models.shelf import Shelf
    from voiceos.models.tried import keep, recommended, tried

    config = state.config()
    shelf = Shelf(models_folder(config.store))
    wanted = names or _installed(shelf)
    if not wanted:
        raise UsageError("No language model is installed. Fetch one with: voiceos models pull --default")
    done: list[Trial] = []
    for name in dict.fromkeys(wanted):
        trial = _tried(config, shelf, name)
        keep(shelf.folder, trial)
        done.append(trial)
        if not as_json:
            click.echo(f"{click.style(trial.model, bold=True)}: {trial.words}")
    best = recommended(tried(shelf.folder))
    if as_json:
        rows = [{**dataclasses.asdict(one), "quick": one.is_quick} for one in done]
        print_json({"trials": rows, "recommended": best.model if best else None})
    else:
        _say_which(config, shelf, best)


def _installed(shelf: "Shelf") -> tuple[str, ...]:
    from voiceos.models.model import Purpose

    return tuple(one.name for one in shelf.models if one.purpose is Purpose.LANGUAGE and shelf.has(one.name))


def _tried(config: "Config", shelf: "Shelf", name: str) -> "Trial":
    import anyio

    from voiceos.engines.llama import LocalModel
    from voiceos.mind.trial import try_model

    path, shown = shelf.resolve(name), sys.stderr.isatty()

    def tell(done: int, whole: int) -> None:
        if shown:
            click.echo(f"\r{name}: {done} of {whole}{'' if done < whole else ' '}", nl=done == whole, err=True)

    async def run() -> "Trial":
        mind = config.mind
        local = LocalModel(path, context=mind.context, threads=mind.threads, name=name, server=mind.server)
        async with local as model:
            return await try_model(model, name, config.mind, tell)

    return anyio.run(run)


def _say_which(config: "Config", shelf: "Shelf", best: "Trial | None") -> None:
    from voiceos.models.catalogue import language_model

    if best is None:
        click.echo("None of those tried here is right often enough. Name an endpoint instead, in mind.base_url.")
    elif best.model == language_model(config, shelf.has):
        click.echo(f"Use {best.model}, as the settings do now.")
    else:
        click.echo(f"Use {best.model}: voiceos config set mind.model {best.model}")
    if best and not best.is_quick:
        click.echo("It is slow here: replies will start late. An endpoint in mind.base_url would be quicker.")
