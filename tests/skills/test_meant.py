"""Sentences that were once mistaken: what each is taken for now. `meant.tsv`: sentence, intent."""

from pathlib import Path

import pytest

from tests.skills.conftest import Talk
from voiceos.core import Transcript, Turn

pytestmark = pytest.mark.anyio
ROWS = [
    tuple(f"{line}\t".split("\t")[:2])
    for line in Path(__file__).with_name("meant.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("sentence", "intent"), ROWS, ids=[row[0] for row in ROWS])
async def test_a_sentence_is_taken_for_what_it_is(talk: Talk, sentence: str, intent: str) -> None:
    await talk("set a timer for ten minutes")
    asked = talk.router.asked(Turn("t", "c", transcript=Transcript(sentence)))
    assert [one.intent for one in asked] == [intent] * bool(intent)
