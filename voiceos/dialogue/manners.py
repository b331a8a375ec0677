"""How the conversation is held, and who is taken to go on with what they said."""

from dataclasses import dataclass

from voiceos.dialogue.answer import Answer

WENT_ON_SECONDS = 1.5
"""Whoever speaks again this soon, before much of the reply was heard, is going on with what they said."""
LITTLE_HEARD_SECONDS = 0.7
LONGEST_SECONDS = 120.0
"""Nothing is added to an utterance that is this long: a television goes on for ever."""
TALKED_OVER = 3
"""So many replies spoken over, and hardly one heard to its end: a television. Until it is called it keeps still."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How the conversation is held."""

    follow_up_seconds: float = 8.0
    """After a reply, how long one may go on without the wake word."""
    patience_seconds: float = 6.0
    """How long a call by name is good for."""
    unfinished_seconds: float = 1.6
    """How long to wait, after words that break off, for the rest of them."""
    always_open: bool = False
    """No wake word is needed, ever."""
    partials: bool = False
    """Show the words while they are spoken."""


def went_on(over: Answer, at: float) -> bool:
    """Whether speech that began at `at` goes on with what `over` was about to answer."""
    said = over.turn.speech
    if not said or said.seconds > LONGEST_SECONDS:
        return False
    soon = at - said.end < WENT_ON_SECONDS
    return over.heard_seconds == 0 or (soon and over.heard_seconds < LITTLE_HEARD_SECONDS)
