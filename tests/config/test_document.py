"""The documentation of the settings is that of the tree."""

from voiceos.config.document import PAGE, documented
from voiceos.config.fields import settings


def test_the_page_is_what_the_tree_says() -> None:
    assert PAGE.read_text() == documented(PAGE.read_text()), "run: python -m voiceos.config.document"


def test_every_setting_is_in_it() -> None:
    page = PAGE.read_text()
    for one in settings().values():
        assert f"| `{one.name}` | {one.help} |" in page
