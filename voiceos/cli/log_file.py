"""The log file of commands that a person runs: what would stand in the middle of what they read."""

import io
import logging
from collections.abc import Generator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

NAME = "voiceos.log"
LONGEST_BYTES = 1_000_000
KEPT = 3


class LogFile(RotatingFileHandler):
    """`voiceos.log` in the folder of the store, for its owner alone."""

    def __init__(self, folder: Path, *, delay: bool = False) -> None:
        """`delay`: it is made only when something is written to it. Raises OSError."""
        self.file = folder / NAME
        super().__init__(
            self.file, maxBytes=LONGEST_BYTES, backupCount=KEPT, encoding="utf-8", errors="replace", delay=delay
        )
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

    def _open(self) -> io.TextIOWrapper:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        stream = super()._open()
        self.file.chmod(0o600)
        return stream


@contextmanager
def warnings_to(folder: Path) -> Generator[None]:
    """Meanwhile warnings go to the log file instead of the terminal, where only errors are shown."""
    shown = {handler: handler.level for handler in logging.getLogger().handlers}
    file, log = LogFile(folder, delay=True), logging.getLogger("voiceos")
    for handler in shown:
        handler.setLevel(logging.ERROR)
    log.addHandler(file)
    try:
        yield
    finally:
        log.removeHandler(file)
        file.close()
        for handler, level in shown.items():
            handler.setLevel(level)
