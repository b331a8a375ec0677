"""The documentation of the settings is that of the tree."""

from pathlib import Path

from voiceos.config.document import configuration
from voiceos.config.fields import settings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_page_is_what_the_tree_says() -> None:
    assert PAGE.read_text() == configuration(), "run: python -m voiceos.config.document > docs/configuration.md"


def test_every_setting_is_in_it() -> None:
    page = configuration()
    for one in settings().values():
        assert f"| `{one.name}` | {one.help} |" in page
