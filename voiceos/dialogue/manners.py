"""How the conversation is held, and when somebody is continuing what they said."""

from dataclasses import dataclass

from voiceos.dialogue.acts import Act
from voiceos.dialogue.answer import Answer

WENT_ON_SECONDS = 1.5
"""Whoever speaks again this soon, before hearing much of the reply, is continuing."""
LITTLE_HEARD_SECONDS = 0.7
COMPLETES_SECONDS = 4.0
"""A fragment this soon after the words completes them, however much of the reply was heard; so does anything, if none
was."""
JOINED_SECONDS = 8.0
"""How long after the first part of an utterance its last may begin: what others say between would join all to one."""
DOUBTFUL_SECONDS = 1.45
"""How long to wait for more words where the recogniser doubts that the sentence is over."""
LONGEST_SECONDS = 120.0
"""Nothing is added to an utterance this long: a television never stops."""
TALKED_OVER = 3
"""After this many replies talked over, hardly one heard to its end, only the wake word counts: a television."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How the conversation is held."""

    follow_up_seconds: float = 8.0
    """After a reply, how long one may speak without the wake word."""
    patience_seconds: float = 6.0
    """How long to wait for speech after the wake word."""
    unfinished_seconds: float = 1.6
    """How long to wait for the rest of an unfinished sentence."""
    always_open: bool = False
    """No wake word is needed, ever."""
    partials: bool = False
    """Show the words while they are spoken."""


def went_on(over: Answer, at: float) -> bool:
    """Whether speech that began at `at` continues what `over` was about to answer."""
    heard = over.playback.heard_seconds
    within = WENT_ON_SECONDS if heard else COMPLETES_SECONDS
    return heard < LITTLE_HEARD_SECONDS and _is_soon(over, at, within)


def may_complete(over: Answer, at: float) -> bool:
    """Whether a fragment that began at `at` may be the end of what `over` answers, answered, or could not make out."""
    within = {Act.WORDS: COMPLETES_SECONDS, Act.NOTHING: WENT_ON_SECONDS}.get(over.act, 0.0)
    return not over.has_asked and _is_soon(over, at, within)


def _is_soon(over: Answer, at: float, seconds: float) -> bool:
    """Whether somebody spoke so soon after what `over` answers that it may be the same utterance."""
    said, first = over.turn.speech, over.first_part
    if not said or not first or said.seconds > LONGEST_SECONDS:
        return False
    return at - said.end < seconds and at - first.end < JOINED_SECONDS
