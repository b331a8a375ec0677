"""`voiceos prompts`: saved ones, and those of a server that speaks by hand."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voiceos.config.edit import set_server

Run = Callable[..., Any]
STRANGE = str(Path(__file__).parents[1] / "tools" / "strange_server.py")


def test_one_is_saved_shown_run_and_removed(run: Run, home: Path) -> None:
    assert json.loads(run("prompts", "list", "--json").out) == []
    assert run("prompts", "add", "My First Sum!", "What is 3", "times 4?").out == (
        "Saved. Say \"run my first sum\", or: voiceos prompts run 'first sum'\n"
    )
    assert run("prompts", "list").out == "first sum: What is 3 times 4?\n"
    assert run("prompts", "show", "first sum").out.startswith("What is 3 times 4?\nsaved by owner, ")
    assert run("prompts", "run", "My first sum").out == "12.\n"
    assert run("ask", "run the first sum prompt").out == "12.\n"
    (kept,) = [json.loads(line) for line in run("memory", "export").out.splitlines() if '"prompt"' in line]
    assert (kept["is"], kept["name"], kept["who"], kept["turn"]) == ("prompt", "first sum", "owner", "")
    assert json.loads(run("prompts", "remove", "my first sum", "--json").out)["text"] == "What is 3 times 4?"
    assert run("prompts", "list").out.startswith("No prompts yet.")


def test_it_goes_with_everything_that_mentions_its_topic(run: Run, home: Path) -> None:
    run("prompts", "add", "cards", "Tell me when Clara wants a card")
    run("prompts", "add", "bread", "Tell me how to bake bread")
    run("lists", "add", "shopping", "a card for Clara", "milk")
    said = run("memory", "forget", "--about", "Clara", "--yes")
    assert "This erases 2 entries of lists, receipts, permissions and the like and everything" in said.err
    assert "Also erased 2 entries of lists" in said.out
    assert run("prompts", "list").out == "bread: Tell me how to bake bread\n"
    assert run("lists", "show", "shopping").out == "milk\n"
    assert "There is nothing to forget." in run("memory", "forget", "--about", "Clara", "--yes").out


def test_those_of_a_server_are_listed_with_what_they_want_to_know(run: Run, home: Path) -> None:
    set_server(home / "config.toml", "a", {"command": sys.executable, "args": ["-SE", STRANGE]})
    listed = run("prompts", "list", "a").out
    assert listed.splitlines()[0] == "a.trip-plan city=… days=… [mood=…]"
    assert "Plans a trip." in listed
    assert json.loads(run("prompts", "show", "a.trip-plan", "--json").out)["arguments"][0] == {
        "name": "city",
        "about": "Where to",
        "required": True,
    }
    for arguments, told in (
        (["run", "a.trip-plan", "city=Oslo"], "The prompt trip-plan needs days: add days=…"),
        (["run", "a.trip-plan", "town=Oslo"], "The prompt trip-plan takes no town; it takes: city, days, mood."),
        (["run", "a.none"], "a has no prompt none; it has: trip-plan, Broken."),
        (["show", "a.none"], "a has no prompt none. See `voiceos prompts list a`."),
    ):
        said = run("prompts", *arguments)
        assert (said.code, said.err.strip()) == (64, told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "nothing"], "There is no prompt 'nothing'. `voiceos prompts list` shows them all."),
        (["remove", "nothing"], "There is no prompt 'nothing'. `voiceos prompts list` shows them all."),
        (["run", "nothing"], "There is no prompt 'nothing'. `voiceos prompts list` shows them all."),
        (["run", "nothing", "x"], "'x' is not KEY=VALUE."),
        (["run", "nothing", "x=1"], "A saved prompt takes no values."),
        (["add", "!", "text"], "A prompt's name has one to 5 words, such as 'morning briefing'."),
        (["add", "a b c d e f", "text"], "A prompt's name has one to 5 words, such as 'morning briefing'."),
        (["add", "a", " "], "A prompt is a text of at most 4,000 characters."),
        (["list", "b"], "No server of tools is called b; there are none yet."),
    ],
)
def test_bad_input_is_told_in_a_sentence(run: Run, arguments: list[str], told: str) -> None:
    said = run("prompts", *arguments)
    assert said.code == 64
    assert said.err.startswith(told)
