"""The judge of intent: sure or silent, small, and right about what it has never learnt from."""

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from voiceos.engines.encoders import WIDTH
from voiceos.language.data import FOLDER, table
from voiceos.memory.semantic import SemanticIndex
from voiceos.models.catalogue import MEMORY
from voiceos.models.shelf import Shelf
from voiceos.skills.judge import BUCKETS, Floats, Judge, Weights, pieces

UNDERSTANDING = Path(__file__).parents[2] / "benchmarks" / "understanding"
WEIGHTS = FOLDER / "en" / "judge.npz"


def small(bias: list[float], **more: NDArray[np.generic]) -> Weights:
    """Two classes of one kind, and one of none; "yes" is what counts."""
    table_of_pieces = np.zeros((BUCKETS, 1), np.int8)
    table_of_pieces[np.setdiff1d(pieces("yes"), pieces(""))] = 1
    return Weights(
        kinds=np.array(["", "kettle.boil"]),
        classes=np.array([1, 1, 0]),
        sure=np.array(0.6),
        pieces=table_of_pieces,
        scale=np.ones(1),
        meaning=np.zeros((2, 1)),
        bias=np.zeros(1),
        out=np.array([[1.0, 1.0, 0.0]]),
        out_bias=np.array(bias),
        **more,
    )


def test_classes_of_one_kind_share_their_sum() -> None:
    with_a_word, without = small([0.0, 0.0, 0.0]).shares(np.zeros((2, 2), np.float32), [pieces("yes"), pieces("")])
    assert with_a_word.sum() == pytest.approx(1)
    assert without[1] == pytest.approx(2 / 3, abs=0.05)
    assert with_a_word[1] > without[1]


def test_a_meaning_may_count_directly() -> None:
    direct = np.array([[3.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    one, other = small([0.0, 0.0, 0.0], direct=direct).shares(np.eye(2, dtype=np.float32), [pieces(""), pieces("")])
    assert one[1] > 0.8 > other[1]
    assert other[1] < 2 / 3 - 0.1


def test_danger_is_what_the_meaning_counts_for_directly() -> None:
    with np.load(FOLDER / "en" / "beyond.npz") as arrays:
        kinds, classes, direct = (arrays[name] for name in ("kinds", "classes", "direct"))
        sure = dict(zip(kinds.tolist(), arrays["sure"].tolist(), strict=True))
    taught = {str(kinds[one]) for one in classes[np.abs(direct.astype(np.float32)).sum(0) > 0]}
    assert taught == {"emergency.danger", "emergency.harm", "emergency.crisis"}
    assert all(sure[name] >= 0.9 for name in taught)


def test_pieces_know_words_and_their_order_but_no_case_and_no_digit() -> None:
    assert set(pieces("Set it for 5!")) == set(pieces("set it for 7"))
    assert set(pieces("don't")) == set(pieces("dont"))
    assert set(pieces("did you set it")) != set(pieces("set it did you"))


@pytest.mark.parametrize("text", ["", " ", "?", "\x00", "🙂" * 300, "a" * 5000])
def test_text_without_words_asks_for_nothing(text: str) -> None:
    assert Judge(lambda _: np.zeros(WIDTH, np.float32))(text) == ()


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 1_000_000


def test_what_it_may_say_is_what_it_knows() -> None:
    """An intent in the data that no sentence of is learnt from would never be taken."""
    kinds = set(Weights.read(WEIGHTS).kinds)
    assert set(table("en", "judge")["intents"]) <= kinds
    data = tomllib.loads((UNDERSTANDING / "intents.toml").read_text("utf-8"))
    named = {kind for part in ("clinc", "slurp") for kind in data[part].values()}
    named |= {kind for patterns in data["apart"].values() for _, kind in patterns}
    assert {kind for kind in named if "." in kind} - {"about.me"} <= kinds


def held_out(name: str) -> list[str]:
    """Every third sentence of each part, on which `train_judge.py` never trains."""
    found: list[str] = []
    for part in (UNDERSTANDING / name).read_text("utf-8").split("\n## ")[1:]:
        found += [line for line in part.splitlines()[1:] if line][2::3]
    return found


@pytest.mark.engines
def test_it_would_rather_pass_than_mistake(models: Callable[[Sequence[str]], Path]) -> None:
    shelf = Shelf(models((MEMORY,)))
    judge = Judge(SemanticIndex(shelf.path(MEMORY)).meaning)
    found = {text: judge(text) for text in held_out("none.txt")}
    asked = [text for text, names in found.items() if any(name.startswith("person.") for name in names)]
    noted = [text for text, names in found.items() if any(name.startswith("notes.") for name in names)]
    false = [text for text, names in found.items() if names and text not in {*asked, *noted}]
    assert len(false) <= 0.06 * len(found), false
    assert len(noted) <= 0.05 * len(found), noted  # the skill looks again: what is there, what was said before
    assert len(asked) <= 0.10 * len(found), asked  # answered only by what the memory holds
    taken = [text for text in held_out("own.txt") if judge(text)]
    assert len(taken) >= 0.65 * len(held_out("own.txt"))


@pytest.mark.engines
def test_what_nobody_can_do_is_known_and_talk_is_not_taken_for_it(models: Callable[[Sequence[str]], Path]) -> None:
    shelf = Shelf(models((MEMORY,)))
    judge = Judge(SemanticIndex(shelf.path(MEMORY)).meaning, "beyond")
    for text, kind in {
        "book a table for four at the italian place": "beyond.buy",
        "send clara a text that we're late": "beyond.message",
        "what's the traffic like on the motorway": "beyond.lookup",
        "how much money is in my account": "beyond.account",
        "is it going to snow at the weekend": "beyond.weather",
        "my husband is lying on the floor and isn't breathing": "emergency.danger",
        "I don't want to live any more": "emergency.crisis",
    }.items():
        assert judge(text) == (kind,), text
    for text in (
        "why do cats purr",
        "my phone died",
        "tell me a story about a train",
        "how do planes fly",
        "I miss my dad",
    ):
        assert judge(text) == (), text


def test_without_meaning_it_has_nothing_to_go_by() -> None:
    """A broken encoder must not make acts."""
    zeros: Floats = np.zeros(WIDTH, np.float32)
    assert Judge(lambda _: zeros)("the weather in the story of the shopping list") == ()
