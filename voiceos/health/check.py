"""A check and what it finds; all checks made at once, and summed up."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voiceos.config.settings import Config
from voiceos.errors import VoiceosError


class Health(StrEnum):
    OK = "ok"
    MISSING = "missing"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    health: Health
    text: str
    """What is there, or what is wrong and what to do."""
    needed: bool = True
    """Whether no conversation can be held without it."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check of one thing. If it raises a VoiceosError, that is its finding."""

    name: str
    look: Callable[[Config], Iterator[Finding]]
    seconds: float = 5.0
    """The longest it may take."""
    needed: bool = True


def judged(name: str, trouble: str, fine: str, needed: bool = True) -> Finding:
    """Broken, where there is trouble."""
    return Finding(name, Health.BROKEN if trouble else Health.OK, trouble or fine, needed)


def found_by(check: Check, config: Config) -> list[Finding]:
    """The findings of a check, whatever happens to it."""
    try:
        return list(check.look(config))
    except Exception as error:  # a check must not crash the doctor
        text = str(error) if isinstance(error, VoiceosError) else f"{type(error).__name__}: {error}"
        return [judged(check.name, text, "", check.needed)]


def examined(checks: Sequence[Check], config: Config) -> Iterator[Finding]:
    """Makes all checks at once and yields findings in order. One that takes too long is abandoned.

    A daemon thread for each, not a task group: the process must be able to end while a driver still hangs.
    """
    found: dict[str, list[Finding]] = {}

    def look(check: Check) -> None:
        found[check.name] = found_by(check, config)

    threads = [threading.Thread(target=look, args=(check,), daemon=True) for check in checks]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for check, thread in zip(checks, threads, strict=True):
        thread.join(max(0.0, began + check.seconds - time.monotonic()))
        late = judged(check.name, f"no answer within {check.seconds:g} seconds", "", check.needed)
        yield from found.get(check.name, [late])


def is_able(findings: Sequence[Finding]) -> bool:
    """Whether a conversation can be held."""
    return all(one.health is Health.OK for one in findings if one.needed)


def verdict(findings: Sequence[Finding]) -> str:
    """The findings, summed up in a sentence."""
    lacking = {one.name for one in findings if one.needed and one.health is not Health.OK}
    if not lacking:
        return "Everything works. Start a conversation with `voiceos talk`."
    if lacking <= {"microphone", "speaker"}:
        return "Only sound is missing. Type with `voiceos talk --text`, or hear a recording with `voiceos talk`."
    return "You cannot hold a conversation yet."
