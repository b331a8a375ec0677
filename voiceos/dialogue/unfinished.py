"""Whether more words seem to be coming. A turn-end model, which only hears the intonation, cannot tell."""

import re

from voiceos.language.data import pattern, words_in
from voiceos.language.questions import opens
from voiceos.language.terms import words


def sounds_unfinished(text: str) -> bool:
    """Whether `text`, a transcript, breaks off in mid-sentence.

    A question mark means that it does not, unless only a question word stands before it.
    """
    text, said = text.strip(), words(text)
    if len(said) == 1 and opens(said[0]):
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


def _pattern(key: str) -> re.Pattern[str]:
    return pattern("en", "unfinished", key)
