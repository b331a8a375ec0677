"""What the local model makes of requests that neither a template nor the judge of intent takes.

    python -m benchmarks.rewording --model NAME [--only once] [--keep FILE]

`understanding/odd.tsv` has requests that were missed when they were written, and talk that must start nothing. Each is
reworded with the judge's shares, and read by the grammar in a household with a few things in it. Printed is what each
becomes; whether it means the same is for a person to say. `--keep` saves what the model wrote, and goes on from there.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import anyio

from benchmarks.figures import conditions
from tests.skills.household import NOW, Household
from voiceos.config.paths import models_folder
from voiceos.config.settings import MindSettings, StoreSettings
from voiceos.core import Transcript, Turn
from voiceos.engines.llama import LocalModel
from voiceos.memory.semantic import SemanticIndex
from voiceos.mind.chat_mind import ChatMind
from voiceos.mind.rewording import Rewording
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.skills.grammar import plain
from voiceos.skills.judge import Judge

ODD = Path(__file__).with_name("understanding") / "odd.tsv"
TOLD = (
    "put board meeting in my calendar tomorrow at ten",
    "put dentist in my calendar on friday at three",
    "put lunch with dad in my calendar on saturday at noon",
    "put piano lesson in my calendar on monday at half past four",
    "put badminton in my calendar on tuesday at seven",
    "set a timer for 8 minutes called eggs",
    "set a 20 minute timer called pasta",
    "set an alarm for 7 am tomorrow",
    "remind me to put the bins out on thursday at 8 pm",
    "remind me to pay the rent on friday at 9 am",
    "add milk, bread, butter and eggs to my shopping list",
    "create a to do list",
    "add fix the gate to my to do list",
)


async def measured(model: str, only: str, kept: dict[str, str], keep: Callable[[], object]) -> None:
    shelf = Shelf(models_folder(StoreSettings()))
    judge = Judge(SemanticIndex(shelf.path(MEMORY)).meaning)
    rows = [line.split("\t") for line in ODD.read_text("utf-8").splitlines() if not line.startswith("#")]
    local = LocalModel(shelf.resolve(model), threads=1, name=model)
    with tempfile.TemporaryDirectory() as folder:
        household = Household(Path(folder))
        for words in TOLD:
            await household(words)
        async with local, ChatMind(MindSettings(), local.endpoint) as mind:
            reword = Rewording(mind.client, patience_seconds=600)
            for part, intents, text in (row for row in rows if only in ("", row[0])):
                if text not in kept:
                    kept[text] = await reword(plain(text), judge.shares(plain(text)), NOW)
                    keep()
                turn = Turn("t", "c", transcript=Transcript(kept[text]))
                asked = household.router.asked(turn) if kept[text] else []
                taken = asked[0].intent if asked else "-"
                print(*("=" if taken in intents.split(",") else "", part, intents, text, kept[text], taken), sep="\t")
        household.close()
    print(conditions())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="qwen2.5-coder-1.5b-instruct-q4_k_m")
    parser.add_argument("--only", default="", choices=["", "tuned", "once"])
    parser.add_argument("--keep", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    file: Path | None = chosen.keep
    kept: dict[str, str] = json.loads(file.read_text("utf-8")) if file and file.exists() else {}
    anyio.run(measured, chosen.model, chosen.only, kept, lambda: file and file.write_text(json.dumps(kept), "utf-8"))


if __name__ == "__main__":
    main()
