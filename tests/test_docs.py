"""What the docs, docstrings and messages name exists: files, links, commands with their options, settings."""

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from voiceos.cli import voiceos
from voiceos.config.fields import settings

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("device/*.md"), *ROOT.glob("benchmarks/**/*.md")]
)
SOURCES = sorted([*ROOT.glob("voiceos/**/*.py"), *ROOT.glob("benchmarks/*.py")])
TAUGHT = {"voiceos/engines/morse.py", "tests/engines/test_morse.py"}
"""Files that CONTRIBUTING.md tells its reader to write."""

PATH = re.compile(r"(?<![\w/~.$-])(?:voiceos|docs|tests|benchmarks|device|systemd)/(?!\d)[\w./-]*\w")
FILE = re.compile(r"`([\w/]+\.py)`")
TEST = re.compile(r"`((?:\w+/)?test_\w+\.py)?::(test_\w+|Test\w+)`")
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"`([^`\n]+)`")
SETTING = re.compile(rf"({'|'.join(sorted({key.partition('.')[0] for key in settings()}))})\.([a-z_]+)")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def texts(source: Path) -> tuple[str, ...]:
    """Docstrings and all other strings of a file. What an f-string fills in is an ellipsis."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            found.append(node.value)
    return tuple(found)


def missing(text: str) -> list[str]:
    """The files that a text names and that do not exist. A Python file may be named without its folders."""
    paths = [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    files = [file for file in FILE.findall(text) if not any(f"/{one}".endswith(f"/{file}") for one in files_of_ours())]
    return [path for path in paths + files if path not in TAUGHT]


@cache
def files_of_ours() -> tuple[str, ...]:
    return tuple(name(path) for folder in ("voiceos", "tests", "benchmarks") for path in ROOT.glob(f"{folder}/**/*.py"))


def commands(text: str) -> Iterator[list[str]]:
    """The words after each `voiceos` that stands in code."""
    code = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    code += QUOTED.findall(BLOCK.sub("", text))
    for line in code:
        if found := re.match(r"(?:\$ |sudo )?(?:[\w./-]*/)?voiceos( .*)?$", line.strip()):
            try:
                yield shlex.split(found[1] or "", comments=True)
            except ValueError:  # an apostrophe in what is said
                yield (found[1] or "").split()


def wrong(words: list[str]) -> str:
    """What of a command does not exist, or an empty text."""
    command: click.Command = voiceos
    context = click.Context(command)
    rest = iter(words)
    for word in rest:
        if word in ("|", ">", "&", "&&", "…"):
            return ""
        if word.startswith("-") and len(word) > 1:
            option = next(
                (one for one in command.get_params(context) if word.partition("=")[0] in one.opts + one.secondary_opts),
                None,
            )
            if option is None:
                return f"{command.name} has no {word}"
            if isinstance(option, click.Option) and not option.is_flag and not option.count and "=" not in word:
                next(rest, None)
        elif isinstance(command, click.Group):
            child = command.get_command(context, word) if re.fullmatch(r"[a-z-]+", word) else None
            if child is None:
                return "" if word.isupper() else f"{command.name} has no {word}"
            command, context = child, click.Context(child, parent=context)
    return ""


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    for target, anchor in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert missing(text) == []
    assert [complaint for words in commands(text) if (complaint := wrong(words))] == []
    named = [
        quoted for quoted in QUOTED.findall(text) if SETTING.fullmatch(quoted) and not quoted.endswith((".py", ".db"))
    ]
    assert [key for key in named if key not in settings()] == []


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_what_a_source_names_exists(source: Path) -> None:
    text = "\n".join(texts(source))
    assert missing(text) == []
    assert [complaint for words in commands(text) if (complaint := wrong(words))] == []
    docs = [
        number for number in re.findall(r"\bADR (\d+)", text) if not list(ROOT.glob(f"docs/adr/{int(number):04}-*.md"))
    ]
    assert docs == []


def test_the_tests_that_a_page_names_exist() -> None:
    for page in PAGES:
        file = ""
        for path, test in TEST.findall(page.read_text(encoding="utf-8")):
            file = path or file
            (source,) = (one for one in files_of_ours() if one.startswith("tests/") and one.endswith(f"/{file}"))
            text = (ROOT / source).read_text(encoding="utf-8")
            assert re.search(rf"^\s*(?:async )?(?:def|class) {test}\b", text, re.MULTILINE), f"{file}::{test}"
