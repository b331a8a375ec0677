"""What a language's folder must hold: as much as the English one."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voiceos import errors
from voiceos.language.data import FOLDER
from voiceos.language.questions import asks, content
from voiceos.language.sentences import apology, skill_says
from voiceos.language.terms import words

LANGUAGES = sorted(folder.name for folder in FOLDER.iterdir() if any(folder.glob("*.toml")))
FREE = {"units", "currencies", "abbreviations", "speech", "symbols", "calendar"}
"""Files whose keys are the language's own; it may lack those that only its own `speech.py` reads."""


def lacking(folder: Path, model: Path = FOLDER / "en") -> list[str]:
    """The files, and the keys of files, that a language's folder has not got."""
    found: list[str] = []
    for file in sorted(model.glob("*.toml")):
        if not (folder / file.name).exists():
            found += [] if file.stem in FREE else [file.name]
        elif file.stem not in FREE:
            own = set(keys(tomllib.loads((folder / file.name).read_text())))
            found += [f"{file.name}: {key}" for key in keys(tomllib.loads(file.read_text())) if key not in own]
    return found


def keys(table: dict[str, Any], above: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from keys(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_lacks_nothing(language: str) -> None:
    assert lacking(FOLDER / language) == []


def test_what_a_new_language_lacks_is_told(tmp_path: Path) -> None:
    (tmp_path / "acts.toml").write_text('backchannel = "ja"\nbackchannel_phrases = ["ach so"]\n')
    told = lacking(tmp_path)
    assert "acts.toml: stop" in told
    assert "replies.toml" in told
    assert "acts.toml: backchannel" not in told


def test_every_sentence_is_said_and_every_said_sentence_is_there() -> None:
    there = set(keys(tomllib.loads((FOLDER / "en" / "replies.toml").read_text())))
    plain = {one if f"{(one := key.rpartition('.')[0])}.one" in there else key for key in there}
    said: set[str] = set()
    texts = ""
    for file in FOLDER.parent.rglob("*.py"):
        texts += file.read_text()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                said |= {
                    part.value
                    for part in ast.walk(node.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in plain
                }
                if isinstance(node.args[0], ast.Constant):
                    assert node.args[0].value in plain, node.args[0].value
    unsaid = {key for key in plain - said if not key.startswith("failures.")}
    assert not [key for key in unsaid if key.rpartition(".")[2].removesuffix("_dated") not in texts]


def test_every_failure_has_an_apology() -> None:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.VoiceosError):
            assert apology(kind("It broke."))
            assert apology(kind("It broke.", spoken="Oh.")) == "Oh."


def test_one_and_more() -> None:
    assert skill_says("world_clock.hours", count=1) == "one hour"
    assert skill_says("world_clock.hours", count=3) == "3 hours"


def test_words() -> None:
    assert words("“Don’t,” said O'Brien's twenty-one—year_old.") == [
        *("don't", "said", "o'brien's", "twenty", "one", "year", "old")
    ]


@pytest.mark.parametrize("text", ["Who is Ana?", "What's that", "“Is it late", "how come", "He left?", "Do I know Bo"])
def test_questions(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["Ana left.", "", "Whatever you like.", "Please tell me.", "I did."])
def test_no_questions(text: str) -> None:
    assert not asks(text)


def test_content() -> None:
    assert content("What is the name of Ana's dog?") == ["name", "ana", "dog"]
