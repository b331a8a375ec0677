"""Writes the tables in docs/configuration.md from the tree of settings: `python -m voiceos.config.document`."""

from collections.abc import Iterator
from pathlib import Path

from voiceos.config.fields import as_toml, plain, sections, settings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
BEGINNING = "\n## ["
"""Where the tables begin; what is before them is written by hand."""


def documented(page: str) -> str:
    """The page with its tables rebuilt."""
    return page.partition(BEGINNING)[0] + "".join(_tables())


def _tables() -> Iterator[str]:
    for name, model in sections().items():
        about = (model.__doc__ or "").strip().splitlines()[0]
        yield f"{BEGINNING}{name}]\n{about}\n\n| setting | what it does | default | may be |\n|---|---|---|---|\n"
        for one in settings().values():
            if one.section == name:
                unit = f" ({one.unit})" if one.unit else ""
                cells = (f"`{one.name}`", one.help, f"`{as_toml(plain(one.default))}`{unit}", one.allowed)
                yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(documented(PAGE.read_text()))
