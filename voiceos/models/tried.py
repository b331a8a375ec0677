"""How language models did when they were tried on this machine, kept beside the model files."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from voiceos.models.disk import write_atomically

log = logging.getLogger(__name__)
FILE = ".tried.json"
SOON = 1.0
"""Seconds to the first token within which an answer still feels like one."""
QUICK = 6.0
"""Tokens a second from which a reply is spoken without a break: speech takes about four."""
ABLE = 0.7
"""Share of right answers and calls below which a model is not recommended."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One model, tried once."""

    model: str
    at: str
    """When, ISO 8601."""
    first_token: float
    """Median of seconds from a question to the first token of its answer."""
    tokens_a_second: float
    megabytes: int
    """Resident memory of its process."""
    right: int
    asked: int
    called: int
    """Requests to which it made the right call, or rightly none."""
    to_call: int

    @property
    def is_quick(self) -> bool:
        return self.first_token <= SOON and self.tokens_a_second >= QUICK

    @property
    def share(self) -> float:
        """How much of it was right, 0 to 1."""
        return (self.right + self.called) / max(1, self.asked + self.to_call)

    @property
    def words(self) -> str:
        """All of it, in a line."""
        day = datetime.fromisoformat(self.at).strftime("%d %B %Y").lstrip("0")
        return (
            f"first token {self.first_token:.2f} s, {self.tokens_a_second:.0f} tokens a second, {self.megabytes} MB,"
            f" {self.right} of {self.asked} answers and {self.called} of {self.to_call} calls right ({day})"
        )


def keep(folder: Path, trial: Trial) -> None:
    """Keeps the last trial of each model. A disk that cannot take it only costs another trial."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / FILE, json.dumps({**_read(folder), trial.model: asdict(trial)}, indent=1))
    except OSError as error:
        log.warning("The result could not be kept in %s: %s", folder, error.strerror)


def tried(folder: Path) -> Mapping[str, Trial]:
    """The last trial of each model that was tried here."""
    found: dict[str, Trial] = {}
    for name, one in _read(folder).items():
        try:
            found[name] = TypeAdapter(Trial).validate_python(one)
        except ValidationError:
            log.info("The trial of %s is of another form, and passed over.", name)
    return found


def recommended(trials: Mapping[str, Trial]) -> Trial | None:
    """The one to use: the most often right of those that are quick enough; else the quickest that is able."""
    able = [one for one in trials.values() if one.share >= ABLE]
    quick = [one for one in able if one.is_quick]
    if quick:
        return max(quick, key=lambda one: (one.share, -one.first_token))
    return min(able, key=lambda one: one.first_token, default=None)


def _read(folder: Path) -> dict[str, object]:
    try:
        noted = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", noted) if isinstance(noted, dict) else {}
