"""The switch of the microphone: off means that it is closed, not that nobody listens."""

import logging
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)


class Switch:
    """On at first. Tells `observers` after each change; they must return at once.

    `note`: a file that is there while it is off, so that a crash opens nothing. It belongs where a restart of the
    machine removes it: whoever cannot reach the switch pulls the plug.
    """

    def __init__(self, note: Path | None = None) -> None:
        self._note = note
        self.is_on = not (note and note.exists())
        self.observers: list[Callable[[], None]] = []

    def turn(self, *, on: bool) -> bool:
        """Returns whether that changed anything."""
        if on == self.is_on:
            return False
        self.is_on = on
        for observer in [*self.observers]:
            observer()
        try:
            self._write()
        except OSError as error:
            log.warning("After a crash the microphone will be on again: %s", error)
        return True

    def _write(self) -> None:
        if not self._note:
            return
        if self.is_on:
            self._note.unlink(missing_ok=True)
        else:
            self._note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._note.touch(mode=0o600)

    def toggle(self) -> None:
        self.turn(on=not self.is_on)
