"""`voiceos ask` where no assistant is running."""

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_a_skill_answers_without_any_model(run: Run) -> None:
    said = run("ask", "What's", "17", "percent", "of", "240?")
    assert (said.out, said.err, said.code) == ("40.8.\n", "", 0)


def test_without_a_language_model_that_is_no_turn(run: Run) -> None:
    said = run("--set", "store.models=/nowhere", "ask", "Why", "is", "grass", "green?")
    assert said.code == 66
    assert "is missing" in said.err
    assert "No turns" in run("turns").err + run("turns").out
    assert [run(*words, "last").err[:8] for words in (("turns", "show"), ("why",))] == ["No turns", "No turns"]


def test_what_will_not_ring_is_told(run: Run) -> None:
    assert "I can't ring" in run("ask", "set a timer for ten minutes").out
