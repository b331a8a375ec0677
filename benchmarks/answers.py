"""What the product answers to questions about whole lives, from the files to the words: found, chosen, answered.

    python benchmarks/answers.py [--life NAME] [--kind KIND] [--every 5] [--no-model] [--held-out] [--not-there]
        [--show]

A life's files are added as its owner would, what was said before is kept as turns, and every question is put to the
host, with the clock at the time when it was asked. Where the language model is asked, it is asked again with nothing
but the right evidence, through the product's own prompt. So one sees what fails:

found: the evidence is among the first ten records (recall@10). chosen: it is in what the mind, or a skill, got.
answered: right, partly (some of it, or unsurely), wrong (as a fact), declined; by rule (`scoring.py`).

`--no-model` asks all but the language model, which is quick. `--resume FILE` writes each answer there and leaves out
what is there already. Filled stores are kept between runs (`--stores`). `held_out/` is for measuring only: its
questions are asked with `--held-out` and never shown.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import anyio
from answer_tables import shown, tables
from asked import KINDS, NOT_THERE, QUESTIONS, Life, lives
from figures import conditions, config_of, parser_of, save
from life_answers import Answer, ask_all, watched
from life_stores import clock_of, config_for, filled
from rich.console import Console

from voiceos.config.paths import data_folder


async def measure(arguments: argparse.Namespace, console: Console) -> tuple[list[Answer], list[Life]]:
    file = NOT_THERE if arguments.not_there else QUESTIONS
    found = lives(held_out=arguments.held_out, file=file)
    chosen = [one for one in found if not arguments.life or one.name in arguments.life]
    done = _read(arguments.resume)
    answers: list[Answer] = []
    for life in chosen:
        some = [one for one in life.questions if not arguments.kind or one.kind in arguments.kind][:: arguments.every]
        left = [one for one in some if (life.name, one.number, one.text) not in done]
        answers += [done[key] for one in some if (key := (life.name, one.number, one.text)) in done]
        if not left:
            continue
        with tempfile.TemporaryDirectory() as folder, watched(not arguments.no_model) as watch:
            config = config_for(arguments, life, folder)
            with clock_of(life):
                place = await filled(config, life, arguments.stores, console)
            shutil.copytree(place, data_folder(config.store))
            with console.status(life.name) as status:
                async for answer in ask_all(config, life, left, watch, with_model=not arguments.no_model):
                    if answer.failure:
                        console.print(f"{life.name}:{answer.number}: {answer.failure}", style="yellow")
                        continue
                    answers.append(answer)
                    status.update(f"{life.name}: {len(answers)} answers")
                    if arguments.resume:
                        with arguments.resume.open("a", encoding="utf-8") as file:
                            file.write(json.dumps(asdict(answer), ensure_ascii=False) + "\n")
                    if arguments.show:
                        one = next(one for one in left if one.number == answer.number)
                        shown(answer, one, life, console)
    return answers, chosen


def _read(path: Path | None) -> dict[tuple[str, int, str], Answer]:
    if not path or not path.exists():
        return {}
    answers = [Answer(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    return {(one.life, one.number, one.question): one for one in answers}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--life", action="append", default=[], help="only this one")
    parser.add_argument("--kind", action="append", default=[], choices=KINDS, help="only questions of this kind")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth question of a life")
    parser.add_argument("--no-model", action="store_true", help="ask all but the language model")
    parser.add_argument("--not-there", action="store_true", help="only what nothing answers: each life's not_there.txt")
    parser.add_argument("--held-out", action="store_true", help="also the lives that are kept aside")
    parser.add_argument("--show", action="store_true", help="print every answer (of those kept aside: none)")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="answers so far, one a line")
    parser.add_argument("--stores", type=Path, default=Path.home() / ".cache" / "voiceos-answers", help="filled stores")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    answers, chosen = anyio.run(measure, arguments, console)
    result = tables(answers, chosen, console)
    save(result | {"conditions": conditions(config_of(arguments))}, arguments.json)


if __name__ == "__main__":
    main()
