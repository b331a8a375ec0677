"""Whether a question wants one line or several, by its words."""

from voiceos.language.data import pattern


def tells_itself(question: str) -> bool:
    """Whether one line may be the whole answer: neither a sum, nor several things, nor what was before another."""
    low = question.lower().replace("’", "'")
    keys = ("computed", "several", "parts", "at_first")
    return not any(pattern("en", "questions", key).search(low) for key in keys)


def wants_several(question: str) -> bool:
    """Whether lines may be the answer together: several things of a kind, or what makes up a sum."""
    low = question.lower().replace("’", "'")
    if any(pattern("en", "questions", key).search(low) for key in ("parts", "at_first")):
        return False
    return any(pattern("en", "questions", key).search(low) for key in ("several", "total"))
