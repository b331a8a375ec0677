"""The live view of a conversation: a line of what is happening now, and above it what was heard and said."""

from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from voiceos.core import Notice, NoticeKind, Outcome, Turn, voice_to_voice

QUIET_DBFS = -60.0
BAR = 12
STYLES = {
    "asleep": "dim",
    "listening": "cyan",
    "hearing": "green",
    "thinking": "yellow",
    "speaking": "magenta",
    "ringing": "bold yellow",
}


class LiveView:
    """An observer; a context manager. Without a terminal it prints lines only."""

    def __init__(self, name: str, console: Console | None = None) -> None:
        """`name` is what the assistant calls itself."""
        self._console = console or Console(highlight=False)
        self._name = name
        self._state = "getting ready"
        self._partial = ""
        self._level_dbfs = QUIET_DBFS
        self._clipped = False
        self._last_line = ""
        self.turns: list[Turn] = []
        self.woken = False
        self._live = Live(self._line(), console=self._console, refresh_per_second=12, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def __call__(self, notice: Notice) -> None:
        match notice.kind:
            case NoticeKind.LEVEL:
                self._level_dbfs, self._clipped = notice.level_dbfs, notice.clipped
            case NoticeKind.STATE:
                self._state, self._partial = notice.text, ""
                self._trace(notice.text)
            case NoticeKind.READY:
                self._trace("ready")
            case NoticeKind.WAKE:
                self.woken = True
                self._print(f"[cyan]wake word[/cyan] {escape(notice.text)}")
            case NoticeKind.PARTIAL:
                self._partial = notice.text
                self._trace(f"hearing “{notice.text}”")
            case NoticeKind.TRANSCRIPT:
                self._print(f"[bold green]you[/bold green]   {escape(notice.text)}")
            case NoticeKind.SAYING:
                self._state = "speaking"
                self._print(f"[bold magenta]{escape(self._name)}[/bold magenta]  {escape(notice.text)}")
            case NoticeKind.DUE:
                self._print(f"[bold yellow]{escape(notice.text)}[/bold yellow]")
            case NoticeKind.INTERRUPT:
                self._print("[dim]interrupted[/dim]")
            case NoticeKind.PROBLEM:
                self._print(f"[red]{escape(notice.text)}[/red]")
            case NoticeKind.TURN:
                if notice.turn:
                    self._turn(notice.turn)
        self._live.update(self._line())

    def say_how(self, sentence: str) -> None:
        """How to call the assistant, and that it takes a moment to load."""
        self._print(f"[dim]{escape(sentence)} Ctrl-C quits.[/dim]")

    def problem(self, sentence: str) -> None:
        """Something outside the conversation went wrong: a device was lost."""
        self._print(f"[red]{escape(sentence)}[/red]")

    def recovered(self) -> None:
        self._print("[green]It's back.[/green]")

    def _turn(self, turn: Turn) -> None:
        self.turns.append(turn)
        if turn.outcome is not Outcome.ANSWERED:
            self._print(f"[dim]({turn.outcome}{f'; heard: “{escape(turn.said)}”' if turn.said else ''})[/dim]")
        elif (seconds := voice_to_voice(turn.marks)) is not None:
            self._print(f"[dim]answered {seconds:.2f} s after the end of speech[/dim]")

    def _trace(self, text: str) -> None:
        """States are for the live line. Without a terminal they get their own lines."""
        if not self._console.is_terminal and text != self._last_line:
            self._console.print(f"[dim]· {escape(text)}[/dim]")
            self._last_line = text

    def _print(self, markup: str) -> None:
        self._last_line = ""
        self._console.print(markup)

    def _line(self) -> RenderableType:
        filled = round(max(0.0, min(1.0, 1 - self._level_dbfs / QUIET_DBFS)) * BAR)
        line = Text.assemble(
            ("● ", STYLES.get(self._state, "dim")),
            (f"{self._state:<10}", STYLES.get(self._state, "dim")),
            ("▮" * filled, "red" if self._clipped else "green"),
            ("▯" * (BAR - filled), "dim"),
        )
        if self._clipped:
            line.append(" too loud", "red")
        if self._partial:
            line.append(f"  {self._partial}…", "italic dim")
        return line
