"""Whether words sound as if more were to come: evidence that a turn-end model, which hears only the tune, lacks."""

import re

# Words that lean on what follows them.
_LEANING = frozenset(
    "a an the this that these those my your his her its our their some any every each no "
    "and or but because so if when while although unless until since than as whether "
    "for to of in on at by with from into onto about between under over through during without "
    "is are was were am be been will would can could shall should may might must do does did has have had "
    "who whose which what how very really also um uh er like set call tell remind named called".split()
)
_QUESTION_WORDS = frozenset("what what's who who's where where's when when's how how's which why".split())
_NEEDS_A_VALUE = re.compile(
    r"(?:please |(?:can|could|would) you )*(?:set|change|adjust|increase|decrease|dim|turn|put|make|move|switch)\b"
)
_VALUE = re.compile(
    r"\b(?:to|at|on|off|up|down|by|for|in|into|\d+|one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|"
    r"half|low|high|max|maximum|minimum|percent|brighter|darker|warmer|cooler|louder|quieter|red|green|blue|white|it)\b"
)
_NEEDS_A_TIME = re.compile(r"\b(?:timer|alarm|countdown)\b")
_TIME = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|"
    r"half|quarter|an? (?:hour|minute|second|day|week)|noon|midnight|o'clock|off|again)\b"
)


def sounds_unfinished(text: str) -> bool:
    """Whether `text`, a transcript, breaks off in mid-sentence.

    A question mark says that it does not, unless there is nothing but a question word before it.
    """
    text = text.strip()
    if text.lower().rstrip(" .,?") in _QUESTION_WORDS:
        return True
    if not text or text.endswith("?"):
        return False
    if text.endswith((",", "...", "…", "-", "–", "—", ":")):
        return True
    words = re.sub(r"[^\w\s']", " ", text.lower()).split()
    if not words:
        return False
    if words[-1] in _LEANING and len(words) > 1:
        return True
    said = re.sub(r"\bfor (?:me|us)\b", "", " ".join(words))  # no value, though "for" is there
    if not _NEEDS_A_VALUE.match(said):
        return False
    return not _VALUE.search(said) or bool(_NEEDS_A_TIME.search(said) and not _TIME.search(said))
