"""Draws where a turn's time went: one bar for each stage, on one scale, around the wait for the reply."""

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from voiceos.core import Stage, voice_to_voice

if TYPE_CHECKING:
    from rich.console import RenderableType
WHAT: Mapping[str, tuple[str, str]] = {
    Stage.WAKE: ("wake word", "magenta"),
    Stage.SPEECH_START: ("waiting for speech", "bright_black"),
    Stage.SPEECH_END: ("speech", "blue"),
    Stage.PAUSE: ("pause noticed", "bright_black"),
    Stage.TURN_END: ("end of turn", "yellow"),
    Stage.TRANSCRIPT: ("recognition", "cyan"),
    Stage.FIRST_TOKEN: ("language model", "magenta"),
    Stage.FIRST_CLAUSE: ("first clause", "bright_magenta"),
    Stage.FIRST_SOUND: ("synthesis", "green"),
    Stage.END: ("reply", "bright_green"),
}
"""What took the time up to each stage, and its colour."""

MARGIN = 0.12
"""How much of the speech before and the reply after is drawn, as a part of the wait between them."""


def waterfall(reached: Mapping[str, float], width: int = 44) -> "RenderableType":
    """A turn's stages as bars, `width` characters for the whole; speech and reply are cut where they are longer.

    `reached`: when each stage was reached, in seconds. They are drawn in the order in which they really came.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    marks = sorted(reached.items(), key=lambda mark: mark[1])
    if len(marks) < 2:
        return Text("No timings were saved for this turn.", style="dim")
    window = _window(reached)
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for (_, start), (stage, end) in pairwise(marks):
        name, colour = WHAT.get(stage, (stage, "white"))
        table.add_row(Text(name), Text(bar(start, end, window, width), style=colour), f"{end - start:.2f} s")
    return Group(table, _sum(reached))


def bar(start: float, end: float, window: tuple[float, float], width: int) -> str:
    """A stretch of time on the window's scale; an arrow where it goes on beyond it."""
    first, last = window
    scale = width / max(last - first, 1e-6)
    left, right = (min(max(round((at - first) * scale), 0), width) for at in (start, end))
    drawn = " " * min(left, width - 1) + ("█" * (right - left) or "▏")
    if start < first:
        drawn = "◂" + drawn[1:]
    if end > last:
        drawn = drawn[:-1] + "▸"
    return drawn.ljust(width)


def _window(reached: Mapping[str, float]) -> tuple[float, float]:
    wait = voice_to_voice(reached)
    if not wait or wait <= 0:
        return min(reached.values()), max(reached.values())
    return reached[Stage.SPEECH_END] - MARGIN * wait, reached[Stage.FIRST_SOUND] + MARGIN * wait


def _sum(reached: Mapping[str, float]) -> "RenderableType":
    from rich.text import Text

    wait = voice_to_voice(reached)
    if wait is None:
        return Text("No reply was heard.", style="dim")
    return Text.assemble(
        ("voice to voice ", "bold"), (f"{wait:.2f} s", "bold green"), "  from the end of speech to the reply"
    )
