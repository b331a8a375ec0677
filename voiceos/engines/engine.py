"""Which engine does which job: entry points of `voiceos.engines`, those of other packages like our own."""

import difflib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from typing import Any, Literal

from voiceos.config.settings import Config
from voiceos.errors import ConfigError, EngineError, VoiceosError
from voiceos.models.shelf import Shelf
from voiceos.plugins import installed, is_ours, package_of
from voiceos.protocols import SpeechToText

GROUP = "voiceos.engines"
"""An entry point `JOB.NAME` is a function of a `Setup` that makes an engine, blocking if it must."""
Job = Literal["wake", "voice_activity", "recognition", "turn_end", "mind", "speech"]


@dataclass(frozen=True, slots=True)
class Setup:
    """What an engine is made with."""

    config: Config
    shelf: Shelf
    recognition: SpeechToText | None = None
    """The recogniser, for those who ask it too."""


def make(job: Job, setup: Setup) -> Any:
    """The engine that the settings choose: a protocol of `core`, or for the mind an async context manager of one.

    Raises ConfigError, ModelError, EngineError.
    """
    name = getattr(setup.config.engines, job)
    if wrong := wrong_engine(job, name):
        raise ConfigError(wrong)
    chosen = _known(job)[name]
    try:
        return chosen.load()(setup)
    except VoiceosError:
        raise
    except Exception as error:
        if is_ours(chosen):
            raise
        raise EngineError(f"The engine {name} of {package_of(chosen)} does not start: {error}.") from error


def wrong_engine(job: Job, name: str) -> str:
    """A sentence if no engine of this name does the job; else empty."""
    known = _known(job)
    if name in known:
        return ""
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"engines.{job} names no engine that is installed: {name!r}{hint}; there is {', '.join(known)}"


@cache
def _known(job: Job) -> dict[str, EntryPoint]:
    """Who can do a job, by name; of two of one name the other package's is taken."""
    doing = [(one.name.partition("."), one) for one in reversed(installed(GROUP))]
    return {name: one for (of, _, name), one in doing if of == job}
