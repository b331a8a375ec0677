"""The live view shows what was said, whatever is in it."""

from io import StringIO

import pytest
from rich.console import Console

from voiceos.cli.live import LiveView
from voiceos.core import Notice, NoticeKind


@pytest.mark.parametrize("kind", [NoticeKind.TRANSCRIPT, NoticeKind.SAYING, NoticeKind.PARTIAL, NoticeKind.PROBLEM])
@pytest.mark.parametrize("text", ["see [the list](x) or [red]", "[/b] ends nothing"])
def test_brackets_are_only_text(kind: NoticeKind, text: str) -> None:
    out = StringIO()
    view = LiveView("Nova", Console(file=out, width=200, highlight=False))
    view(Notice(kind, 0.0, text=text))
    assert text in out.getvalue()


def test_a_problem_of_the_device_is_shown_whole() -> None:
    out = StringIO()
    LiveView("Nova", Console(file=out, width=200)).problem("[Errno 19] no such device [/]")
    assert "[Errno 19] no such device [/]" in out.getvalue()
