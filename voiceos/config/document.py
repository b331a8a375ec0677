"""Writes the tables in docs/configuration.md from the tree of settings: `python -m voiceos.config.document`."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast, get_args

from pydantic import BaseModel

from voiceos.config.fields import TABLES, Setting, as_toml, plain, sections, settings, settings_of

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
HEAD = "| setting | what it does | default | may be |\n|---|---|---|---|\n"
BEGINNING = "\n## ["
"""Where the tables begin; what is before them is written by hand."""


def documented(page: str) -> str:
    """The page with its tables rebuilt."""
    return page.partition(BEGINNING)[0] + "".join(_tables())


def _tables() -> Iterator[str]:
    for name, model in sections().items():
        about = (model.__doc__ or "").strip().splitlines()[0]
        yield f"{BEGINNING}{name}]\n{about}\n\n{HEAD}"
        mine = [one for one in settings().values() if one.section == name]
        yield from map(_row, mine)
        for one in mine:
            if one.kind == TABLES:
                inner = cast(type[BaseModel], get_args(model.model_fields[one.name].annotation)[1])
                yield f"\n### [{one.key}.NAME]\n{(inner.__doc__ or '').strip()}\n\n{HEAD}"
                yield from map(_row, settings_of(inner, one.key))


def _row(one: Setting) -> str:
    unit = f" ({one.unit})" if one.unit else ""
    cells = (f"`{one.name}`", one.help, f"`{as_toml(plain(one.default))}`{unit}", one.allowed)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(documented(PAGE.read_text()))
