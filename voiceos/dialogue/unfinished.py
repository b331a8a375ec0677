"""Whether more words seem to be coming, and whether they came. A turn-end model only hears the tune: it cannot tell."""

import re
from collections.abc import Callable

from voiceos.core import Transcript
from voiceos.language.answers import yes_or_no
from voiceos.language.data import pattern, words_in
from voiceos.language.joined import is_order
from voiceos.language.questions import begins_as_question, opens
from voiceos.language.terms import words

ENDS = " .?!…"
"""What a recogniser puts after what it takes for a sentence."""
FRAGMENT_WORDS = 6
"""More words than this are a sentence of their own."""
IS_OVER = 0.7, 0.3
"""Finality from which a sentence counts as over, and what a skill takes."""
IS_OVER_UNSURE = 0.9, 0.6
"""The same where the turn-end model is not sure by its tune."""
SURE_TUNE = 0.95


def completes(text: str, earlier: str, *, is_request: bool) -> bool:
    """Whether `text`, said soon after `earlier`, makes sense only as its end.

    `is_request`: whether a skill takes `text` as it is.
    """
    said = words(text)
    if len(said) > FRAGMENT_WORDS or is_order(text) or begins_as_question(text) or yes_or_no(text) is not None:
        return False
    plain = " ".join(said)
    is_clause = _pattern("clause").search(plain) and not _pattern("adds").match(plain)
    return sounds_unfinished(earlier) or not (is_request or is_clause)


def sounds_unfinished(text: str) -> bool:
    """Whether `text`, a transcript, breaks off in mid-sentence.

    A question mark means that it does not, unless only a question word stands before it, or a verb is still to come.
    """
    text, said = text.strip(), words(text)
    if (len(said) == 1 and opens(said[0])) or _pattern("bare").fullmatch(" ".join(said)):
        return True
    if not said or text.endswith("?"):
        return False
    if text.endswith((",", "...", "…", "-", "–", "—", ":")):
        return True
    if len(said) > 1 and said[-1] in words_in("en", "unfinished", "leaning"):
        return True
    without = _pattern("no_value").sub("", " ".join(said))
    if not _pattern("needs_a_value").match(without):
        return False
    timed = _pattern("needs_a_time").search(without) and not _pattern("time").search(without)
    return bool(timed) or not _pattern("value").search(without)


def is_doubtful(heard: Transcript, tune: float, is_request: Callable[[], bool]) -> bool:
    """Whether the end of what was heard may be made up, or more may follow it: the recogniser doubts that it is one.

    `tune`: the turn-end model's score. `is_request`: whether a skill takes it, which is seldom so of half a sentence.
    The limits: docs/research/pauses.md.
    """
    sentence, request = IS_OVER if tune >= SURE_TUNE else IS_OVER_UNSURE
    if heard.finality >= sentence or yes_or_no(heard.text) is not None:
        return False
    return heard.finality < request or not is_request()


def _pattern(key: str) -> re.Pattern[str]:
    return pattern("en", "unfinished", key)
